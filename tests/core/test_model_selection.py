"""Our networks inside scikit-learn: its own checks of an estimator, its cross-validation, searches and pipelines."""

import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from course_lib import nn, random
from course_lib.data import digits
from course_lib.model_selection import Classifier, cross_validate, grid_search, k_fold, random_search, stratified_k_fold
from course_lib.training import EarlyStopping
from course_lib.verify.twins import blobs

X, Y = blobs(90, seed=4)


class MLP:
    """Builds networks with one hidden layer; two of one width are the same setting."""

    def __init__(self, hidden=16, dropout=0.0):
        self.hidden, self.dropout = hidden, dropout

    def __call__(self, features, classes, rng):
        layers = nn.Linear(features, self.hidden, rng=rng), nn.ReLU(), nn.Dropout(self.dropout)
        return nn.Sequential(*layers, nn.Linear(self.hidden, classes, rng=rng))


def test_scikit_learns_own_checks_of_an_estimator():
    """54 checks: input validation, cloning, labels of any kind, n_features_in_, errors before fit, no side effects."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(Classifier(MLP(), epochs=30, lr=0.03, batch_size=16), on_skip=None)
    passed = [r["check_name"] for r in results if r["status"] == "passed"]
    assert {r["status"] for r in results} <= {"passed", "skipped"}
    assert len(passed) > 40


def test_inside_a_pipeline_cross_validation_and_a_grid_search():
    pipeline = make_pipeline(StandardScaler(), Classifier(MLP(), lr=0.05, batch_size=15))
    scores = cross_val_score(pipeline, X, Y, cv=3)
    assert np.array_equal(scores, cross_validate(pipeline, X, Y, 3))
    grid = {"classifier__epochs": [0, 10], "classifier__build": [MLP(2), MLP(16)]}
    search = GridSearchCV(pipeline, grid, cv=3).fit(X, Y)
    assert search.best_params_["classifier__epochs"] == 10
    assert search.predict(X).shape == Y.shape
    assert grid_search(pipeline, grid, X, Y, 3)[0]["mean"] == search.best_score_


def test_searches_find_the_setting_that_learns():
    model = Classifier(MLP(), epochs=10, batch_size=15)
    rates = [row["params"]["lr"] for row in grid_search(model, {"lr": [1e-6, 0.05]}, X, Y, 3)]
    assert rates == [0.05, 1e-6]
    found = random_search(model, {"lr": lambda rng: 10 ** rng.uniform(-6, -1)}, X, Y, n=5, folds=3)
    assert found[0]["params"]["lr"] > found[-1]["params"]["lr"]
    assert model.lr == 1e-3, "the estimator given stays as it is"


def test_equal_seeds_give_equal_models_with_dropout_and_leave_the_library_alone():
    before = random.get_state()
    a, b = (clone(Classifier(MLP(dropout=0.5), epochs=3)).fit(X, Y).predict_proba(X) for _ in "ab")
    assert np.array_equal(a, b)
    assert random.get_state() == before
    assert not np.array_equal(a, Classifier(MLP(dropout=0.5), epochs=3, seed=1).fit(X, Y).predict_proba(X))


def test_images_of_four_dimensions():
    class CNN:
        def __call__(self, channels, classes, rng):
            return nn.Sequential(nn.Conv2d(channels, 4, 3, rng=rng), nn.ReLU(), nn.Flatten(), nn.Linear(144, classes))

    data = digits(flat=False)
    model = Classifier(CNN(), epochs=2, lr=0.01).fit(data.x_train[:600], data.y_train[:600])
    assert model.score(data.x_test, data.y_test) > 0.8
    assert cross_validate(model, data.x_train[:200], data.y_train[:200], 2).shape == (2,)


def test_each_fit_has_its_own_callbacks():
    model = Classifier(MLP(), epochs=40, lr=0.3, callbacks=[EarlyStopping("loss", patience=1)])
    first = len(model.fit(X, Y).history_)
    assert len(model.fit(X, Y).history_) == first < 40


def test_errors():
    with pytest.raises(NotFittedError):
        Classifier(MLP()).predict(X)
    with pytest.raises(ValueError, match="Classifier: no parameter hidden; it has build, epochs"):
        Classifier(MLP()).set_params(hidden=3)
    with pytest.raises(ValueError, match="k_fold: k must lie between 2 and the number of samples, 3; got 4"):
        list(k_fold(3, 4))
    with pytest.raises(ValueError, match="stratified_k_fold: k must lie between 2 and the size of the"):
        list(stratified_k_fold([0, 0, 1], 3))
    with pytest.raises(ValueError, match=r"stratified_k_fold: y must be \(N,\), got shape \(2, 1\)"):
        list(stratified_k_fold([[0], [1]]))
    with pytest.raises(ValueError, match="random_search: n must be at least 1, got 0"):
        random_search(Classifier(MLP()), {}, X, Y, n=0)
