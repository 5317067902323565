"""Intervals, beside SciPy's and beside the equations that define them."""

import numpy as np
from scipy import optimize, stats

from course_lib import metrics as ours
from course_lib.verify.sampling import holds, seeds, st
from course_lib.verify.spec import Measured, Spec
from course_lib.verify.specs.metrics import worst

COUNTS = ((0, 1), (1, 1), (0, 10), (10, 10), (7, 9), (17, 20), (340, 360), (9_999, 10_000))


def level(z):
    """The share of a normal distribution within z standard deviations."""
    return 2 * stats.norm.cdf(z) - 1


def scipys(correct, n, z=1.96):
    interval = stats.binomtest(correct, n).proportion_ci(level(z), method="wilson")
    return interval.low, interval.high


def wilson_error(dtype):
    return worst((ours.wilson_interval(k, n, z), scipys(k, n, z)) for k, n in COUNTS for z in (1.0, 1.96, 2.6))


def wilson_by_equation_error(dtype):
    """An edge q is where |p - q| is z standard errors of q; found by bisection."""
    pairs = []
    for correct, n in ((17, 20), (7, 9), (340, 360)):
        p = correct / n
        gap = lambda q, p=p, n=n: (p - q) ** 2 - 1.96**2 * q * (1 - q) / n  # noqa: E731
        edges = [optimize.brentq(gap, *side, xtol=1e-15) for side in ((1e-9, p), (p, 1 - 1e-9))]
        pairs.append((ours.wilson_interval(correct, n), edges))
    return worst(pairs)


def answers():
    rng = np.random.default_rng(7)
    return [rng.random(n) < p for n in (1, 5, 60, 1000) for p in (0.0, 0.3, 1.0)]


def share_error(dtype):
    return worst((ours.share_interval(hits.astype(dtype)), (hits.mean(), *scipys(int(hits.sum()), hits.size)))
                 for hits in answers())  # fmt: skip


def share_by_counting_error(dtype):
    def counted(hits):
        right = sum(1 for hit in hits if hit)
        return right / len(hits), *ours.wilson_interval(right, len(hits))

    return worst((ours.share_interval(hits.astype(dtype)), counted(hits)) for hits in answers())


def columns(dtype):
    rng = np.random.default_rng(8)
    return [(rng.normal(size=n).astype(dtype), rng.normal(size=n).astype(dtype)) for n in (2, 9, 40)]


def ratio(a, b):
    return a.mean() / (1 + abs(b).mean())


def bootstrap_error(dtype):
    """SciPy draws rows in the same order from the same generator."""
    pairs = []
    for a, b in columns(dtype):
        found = stats.bootstrap((a, b), ratio, n_resamples=300, vectorized=False, paired=True, method="percentile",
                                confidence_level=0.9, rng=np.random.default_rng(3)).confidence_interval  # fmt: skip
        pairs.append((ours.bootstrap_interval(ratio, a, b, n=300, level=0.9, seed=3), (found.low, found.high)))
    return worst(pairs)


def bootstrap_by_sorting_error(dtype):
    """201 sorted means: the 5 % and 95 % quantiles are the 11th and the 191st."""
    pairs = []
    for a, _ in columns(dtype):
        rng = np.random.default_rng(5)
        means = sorted(np.mean([a[i] for i in rng.integers(len(a), size=len(a))]) for _ in range(201))
        pairs.append((ours.bootstrap_interval(np.mean, a, n=201, level=0.9, seed=5), (means[10], means[190])))
    return worst(pairs)


@holds(n=st.integers(1, 500), share=st.floats(0, 1))
def contains_the_share_and_stays_within_0_and_1(n, share):
    correct = round(share * n)
    low, high = ours.wilson_interval(correct, n)
    assert -1e-12 <= low <= correct / n + 1e-12
    assert correct / n - 1e-12 <= high <= 1 + 1e-12
    assert high > low


@holds(n=st.integers(1, 500), share=st.floats(0, 1))
def counting_the_wrong_answers_mirrors_it(n, share):
    correct = round(share * n)
    (low, high), (below, above) = ours.wilson_interval(correct, n), ours.wilson_interval(n - correct, n)
    assert np.allclose((low, high), (1 - above, 1 - below), atol=1e-12)


@holds(rng=seeds())
def order_of_the_answers_does_not_matter(rng):
    hits = rng.random(30) < 0.5
    assert ours.share_interval(hits) == ours.share_interval(rng.permutation(hits))


@holds(rng=seeds())
def moves_and_stretches_with_the_data(rng):
    a = rng.normal(size=20)
    low, high = ours.bootstrap_interval(np.mean, a, n=50)
    assert np.allclose(ours.bootstrap_interval(np.mean, 2 * a + 3, n=50), (2 * low + 3, 2 * high + 3))


@holds(value=st.floats(-1e4, 1e4), n=st.integers(1, 30))
def has_no_width_for_a_constant(value, n):
    assert np.allclose(ours.bootstrap_interval(np.median, np.full(n, value), n=20), value)


SPECS = (
    Spec("metrics.bootstrap_interval", parity=Measured("scipy.stats.bootstrap", bootstrap_error),
         second=Measured("sorted means of a loop", bootstrap_by_sorting_error),
         properties=(moves_and_stretches_with_the_data, has_no_width_for_a_constant)),
    Spec("metrics.share_interval", parity=Measured("scipy.stats.binomtest", share_error),
         second=Measured("counting in a loop", share_by_counting_error),
         properties=(order_of_the_answers_does_not_matter,)),
    Spec("metrics.wilson_interval", parity=Measured("scipy.stats.binomtest", wilson_error),
         second=Measured("the equation solved by bisection", wilson_by_equation_error),
         properties=(contains_the_share_and_stays_within_0_and_1, counting_the_wrong_answers_mirrors_it)),
)  # fmt: skip
