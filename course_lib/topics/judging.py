"""How far a score can be trusted: its interval, its baseline, what counts as right, and rows that know each other."""

import re

import numpy as np

ARTICLE = re.compile(r"\b(a|an|the)\b")


def majority_accuracy(train, test) -> float:
    """Accuracy on `test` of always saying the commonest label of `train`; of equally common ones the smallest."""
    labels, counts = np.unique(np.asarray(train), return_counts=True)
    return float(np.mean(np.asarray(test) == labels[counts.argmax()]))


def normalised(text: str) -> str:
    """Lower case; no punctuation, no a, an, the; single spaces. Rajpurkar et al., EMNLP 2016."""
    letters = "".join(c for c in text.lower() if c.isalnum() or c.isspace())
    return " ".join(ARTICLE.sub(" ", letters).split())


def exact_match(answer: str, accepted) -> bool:
    """Whether the answer is one of those accepted, both normalised."""
    return normalised(answer) in {normalised(one) for one in accepted}


def leaking(groups, folds) -> int:
    """Number of samples with a relative (same group) in another fold: 0 in a split that can be trusted."""
    groups, folds = np.asarray(groups), np.asarray(folds)
    if groups.shape != folds.shape or groups.ndim != 1:
        raise ValueError(f"leaking: groups and folds must both be (N,), got {groups.shape} and {folds.shape}")
    related = groups[:, None] == groups[None, :]  # (N, N)
    return int((related & (folds[:, None] != folds[None, :])).any(axis=1).sum())


def best_of_guessers(guessers: int, rows: int, rng) -> tuple[float, float]:
    """Accuracy of the best of many coin-tossers on the rows it was chosen by, and on as many fresh rows."""
    chosen = rng.integers(0, 2, (guessers, rows)).mean(axis=1)  # the share of tosses that happen to be right
    return float(chosen.max()), float(rng.integers(0, 2, rows).mean())
