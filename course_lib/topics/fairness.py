"""Does a decision treat groups alike? Rates by group, a gap, a mitigation, and why not all criteria can hold."""

import numpy as np


def group_rates(decision, y, group) -> dict:
    """Selection rate, true and false positive rate and precision of every group.

    Parameters
    ----------
    decision, y : array of 0 and 1, (N,)
    group : array, (N,)

    Returns
    -------
    dict of group → dict with "selected", "tpr", "fpr", "ppv", "n"
        nan where a rate has no sample.
    """
    decision, y, group = (np.asarray(a) for a in (decision, y, group))
    if not decision.shape == y.shape == group.shape:
        raise ValueError(f"group_rates: shapes differ: {decision.shape}, {y.shape}, {group.shape}")
    return {g: _rates(decision[group == g] == 1, y[group == g] == 1) for g in np.unique(group).tolist()}


def _rates(chosen, true):
    share = lambda what, among: float(what[among].mean()) if among.any() else float("nan")  # noqa: E731
    return {"selected": share(chosen, np.ones_like(chosen)), "tpr": share(chosen, true), "fpr": share(chosen, ~true),
            "ppv": share(true, chosen), "n": len(true)}  # fmt: skip


def equalized_odds_gap(decision, y, group) -> float:
    """The larger of the two spreads between groups: of true and of false positive rates. 0: equalised odds.

    Hardt, Price & Srebro, NeurIPS 2016.
    """
    rates = group_rates(decision, y, group).values()
    spread = lambda key: max(r[key] for r in rates) - min(r[key] for r in rates)  # noqa: E731
    return max(spread("tpr"), spread("fpr"))


def equal_opportunity_thresholds(score, y, group, tpr: float) -> dict:
    """For each group the highest threshold whose true positive rate is at least `tpr`. Hardt et al., 2016."""
    if not 0 < tpr <= 1:
        raise ValueError(f"equal_opportunity_thresholds: tpr must lie in (0, 1], got {tpr}")
    score, y, group = (np.asarray(a) for a in (score, y, group))
    found = {}
    for g in np.unique(group).tolist():
        positive = np.sort(score[(group == g) & (y == 1)])[::-1]
        if not len(positive):
            raise ValueError(f"equal_opportunity_thresholds: group {g!r} has no positive sample")
        found[g] = float(positive[int(np.ceil(tpr * len(positive))) - 1])
    return found


def calibrated_groups(n: int, means, rng) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Score, outcome and group of n people in each group, whose scores are exactly their probabilities.

    Scores are Beta(4m, 4(1-m)), so their mean, and the base rate, is m; the outcome is drawn with that very
    probability. Such a score is calibrated within each group. Kleinberg, Mullainathan & Raghavan, ITCS 2017.
    """
    if not all(0 < m < 1 for m in means):
        raise ValueError(f"calibrated_groups: means must lie in (0, 1), got {means}")
    score = np.concatenate([rng.beta(4 * m, 4 * (1 - m), n) for m in means])
    return score, (rng.random(len(score)) < score).astype(int), np.repeat(np.arange(len(means)), n)
