"""The tables' commands: all are listed, and a short version of each gives the same figures twice."""

import importlib
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmarks import race
from course_lib.chatbot import ablation, capitals, classify, classify_e5, corpus, finetune, textgen
from course_lib.chatbot.bert import Bert
from course_lib.chatbot.chat import CHATML, Chat, load_chat
from course_lib.chatbot.config import Config
from course_lib.chatbot.recipe import Recipe
from course_lib.chatbot.transformer import Transformer
from course_lib.data.source import MissingData
from course_lib.data.text import hsk_sentences
from tests.project.repo import ROOT
from tools import tables

STEPS = {"steps": 3, "warmup": 1}


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def sentences():
    """The Chinese sentences; without their package the test is skipped by name."""
    try:
        return hsk_sentences()
    except MissingData:
        pytest.skip("hsk-sentences-audio is not installed")


def short_ablation():
    tokenizer = ablation.train_bpe(corpus.texts(ablation.grow(60)), 400, ablation.SPECIAL)
    model = ablation.train(tokenizer, 16, 60, True, True, recipe=Recipe(batch=8, **STEPS))
    return ablation.measure(model, tokenizer, True, 0, n=3)


def short_capitals():
    return capitals.ask(load_chat("course", torch=True, max_new_tokens=4))


def short_classify():
    return classify.run(0, None, replace(classify.FIT, **STEPS), replace(classify.PRETRAIN, **STEPS))


def short_classify_e5():
    torch.manual_seed(0)
    model = Bert(Config.gpt2_style(400, block_size=128, n_layer=3, n_head=2, d_model=32)).eval()
    ready = classify_e5.prepared(model, classify.train_bpe([s.chinese for s in hsk_sentences()[:50]], 400))
    return classify_e5.run(0, *ready, replace(classify_e5.FIT, **STEPS))


def short_textgen():
    return textgen.run(0, replace(textgen.RECIPE, **STEPS))


def short_finetune():
    tokenizer = textgen.train_bpe(["hello"], 300, ("<|im_start|>", "<|im_end|>"))
    torch.manual_seed(0)
    chat = Chat(Transformer(Config(len(tokenizer), block_size=256, n_layer=1, d_model=32)), tokenizer, CHATML,
                max_new_tokens=3)  # fmt: skip
    pairs = corpus.held_out("en", 8)
    return finetune.finetune(chat, pairs * 4, pairs, Recipe(batch=2, length=48, **STEPS), rank=2)


class Counted:
    """Stands for the race's clock: the time is over after five looks."""

    def __init__(self, limit):
        self.looks = 0

    @property
    def done(self):
        self.looks += 1
        return (self.looks - 1) / 5


def short_race(seed=0):
    ids = np.tile(np.arange(12), 200)
    runs = [race.plain(ids, 12, seed, 1.0), race.ours(ids, 12, seed, 1.0, race.FAST)]
    return [(race.loss_of(model, ids, length), steps) for model, steps, length in runs]


SHORT = {"ablation": short_ablation, "capitals": short_capitals, "classify": short_classify,
         "classify_e5": short_classify_e5, "textgen": short_textgen, "finetune": short_finetune,
         "race": short_race}  # fmt: skip


@pytest.mark.parametrize("name", tables.TABLES)
def test_a_short_version_gives_the_same_figures_twice(name, sentences, monkeypatch):
    monkeypatch.setattr(race, "Clock", Counted)
    first, second = SHORT[name](), SHORT[name]()
    assert json.dumps(first) == json.dumps(second)


def test_each_table_is_what_its_command_writes():
    for name, (module, path) in tables.TABLES.items():
        assert ROOT.joinpath(path) == importlib.import_module(module).RESULTS, name


def test_another_seed_gives_other_figures(monkeypatch):
    """So that equal figures above mean something."""
    monkeypatch.setattr(race, "Clock", Counted)
    assert short_race(seed=1) != short_race()


def test_what_changed_is_said():
    assert tables.compared(None, "{}") == "stored for the first time"
    assert tables.compared('{"a": [1, 2]}', '{"a": [1, 2]}') == "all 2 entries are those stored before"
    assert tables.compared('{"a": [1, 2]}', '{"a": [1, 3]}') == "1 of 2 entries differ; /a/1 was 2 and is 3"
    assert "/b was None and is 1" in tables.compared('{"a": 1}', '{"a": 1, "b": 1}')


def test_a_table_that_is_none_is_refused(capsys):
    with pytest.raises(SystemExit):
        tables.main(["nothing"])
    assert "no table is called 'nothing'; there are ablation, capitals" in capsys.readouterr().err
