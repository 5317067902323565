"""The tokenizer: exact round trips, merges as a naive reference makes them, and files that cannot surprise."""

import itertools
import json
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.chatbot.bpe import merge, train_bpe
from course_lib.chatbot.splitting import chunks
from course_lib.chatbot.tokenizer import Tokenizer, merge_all

SPECIAL = ("<|user|>", "<|end|>")
TEXT = ["the cat sat on the mat, the cat sat", "天气怎么样？今天天气很好。", "12 + 30 = 42", "naïve café 😀😀"] * 3


@pytest.fixture(scope="module")
def tokenizer():
    return train_bpe(TEXT, 320, SPECIAL)


@settings(max_examples=200, deadline=None)
@given(text=st.text())
def test_round_trip_on_any_unicode_text(tokenizer, text):
    assert tokenizer.decode(tokenizer.encode(text)) == text


@settings(max_examples=100, deadline=None)
@given(text=st.text(st.characters()).map(lambda t: t + "\ud800") | st.text(st.characters(categories=["Cs"])))
def test_lone_surrogates_survive_when_asked_for_and_are_harmless_otherwise(tokenizer, text):
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids, "surrogatepass") == text
    tokenizer.decode(ids).encode("utf-8")  # by default the text can be printed and sent


@settings(max_examples=100, deadline=None)
@given(ids=st.lists(st.integers(0, 290), max_size=30))
def test_any_ids_decode_to_text(tokenizer, ids):
    tokenizer.decode(ids).encode("utf-8")
    assert tokenizer.decode_bytes(ids) == b"".join(tokenizer.vocab[i] for i in ids)


@settings(max_examples=200, deadline=None)
@given(text=st.text() | st.text("ab 12'\n\t_.½Ⅳé天"), split=st.sampled_from(["gpt2", "digits"]))
def test_chunks_joined_are_the_text(text, split):
    assert "".join(chunks(text, split)) == text


@pytest.mark.parametrize("split", ["gpt2", "digits"])
def test_chunks_are_those_of_the_tokenizers_library(split):
    library = pytest.importorskip("tokenizers", reason="tokenizers is not installed")
    parts = [library.pre_tokenizers.ByteLevel(add_prefix_space=False)]
    if split == "digits":
        parts.insert(0, library.pre_tokenizers.Digits(individual_digits=True))
    theirs = library.pre_tokenizers.Sequence(parts)
    rng = random.Random(0)
    alphabet = [*"ab  '’_-.,1234\n\t\r\x0b\x1c\x85", "'s", "'ll", " ", "½", "Ⅳ", "²", "é", "天", "气", "😀", "ก", "́"]
    for _ in range(3000):
        text = "".join(rng.choices(alphabet, k=rng.randrange(1, 12)))
        expected = [text[a:b] for _, (a, b) in theirs.pre_tokenize_str(text)]
        assert chunks(text, split) == expected, repr(text)


def naive_merge(ids, ranks):
    """The definition: merge the leftmost pair of the lowest rank until there is none."""
    ids = list(ids)
    while pairs := [(ranks[p][0], i) for i, p in enumerate(itertools.pairwise(ids)) if p in ranks]:
        _, i = min(pairs)
        ids[i : i + 2] = [ranks[ids[i], ids[i + 1]][1]]
    return ids


@settings(max_examples=300, deadline=None)
@given(ids=st.lists(st.integers(0, 3), max_size=40), data=st.data())
def test_merges_are_those_of_the_definition(ids, data):
    pairs = data.draw(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), unique=True, max_size=8))
    ranks = {pair: (rank, 4 + rank) for rank, pair in enumerate(pairs)}
    assert merge_all(ids, ranks) == naive_merge(ids, ranks)


def naive_training(words, n):
    """Count all pairs anew for every merge; of the most frequent, the lowest ids."""
    merges = []
    for new in range(256, 256 + n):
        counts = {}
        for word, times in words:
            for pair in itertools.pairwise(word):
                counts[pair] = counts.get(pair, 0) + times
        best = min(counts, key=lambda p: (-counts[p], p), default=None)
        if best is None or counts[best] < 2:
            break
        words = [(merge(word, best, new), times) for word, times in words]
        merges.append(best)
    return merges


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.text("ab ", max_size=30) | st.text(max_size=10), max_size=6))
def test_training_learns_the_merges_of_the_definition(texts):
    words = {}
    for text in texts:
        for chunk in chunks(text):
            words[chunk] = words.get(chunk, 0) + 1
    expected = naive_training([(list(chunk.encode()), times) for chunk, times in words.items()], 20)
    assert train_bpe(texts, 276).merges == expected


def test_merge_goes_from_the_left():
    assert merge([1, 1, 1, 2, 1, 1], (1, 1), 9) == [9, 1, 2, 9]


def test_a_long_chunk_is_no_trap(tokenizer):
    text = "ab" * 100_000  # one chunk: quadratic merging would take minutes
    begun = time.process_time()
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert time.process_time() - begun < 20


def test_control_tokens_come_only_when_asked_for(tokenizer):
    end = tokenizer.special["<|end|>"]
    assert end not in tokenizer.encode("now <|end|>")
    assert tokenizer.encode("now <|end|>", allow_special=True) == [*tokenizer.encode("now "), end]
    assert tokenizer.decode([end]) == "<|end|>"


def test_digits_stand_alone():
    assert chunks("12 cats") == ["1", "2", " cats"]
    assert chunks("12 cats", "gpt2") == ["12", " cats"]


def test_saved_and_loaded_is_the_same(tokenizer, tmp_path):
    tokenizer.save(tmp_path / "t.json")
    again = Tokenizer.load(tmp_path / "t.json")
    assert (again.vocab, again.merges, again.special) == (tokenizer.vocab, tokenizer.merges, tokenizer.special)
    assert again.encode(TEXT[1]) == tokenizer.encode(TEXT[1])


@pytest.mark.parametrize(
    "change",
    [lambda s: s.update(format="x"), lambda s: s["merges"].append([0, 999]), lambda s: s["merges"].append([0, 0]),
     lambda s: s["vocab"].__setitem__(3, "💥"), lambda s: s.pop("special"), lambda s: s["special"].update(a=10**9)],
)  # fmt: skip
def test_a_damaged_file_is_named(tokenizer, tmp_path, change):
    tokenizer.save(tmp_path / "t.json")
    state = json.loads((tmp_path / "t.json").read_text())
    change(state)
    (tmp_path / "t.json").write_text(json.dumps(state))
    with pytest.raises(ValueError, match=r"t\.json"):
        Tokenizer.load(tmp_path / "t.json")


def test_bad_arguments_are_named(tokenizer):
    with pytest.raises(TypeError, match="text must be a str"):
        tokenizer.encode(b"bytes")
    with pytest.raises(ValueError, match="id 999 is outside"):
        tokenizer.decode([999])
    with pytest.raises(ValueError, match=r"at least 256 \+ 2 special, got 257"):
        train_bpe([], 257, SPECIAL)
    with pytest.raises(ValueError, match="lacks byte 0"):
        Tokenizer([b"a"], [])


def test_gpt2_lists_and_bytes_that_are_no_token():
    tokens = ["<|end|>", *(chr(c) for c in range(33, 127)), "Ġ", "Ġa"]
    small = Tokenizer.from_gpt2(tokens, ["Ġ a"], {"<|end|>": 0}, unknown=0)
    assert small.encode("b a") == [tokens.index("b"), tokens.index("Ġa")]
    assert small.encode("\x00") == [0]
