"""Metrics of scores and probabilities: ROC-AUC and perplexity."""

import numpy as np

from course_lib.losses import cross_entropy


def roc_auc(input, target) -> float:
    """Area under the ROC curve: the chance that a positive scores higher than a negative, a tie counting one half.

    AUC = (Σ ranks of the positives - P(P+1)/2) / (P·N), with P positives, N negatives and equal scores sharing their
    mean rank. Hanley & McNeil, Radiology 143 (1982).

    Parameters
    ----------
    input : array, (N,)
        Any scores that are larger for class 1.
    target : array, (N,)
        Classes 0 and 1. If one of them is absent the area is not defined, and the answer nan.
    """
    score, target = np.asarray(input), np.asarray(target)
    if score.ndim != 1 or score.shape != target.shape:
        raise ValueError(f"roc_auc: scores and targets must both be (N,), got {score.shape} and {target.shape}")
    if not np.isin(target, (0, 1)).all():
        raise ValueError(f"roc_auc: targets must be 0 or 1, got {np.setdiff1d(target, (0, 1))[:8]}")
    if np.isnan(score).any():
        raise ValueError("roc_auc: scores must be ordered, got nan")
    _, inverse, count = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[inverse]  # 1 is the lowest
    positive = target == 1
    p, n = int(positive.sum()), int((~positive).sum())
    return float((rank[positive].sum() - p * (p + 1) / 2) / (p * n)) if p and n else float("nan")


def perplexity(input, target, ignore_index: int = -100) -> float:
    """exp of the mean log loss per token: C for a uniform guess over C tokens, 1 for certainty about the right ones.

    Parameters
    ----------
    input : array or Tensor, (..., C)
        Logits, or log-probabilities: the softmax of those is the same distribution.
    target : array, (...)
        Class or token indices; `ignore_index` marks those, such as padding, that do not count.
    """
    scores, target = np.asarray(input, np.float64), np.asarray(target)
    if scores.ndim == 0 or scores.shape[:-1] != target.shape:
        raise ValueError(f"perplexity: targets must have the shape of the input without its last axis, got "
                         f"{target.shape} for an input of shape {scores.shape}")
    if not target.size:
        return float("nan")
    with np.errstate(over="ignore"):
        loss = cross_entropy(scores.reshape(-1, scores.shape[-1]), target.ravel(), ignore_index=ignore_index)
        return float(np.exp(loss))
