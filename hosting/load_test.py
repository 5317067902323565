"""Try the hub on this machine: N users at once get a server, pull the notebooks, and check an exercise in a kernel.

    PYTHON hosting/load_test.py --users 10

PYTHON is that of the environment with jupyterhub, nbgitpuller and course-lib[lab]; configurable-http-proxy is on PATH.
Prints one line of JSON: seconds from asking to a server (spawn), from then to a checked answer (work), memory per user
(MB, proportional set size of server and kernel), and the machine. If a user did not get through, it says in which step
each stopped, shows the end of the hub's log on stderr, and ends with status 1.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote, urlencode

import psutil
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

CONFIG = Path(__file__).resolve().with_name("jupyterhub_config.py")
CODE = """
from course_lib.checks import check
def momentum_step(param, grad, velocity, lr, momentum):
    velocity = momentum * velocity + grad
    return param - lr * velocity, velocity
print(check("4.7", momentum_step).passed)
"""
PATIENCE = 240  # seconds for one request; tornado's own 20 s are less than a kernel needs to start on a busy machine
GIT = ["git", "-c", "user.name=class", "-c", "user.email=class@example.org", "-c", "init.defaultBranch=main"]


def main() -> int:
    """Run it; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=240, help="give up after so long")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hub-") as folder:
        report = asyncio.run(try_hub(Path(folder), options.users, options.seconds))
    print(json.dumps(report))
    return 0 if report["passed"] == options.users else 1


async def try_hub(folder: Path, users: int, seconds: float) -> dict:
    """Start a hub in ``folder``, send the users through it, stop it."""
    AsyncHTTPClient.configure(None, max_clients=200)
    hub = Hub(folder)
    try:
        await hub.ready()
        repository = make_repository(folder / "class")
        visits = [asyncio.wait_for(visit(hub, f"student{n}", repository), seconds) for n in range(users)]
        found = await asyncio.gather(*visits, return_exceptions=True)
        passed = [one for one in found if isinstance(one, dict)]
        memory = [memory_of(f"student{n}") for n in range(users)]
    finally:
        hub.stop()
    errors = [f"student{n}: {one}" for n, one in enumerate(found) if not isinstance(one, dict)]
    if errors:
        print(hub.log_end(), file=sys.stderr)
    return {"users": users, "passed": len(passed), "errors": errors[:3], "spawn_s": spread(passed, "spawn"),
            "work_s": spread(passed, "work"), "memory_mb": round(statistics.median(memory)),
            "machine": machine()}  # fmt: skip


def machine() -> dict:
    """What it ran on."""
    return {"cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1),
            "system": f"{platform.system()} {platform.release().split('-')[0]}",
            "memory_gb": round(psutil.virtual_memory().total / 2**30)}  # fmt: skip


class Hub:
    """JupyterHub on free loopback ports, with the configuration beside this file."""

    def __init__(self, folder: Path):
        self.token, port = secrets.token_hex(16), free_ports()
        self.url = f"http://127.0.0.1:{port}"
        keep = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "HUB_"))}
        environment = keep | {"HUB_TRY": "1", "HUB_PASSWORD": secrets.token_hex(8), "HUB_PORT": str(port),
                              "HUB_LOAD_TEST_TOKEN": self.token}  # fmt: skip
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        self.log = folder / "hub.log"
        with self.log.open("wb") as log:
            command = [sys.executable, "-m", "jupyterhub", "-f", str(CONFIG)]
            self.process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log,
                                            start_new_session=True)  # fmt: skip

    async def ready(self, seconds: float = 60):
        """Wait until it answers. Raises RuntimeError with the log's end."""
        for _ in range(int(seconds / 0.25)):
            if self.process.poll() is not None:
                break
            try:
                return await self.ask("GET", "/hub/api/")
            except (OSError, HTTPClientError):  # the proxy answers before the hub is there
                await asyncio.sleep(0.25)
        raise RuntimeError(f"the hub did not start:\n{self.log_end()}")

    def log_end(self) -> str:
        return self.log.read_text(errors="replace")[-8000:]

    async def ask(self, method: str, path: str, body: dict | None = None) -> bytes:
        request = HTTPRequest(self.url + path, method, {"Authorization": f"token {self.token}"},
                              body=json.dumps(body or {}) if method == "POST" else None,
                              request_timeout=PATIENCE)  # fmt: skip
        return (await AsyncHTTPClient().fetch(request)).body

    def stop(self):
        """End the hub and whatever it started."""
        started = psutil.Process(self.process.pid).children(recursive=True) if self.process.poll() is None else []
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for process in started:
            if process.is_running():
                process.kill()


class Stopped(Exception):
    """A user did not get through: the step and the reason."""


async def visit(hub: Hub, user: str, repository: str) -> dict:
    """What one student's browser asks for, from the link to a checked answer. Raises Stopped."""
    began, ready = time.monotonic(), 0.0
    steps = {"server": lambda: started(hub, user), "notebooks": lambda: pulled(hub, user, repository),
             "answer": lambda: checked(hub, user)}  # fmt: skip
    for name, step in steps.items():
        try:
            await step()
        except Exception as error:
            raise Stopped(f"{name}, after {time.monotonic() - began:.0f} s: {type(error).__name__}: {error}") from None
        finally:
            ready = ready or time.monotonic()  # when the server was there
    return {"spawn": ready - began, "work": time.monotonic() - ready}


async def started(hub: Hub, user: str) -> None:
    """Ask for a server, and wait until it is there."""
    await hub.ask("POST", f"/hub/api/users/{user}")
    while True:
        try:
            await hub.ask("POST", f"/hub/api/users/{user}/server")
            break
        except HTTPClientError as error:
            if error.code != 429:  # too many at once: a browser would be told to try again
                raise
            await asyncio.sleep(2)
    progress = await hub.ask("GET", f"/hub/api/users/{user}/server/progress")
    if b'"ready": true' not in progress:
        raise RuntimeError(f"the server did not start: {progress[-300:]!r}")


async def pulled(hub: Hub, user: str, repository: str) -> None:
    """Follow the link that copies the notebooks."""
    link = urlencode({"repo": repository, "branch": "main", "targetpath": "week-2"})
    said = await hub.ask("GET", f"/user/{user}/git-pull/api?{link}")
    if b'"phase": "finished"' not in said:
        raise RuntimeError(f"the notebooks were not pulled: {said[-300:]!r}")
    await hub.ask("GET", f"/user/{user}/api/contents/week-2/notebook.ipynb")


async def checked(hub: Hub, user: str) -> None:
    """Start a kernel and have an answer checked in it."""
    kernel = json.loads(await hub.ask("POST", f"/user/{user}/api/kernels"))["id"]
    printed = await run(hub, user, kernel, CODE)
    if "True" not in printed:
        raise RuntimeError(f"the exercise was not checked: {printed[-300:]!r}")


async def run(hub: Hub, user: str, kernel: str, code: str) -> str:
    """Run a cell and return what it prints, errors included."""
    url = f"{hub.url}/user/{user}/api/kernels/{kernel}/channels".replace("http", "ws", 1)
    socket_ = await websocket_connect(HTTPRequest(url, headers={"Authorization": f"token {hub.token}"},
                                                  request_timeout=PATIENCE))  # fmt: skip
    head = {"msg_id": secrets.token_hex(8), "msg_type": "execute_request", "username": user, "session": "s",
            "version": "5.3"}  # fmt: skip
    content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False}
    await socket_.write_message(json.dumps({"header": head, "parent_header": {}, "metadata": {}, "content": content,
                                            "channel": "shell", "buffers": []}))  # fmt: skip
    printed = ""
    while (text := await socket_.read_message()) is not None:
        message = json.loads(text)
        if message.get("parent_header", {}).get("msg_id") != head["msg_id"]:
            continue
        printed += message["content"].get("text", "") + "".join(message["content"].get("traceback", []))
        if message["msg_type"] == "execute_reply":
            break
    socket_.close()
    return printed


def make_repository(folder: Path) -> str:
    """A git repository with one notebook, as `course assign` would fill it."""
    folder.mkdir()
    notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "notebook.ipynb").write_text(json.dumps(notebook))
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "Week 2"]):
        subprocess.run([*GIT, *command], cwd=folder, check=True)
    return f"file://{quote(str(folder))}"


def memory_of(user: str) -> float:
    """Proportional set size, in MB, of everything that runs for a user."""
    total = 0
    for process in psutil.process_iter():
        try:
            if process.environ().get("JUPYTERHUB_USER") == user:
                total += process.memory_full_info().pss
        except (psutil.Error, OSError):
            continue
    return total / 2**20


def spread(passed: list[dict], name: str) -> dict:
    """Median and largest."""
    values = [one[name] for one in passed] or [float("nan")]
    return {"median": round(statistics.median(values), 1), "max": round(max(values), 1)}


def free_ports() -> int:
    """The first of three neighbouring ports that nobody listens on."""
    for port in range(18_000, 30_000, 10):
        try:
            for one in range(port, port + 3):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", one))
            return port
        except OSError:
            continue
    raise RuntimeError("no three free ports")


if __name__ == "__main__":
    sys.exit(main())
