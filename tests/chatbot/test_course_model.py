"""One command makes the course's model: its stages, their logs, and going on after a stop."""

import json

import pytest
import torch

from course_lib.chatbot import course_model
from course_lib.chatbot.course_model import Stage
from course_lib.chatbot.tokenizer import Tokenizer
from course_lib.chatbot.weights import load_weights, save_weights
from tests.chatbot.models import make


@pytest.fixture
def small(monkeypatch):
    """Two short stages on a corpus of 60 conversations, measured by nothing; returns what was prepared."""
    asked, real = [], course_model.prepare

    def prepare(tokenizer, at_once):
        asked.append((tokenizer is not None, at_once))
        return real(60, tokenizer, at_once)

    monkeypatch.setattr(course_model, "STAGES", (Stage(4, 4e-3, at_once=False), Stage(2, 1e-3)))
    monkeypatch.setattr(course_model, "prepare", prepare)
    monkeypatch.setattr(course_model, "_measure", lambda folder: None)
    monkeypatch.setattr(course_model.corpus, "corpus", bot_only)
    return asked


def bot_only(n, at_once):
    grown = course_model.corpus.grown
    return [*grown("en", n // 2, 0, at_once), *grown("zh", n // 2, 0, at_once)], []


def test_both_stages_run_one_after_the_other_and_again_alike(small, tmp_path):
    for name in ("a", "b"):
        course_model.main(["--out", str(tmp_path / name), "--device", "cpu"])
    assert small == [(False, False), (True, True)] * 2
    first, second = (load_weights(tmp_path / name / "course.safetensors")[1] for name in ("a", "b"))
    assert all((first[name] == second[name]).all() for name in first)
    logs = [json.loads((tmp_path / "a" / f"training{n}.json").read_text()) for n in ("", "-2")]
    assert [(log["recipe"]["steps"], log["recipe"]["lr"], log["log"][-1]["step"]) for log in logs] == [
        (4, 4e-3, 4), (2, 1e-3, 2)]  # fmt: skip
    assert len(Tokenizer.load(tmp_path / "a" / "tokenizer.json")) <= course_model.VOCABULARY


def test_a_stopped_run_goes_on_where_its_checkpoints_say(small, tmp_path):
    command = ["--device", "cpu", "--checkpoint", str(tmp_path / "run"), "--out"]
    course_model.main([*command, str(tmp_path / "a")])
    assert {p.name for p in tmp_path.glob("run*")} == {"run-1", "run-2"}
    (tmp_path / "run-2").unlink()  # as if it had been stopped between the stages
    course_model.main([*command, str(tmp_path / "b")])
    first, second = (load_weights(tmp_path / name / "course.safetensors")[1] for name in ("a", "b"))
    assert all(torch.equal(*map(torch.from_numpy, (first[name], second[name]))) for name in first)


def test_between_the_stages_the_weights_are_those_of_the_file(tmp_path):
    model = make()
    save_weights(tmp_path / "m.safetensors", model)
    stored, ours = load_weights(tmp_path / "m.safetensors")[1], course_model.rounded(model)
    assert stored.keys() == ours.keys()
    assert all(ours[name].dtype == "float32" and (ours[name] == stored[name]).all() for name in stored)


def test_the_first_stages_grammar_never_asks_for_a_name_at_once():
    asks = {at_once: sum("What is my name" in talk[1].prompt and len(talk) == 2 and "name" in talk[0].prompt
                         for talk in course_model.corpus.grown("en", 3000, at_once=at_once) if len(talk) > 1)
            for at_once in (False, True)}  # fmt: skip
    assert asks[True] > asks[False]
