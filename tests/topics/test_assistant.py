"""Slots are counted whole, rules and tagger read what they should, and the calendar does only what it may."""

import numpy as np
import pytest

from course_lib.topics import assistant as a

RNG = np.random.default_rng(0)
TRAIN, SEEN = a.utterances(200, RNG), a.utterances(100, RNG)
TAGGER = a.Tagger(TRAIN, epochs=3)


def test_spans_as_conll_counts_them():
    assert a.spans(["B-DAY", "I-DAY", "O", "B-DAY", "B-DAY"]) == {(0, 2, "DAY"), (3, 4, "DAY"), (4, 5, "DAY")}
    assert a.spans(["I-TASK", "I-TIME"]) == {(0, 1, "TASK"), (1, 2, "TIME")}
    assert a.spans([]) == set()


def test_slot_f1_wants_whole_slots():
    truth = [["B-TASK", "I-TASK", "O", "B-DAY"]]
    assert a.slot_f1(truth, truth) == 1
    assert a.slot_f1([["B-TASK", "O", "O", "B-DAY"]], truth) == 0.5  # a cut-off slot is wrong twice over
    assert a.slot_f1([["O"] * 4], truth) == 0
    assert np.isnan(a.slot_f1([["O"]], [["O"]]))
    with pytest.raises(ValueError, match="equal lengths"):
        a.slot_f1([["O"]], truth)


def test_utterances_carry_their_own_truth():
    for u in SEEN:
        assert len(u.words) == len(u.tags)
        assert a.slots_of(u.words, u.tags)["TASK"] in a.TASKS


def test_rules_read_what_they_were_written_for():
    tags, intent = a.by_rules(["move", "pay", "the", "rent", "to", "next", "Monday", "at", "7", "pm"])
    assert intent == "move"
    assert a.slots_of(["move", "pay", "the", "rent", "to", "next", "Monday", "at", "7", "pm"], tags) == {
        "TASK": "pay the rent", "DAY": "next Monday", "TIME": "at 7 pm"}  # fmt: skip
    assert a.by_rules(["hello"]) == (("O",), "unknown")


def test_the_tagger_beats_the_rules_on_phrases_like_those_it_learnt_from():
    truth = [u.tags for u in SEEN]
    learnt = a.slot_f1([TAGGER(u.words)[0] for u in SEEN], truth)
    assert learnt > 0.97
    assert learnt > a.slot_f1([a.by_rules(u.words)[0] for u in SEEN], truth)


def test_averaging_weights():
    p = a.Perceptron()
    p.learn(("f",), "yes", ("no", "yes"))  # guesses "no" first: both weights move at step 1
    p.learn(("f",), "yes", ("no", "yes"))
    p.average()
    assert p.weights["f", "yes"] == 0.5  # the weight 1 held after step 1 of 2


def test_the_calendar_asks_before_it_changes_and_refuses_the_rest():
    full = {"TASK": "pay the rent", "DAY": "today", "TIME": "at 8"}
    diary = a.Calendar()
    assert diary.do("cancel", {"TASK": "pay the rent"}, confirmed=True) == "refused"
    assert diary.do("create", {"TASK": "pay the rent"}) == "refused"
    assert diary.do("create", full) == "done"
    assert diary.do("cancel", {"TASK": "pay the rent"}) == "confirm"
    assert diary.entries == {"pay the rent": ("today", "at 8")}
    assert diary.do("move", {**full, "DAY": "tomorrow"}, confirmed=True) == "done"
    assert diary.do("unlock", full) == "refused"
    assert diary.do("cancel", full, confirmed=True) == "done"
    assert diary.entries == {}


def test_executed_judges_the_calendar_not_the_words():
    assert a.executed(lambda words: next((u.tags, u.intent) for u in SEEN if u.words == words), SEEN) == 1
    assert a.executed(lambda words: (("O",) * len(words), "find"), SEEN) == 0
