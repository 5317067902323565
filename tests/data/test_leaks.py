"""The leak detector: it finds what S4's preprocessing does wrong, and what the usual mistakes do."""

import numpy as np
import pytest

from course_lib import data
from course_lib.data.leaks import leaks
from course_lib.data.preprocess import MinMaxScaler, OutlierClipper, Pipeline, SimpleImputer, StandardScaler
from course_lib.data.splitting import stratified_split

RNG = np.random.default_rng(0)
X_TRAIN, X_TEST = RNG.normal(3, 2, (40, 5)), RNG.normal(3, 2, (10, 5))


def right(x_train, x_test):
    scaler = StandardScaler().fit(x_train)
    return scaler.transform(x_train), scaler.transform(x_test)


def fitted_on_all(x_train, x_test):
    scaler = StandardScaler().fit(np.concatenate([x_train, x_test]))
    return scaler.transform(x_train), scaler.transform(x_test)


def fitted_apart(x_train, x_test):
    return StandardScaler().fit_transform(x_train), StandardScaler().fit_transform(x_test)


def as_s4_prints_it(x_train, x_test):
    x_train = (x_train - x_train.mean()) / x_train.std()
    x_test = (x_test - x_train.mean()) / x_train.std()  # of the training rows that are already normalised
    return x_train, x_test


def filled_from_all(x_train, x_test):
    mean = np.nanmean(np.concatenate([x_train, x_test]), axis=0)
    return np.where(np.isnan(x_train), mean, x_train), np.where(np.isnan(x_test), mean, x_test)


def test_fitting_on_the_training_rows_is_clean():
    assert leaks(right, X_TRAIN, X_TEST) == []
    steps = Pipeline(SimpleImputer("median"), OutlierClipper(), MinMaxScaler())
    holed = np.where(RNG.random(X_TRAIN.shape) < 0.2, np.nan, X_TRAIN)
    assert leaks(lambda a, b: (steps.fit_transform(a), steps.transform(b)), holed, X_TEST) == []


@pytest.mark.parametrize(
    ("prepare", "findings"),
    [(fitted_on_all, ["fitted on both", "fitted on the test rows"]),
     (fitted_apart, ["fitted on the test rows"]),
     (as_s4_prints_it, ["treated differently"])],
)  # fmt: skip
def test_each_mistake_is_found(prepare, findings):
    found = leaks(prepare, X_TRAIN, X_TEST)
    assert len(found) == len(findings)
    assert all(any(part in text for text in found) for part in findings)


def test_an_imputer_that_saw_the_test_rows_is_found():
    holed = X_TRAIN.copy()
    holed[0] = np.nan
    assert "the training rows change" in leaks(filled_from_all, holed, X_TEST)[0]


def test_inputs_are_safe():
    def careless(a, b):
        a -= a.mean(axis=0)
        return a, b

    before = X_TRAIN.copy()
    leaks(careless, X_TRAIN, X_TEST)
    assert np.array_equal(X_TRAIN, before)
    with pytest.raises(ValueError, match="two rows or more"):
        leaks(right, X_TRAIN, X_TEST[:1])


def score(prepare, seed=0):
    from sklearn.linear_model import LogisticRegression

    table = data.breast_cancer()
    x, y = table.matrix(), table["diagnosis"] == "benign"
    train, test = stratified_split(y, (0.8, 0.2), seed)
    x_train, x_test = prepare(x[train], x[test])
    return LogisticRegression(max_iter=1000).fit(x_train, y[train]).score(x_test, y[test]), y[test], x_test


def test_what_s4s_line_costs():
    """Claim S4-5.2-scaling-bug: the test rows stay unscaled, and every tumour is called malignant."""
    good, truth, _ = score(right)
    bad, _, x_test = score(as_s4_prints_it)
    assert good > 0.95
    assert bad == pytest.approx(1 - truth.mean())  # 0.37, less than always saying "benign"
    assert x_test.mean() > 50, "S4's test rows still have the size of the raw ones"
    assert x_test.std() > 200


def test_what_fitting_on_all_rows_costs():
    """The leak shows as an optimistic score: with labels drawn by lot nothing can be learnt, so the truth is 1/2."""
    from sklearn.feature_selection import SelectKBest
    from sklearn.neighbors import KNeighborsClassifier

    honest, leaky = [], []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        x, y = rng.normal(size=(80, 2000)), np.arange(80) % 2
        train, test = stratified_split(y, (0.5, 0.5), seed)
        for scores, fit_on in ((honest, train), (leaky, np.arange(80))):
            chosen = SelectKBest(k=10).fit(x[fit_on], y[fit_on]).transform(x)
            scores.append(KNeighborsClassifier(5).fit(chosen[train], y[train]).score(chosen[test], y[test]))
    assert abs(np.mean(honest) - 0.5) < 0.1
    assert np.mean(leaky) > 0.7


def test_duplicates_across_the_split_flatter():
    """Claim S2-3.1-cleaning: remove copies before splitting. Labels drawn by lot again; 1-nearest-neighbour."""
    from sklearn.neighbors import KNeighborsClassifier

    from course_lib.data.cleaning import drop_duplicates
    from course_lib.data.table import from_matrix

    rng = np.random.default_rng(0)
    rows = rng.integers(0, 400, 800)  # 400 rows, drawn with replacement
    x, y = rng.normal(size=(400, 5))[rows], rng.integers(0, 2, 400)[rows]
    table = from_matrix(np.column_stack([x, y]), [*"abcde", "y"])
    scores = []
    for t in (table, drop_duplicates(table)):
        train, test = stratified_split(t["y"], (0.5, 0.5))
        model = KNeighborsClassifier(1).fit(t.matrix(*"abcde")[train], t["y"][train])
        scores.append(model.score(t.matrix(*"abcde")[test], t["y"][test]))
    assert scores[0] > 0.7
    assert abs(scores[1] - 0.5) < 0.1
