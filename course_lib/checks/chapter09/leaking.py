"""9.6 Relatives on both sides of a split."""

import numpy as np

from course_lib.topics import judging

from ..spec import Exercise, Mistake


def leaking(groups, folds):
    """How many of the N samples have a relative (same group) in another fold; groups and folds (N,)."""
    related = groups[:, None] == groups[None, :]
    apart = folds[:, None] != folds[None, :]
    return (related & apart).any(axis=1).sum()


def cases(rng):
    """Few and many groups, two to five folds."""
    for n, groups, folds in ((4, 2, 2), (6, 3, 2), (8, 5, 3), (10, 10, 5), (12, 3, 4), (20, 12, 3)):
        yield rng.integers(0, groups, n), rng.integers(0, folds, n)


ROWS = "(related & apart).any(axis=1).sum()"

EXERCISE = Exercise(
    id="9.6",
    title="Relatives across the folds",
    answer=leaking,
    reference=judging.leaking,
    cases=cases,
    edges=(
        (np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1])),
        (np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])),
        (np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])),
        (np.array([0, 0, 0, 0, 1, 1]), np.array([0, 1, 2, 2, 0, 0])),
        (np.array([5]), np.array([0])),
        (np.array([0, 1, 2, 3]), np.array([0, 1, 0, 1])),
        (np.array([0, 1, 1, 1]), np.array([2, 0, 0, 2])),
    ),
    mistakes=(
        Mistake("pairs", {ROWS: "(related & apart).sum()"},
                "This counts pairs, each twice. Count samples: any over one axis, then sum."),
        Mistake("pairs-once", {ROWS: "(related & apart).sum() // 2"}, "This counts pairs of relatives. Count samples."),
        Mistake("groups", lambda g, f: sum(len(set(f[g == k])) > 1 for k in set(g.tolist())),
                "This counts the groups that are torn. Count their samples."),
        Mistake("any-at-all", {ROWS: "(related & apart).any()"},
                "This says whether there is a leak. Asked is how many samples."),
        Mistake("share", {ROWS: "(related & apart).any(axis=1).mean()"},
                "This is a share; asked is a number of samples."),
        Mistake("same-fold", {"folds[:, None] != folds": "folds[:, None] == folds"},
                "It counts all samples: each is its own relative in its own fold. Ask for the same group and another "
                "fold, both."),
        Mistake("strangers", {"groups[:, None] == groups": "groups[:, None] != groups"},
                "It counts strangers in other folds. Relatives have the same group."),
        Mistake("all", {"any(axis=1)": "all(axis=1)"},
                "It finds none, ever. If there is an all in it: one relative elsewhere is enough, so any."),
        Mistake("safe", {ROWS: "(~(related & apart).any(axis=1)).sum()"},
                "This counts the samples without a relative elsewhere; asked are those with one."),
        Mistake("one-side", lambda g, f: sum(any((g[:i] == g[i]) & (f[:i] != f[i])) for i in range(len(g))),
                "It looks only at samples before this one. Look at all of them."),
        Mistake("neighbours", lambda g, f: int(((g[1:] == g[:-1]) & (f[1:] != f[:-1])).sum()),
                "It compares neighbours only. Relatives may stand anywhere."),
        Mistake("repeated", lambda g, f: len(g) - len(set(g.tolist())),
                "It counts repeated groups; relatives in the same fold do no harm."),
        Mistake("minority", lambda g, f: sum(int((g == k).sum()) - max(int(((g == k) & (f == j)).sum()) for j in f)
                                             for k in set(g.tolist())),
                "It counts those outside their group's main fold. The others have a relative elsewhere, too."),
    ),
    right=(
        lambda g, f: sum(len(set(f[g == k].tolist())) > 1 for k in g.tolist()),
        lambda g, f: int(sum((g == k).sum() for k in np.unique(g) if np.ptp(f[g == k]) > 0)),
    ),
    hints=(
        "Compare every sample with every other: groups[:, None] == groups gives (N, N).",
        "Related and apart at once: (… == …) & (… != …).",
        "any over one axis says it for each sample; then sum.",
    ),
    minutes=8,
    difficulty=2,
    claims=("S4-9-q3-data",),
)  # fmt: skip
