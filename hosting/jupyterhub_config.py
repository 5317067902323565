"""JupyterHub for one class on one Linux machine: a student follows a link, gets the notebooks and a server.

Start it in the folder that shall hold the hub's state:   jupyterhub -f .../hosting/jupyterhub_config.py
HUB_TRY=1 is for trying it on one's own machine: any name, one password for all, no separation between users.
docs/instructors.md says what to install, how to make the link, and what was measured.
"""

import os
from pathlib import Path

TRY = os.environ.get("HUB_TRY") == "1"
PORT = int(os.environ.get("HUB_PORT", "8000"))

c = get_config()  # noqa: F821 - JupyterHub defines it

# Only this machine is listened to: put a web server with TLS (Caddy, nginx) in front of it.
c.JupyterHub.bind_url = f"http://127.0.0.1:{PORT}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{PORT + 1}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{PORT + 2}"
c.JupyterHub.db_url = "sqlite:///hub.sqlite"
c.JupyterHub.cookie_secret_file = "hub-cookie-secret"

# A class arrives within a minute. Beyond the limit a browser is told to try again later.
c.JupyterHub.concurrent_spawn_limit = 20
c.JupyterHub.active_server_limit = int(os.environ.get("HUB_SERVERS", "40"))
c.Spawner.start_timeout = 180
c.Spawner.http_timeout = 120

c.Spawner.default_url = "/lab"
c.Spawner.args = [
    "--ServerApp.shutdown_no_activity_timeout=3600",
    "--MappingKernelManager.cull_idle_timeout=1800",
    "--MappingKernelManager.cull_connected=True",
    # Kernels talk over files in the user's own folder. Over TCP any user of the machine could listen in, and where
    # many servers draw free ports at once, now and then two draw the same, and the kernel does not start.
    "--KernelManager.transport=ipc",
]
threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
c.Spawner.environment = dict.fromkeys(threads, "1")

if TRY:
    c.JupyterHub.authenticator_class = "dummy"
    c.DummyAuthenticator.password = os.environ["HUB_PASSWORD"]
    c.Authenticator.allow_all = True
    c.JupyterHub.spawner_class = "simple"  # all servers run as you; each user's folder is below this one
    c.SimpleLocalProcessSpawner.home_dir_template = str(Path.cwd() / "users" / "{username}")
    c.Spawner.args += ["--allow-root"]
    c.Spawner.environment["JUPYTER_RUNTIME_DIR"] = lambda spawner: str(Path.cwd() / "run" / spawner.user.name)
else:
    # Each student is a user of the machine (adduser), so that no one reads another's files. Run the hub as root.
    c.JupyterHub.authenticator_class = "pam"
    c.Authenticator.allowed_users = set(Path("students.txt").read_text(encoding="utf-8").split())
    c.Authenticator.admin_users = set(os.environ.get("HUB_ADMINS", "").split())

if token := os.environ.get("HUB_LOAD_TEST_TOKEN"):  # hosting/load_test.py starts servers for many users
    c.JupyterHub.services = [{"name": "load-test", "api_token": token}]
    c.JupyterHub.load_roles = [{"name": "load-test", "services": ["load-test"],
                                "scopes": ["admin:users", "admin:servers", "access:servers"]}]  # fmt: skip
