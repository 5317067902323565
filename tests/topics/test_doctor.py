"""The doctor finds what is wrong, names the command, and changes nothing."""

import socket

import pytest

from course_lib.topics import doctor


def test_a_package_in_its_range_is_fine_and_the_others_get_a_command():
    wanted = {"numpy": ">=2.4,<3", "torch": ">=2.13,<3", "anything": ""}
    found = {"numpy": "1.26.4", "torch": "2.13.0+cpu", "anything": "0.1"}
    old, fine, free = doctor.check_packages(wanted, found)
    assert not old.ok
    assert old.fix == 'pip install --upgrade "numpy>=2.4,<3"'
    assert fine.ok
    assert free.ok
    (missing,) = doctor.check_packages({"scipy": ">=1"}, {})
    assert missing.fix == 'pip install "scipy>=1"'
    assert str(missing) == 'problem  scipy: wanted >=1, found nothing. Fix: pip install "scipy>=1"'


@pytest.mark.parametrize(
    ("version", "ok"), [("3.6.9", False), ("3.10.1", False), ("3.11.0", True), ("3.14.0rc1", True)]
)
def test_python(version, ok):
    assert doctor.check_python(found=version).ok is ok


def test_versions_are_read_without_importing():
    import numpy as np

    assert doctor.installed(["numpy", "no-such-package-anywhere"]) == {"numpy": np.__version__}


def test_the_courses_own_requirements_with_and_without_an_extra():
    plain, more = doctor.requirements(), doctor.requirements(extras=("chatbot",))
    assert "numpy" in plain
    assert "torch" not in plain
    assert "torch" in more


@pytest.mark.parametrize(
    ("environment", "cores", "ok"),
    [
        ({}, 16, False),
        ({}, 1, True),
        (dict.fromkeys(doctor.THREADS, "1"), 16, True),
        ({"OMP_NUM_THREADS": "1"}, 4, False),
    ],
)
def test_threads(environment, cores, ok):
    assert doctor.check_threads(environment, cores).ok is ok


def test_disk():
    assert doctor.check_disk(free=2.5).ok
    assert "0.4 GB free" in str(doctor.check_disk(free=0.4))
    assert doctor.check_disk(gigabytes=0).ok


def test_tools_and_device():
    assert not doctor.check_tool("no-such-command-anywhere", "install it").ok
    assert doctor.device().subject == "device"


def test_all_together_looks_at_each_thing_once():
    subjects = [finding.subject for finding in doctor.diagnose()]
    assert len(subjects) == len(set(subjects))
    assert {"Python", "numpy", "threads", "disk", "device", "git"} <= set(subjects)


def test_a_course_that_is_not_installed_is_the_finding(monkeypatch):
    monkeypatch.setattr(doctor, "installed", lambda names: {})
    found = [finding for finding in doctor.diagnose() if finding.subject == "course-lib"]
    assert [finding.fix for finding in found] == ["pip install -e ."]


def test_offline_refuses_connections_and_ends():
    server = socket.create_server(("127.0.0.1", 0))
    with server:
        with doctor.offline(), pytest.raises(ConnectionError, match="offline"):
            socket.create_connection(server.getsockname(), timeout=1)
        socket.create_connection(server.getsockname(), timeout=1).close()
