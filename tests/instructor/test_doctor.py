"""course doctor: what stops grading gives exit code 1, every problem has its command, colours say nothing alone."""

import json
import socket
import subprocess

import pytest
from typer.testing import CliRunner

from course_lib import cli
from course_lib.instructor import commands_doctor, readiness
from course_lib.instructor.readiness import Check, check_port, check_sandbox, check_user, sandbox_fix
from course_lib.instructor.sandbox import NoSandbox
from course_lib.topics.doctor import Finding

FINE = Check(Finding("Python", ">=3.11", "3.11.7"), True)
SLOW = Check(Finding("disk", "2 GB", "1 GB", "pip cache purge"))
STOP = Check(Finding("sandbox", "bubblewrap", "no [bwrap]", "sudo apt-get install bubblewrap"), True)


def doctor(monkeypatch, checks, *options):
    monkeypatch.setattr(readiness, "everything", lambda: checks)
    return CliRunner().invoke(cli.app, ["doctor", *options], env={"COLUMNS": "100"})


@pytest.mark.parametrize(("checks", "code"), [([FINE], 0), ([FINE, SLOW], 0), ([FINE, STOP, SLOW], 1)])
def test_the_exit_code_says_whether_grading_is_possible(checks, code, monkeypatch):
    assert doctor(monkeypatch, checks).exit_code == code
    assert doctor(monkeypatch, checks, "--json").exit_code == code


def test_the_table_says_in_words_what_colours_say(monkeypatch):
    text = doctor(monkeypatch, [FINE, SLOW, STOP]).output
    assert "\x1b" not in text
    for words in ("ok", "problem", "stops grading", "no [bwrap]", "disk: pip cache purge",
                  "sandbox: sudo apt-get install bubblewrap"):  # fmt: skip
        assert words in text
    assert "Everything is as it should be." in doctor(monkeypatch, [FINE]).output


def test_json_is_for_programs(monkeypatch):
    rows = json.loads(doctor(monkeypatch, [FINE, STOP], "--json").output)
    assert rows[1] == {"subject": "sandbox", "wanted": "bubblewrap", "found": "no [bwrap]",
                       "fix": "sudo apt-get install bubblewrap", "ok": False, "stops_grading": True}  # fmt: skip


def test_this_computer_is_looked_at():
    subjects = {check.finding.subject for check in readiness.everything()}
    assert {"Python", "numpy", "nbgrader", "sandbox", "user", "disk", "memory", "threads", "device", "port 8888",
            "port 8000"} <= subjects  # fmt: skip


def test_the_sandbox_is_started_not_just_found(monkeypatch):
    monkeypatch.setattr(readiness.shutil, "which", lambda name: "/usr/bin/bwrap")
    assert check_sandbox(lambda: "memory is limited", "Linux").found == "it starts; memory is limited"

    def forbidden():
        raise NoSandbox("cannot start. It says: bwrap: setting up uid map: Permission denied")

    refused = check_sandbox(forbidden, "Linux")
    assert "setting up uid map: Permission denied" in refused.found
    assert refused.fix


def test_without_bubblewrap_or_linux_there_is_a_way(monkeypatch):
    monkeypatch.setattr(readiness.shutil, "which", lambda name: None)
    assert "apt-get install bubblewrap" in check_sandbox(system="Linux").fix
    for system in ("Darwin", "Windows"):
        assert "container or virtual machine" in check_sandbox(system=system).fix


def test_the_command_depends_on_what_the_kernel_forbids(tmp_path):
    on, off, none = tmp_path / "one", tmp_path / "zero", tmp_path / "none"
    on.write_text("1\n")
    off.write_text("0\n")
    ubuntu = sandbox_fix(apparmor=on, userns=none)
    assert "userns," in ubuntu
    assert "apparmor_parser -r /etc/apparmor.d/bwrap" in ubuntu
    assert "max_user_namespaces" in sandbox_fix(apparmor=off, userns=off)
    assert sandbox_fix(apparmor=none, userns=none)


def test_the_profile_is_written_as_meant():
    """The shell writes the lines that AppArmor expects."""
    write = readiness.ALLOW.split(" | ")[0]
    text = subprocess.run(["sh", "-c", write], capture_output=True, text=True, check=True).stdout
    assert text.splitlines() == ["abi <abi/4.0>,", "include <tunables/global>",
                                 "profile bwrap /usr/bin/bwrap flags=(unconfined) {", "  userns,", "}"]  # fmt: skip


def test_a_taken_port_names_another():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert check_port(port, "jupyter lab").fix == f"jupyter lab --port {port + 1}"
    assert check_port(port, "jupyter lab").ok


def test_root_is_warned():
    assert not check_user(0).ok
    assert check_user(1000).ok


def test_words_for_states():
    assert [commands_doctor.state(check) for check in (FINE, SLOW, STOP)] == ["ok", "problem", "stops grading"]
