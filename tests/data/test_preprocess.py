"""Cleaning and preprocessing: scikit-learn's results, fold after fold, and errors that say what is wrong."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import compose, impute, pipeline, preprocessing
from sklearn.model_selection import StratifiedKFold

from course_lib.data.cleaning import drop_duplicates, duplicated, fences, outliers
from course_lib.data.preprocess import (
    MinMaxScaler,
    OneHotEncoder,
    OutlierClipper,
    Pipeline,
    SimpleImputer,
    StandardScaler,
    TableEncoder,
)
from course_lib.data.table import Table

SHAPES = st.tuples(st.integers(1, 12), st.integers(1, 4))
NUMBERS = st.floats(-1e6, 1e6) | st.sampled_from([0.0, 0.1, 1e-9, 1e15])
MATRICES = hnp.arrays(float, SHAPES, elements=NUMBERS)
SCALERS = pytest.mark.parametrize(
    ("ours", "theirs"),
    [(StandardScaler, preprocessing.StandardScaler), (MinMaxScaler, preprocessing.MinMaxScaler)],
)


def close(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return a.shape == b.shape and np.allclose(a, b, rtol=1e-10, atol=1e-10, equal_nan=True)


def holed(rng, shape=(40, 3)):
    x = rng.normal(5, 3, shape)
    x[rng.random(shape) < 0.2] = np.nan
    return x


@SCALERS
@given(x=MATRICES)
def test_scalers_are_scikit_learns(ours, theirs, x):
    twin, other = theirs().fit(x), x[::-1] * 2 - 3
    step = ours().fit(x)
    for rows in (x, other):
        a, b = step.transform(rows), twin.transform(rows)
        assert np.allclose(a, b, rtol=1e-10, atol=1e-10 * max(1, np.abs(b).max()))


@SCALERS
def test_scalers_leave_missing_values_out(ours, theirs):
    x = holed(np.random.default_rng(0))
    x[:, 2] = np.where(np.isnan(x[:, 2]), np.nan, 0.1)  # constant
    assert close(ours().fit_transform(x), theirs().fit_transform(x))
    assert close(ours().fit(x).inverse_transform(ours().fit_transform(x)), x)


@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent"])
def test_imputer_is_scikit_learns(strategy):
    rng = np.random.default_rng(1)
    x, other = holed(rng).round(), holed(rng)
    twin = impute.SimpleImputer(strategy=strategy).fit(x)
    assert close(SimpleImputer(strategy).fit(x).transform(other), twin.transform(other))


def test_imputer_on_categories():
    x = np.array([["a", "x"], [None, "y"], ["b", None], ["b", "y"], ["a", "y"]], dtype=object)
    filled = SimpleImputer("most_frequent").fit_transform(x)
    twin = impute.SimpleImputer(strategy="most_frequent", missing_values=None).fit_transform(x)
    assert filled.tolist() == twin.tolist()
    assert SimpleImputer("constant", "?").fit_transform(x)[1, 0] == "?"
    assert x[1, 0] is None, "the table given is left alone"


CATEGORIES = hnp.arrays(object, SHAPES, elements=st.sampled_from(["a", "b", "c", None]))


@given(x=CATEGORIES, other=st.lists(st.sampled_from(["a", "d", None]), min_size=3, max_size=3))
def test_one_hot_is_scikit_learns(x, other):
    twin = preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(x)
    step = OneHotEncoder("ignore").fit(x)
    other = np.array([other] * x.shape[1], dtype=object).T
    assert close(step.transform(x), twin.transform(x))
    assert close(step.transform(other), twin.transform(other))
    assert [list(c) for c in step.categories_] == [list(c) for c in twin.categories_]


def test_unknown_category_is_refused():
    step = OneHotEncoder().fit([["a"], ["b"]])
    with pytest.raises(ValueError, match="column 0 has 'c', which was not there when fitting"):
        step.transform([["a"], ["c"]])


def table(rng, n=60) -> Table:
    x = holed(rng, (n, 2))
    kind = rng.choice(np.array(["a", "b", "c", None], dtype=object), n)
    return Table({"x": x[:, 0], "kind": kind, "y": x[:, 1], "note": np.full(n, "t", object)},
                 {"x": "number", "kind": "category", "y": "number", "note": "text"})  # fmt: skip


def our_encoder():
    return TableEncoder(number=Pipeline(SimpleImputer("median"), StandardScaler()),
                        category=Pipeline(SimpleImputer("most_frequent"), OneHotEncoder("ignore")))  # fmt: skip


def their_encoder():
    numbers = pipeline.make_pipeline(impute.SimpleImputer(strategy="median"), preprocessing.StandardScaler())
    fill = impute.SimpleImputer(strategy="most_frequent", missing_values=None)
    kinds = pipeline.make_pipeline(fill, preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=False))
    return compose.ColumnTransformer([("numbers", numbers, [0, 2]), ("kinds", kinds, [1])])


def test_one_encoder_serves_every_fold_as_a_fresh_one_would():
    """k-fold: nothing of the earlier folds is left when the same object is fitted again."""
    t = table(np.random.default_rng(2))
    x, reused = t.matrix("x", "kind", "y"), our_encoder()
    label = np.random.default_rng(3).integers(0, 2, len(t))
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(x, label):
        twin = their_encoder().fit(x[train])
        assert close(reused.fit(t.rows(train)).transform(t.rows(test)), twin.transform(x[test]))
        assert close(our_encoder().fit(t.rows(train)).transform(t.rows(test)), twin.transform(x[test]))
    assert reused.names() == ["x", "y", "kind=a", "kind=b", "kind=c"]


def test_a_real_table_end_to_end(load):
    """Titanic: split, encode, logistic regression beats the majority clearly."""
    from sklearn.linear_model import LogisticRegression

    from course_lib.data.splitting import stratified_split

    t = drop_duplicates(load("titanic"))
    y, features = t["survived"].astype(int), t.without("survived", "name")
    train, test = stratified_split(y, (0.75, 0.25))
    encoder = our_encoder().fit(features.rows(train))
    model = LogisticRegression().fit(encoder.transform(features.rows(train)), y[train])
    assert model.score(encoder.transform(features.rows(test)), y[test]) > max(y.mean(), 1 - y.mean()) + 0.1


@given(x=hnp.arrays(float, SHAPES, elements=st.sampled_from([0.0, -0.0, 1.0, np.nan])))
def test_duplicates(x):
    texts = [tuple(repr(v + 0.0) for v in row) for row in x]
    assert duplicated(x).tolist() == [row in texts[:i] for i, row in enumerate(texts)]


def test_duplicates_of_a_table():
    t = table(np.random.default_rng(4), 10)
    twice = t.rows([*range(10), 3, 3, 7])
    assert duplicated(twice).tolist() == [False] * 10 + [True] * 3
    assert len(drop_duplicates(twice)) == 10
    assert np.array_equal(drop_duplicates(twice)["x"], t["x"], equal_nan=True)


def test_outliers_by_hand():
    x = np.array([[1.0], [2], [3], [4], [5], [100], [np.nan]])  # Q1 2.25, Q3 4.75 of the six
    assert [float(f[0]) for f in fences(x)] == [-1.5, 8.5]
    assert outliers(x)[:, 0].tolist() == [False] * 5 + [True, False]
    assert not outliers(x, k=100).any()
    assert np.isnan(fences(np.full((3, 1), np.nan))[0]).all()


def test_outliers_of_a_normal_distribution():
    assert 0.006 < outliers(np.random.default_rng(0).normal(size=(100_000, 1))).mean() < 0.008


def test_clipper_learns_its_fences_from_training_rows():
    train, test = np.array([[1.0], [2], [3], [4], [5]]), np.array([[-50.0], [3], [50], [np.nan]])
    clipped = OutlierClipper().fit(train).transform(test)
    assert clipped[:3, 0].tolist() == [-1, 3, 7]
    assert np.isnan(clipped[3, 0])


STEPS = [StandardScaler(), MinMaxScaler(), OutlierClipper(), SimpleImputer(), OneHotEncoder("ignore"),
         Pipeline(SimpleImputer(), StandardScaler())]  # fmt: skip


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_errors(step):
    name = type(step).__name__
    fresh = type(step)(*getattr(step, "steps", ()))
    with pytest.raises(RuntimeError, match=f"{name}: call fit on the training rows"):
        fresh.transform(np.ones((2, 2)))
    with pytest.raises(ValueError, match=rf"{name}: expected \(rows, columns\), got shape \(3,\)"):
        fresh.fit(np.ones(3))
    with pytest.raises(ValueError, match=f"{name}: cannot fit on no rows"):
        fresh.fit(np.ones((0, 3)))
    with pytest.raises(ValueError, match=rf"{name}: fitted on 2 columns, got 3 \(shape \(4, 3\)\)"):
        fresh.fit(np.ones((5, 2))).transform(np.ones((4, 3)))


def test_more_errors():
    with pytest.raises(ValueError, match="StandardScaler: column 1 has no value"):
        StandardScaler().fit([[1, np.nan], [2, np.nan]])
    with pytest.raises(ValueError, match=r"strategy must be one of mean, .* got 'mode'"):
        SimpleImputer("mode")
    with pytest.raises(ValueError, match="unknown must be"):
        OneHotEncoder("drop")
    t = table(np.random.default_rng(5))
    with pytest.raises(RuntimeError, match="TableEncoder: call fit"):
        our_encoder().transform(t)
    with pytest.raises(ValueError, match="TableEncoder: fitted on columns"):
        our_encoder().fit(t).transform(t.without("x"))
    with pytest.raises(ValueError, match="at least one row"):
        fences(np.ones((0, 2)))
