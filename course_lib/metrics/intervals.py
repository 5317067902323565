"""How far a score can be trusted: 95 % intervals of shares and of means."""

import math

import numpy as np


def wilson_interval(correct: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Interval for a share seen as `correct` of n; z = 1.96 for 95 %. Wilson, JASA 22 (1927).

    (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n): it stays within [0, 1] and has a width at 0 of n, too.
    """
    if not 0 <= correct <= n or n < 1:
        raise ValueError(f"wilson_interval: expected 0 <= correct <= n and n >= 1, got {correct} and {n}")
    p, grown = correct / n, 1 + z**2 / n
    middle = (p + z**2 / (2 * n)) / grown
    half = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / grown
    return middle - half, middle + half


def share_interval(hits) -> tuple[float, float, float]:
    """(share of True, low, high) of an array of right and wrong answers, by `wilson_interval`."""
    hits = np.asarray(hits, bool)
    if not hits.size:
        return math.nan, math.nan, math.nan
    return float(hits.mean()), *wilson_interval(int(hits.sum()), hits.size)


def bootstrap_interval(
    statistic, *arrays, n: int = 1000, level: float = 0.95, seed: int = 0
) -> tuple[float, float]:
    """Percentile interval of statistic(*arrays), rows drawn with replacement. Efron, Annals of Statistics 7 (1979).

    A resample for which the statistic is nan is left out.
    """
    rng, size = np.random.default_rng(seed), len(arrays[0])
    if not size:
        return math.nan, math.nan
    draws = (rng.integers(size, size=size) for _ in range(n))
    values = [statistic(*(np.asarray(a)[rows] for a in arrays)) for rows in draws]
    tail = 100 * (1 - level) / 2
    low, high = np.nanpercentile(values, [tail, 100 - tail])
    return float(low), float(high)
