"""6.3 How much of a text was copied."""

from course_lib.topics import writing

from ..spec import Exercise, Mistake

WORDS = ("a", "ab", "b", "ba", "A")


def copy_rate(text, source, n):
    """Share of the text's runs of n words that occur in the source as a run of n words; nan if it has no such run."""

    def runs(words):
        return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]

    copied, known = runs(text.split()), set(runs(source.split()))
    return sum(run in known for run in copied) / len(copied) if copied else float("nan")


def cases(rng):
    """Texts of few different words, so that runs meet by chance."""
    for length in (2, 3, 4, 5, 6, 8, 10, 12):
        text, source = (" ".join(rng.choice(WORDS, size)) for size in (length, length + 6))
        yield text, source, 1 + length % 3
        yield text, source, 2


EXERCISE = Exercise(
    id="6.3",
    title="How much was copied",
    answer=copy_rate,
    reference=writing.copy_rate,
    cases=cases,
    edges=(
        ("a", "a", 1),
        ("a", "a b", 2),
        ("a b", "b a", 2),
        ("a b", "ba ba", 2),
        ("a b a", "b a", 2),
        ("a b a b", "a b", 2),
        ("A b", "a b", 2),
        ("a ba", "ab a", 2),
        ("a b ab", "b ab A", 2),
        ("ab ba a", "ab ba b", 2),
    ),
    mistakes=(
        Mistake("substring", lambda t, s, n: _rate([" ".join(r) in s for r in _runs(t.split(), n)]),
                "It looks for the run as a piece of text, so that \"a b\" is found in \"ba ba\". Compare whole words."),
        Mistake("last-run-missing", {"len(words) - n + 1": "len(words) - n"},
                "The last run is missing: L words have L - n + 1 runs of n."),
        Mistake("no-overlap", {"range(len(words) - n + 1)": "range(0, len(words) - n + 1, n)"},
                "The runs stand side by side. They overlap: one begins at every word."),
        Mistake("of-the-source", lambda t, s, n: _rate([r in _runs(t.split(), n) for r in _runs(s.split(), n)]),
                "It is the share of the *source's* runs that occur in the text. Divide by the text's runs."),
        Mistake("each-once", lambda t, s, n: _rate([r in _runs(s.split(), n) for r in set(_runs(t.split(), n))]),
                "A run that occurs twice in the text counts twice. The set is for the source only."),
        Mistake("single-words", lambda t, s, n: _rate([w in s.split() for w in t.split()]),
                "It looks up single words. Most texts share their words; runs of n words show copying."),
        Mistake("any-order", lambda t, s, n: _rate([sorted(r) in [sorted(q) for q in _runs(s.split(), n)]
                                                    for r in _runs(t.split(), n)]),
                "The order of the words within a run matters: \"a b\" is not \"b a\"."),
        Mistake("characters", {"runs(text.split()), set(runs(source.split()))": "runs(text), set(runs(source))"},
                "It takes runs of characters. Split both texts into words first."),
        Mistake("case-ignored", {"text.split()": "text.lower().split()", "source.split()": "source.lower().split()"},
                "It ignores upper and lower case. Here \"A\" and \"a\" are different words."),
        Mistake("count", {" / len(copied)": ""}, "It counts the copied runs. Divide by the number of the text's runs."),
        Mistake("of-words", {"/ len(copied)": "/ len(text.split())"},
                "It divides by the number of words. A text of L words has L - n + 1 runs."),
        Mistake("new", {"run in known": "run not in known"}, "This is the share of *new* runs."),
        Mistake("short-is-zero", {'float("nan")': "0.0"},
                "A text shorter than n words has no run at all: return nan, not 0."),
    ),
    right=(
        lambda t, s, n: _rate([r in _runs(s.split(), n) for r in _runs(t.split(), n)]),
        lambda t, s, n: _rate([f" {' '.join(r)} " in f" {' '.join(s.split())} " for r in _runs(t.split(), n)]),
    ),
    hints=(
        "Cut both texts into words, then into overlapping runs of n words.",
        "Keep the source's runs in a set; tuples can be members of a set, lists cannot.",
        "sum(run in known for run in runs) / len(runs), and float('nan') if there are no runs.",
    ),
    minutes=12,
    difficulty=2,
    claims=("S0-6.2-auto-writing", "S1-6.2-content-generation"),
)


def _runs(words, n):
    return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]


def _rate(found):
    return sum(found) / len(found) if found else float("nan")
