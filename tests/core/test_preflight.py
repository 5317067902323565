"""The preflight cell names what is missing and the command that installs it, and never fails."""

from course_lib.preflight import preflight


def test_complete(capsys):
    preflight(4)
    out = capsys.readouterr().out
    assert "Everything this chapter needs is installed." in out
    assert "on the CPU" in out


def test_missing_package_is_answered_with_a_command(capsys, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "safetensors", None)
    preflight(5, needs=("safetensors",))
    assert "pip install 'course-lib[chatbot]'" in capsys.readouterr().out
