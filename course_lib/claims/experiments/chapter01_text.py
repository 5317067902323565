"""Prompts, abilities and effects, each on something small enough to count."""

import hashlib

import numpy as np

from course_lib.claims.evidence import Evidence
from course_lib.data import descriptions

TEXT = " ".join(text.text for text in descriptions()).lower()


def _counts(order: int, text: str) -> dict:
    """How often each character follows each context of `order` characters."""
    table: dict = {}
    for i in range(len(text) - order):
        following = table.setdefault(text[i : i + order], {})
        following[text[i + order]] = following.get(text[i + order], 0) + 1
    return table


def prompt():
    """A model of the next character: change what goes before, and look at the distribution and at the model."""
    table = _counts(4, TEXT)
    before = hashlib.sha256(repr(sorted(table.items())).encode()).hexdigest()
    best = {context: max(table[context], key=table[context].get) for context in ("the ", "data", "numb")}
    after = hashlib.sha256(repr(sorted(table.items())).encode()).hexdigest()
    return Evidence(
        "after “the ”, “data” and “numb” the likeliest next characters are "
        + ", ".join(repr(c) for c in best.values()) + "; the model is the same before and after, to the last bit.",
        said={"the wording changes the answer": len(set(best.values())) > 1},
        gap={"no weight changes: it is a choice of input": before == after},
        right={"“numb” asks for an e": best["numb"] == "e"},
        numbers={"contexts known": len(table)},
    )  # fmt: skip


def ability():
    """A score without a baseline, and with one: predicting the next character of held-out text."""
    cut = int(0.9 * len(TEXT))
    train, test = TEXT[:cut], TEXT[cut:]
    table, common = _counts(3, train), max(set(train), key=train.count)
    hits = np.mean([_best(table, test[i : i + 3], common) == test[i + 3] for i in range(len(test) - 3)])
    base = np.mean([c == common for c in test[3:]])
    return Evidence(
        f"counting three characters predicts {hits:.0%} of the held-out ones; always saying {common!r} gets "
        f"{base:.0%}, and only beside that is the first figure an ability.",
        said={"the model predicts text better than chance": hits > 1 / 30},
        gap={"without the baseline a sixth of the score is nobody's merit": base > 0.1},
        right={"it beats the baseline": hits > base + 0.2},
        numbers={"hits": hits, "baseline": base},
    )


def ab_test():
    """An effect is a difference: issues solved per hour with and without an assistant, the true effect known."""
    rng = np.random.default_rng(0)
    found = {n: float(np.mean([_gain(rng, n)[0] > 0 for _ in range(300)])) for n in (20, 2000)}
    gain, error = np.transpose([_gain(rng, 2000, True) for _ in range(300)])
    covered = float(np.mean(np.abs(gain - 0.14) < 1.96 * error))
    return Evidence(
        f"with a true effect of 14 % a trial of 20 people in each group finds it {found[20]:.0%} of the time, one of "
        f"2,000 {found[2000]:.0%}.",
        said={"there is an effect to be found": found[2000] > 0.95},
        gap={"a small trial mostly cannot tell it from nothing": found[20] < 0.6},
        right={"the large trials' intervals hold the true effect": covered > 0.9},
        numbers={"found by 20": found[20], "found by 2,000": found[2000], "coverage": covered},
    )


def _best(table, context, otherwise):
    following = table.get(context)
    return max(following, key=following.get) if following else otherwise


def _gain(rng, n, whole=False):
    """Lower end of the gain's 95 % interval, or (gain, standard error); 2.5 issues an hour, spread 0.9."""
    control, treated = rng.normal(2.5, 0.9, n), rng.normal(2.5 * 1.14, 0.9, n)
    gain = (treated.mean() - control.mean()) / control.mean()
    error = np.sqrt(treated.var(ddof=1) / n + control.var(ddof=1) / n) / control.mean()
    return (gain, error) if whole else (gain - 1.96 * error,)
