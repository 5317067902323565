"""Recommending: what held-out ratings show, and what only a test with people can show."""

import numpy as np

from course_lib.claims.evidence import Evidence
from course_lib.data import split_by_time, synthetic_ratings
from course_lib.topics import recommender


def ratings():
    """Three sets of ratings of known low rank (noise 0.3), and 1,000 simulated tests of a lift from 2 to 2.4 %."""
    rows = []
    for seed in range(3):
        parts = split_by_time(synthetic_ratings(150, 80, rank=4, share=0.3, noise=0.3, seed=seed))
        found = recommender.compare(*parts, rank=4, strength=0.5, sweeps=15)
        rows.append([found[name]["rmse"] for name in ("global mean", "biases", "ALS")])
        rows[-1] += [found[name]["ndcg"] for name in ("popularity", "ALS")]
    mean, bias, als, popular, ranked = np.mean(rows, 0)
    seen = {n: _seen(n) for n in (1_000, 30_000)}
    return Evidence(
        f"held-out error in stars: global mean {mean:.2f}, biases {bias:.2f}, factorisation {als:.2f} (noise 0.30); "
        f"NDCG@10 {ranked:.2f} against popularity's {popular:.2f}; a true lift of conversion from 2 to 2.4 % is seen "
        f"by {seen[1000]:.0%} of tests with 1,000 visitors each, by {seen[30_000]:.0%} with 30,000.",
        said={"ratings predict ratings: personal beats popular": als < 0.7 * bias and ranked > popular + 0.1},
        gap={"conversion is in no rating, and a small test does not see a lift of a fifth": seen[1000] < 0.25},
        right={"a large enough A/B test does": seen[30_000] > 0.8, "the error stays above the noise": als > 0.3},
        numbers={"RMSE": np.round([mean, bias, als], 2), "NDCG": np.round([popular, ranked], 2),
                 "tests that see it": np.round([*seen.values()], 2)},
    )  # fmt: skip


def _seen(n):
    """Share of tests with n visitors in each arm in which the difference is significant (two-sided, 5 %)."""
    a, b = np.random.default_rng(0).binomial(n, [[0.02], [0.024]], (2, 1000)) / n
    pooled = (a + b) / 2
    return float((b - a > 1.96 * np.sqrt(2 * pooled * (1 - pooled) / n)).mean())
