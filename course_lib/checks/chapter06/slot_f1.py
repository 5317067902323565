"""6.4 F1 over whole slots."""

from course_lib.topics import assistant

from ..spec import Exercise, Mistake


def slot_f1(predicted, target):
    """2·TP / (predicted + true slots) over all utterances; a slot is right if first word, last word and name are."""

    def spans(tags):
        found = set()
        for i, tag in enumerate(tags):
            if tag[0] == "B":
                end = i + 1
                while end < len(tags) and tags[end] == "I" + tag[1:]:
                    end += 1
                found.add((i, end, tag))
        return found

    pairs = [(spans(p), spans(t)) for p, t in zip(predicted, target)]  # noqa: B905
    total = sum(len(p) + len(t) for p, t in pairs)
    return 2 * sum(len(p & t) for p, t in pairs) / total if total else float("nan")


def cases(rng):
    """Utterances of well-formed tags; the prediction is the truth with some slots moved, renamed or lost."""
    for n in (1, 1, 2, 2, 3, 4):
        truth = [_tags(rng, rng.integers(2, 7)) for _ in range(n)]
        yield [_changed(rng, tags) for tags in truth], truth
        yield [_tags(rng, len(tags)) for tags in truth], truth


def _tags(rng, length):
    tags = []
    while len(tags) < length:
        slot, size = rng.choice(["DAY", "TASK"]), rng.integers(1, 3)
        tags += ["O"] if rng.random() < 0.3 else [f"B-{slot}", *[f"I-{slot}"] * int(size)]
    return tags[:length]


def _changed(rng, tags):
    """Well-formed again: some slots renamed, some cut off."""
    out = [tag.replace("DAY", "TASK") if rng.random() < 0.2 and tag[0] == "B" else tag for tag in tags]
    for i in range(1, len(out)):
        stray = out[i][0] == "I" and out[i - 1][1:] != out[i][1:]
        out[i] = "O" if stray or (out[i][0] == "I" and rng.random() < 0.3) else out[i]
    return out


def _judged(count):
    """2·TP / total over all utterances, with count(predicted, true) → (TP, total)."""

    def f1(predicted, target):
        both = [count(p, t) for p, t in zip(predicted, target, strict=True)]
        total = sum(t for _, t in both)
        return 2 * sum(c for c, _ in both) / total if total else float("nan")

    return f1


def _mean_of_utterances(predicted, target):
    values = [assistant.slot_f1([p], [t]) for p, t in zip(predicted, target, strict=True)]
    values = [v for v in values if v == v]
    return sum(values) / len(values) if values else float("nan")


def _by_word(p, t):
    right = sum(a == b != "O" for a, b in zip(p, t, strict=True))
    return right, sum(a != "O" for a in p) + sum(b != "O" for b in t)


def _overlapping(p, t):
    a, b = assistant.spans(p), assistant.spans(t)
    met = sum(any(s[0] < q[1] and q[0] < s[1] and s[2] == q[2] for q in b) for s in a)
    return met, len(a) + len(b)


def _starts(p, t):
    a, b = ({(i, tag) for i, tag in enumerate(tags) if tag[0] == "B"} for tags in (p, t))
    return len(a & b), len(a) + len(b)


PREDICTED, TRUE = "sum(len(p) for p, t in pairs)", "sum(len(t) for p, t in pairs)"
TOTAL = "sum(len(p) + len(t) for p, t in pairs)"

EXERCISE = Exercise(
    id="6.4",
    title="F1 over whole slots",
    answer=slot_f1,
    reference=assistant.slot_f1,
    cases=cases,
    edges=(
        ([["O"]], [["O"]]),
        ([["B-DAY"]], [["B-DAY"]]),
        ([["B-DAY"]], [["B-TASK"]]),
        ([["B-DAY", "O"]], [["B-DAY", "I-DAY"]]),
        ([["B-DAY", "B-DAY"]], [["B-DAY", "I-DAY"]]),
        ([["B-DAY", "B-DAY"]], [["B-DAY", "B-DAY"]]),
        ([["B-DAY", "I-DAY", "O"]], [["B-DAY", "I-DAY", "B-DAY"]]),
        ([["B-DAY", "I-DAY", "O", "B-TASK"], ["O"]], [["B-DAY", "I-DAY", "O", "O"], ["B-TASK"]]),
        ([["B-DAY", "O", "B-TASK", "I-TASK"], ["O", "O"]], [["B-DAY", "I-DAY", "B-TASK", "I-TASK"], ["O", "O"]]),
        ([["O", "B-DAY"], ["B-DAY", "B-TASK", "B-DAY"]], [["B-DAY", "O"], ["B-DAY", "B-TASK", "B-DAY"]]),
    ),
    mistakes=(
        Mistake("word-by-word", _judged(_by_word),
                "It counts words. A slot of which one word is missing is wrong as a whole: the assistant would act on "
                "the wrong text."),
        Mistake("overlap-counts", _judged(_overlapping),
                "It accepts slots that only overlap. First and last word must both be right."),
        Mistake("starts-only", _judged(_starts),
                "It looks at where a slot begins and not where it ends: go on while the tags are I- of its name."),
        Mistake("name-ignored", {"(i, end, tag)": "(i, end)"},
                "The slot's name is not compared: a day that was taken for a task counts as right."),
        Mistake("mean-of-utterances", _mean_of_utterances,
                "It averages the F1 of each utterance. Add the counts of all utterances first, then divide once."),
        Mistake("precision-only", {"2 * sum": "sum", TOTAL: PREDICTED},
                "This is precision, TP / predicted. F1 is 2·TP / (predicted + true)."),
        Mistake("recall-only", {"2 * sum": "sum", TOTAL: TRUE},
                "This is recall, TP / true. F1 is 2·TP / (predicted + true)."),
        Mistake("no-two", {"2 * sum": "sum"}, "The factor 2 is missing: a perfect prediction must get 1."),
        Mistake("nothing-is-zero", {'float("nan")': "0.0"},
                "With no slot on either side F1 is 0/0: return nan."),
        Mistake("nothing-is-one", {'float("nan")': "1.0"},
                "With no slot on either side F1 is 0/0: return nan."),
        Mistake("whole-utterances", lambda p, t: _exact(p, t),
                "It is the share of utterances that are entirely right. F1 counts slots."),
    ),
    right=(
        lambda p, t: _judged(lambda a, b: (len(assistant.spans(a) & assistant.spans(b)),
                                           len(assistant.spans(a)) + len(assistant.spans(b))))(p, t),
        lambda p, t: _from_rates(p, t),
    ),
    hints=(
        "Turn each tag sequence into a set of slots (first, last + 1, name).",
        "TP is the size of the intersection of two such sets, added up over the utterances.",
        "From each B- go on while the next tag is I- with the same name; then 2·TP / (predicted + true), nan for 0/0.",
    ),
    minutes=20,
    difficulty=3,
    claims=("S0-6.3-personal-assistant", "S1-6.5-virtual-assistant"),
)


def _exact(predicted, target):
    return sum(list(p) == list(t) for p, t in zip(predicted, target, strict=True)) / len(target)


def _from_rates(predicted, target):
    """The harmonic mean of precision and recall."""
    sets = [(assistant.spans(p), assistant.spans(t)) for p, t in zip(predicted, target, strict=True)]
    right = sum(len(p & t) for p, t in sets)
    said, true = (sum(map(len, side)) for side in zip(*sets, strict=True))
    if not said + true:
        return float("nan")
    return 2 / (said / right + true / right) if right else 0.0
