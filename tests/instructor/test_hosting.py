"""The hub's configuration: three users get a server, pull the notebooks and have an answer checked, on loopback.

JupyterHub has an environment of its own: name its Python in COURSE_HUB_PYTHON, with configurable-http-proxy on PATH.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.project.repo import ROOT

pytestmark = pytest.mark.timeout(600)
HUB = os.environ.get("COURSE_HUB_PYTHON") or (importlib.util.find_spec("jupyterhub") and sys.executable)
CONFIG = ROOT / "hosting" / "jupyterhub_config.py"


class Config(dict):
    """Remembers what a configuration sets."""

    def __getattr__(self, name):
        return self.setdefault(name, Config())

    def __setattr__(self, name, value):
        self[name] = value


def configured(tmp_path, monkeypatch, **environment) -> Config:
    for name in ("HUB_TRY", "HUB_PORT", "HUB_PASSWORD", "HUB_LOAD_TEST_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "students.txt").write_text("ada\ngrace\n")
    config = Config()
    exec(compile(CONFIG.read_text(encoding="utf-8"), CONFIG.name, "exec"), {"get_config": lambda: config})
    return config


def test_a_real_class_has_real_users_and_no_open_door(tmp_path, monkeypatch):
    config = configured(tmp_path, monkeypatch)
    assert config.JupyterHub.authenticator_class == "pam"
    assert config.Authenticator.allowed_users == {"ada", "grace"}
    assert "allow_all" not in config.Authenticator
    assert "services" not in config.JupyterHub
    assert config.JupyterHub.bind_url == "http://127.0.0.1:8000"


def test_kernels_do_not_draw_ports(tmp_path, monkeypatch):
    """Many servers that draw free ports at once draw the same one now and then, and that kernel never starts."""
    for environment in ({}, {"HUB_TRY": "1", "HUB_PASSWORD": "x"}):
        assert "--KernelManager.transport=ipc" in configured(tmp_path, monkeypatch, **environment).Spawner.args


def test_trying_needs_a_password(tmp_path, monkeypatch):
    with pytest.raises(KeyError, match="HUB_PASSWORD"):
        configured(tmp_path, monkeypatch, HUB_TRY="1")


@pytest.mark.skipif(not HUB, reason="JupyterHub is not installed; name its Python in COURSE_HUB_PYTHON")
@pytest.mark.skipif(not shutil.which("configurable-http-proxy"), reason="configurable-http-proxy is not on PATH (npm)")
def test_users_go_from_the_link_to_a_checked_answer():
    command = [HUB, str(ROOT / "hosting" / "load_test.py"), "--users", "3", "--seconds", "500"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=580)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-3000:]}"
    assert json.loads(done.stdout)["passed"] == 3
