"""The seed grammar and the corpus: well-formed, right in its facts, and honest about what is held out."""

import random
import re

import numpy as np
import pytest

from course_lib.chatbot import corpus
from course_lib.chatbot.bpe import train_bpe
from course_lib.chatbot.chat import SPECIAL
from course_lib.chatbot.grammar import conversation, exchange, topics
from course_lib.chatbot.grammar.notation import capitals, expand, fill, read
from course_lib.data.dialogue import Pair

BOTH = pytest.mark.parametrize("language", ["en", "zh"])
LEFT_OVER = re.compile(r"[\[\]{}|]|\(n\)|  | $|^ |[.!?][.!?]|[。！？][。！？]|，[。！？]")


@BOTH
def test_every_topic_makes_clean_text(language):
    rng = random.Random(0)
    for topic in topics(language):
        for _ in range(60):
            pair = exchange(language, rng, topic)
            for side in pair:
                assert side
                assert not LEFT_OVER.search(side), (topic, side)


def test_the_grammar_is_large():
    for language in ("en", "zh"):
        rng = random.Random(0)
        pairs = {pair for _ in range(6000) for pair in conversation(language, rng)}
        assert len(topics(language)) >= 45
        assert len(pairs) > 3500
    files = [read("english.txt")[0], read("chinese.txt")[0]]
    assert sum(len(t.prompts) + len(t.replies) for topics_ in files for t in topics_.values()) > 350


def test_templates_use_only_known_slots():
    for name in ("english.txt", "chinese.txt"):
        known, slots = read(name)
        used = {s for t in known.values() for side in (*t.prompts, *t.replies) for s in re.findall(r"\{(\w+)\}", side)}
        assert used <= set(slots)
        assert all(t.prompts and t.replies for t in known.values())


@BOTH
def test_sums_are_right(language):
    rng = random.Random(0)
    for _ in range(300):
        prompt, reply = exchange(language, rng, "arithmetic")
        a, sign, b, c = re.fullmatch(r"(\d+) ([-+×]) (\d+) = (\d+)[.。]", reply).groups()
        assert {"+": int(a) + int(b), "-": int(a) - int(b), "×": int(a) * int(b)}[sign] == int(c)
        assert re.findall(r"\d+", prompt) == [a, b]


def test_capitals_agree_with_cldr_where_it_names_one():
    """Babel's CLDR data: a country's time-zone city is often its capital; the Chinese names must then agree."""
    babel = pytest.importorskip("babel", reason="Babel is not installed")
    en, zh = babel.Locale("en"), babel.Locale("zh")
    countries = {en.territories[code]: zh.territories.get(code) for code in en.territories if len(code) == 2}
    rows = {row[0].removeprefix("the "): row for row in capitals()}
    common = set(rows) & set(countries)
    assert len(common) >= 40
    assert [name for name in common if rows[name][2] != countries[name]] == []
    assert len({row[1] for row in capitals()}) == len({row[3] for row in capitals()}) == len(rows)


@BOTH
def test_names_are_answered_from_the_history(language):
    rng, seen = random.Random(0), 0
    for _ in range(600):
        talk = conversation(language, rng)
        told = [re.search(r"Your name is (.+)\.|你叫(.+)。", p.reply) for p in talk]
        for match in filter(None, told):
            seen += 1
            assert (match[1] or match[2]) in talk[0].prompt
    assert seen > 20


def test_notation():
    rng = random.Random(0)
    assert {expand("a[b|c[d|]]", rng) for _ in range(50)} == {"ab", "ac", "acd"}
    assert fill("{x} are nice. a(n) {y}, a(n) {x}", {"x": "cats", "y": "owl"}) == "Cats are nice. An owl, a cats"


def test_nothing_held_out_is_trained_on():
    for language in ("en", "zh"):
        trained = {p for talk in corpus.grown(language, 1500) for p in talk}
        held = corpus.held_out(language, 60)
        assert not any(map(corpus.is_held_out, trained))
        assert all(map(corpus.is_held_out, held))
        assert not {p.prompt.lower() for p in held} & {p.prompt.lower() for p in trained}


def test_the_fixed_prompts_are_held_out_in_every_spelling():
    for text in (*corpus.FIXED_PROMPTS, "hello how is the weather today", "你好 今天天气怎么样"):
        assert corpus.is_held_out(Pair(text, "x"))
    assert not corpus.is_held_out(Pair("Hello", "Hi"))


def test_a_sum_is_held_out_in_every_phrasing():
    ways = [Pair("What is 3 + 4?", "3 + 4 = 7."), Pair("3加4等于几？", "3 + 4 = 7。")]
    assert len({corpus.is_held_out(p) for p in ways}) == 1
    sums = [Pair("", f"{a} + {b} = {a + b}.") for a in range(21) for b in range(21)]
    assert 0.02 < np.mean([corpus.is_held_out(p) for p in sums]) < 0.09


def test_rows_of_tokens():
    talk = [Pair("hi", "yo"), Pair("a", "b")]
    tokenizer = train_bpe(["hi yo"], 261, SPECIAL)
    row = "<|start|><|user|>hi<|bot|>yo<|end|><|user|>a<|bot|>b<|end|>"
    assert tokenizer.decode(corpus.encode(tokenizer, talk)) == row
    ids, starts = corpus.tokens(tokenizer, [talk] * 3, [[Pair("x", "y")]] * 2)
    first = {tokenizer.decode([ids[s]]) for s in starts}
    assert first == {"<|start|>", "<|people|>"}
    assert len(starts) == 5


def test_people_are_split_by_conversation_blocks():
    pytest.importorskip("chitchat_dataset", reason="chitchat-dataset is not installed")
    train, held = corpus.people(), corpus.people(held=True)
    assert len(train) > 15 * len(held) > 0


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="language must be one of en, zh, got 'fr'"):
        topics("fr")
