"""Whoever starts the sandbox, and whether or not the kernel counts for us: nothing runs as root, the limits hold.

The other tests run as whoever runs them, with a control group where one can be made. Here: root's way and an ordinary
user's way to start it, and the limits without a control group.
"""

import os

import pytest

from course_lib.instructor import cgroup, sandbox
from course_lib.instructor.collect import collect
from course_lib.instructor.limits import DEFAULT
from course_lib.instructor.roster import read_roster
from course_lib.instructor.session import NotStarted, Session
from course_lib.instructor.submission import Job, grade_submission
from tests.instructor.attacks import ATTACKS
from tests.instructor.handed_in import RIGHT, SMALL, hand_in, notebook, release, roster
from tests.instructor.made import need_sandbox

ME = """
import os
def who():
    kept = []
    for name in ("setuid", "setgid"):
        try:
            getattr(os, name)(0)
            kept.append(name)
        except OSError:
            pass
    with open("/proc/self/status") as file:
        lines = dict(line.split(":", 1) for line in file)
    caps = [int(lines[name], 16) for name in ("CapPrm", "CapEff", "CapAmb")]
    return [list(os.getresuid()), list(os.getresgid()), caps, int(lines["NoNewPrivs"]), kept]
def unshare():
    import ctypes
    return ctypes.CDLL(None).unshare(0x10000000)
"""
as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root has rights to give up")


@pytest.fixture(autouse=True)
def _sandbox():
    need_sandbox()


def asked(*functions: str) -> list:
    """What the functions of ME say in a sandbox."""
    session = Session(DEFAULT)
    try:
        about = {name: ([], "none") for name in functions}
        session.notebook([{"id": "me", "own": True, "source": ME}], about)
        return [session.call(name, ()).value for name in functions]
    finally:
        session.close()


def without_rights(found) -> None:
    users, groups, caps, no_new, kept = found
    assert 0 not in (*users, *groups)
    assert len(set(users)) == len(set(groups)) == 1
    assert caps == [0, 0, 0]
    assert no_new == 1
    assert kept == []


@as_root
def test_root_is_given_up_before_anything_is_run():
    """Another user, no group of root's, no capability, no way back; that user is nobody's on this machine."""
    (found,) = asked("who")
    without_rights(found)
    assert found[0][0] >= sandbox.FIRST_UID


@as_root
def test_a_worker_that_would_be_root_is_refused(monkeypatch):
    """If dropping root were forgotten, nothing would be run."""
    forgotten = [word.replace(f'"uid": {sandbox.FIRST_UID + os.getpid() % 4000}', '"uid": null')
                 for word in sandbox.command(DEFAULT)]  # fmt: skip
    assert forgotten != sandbox.command(DEFAULT)
    monkeypatch.setattr(sandbox, "command", lambda limits: forgotten)
    session = Session(DEFAULT)
    with pytest.raises(NotStarted, match="as root"):
        session.greeting()
    session.close()
    with pytest.raises(sandbox.NoSandbox, match=r"would have run as root.*without a sandbox none is run"):
        sandbox.probe()


def test_an_ordinary_users_way_makes_a_user_namespace_and_no_second_one(monkeypatch):
    """The command that is used where the caller is not root; root can use it, too."""
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    found, again = asked("who", "unshare")
    without_rights(found)
    assert found[0] == [1000] * 3
    assert "--disable-userns" not in sandbox.command(DEFAULT) or again == -1


@pytest.fixture
def uncounted(monkeypatch):
    """A machine on which no control group can be made."""
    monkeypatch.setattr(cgroup, "make", lambda limits: None)


def test_it_says_that_nothing_but_rlimits_and_a_watcher_counts(uncounted):
    assert "setrlimit and a watcher (no control group)" in sandbox.probe()


@pytest.mark.parametrize("name", ["memory-at-once", "memory-slowly", "fork-bomb", "fill-disk", "many-files",
                                  "infinite-loop", "daemon", "flood-stdout", "giant-list"])  # fmt: skip
def test_without_a_control_group_an_attack_still_ends_and_spoils_nothing(name, uncounted, tmp_path):
    body, status, reasons = ATTACKS[name]
    attack = f"def standardise(train, test):{body.replace('HOST', str(tmp_path)).replace('PORT', '9')}"
    hand_in(tmp_path / "in", "eve", notebook({**RIGHT, "3.1": attack}))
    made = release(tmp_path / "out")
    found = collect(tmp_path / "in", read_roster(roster(tmp_path, "eve")), tmp_path / "keep")
    result = grade_submission(Job(found.submissions["eve"], made, SMALL))
    attacked, other = result.items
    assert (attacked.status, attacked.score) == (status, 0.0), attacked
    assert attacked.diagnosis in reasons.split(), attacked
    assert (other.status, other.score) == ("right", 2.0), other
    assert result.max_rss_mb < 2 * SMALL.memory_mb
    assert not list(tmp_path.rglob("evil*"))
