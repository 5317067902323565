"""Folds and searches beside scikit-learn's; the estimator beside a network trained by hand in PyTorch."""

from itertools import product

import numpy as np
from sklearn import model_selection as reference
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from course_lib import metrics, nn
from course_lib import model_selection as ours
from course_lib.verify.proofs import relative
from course_lib.verify.sampling import holds, seeds, st
from course_lib.verify.spec import Measured, Spec
from course_lib.verify.tools import torch
from course_lib.verify.twins import blobs, networks, torch_run

X, Y = blobs(60, seed=4)
KNN = KNeighborsClassifier(3)


def same_folds(a, b) -> float:
    """0 if two lists of folds are the same, else infinity."""
    pairs = [list(map(list, zip(*folds, strict=True))) for folds in (list(a), list(b))]
    same = all(np.array_equal(p, q) for part in (0, 1) for p, q in zip(pairs[0][part], pairs[1][part], strict=True))
    return 0.0 if same else np.inf


def fold_error(dtype):
    sizes = [(n, k) for n, k in product((2, 7, 60), (2, 3, 7)) if k <= n]
    return max(same_folds(ours.k_fold(n, k), reference.KFold(k).split(np.zeros(n))) for n, k in sizes)


def fold_by_hand_error(dtype):
    parts = [(i, np.array_split(np.arange(23), 5)) for i in range(5)]
    expected = [(np.concatenate([p for j, p in enumerate(split) if j != i]), split[i]) for i, split in parts]
    return same_folds(ours.k_fold(23, 5), expected)


def classes_of_many_kinds():
    rng = np.random.default_rng(0)
    for n, c in ((20, 2), (61, 3), (100, 7)):
        yield np.concatenate([rng.integers(0, c, n), np.repeat(np.arange(c), 5)])
        yield rng.permutation(np.repeat(list("spam"), rng.integers(5, 20, 4)))


def stratified_error(dtype):
    return max(same_folds(ours.stratified_k_fold(y, k), reference.StratifiedKFold(k).split(np.zeros(len(y)), y))
               for y, k in product(classes_of_many_kinds(), (2, 5)))  # fmt: skip


def dealt_error(dtype):
    """Deal the samples out one by one like cards, the classes one after another: counts per fold and class agree."""
    errors = []
    for y, k in product(classes_of_many_kinds(), (2, 5)):
        dealt = np.concatenate([np.flatnonzero(y == c) for c in dict.fromkeys(y.tolist())])
        for seed in (None, 1):
            for i, (_, test) in enumerate(ours.stratified_k_fold(y, k, seed)):
                assert sorted(y[test]) == sorted(y[dealt[i::k]])
                errors.append(relative(len(test), len(dealt[i::k])))
    return max(errors)


def cross_error(dtype):
    expected = reference.cross_val_score(KNN, X.astype(dtype), Y)
    return relative(ours.cross_validate(KNN, X.astype(dtype), Y), expected)


def cross_by_hand_error(dtype):
    """Ten nearest-neighbour votes by hand."""
    folds, expected = list(ours.k_fold(60, 10, seed=1)), []
    for train, test in folds:
        near = np.argsort(((X[test][:, None] - X[train]) ** 2).sum(-1), 1)[:, :3]
        votes = [np.bincount(Y[train][row], minlength=3).argmax() for row in near]
        expected.append(np.mean(votes == Y[test]))
    return relative(ours.cross_validate(KNN, X, Y, folds), expected)


GRID = {"n_neighbors": [1, 5, 15], "weights": ["uniform", "distance"]}


def search_error(found, settings):
    """Compare rows with GridSearchCV over the same settings."""
    twin = reference.GridSearchCV(KNN, [{k: [v] for k, v in s.items()} for s in settings]).fit(X, Y)
    columns = (twin.cv_results_[c] for c in ("params", "mean_test_score", "std_test_score"))
    table = {str(sorted(params.items())): (mean, std) for params, mean, std in zip(*columns, strict=True)}
    assert len(found) == len(settings)
    assert found[0]["mean"] == max(row["mean"] for row in found)
    return max(relative((row["mean"], row["std"]), table[str(sorted(row["params"].items()))]) for row in found)


def grid_error(dtype):
    return search_error(ours.grid_search(KNN, GRID, X, Y), list(reference.ParameterGrid(GRID)))


def random_error(dtype):
    found = ours.random_search(KNN, GRID | {"p": lambda rng: int(rng.integers(1, 4))}, X, Y, n=6)
    return search_error(found, [row["params"] for row in found])


def alone_error(search):
    """Each row again, by cross_validate alone."""

    def run(dtype):
        rows = search()
        again = [ours.cross_validate(KNeighborsClassifier(**row["params"]), X, Y) for row in rows]
        return max(relative(row["scores"], scores) for row, scores in zip(rows, again, strict=True))

    return run


def draw_error(dtype):
    """Draw the settings by hand: 4 random settings with seed 3."""
    space = {"n_neighbors": [1, 5, 15], "p": lambda rng: int(rng.integers(1, 9))}
    rng, expected = np.random.default_rng(3), []
    for _ in range(4):
        expected.append((space["n_neighbors"][rng.integers(3)], int(rng.integers(1, 9))))
    rows = ours.random_search(KNN, space, X, Y, n=4, seed=3)
    found = [(row["params"]["n_neighbors"], row["params"]["p"]) for row in rows]
    return relative(sorted(found), sorted(expected))


def tanh_network(features, classes, rng):
    return networks(np.float32)[0]


def estimator_error(dtype):
    """Probabilities after 20 epochs are those of PyTorch, trained by hand from the same weights in float64."""
    model = ours.Classifier(tanh_network, epochs=20, lr=0.02, batch_size=16, seed=3).fit(X, Y)
    twin = networks(np.float64)[1]
    twin.load_state_dict({k: torch.tensor(v.astype(float)) for k, v in networks(np.float32)[0].state_dict().items()})
    list(torch_run(twin, torch.optim.Adam(twin.parameters(), 0.02), (X.astype(np.float32), Y), 20, 16, seed=3))
    p = torch.softmax(twin(torch.tensor(X.astype(np.float32)).double()), 1)
    return relative(model.predict_proba(X), p.detach().numpy())


def logistic(features, classes, rng):
    return nn.Linear(features, classes, rng=rng)


def logistic_error(dtype):
    """One linear layer trained to the end is scikit-learn's unpenalised logistic regression."""
    model = ours.Classifier(logistic, epochs=1500, lr=0.05, batch_size=60).fit(X, Y)
    return relative(model.predict_proba(X), LogisticRegression(C=np.inf, tol=1e-8).fit(X, Y).predict_proba(X))


@holds(n=st.integers(2, 50), k=st.integers(2, 50), seed=st.none() | st.integers(0, 99))
def every_sample_is_tested_once_and_never_by_its_own_model(n, k, seed):
    folds = list(ours.k_fold(n, min(n, k), seed))
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(n))
    assert all(sorted([*train, *test]) == list(range(n)) for train, test in folds)
    assert np.ptp([len(test) for _, test in folds]) <= 1


@holds(rng=seeds(), k=st.integers(2, 6), seed=st.none() | st.integers(0, 99))
def folds_differ_by_at_most_1_in_every_class(rng, k, seed):
    y = rng.choice(4, 40, p=[0.6, 0.2, 0.15, 0.05])
    folds = list(ours.stratified_k_fold(y, k, seed))
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(40))
    counts = np.array([np.bincount(y[test], minlength=4) for _, test in folds])
    assert np.ptp(counts, 0).max() <= 1
    assert np.ptp(counts.sum(1)) <= 1


@holds(seed=st.integers(0, 99), examples=4)
def the_estimator_given_stays_unfitted(seed):
    model = KNeighborsClassifier(3)
    scores = ours.cross_validate(model, X, Y, ours.k_fold(60, 4, seed))
    assert scores.shape == (4,)
    assert not hasattr(model, "classes_")


@holds(values=st.lists(st.integers(1, 20), min_size=1, max_size=4, unique=True), examples=4)
def order_of_the_grid_does_not_matter(values):
    a, b = (ours.grid_search(KNN, {"n_neighbors": v}, X, Y, 3) for v in (values, values[::-1]))
    assert {str(row["params"]): row["mean"] for row in a} == {str(row["params"]): row["mean"] for row in b}
    assert [row["mean"] for row in a] == sorted([row["mean"] for row in a], reverse=True)


@holds(seed=st.integers(0, 99), examples=4)
def same_seed_same_settings(seed):
    a, b = (ours.random_search(KNN, GRID, X, Y, n=3, folds=2, seed=seed) for _ in "ab")
    assert [row["params"] for row in a] == [row["params"] for row in b]


@holds(seed=st.integers(0, 99), shift=st.integers(-5, 5), examples=5)
def names_of_the_classes_do_not_matter(seed, shift):
    fit = lambda y: ours.Classifier(logistic, epochs=3, lr=0.1, seed=seed).fit(X, y)  # noqa: E731
    plain, named = fit(Y), fit(np.array(["a", "b", "c"])[Y])
    assert np.array_equal(plain.predict_proba(X), named.predict_proba(X))
    assert np.array_equal(fit(Y + shift).predict(X), plain.predict(X) + shift)
    assert plain.score(X, Y) == metrics.accuracy(plain.predict_proba(X), Y)


SPECS = (
    Spec("model_selection.k_fold", parity=Measured("sklearn.model_selection.KFold", fold_error),
         second=Measured("parts joined by hand", fold_by_hand_error),
         properties=(every_sample_is_tested_once_and_never_by_its_own_model,)),
    Spec("model_selection.stratified_k_fold",
         parity=Measured("sklearn.model_selection.StratifiedKFold", stratified_error),
         second=Measured("samples dealt out like cards", dealt_error),
         properties=(folds_differ_by_at_most_1_in_every_class,)),
    Spec("model_selection.cross_validate", parity=Measured("sklearn.model_selection.cross_val_score", cross_error),
         second=Measured("nearest neighbours by hand", cross_by_hand_error),
         properties=(the_estimator_given_stays_unfitted,)),
    Spec("model_selection.grid_search", parity=Measured("sklearn.model_selection.GridSearchCV", grid_error),
         second=Measured("each setting alone", alone_error(lambda: ours.grid_search(KNN, GRID, X, Y))),
         properties=(order_of_the_grid_does_not_matter,)),
    Spec("model_selection.random_search", properties=(same_seed_same_settings,),
         parity=Measured("sklearn.model_selection.GridSearchCV over the same settings", random_error),
         second=Measured("settings drawn by hand", draw_error)),
    Spec("model_selection.Classifier", properties=(names_of_the_classes_do_not_matter,),
         parity=Measured("a PyTorch loop written by hand; ours float32", estimator_error, float64=1e-5, float32=None),
         second=Measured("sklearn.linear_model.LogisticRegression; ours float32", logistic_error, float64=1e-3)),
)  # fmt: skip
