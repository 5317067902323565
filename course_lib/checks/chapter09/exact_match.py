"""9.5 What counts as the same answer."""

import re

from course_lib.topics import judging

from ..spec import Exercise, Mistake


def exact_match(answer, accepted):
    """Is answer one of the texts accepted? Case, punctuation, the words a, an, the, and extra spaces do not count."""
    import re

    def same(text):
        text = "".join(c for c in text.lower() if c.isalnum() or c.isspace())
        return re.sub(r"\b(a|an|the)\b", " ", text).split()
    return same(answer) in [same(one) for one in accepted]


WORDS = ("Paris", "the", "an", "atom", "Theatre", "42", "a", "New", "York", "banana")


def cases(rng):
    """Short answers, changed harmlessly or not."""
    for _ in range(14):
        words = [WORDS[i] for i in rng.integers(0, len(WORDS), 3)]
        other = [WORDS[i] for i in rng.integers(0, len(WORDS), 3)]
        yield "  ".join(words).upper() + ".", [" ".join(other), " ".join(w for w in words if w != "the")]
        yield " ".join(words), [" ".join(other), " ".join(words[:2])]


EXERCISE = Exercise(
    id="9.5",
    title="Exact match",
    answer=exact_match,
    reference=judging.exact_match,
    cases=cases,
    edges=(
        ("Paris", ["paris"]), ("Paris.", ["Paris"]), ("the Eiffel Tower", ["Eiffel Tower"]),
        ("Eiffel  Tower", ["Eiffel Tower"]),
        ("Eiffel Tower", ["EiffelTower"]), ("EiffelTower", ["Eiffel Tower"]), ("theatre", ["atre"]),
        ("theatre", ["tre"]),
        ("banana", ["bnn"]), ("Paris, France", ["Paris"]), ("Paris", ["Paris, France"]), ("42", ["43", "42"]),
        ("Tower Eiffel", ["Eiffel Tower"]), ("well-known", ["wellknown"]), ("A", ["the"]), ("", [""]), ("Rome", []),
        ("rome", ["x", "Rome!"]), ("\tRome\n", ["rome"]), ("an atom", ["atom"]), ("atom a", ["atom"]),
        ("no", ["not no"]), ("42", ["43"]), ("the a cat", ["cat"]), ("北京", ["上海"]),
        ("Paris, France", ["Paris France"]),
    ),
    mistakes=(
        Mistake("case", {"text.lower()": "text"}, "Case counts here: Paris and paris must be the same."),
        Mistake("punctuation", {" if c.isalnum() or c.isspace()": ""}, "Punctuation counts here: remove it first."),
        Mistake("ends-only", {"\"\".join(c for c in text.lower() if c.isalnum() or c.isspace())":
                              "text.lower().strip(\" .,!?;:\\t\\n\")"},
                "Marks are removed at the ends only. They do not count in between either: \"Paris, France\"."),
        Mistake("ascii-only", {"c.isalnum() or": "c.isascii() and c.isalnum() or"},
                "Every letter outside a to z is dropped, so that any two Chinese answers are the same. str.isalnum "
                "knows the letters of all scripts."),
        Mistake("articles", {"re.sub(r\"\\b(a|an|the)\\b\", \" \", text)": "text"},
                "The words a, an, the must be dropped."),
        Mistake("inside-words", {"\\b(a|an|the)\\b": "(an|a|the)"},
                "It drops a, an, the inside words as well: theatre becomes tre. Only whole words (\\b)."),
        Mistake("no-an", {"a|an|the": "a|the"}, "The word an is not dropped."),
        Mistake("only-the", {"a|an|the": "the"}, "Only the is dropped; a and an do not count either."),
        Mistake("spaces-gone", {"text).split()": "text).replace(\" \", \"\").strip()"},
                "All spaces are removed, so that different words run together. Extra spaces only."),
        Mistake("spaces-kept", {"text).split()": "text)"},
                "Extra spaces still count: compare the lists of words (split)."),
        Mistake("stripped", {"text).split()": "text).strip()"},
                "strip removes spaces at the ends; two in the middle still count."),
        Mistake("set", {"text).split()": "text).split().sort() or sorted(text.split())"},
                "The order of the words does not count here. It must."),
        Mistake("contains", lambda a, accepted: any(judging.normalised(o) in judging.normalised(a) for o in accepted),
                "An answer that only contains an accepted one counts. Exact match means all of it."),
        Mistake("first-only", {"[same(one) for one in accepted]": "[same(one) for one in accepted[:1]]"},
                "Only the first accepted answer is looked at."),
        Mistake("all", {"same(answer) in [same(one) for one in accepted]":
                        "all(same(answer) == same(one) for one in accepted)"},
                "It asks that all accepted answers agree. One is enough."),
        Mistake("raw", {"same(answer) in [same(one) for one in accepted]": "answer in accepted"},
                "The texts are compared as they stand. Normalise both sides first."),
        Mistake("one-side", {"same(one) for one": "one.split() for one"},
                "Only the answer is normalised; the accepted texts must be as well."),
        Mistake("space-for-mark", {"\"\".join(c for c in text.lower() if c.isalnum() or c.isspace())":
                                   "\"\".join(c if c.isalnum() else \" \" for c in text.lower())"},
                "A mark becomes a space, so that well-known has two words. Remove it."),
    ),
    right=(
        lambda answer, accepted: judging.normalised(answer) in list(map(judging.normalised, accepted)),
        lambda answer, accepted: any(
            [w for w in re.sub(r"[^\w\s]|_", "", answer.lower()).split() if w not in ("a", "an", "the")]
            == [w for w in re.sub(r"[^\w\s]|_", "", one.lower()).split() if w not in ("a", "an", "the")]
            for one in accepted),
    ),
    hints=(
        "Write a helper that normalises one text, and use it on both sides.",
        "Lower case; keep letters, digits and spaces; split into words; drop a, an, the.",
        "Compare the list of words of the answer with that of each accepted text; one equal is enough.",
    ),
    minutes=10,
    difficulty=2,
    claims=("S0-9.5-prompt-engineering",),
)  # fmt: skip
