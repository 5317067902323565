"""Preprocessing steps beside scikit-learn's, fitted on some rows and applied to others; second references are loops."""

import math
import statistics

import numpy as np
from sklearn import impute, preprocessing

from course_lib.data import preprocess as ours
from course_lib.verify.sampling import floats, holds, seeds, st
from course_lib.verify.spec import Measured, Spec
from course_lib.verify.specs.data_cleaning import fences_by_hand, torch_fences
from course_lib.verify.specs.metrics import worst


def numbers(dtype=np.float64, whole=False):
    """Training rows and others, without and with missing values; the last training column may be constant."""
    rng = np.random.default_rng(1)
    for n, d in ((2, 1), (5, 2), (40, 3), (300, 4)):
        train, other = (rng.normal(5, 3, (rows, d)) for rows in (n, n + 1))
        train, other = (np.round(x) if whole else x for x in (train, other))
        yield train.astype(dtype), other.astype(dtype)
        train[:, -1] = 3
        holes = rng.random(train.shape) < 0.2
        holes[0] = False
        other[0, 0] = np.nan
        yield np.where(holes, np.nan, train).astype(dtype), other.astype(dtype)


def against(step, twin, data=numbers, back=False):
    """Fit both on the training rows, transform all rows (and undo it)."""

    def run(dtype):
        pairs = []
        for train, other in data(dtype) if data is numbers else data():
            mine = step().fit(train)
            twins = twin().fit(train.astype(float) if data is numbers else train)
            for x in (train, other):
                a, b = mine.transform(x), twins.transform(x.astype(float) if data is numbers else x)
                pairs.append((a, b))
                pairs += [(mine.inverse_transform(a), x)] if back else []
        return worst(pairs)

    return run


class ByHand:
    """A step as a loop over columns: learn(present values) gives what apply(value, learnt) needs, value by value."""

    def __init__(self, learn, apply):
        self.learn, self.apply = learn, apply

    def fit(self, x):
        columns = [[v for v in column if v is not None and v == v] for column in x.T.tolist()]
        self.learnt = [self.learn(column) for column in columns]
        return self

    def transform(self, x):
        return np.array([[self.apply(v, what) for v, what in zip(row, self.learnt, strict=True)] for row in x.tolist()])


def mean_and_sd(values):
    mean = math.fsum(values) / len(values)
    return mean, math.sqrt(math.fsum((v - mean) ** 2 for v in values) / len(values)) or 1


def standard_by_hand():
    return ByHand(mean_and_sd, lambda v, learnt: (v - learnt[0]) / learnt[1])


def min_max_by_hand():
    return ByHand(lambda c: (min(c), max(c)), lambda v, m: (v - m[0]) / ((m[1] - m[0]) or 1))


def centred_by_hand():
    return ByHand(lambda c: math.fsum(c) / len(c), lambda v, mean: v - mean)


def clipped(fences):
    """A clipper by hand, given a way to find the fences."""

    def learn(values):
        return [float(np.asarray(f)[0]) for f in fences(np.array(values)[:, None], 1.5)]

    return lambda: ByHand(learn, lambda v, f: f[0] if v < f[0] else f[1] if v > f[1] else v)


STRATEGIES = {"mean": statistics.fmean, "median": statistics.median,
              "most_frequent": lambda c: min(statistics.multimode(c)), "constant": lambda c: 7.0}  # fmt: skip


def filled_by_hand(strategy):
    return lambda: ByHand(STRATEGIES[strategy], lambda v, fill: fill if v is None or v != v else v)


def sklearn_filled(strategy):
    return lambda: impute.SimpleImputer(strategy=strategy, fill_value=7.0 if strategy == "constant" else None)


def imputer_error(twin):
    """All strategies, on whole numbers, of which there are several most frequent ones."""

    def run(dtype):
        return max(
            against(lambda s=s: ours.SimpleImputer(s, 7.0), twin(s), lambda: numbers(dtype, whole=True))(dtype)
            for s in STRATEGIES
        )

    return run


def our_pipeline():
    return ours.Pipeline(ours.SimpleImputer("median"), ours.StandardScaler(), ours.MinMaxScaler())


class Centred(ours.Step):
    """A step of one's own, as the docstring of Step says."""

    def _fit(self, x):
        self.mean_ = np.nanmean(x, axis=0)

    def _transform(self, x):
        return x - self.mean_


@holds(rng=seeds())
def fitting_again_forgets_what_was_learnt_before(rng):
    a, b = rng.normal(size=(2, 9, 3))
    for step in (Centred(), ours.StandardScaler(), ours.OutlierClipper(), our_pipeline()):
        assert np.array_equal(
            step.fit(a).fit(b).transform(a), type(step)(*getattr(step, "steps", ())).fit(b).transform(a)
        )


@holds(rng=seeds(), a=floats(0.1, 10), b=floats())
def units_do_not_matter(rng, a, b):
    x = rng.normal(size=(12, 3))
    for scaler in (ours.StandardScaler, ours.MinMaxScaler):
        assert np.allclose(scaler().fit_transform(a * x + b), scaler().fit_transform(x), atol=1e-9)


@holds(rng=seeds(), n=st.integers(2, 30))
def training_rows_get_mean_0_and_sd_1(rng, n):
    z = ours.StandardScaler().fit_transform(rng.normal(3, 5, (n, 2)))
    assert np.allclose([z.mean(0), z.std(0)], [[0, 0], [1, 1]], atol=1e-10)


@holds(rng=seeds(), n=st.integers(2, 30))
def training_rows_fill_0_to_1(rng, n):
    z = ours.MinMaxScaler().fit_transform(rng.normal(3, 5, (n, 2)))
    assert np.allclose([z.min(0), z.max(0)], [[0, 0], [1, 1]], atol=1e-12)


@holds(rng=seeds())
def clipping_twice_is_clipping_once_and_keeps_the_order(rng):
    x = np.sort(rng.standard_t(1, size=(20, 1)), axis=0)
    step = ours.OutlierClipper().fit(x)
    once = step.transform(x)
    assert np.array_equal(step.transform(once), once)
    assert (np.diff(once, axis=0) >= 0).all()


@holds(rng=seeds(), strategy=st.sampled_from(sorted(STRATEGIES)))
def present_values_stay_and_none_is_missing_after(rng, strategy):
    x = rng.normal(size=(10, 3))
    holes = rng.random(x.shape) < 0.3
    holes[0] = False
    out = ours.SimpleImputer(strategy, 7.0).fit_transform(np.where(holes, np.nan, x))
    assert np.array_equal(out[~holes], x[~holes])
    assert not np.isnan(out).any()


def spec(name, parity, second, *properties, float32=1e-5):
    return Spec(f"data.preprocess.{name}", properties=properties, parity=Measured(*parity, float32=float32),
                second=Measured(*second))  # fmt: skip


def scaler(name, by_hand, *properties):
    mine, theirs = getattr(ours, name), getattr(preprocessing, name)
    return spec(name, (f"sklearn.preprocessing.{name}", against(mine, theirs)),
                ("a loop, and undone again", against(mine, by_hand, back=True)), *properties)  # fmt: skip


SPECS = (
    spec("Step", ("a centring Step beside sklearn's StandardScaler(with_std=False)",
                  against(Centred, lambda: preprocessing.StandardScaler(with_std=False))),
         ("a loop", against(Centred, centred_by_hand)), fitting_again_forgets_what_was_learnt_before),
    scaler("StandardScaler", standard_by_hand, training_rows_get_mean_0_and_sd_1, units_do_not_matter),
    scaler("MinMaxScaler", min_max_by_hand, training_rows_fill_0_to_1, units_do_not_matter),
    spec("OutlierClipper", ("torch.nanquantile", against(ours.OutlierClipper, clipped(torch_fences))),
         ("values sorted by hand", against(ours.OutlierClipper, clipped(fences_by_hand))),
         clipping_twice_is_clipping_once_and_keeps_the_order),
    spec("SimpleImputer", ("sklearn.impute.SimpleImputer", imputer_error(sklearn_filled)),
         ("Python's statistics in a loop", imputer_error(filled_by_hand)),
         present_values_stay_and_none_is_missing_after),
)  # fmt: skip
