"""TokenLab: every text comes back whole, step n is the tokenizer of n merges, guesses are kept."""

import json

import numpy as np
import pytest

from course_lib.chatbot import Tokenizer, train_bpe
from course_lib.chatbot.smollm import smollm2
from course_lib.checks.chapter05.bpe_merge import bpe_merge, overlapping
from course_lib.widgets import TokenLab
from course_lib.widgets.frames import unpack
from course_lib.widgets.merging import Merging
from course_lib.widgets.pieces import piece
from course_lib.widgets.tokenlab import GIVEN, LEARNED

TEXTS = {
    "English": "The cat sat on the mat, the cat.",
    "Chinese": "你好，今天天气怎么样？",
    "emoji": "🙂🙂 👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽",
    "Arabic": "مرحبا بالعالم 123",
    "Hebrew and English": "שלום world שלום",
    "combining": "e\u0301 Zalgo\u0336\u0351 \u200d\u200b\ufeff",
    "spaces": "  a \n\n\t b\r\n  ",
    "control": "\x00\x01<|end|>\x7f\ue000",
    "one": "a",
    "same": "a" * 150,
}


def told(lab):
    return unpack(lab._buffer, lab._meta["layout"])


def drawn(lab):
    """The tokens that the browser cuts from what it was sent, as (bytes, id): the algorithm of tokenlab.js."""
    a, t = told(lab), lab.state["t"]
    data, out, start, made = a["bytes"].astype(np.uint8).tobytes(), [], 0, 0
    for i in range(1, len(data) + 1):
        if i < len(data) and a["gone"][i - 1] < t:
            made = max(made, int(a["gone"][i - 1]) + 1)
            continue
        out.append((data[start:i], int(a["new"][made - 1] if made else a["first"][start])))
        start, made = i, 0
    return out


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("source", [GIVEN, LEARNED])
def test_every_text_comes_back_at_every_step(text, source):
    lab = TokenLab(text=text).set(source=source)
    assert lab.error == ""
    for t in (0, 1, lab.last // 2, lab.last):
        lab.set(t=t)
        assert lab.tokenizer.decode(lab.ids()) == text
        assert lab.same()
        assert [i for _, i in drawn(lab)] == lab.ids()
        assert b"".join(data for data, _ in drawn(lab)) == text.encode()
    assert lab.ids() == lab.tokenizer.encode(text)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_vocabulary_size_is_the_first_so_many_merges(text):
    lab = TokenLab(text=text)
    whole = lab.given
    for n in (0, 1, 7, 100, 900, len(whole.merges)):
        smaller = Tokenizer(whole.vocab, whole.merges[:n], whole.special, whole.split)
        assert lab.set(vocab=lab.base + n).ids() == smaller.encode(text)


def test_it_shows_the_learners_own_tokenizer():
    mine = train_bpe(["banana bandana"] * 3, 270)
    lab = TokenLab(mine, "banana")
    assert lab.base == 256
    assert lab.ids() == mine.encode("banana")
    assert lab.facts()["names"][0] == ["a", "n", "an"]
    assert told(lab)["tokens"].tolist() == [s.tokens for s in lab.merging.steps]


def test_a_published_tokenizer_whose_bytes_are_not_the_first_ids():
    tokenizer = smollm2(block_size=64)[2]
    lab = TokenLab(tokenizer, TEXTS["English"] + TEXTS["Chinese"])
    assert lab.ids() == tokenizer.encode(lab.state["text"])
    assert lab.set(vocab=lab.base).ids() == [
        i for b in lab.state["text"].encode() for i in [tokenizer.vocab.index(bytes([b]))]
    ]


def test_the_learners_merge_makes_the_merges():
    calls = []

    def mine(ids, pair, new):
        calls.append(pair)
        return bpe_merge(ids, pair, new)

    lab = TokenLab(text="the cat the cat", merge=mine)
    assert lab.error == ""
    assert calls
    assert lab.ids() == lab.given.encode("the cat the cat")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda ids, pair, new: 1 / 0, "ZeroDivisionError"),
        (lambda ids, pair, new: None, "expected a list of token ids"),
        (lambda ids, pair, new: ids, "must replace every such pair"),
        (lambda ids, pair, new: [new], "other bytes"),
        (lambda ids, pair, new: [*ids, 10**9], "expected a list of token ids"),
        (lambda ids, pair, new: [float("nan")], "expected a list of token ids"),
        (overlapping, "other bytes"),
        (lambda ids, pair, new: [-1], "other bytes"),
    ],
)
def test_a_wrong_merge_is_named_and_the_widget_lives(wrong, words):
    lab = TokenLab(text="aaaa the the the", merge=wrong)
    assert words in lab.error
    assert "library's own" in lab.error
    assert lab.same()
    lab.merge = bpe_merge
    assert lab.set(text="the cat").error == ""


def test_a_lone_surrogate_is_refused_and_the_text_stays():
    lab = TokenLab(text="ok")
    with pytest.raises(ValueError, match=r"U\+D83D is a lone surrogate"):
        lab.set(text="a\ud83d")
    lab._handle({"set": {"text": "a\ud83d"}})  # from the browser
    assert "U+D83D is a lone surrogate" in lab.error
    assert lab.state["text"] == "ok"
    json.dumps(lab._meta, ensure_ascii=False).encode("utf-8")  # it can be sent
    with pytest.raises(ValueError, match="lone surrogate"):
        TokenLab(text="\udc00")


def test_hostile_tokens_are_words():
    mine = train_bpe(["<script>alert(1)</script>"] * 3, 300)
    assert piece(b"<script>") == "<script>"  # the browser puts it in as text
    assert TokenLab(mine, "<script>alert(1)</script>").error == ""


def test_something_else_than_a_tokenizer_is_refused():
    with pytest.raises(TypeError, match="expected a Tokenizer, got dict without vocab"):
        TokenLab({"a": 1})


def test_guesses_are_kept_and_make_the_merge():
    lab = TokenLab(text="the cat sat on the mat", ask=True).set(t=0)
    names = lab.candidates()
    right = " + ".join(lab.facts()["names"][0][:2])
    assert right in names
    assert 2 <= len(names) == len(set(names)) <= 4
    lab.guess(right)
    assert lab.state["t"] == 1
    assert lab.log[-1] == {"question": "which pair is merged after 0 merges?", "answer": right, "outcome": right,
                           "right": True}  # fmt: skip
    wrong = next(c for c in lab.candidates() if c != " + ".join(lab.facts()["names"][1][:2]))
    assert lab.guess(wrong).log[-1]["right"] is False
    with pytest.raises(ValueError, match="expected one of"):
        lab.guess("no such pair")
    lab._handle({"act": "guess 99"})
    assert "below" in lab.error
    assert lab.set(t=lab.last).candidates() == []


def test_learned_from_the_text_the_commonest_pair_is_first():
    lab = TokenLab(text="xyxyxyxy ab ab").set(source=LEARNED)
    assert lab.facts()["names"][0] == ["x", "y", "xy"]
    times = told(lab)["times"]
    assert times[0] == 4


def test_code_gives_the_same_tokens():
    for lab in (TokenLab(), TokenLab().set(t=5), TokenLab().set(source=LEARNED, t=2), TokenLab().set(text="")):
        names = {}
        exec(lab.as_code(), names)
        assert names["ids"] == lab.ids()


def test_state_round_trip_reset_and_rapid_moves():
    first = TokenLab().set(text="hello hello hello", source=LEARNED, vocab=258, t=1)
    assert TokenLab().set(**first.state).state == first.state
    assert TokenLab().set(text="你好").reset().state == TokenLab().state
    for i in range(200):
        first._queue.put({"set": {"t": i % 3, "text": "abab" * (i % 7)}, "seq": i + 1})
    first._queue.join(10)
    assert (first.state["text"], first.state["t"]) == ("abab" * (199 % 7), 199 % 3)
    assert first.ids() == Merging(first.state["text"], first.tokenizer).ids(199 % 3)


def test_an_empty_text_and_a_text_without_merges():
    lab = TokenLab(text="")
    assert lab.ids() == []
    assert lab.summary() == "An empty text has no tokens."
    lab.figure()
    assert TokenLab(text="é").set(source=LEARNED).last == 0
    assert TokenLab(text="", predict=True)._question is None


def test_prediction_names_the_first_merge():
    lab = TokenLab(text="the cat", predict=True)
    first = " + ".join(lab.facts()["names"][0][:2])
    assert lab.answer(first).log[0]["right"] is True


def test_steps_and_play_end_at_the_last_merge():
    lab = TokenLab(text="the cat sat").set(t=0).act("step")
    assert lab.state["t"] == 1
    lab.act("ten").act("ten").act("ten")
    assert lab.state["t"] == lab.last
    assert lab.play_step() is False


def test_a_long_text_without_a_space_is_no_trap():
    text = "ab" * 100
    merging = Merging(text, TokenLab().given)
    assert merging.ids(len(merging.steps)) == TokenLab().given.encode(text)


def test_static_figure_is_deterministic(monkeypatch):
    monkeypatch.setenv("COURSE_STATIC", "1")
    first, second = (TokenLab()._repr_mimebundle_()["text/html"] for _ in range(2))
    assert first == second
    assert "they decode to the same text" in first


def test_numbers_fit_into_the_float32_frame():
    lab = TokenLab()
    assert np.array_equal(told(lab)["new"], [s.new for s in lab.merging.steps])
    assert max(lab.given.special.values()) < 2**24
