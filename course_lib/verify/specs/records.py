"""What is recorded and counted: history, metrics, randomness, data."""

import csv
import io
import tempfile
from pathlib import Path

import numpy as np
import sklearn.datasets
from sklearn import metrics as reference

from course_lib import data, metrics, random
from course_lib.history import History
from course_lib.verify.proofs import relative
from course_lib.verify.sampling import holds, seeds, st
from course_lib.verify.spec import Measured, Spec, Without
from course_lib.verify.specs.training import EPOCHS, TRAIN, VALIDATION, runs
from course_lib.verify.tools import torch
from course_lib.verify.twins import torch_run


def history_error(dtype):
    trainer, twin, adam = runs(validation=VALIDATION)
    history = trainer.run(EPOCHS)
    rows = list(torch_run(twin, adam, TRAIN, EPOCHS, 6, seed=3, validation=VALIDATION))
    means = [np.mean(row["losses"]) for row in rows]
    return max(relative(history["loss"], means), relative(history["lr"], [row["lr"] for row in rows]),
               relative(history["val_loss"], [row["val_loss"] for row in rows]))  # fmt: skip


def written(history) -> list[dict]:
    """Return the history's rows, written as CSV and read with Python's csv module."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.csv"
        history.to_csv(path)
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    return [{name: float(value) for name, value in row.items()} for row in rows]


def csv_error(dtype):
    history = runs(validation=VALIDATION)[0].run(3)
    rows = written(history)
    return max(relative([row[name] for row in rows], history[name]) for name in history.epochs[0])


def answers(rng, n=40, classes=4):
    """Return scores, predicted and true classes."""
    scores = rng.normal(size=(n, classes))
    return scores, scores.argmax(1), rng.integers(0, classes, n)


def metric_error(ours, twin):
    """Compare a metric on scores and on class indices with its twin on (true, predicted)."""

    def run(dtype):
        rng, worst = np.random.default_rng(0), 0.0
        for n, classes in ((40, 4), (1, 2), (500, 10), (7, 2)):
            scores, predicted, target = answers(rng, n, classes)
            expected = twin(target, predicted, classes)
            for given in (scores.astype(dtype), predicted):
                worst = max(worst, relative(ours(given, target, classes), expected))
        return worst

    return run


def torch_accuracy(target, predicted, classes):
    return (torch.tensor(target) == torch.tensor(predicted)).double().mean().item()


def torch_confusion(target, predicted, classes):
    hot = lambda y: torch.nn.functional.one_hot(torch.tensor(y), classes)  # noqa: E731
    return (hot(target).T @ hot(predicted)).numpy()


@holds(rng=seeds())
def order_of_the_samples_does_not_matter(rng):
    scores, _, target = answers(rng)
    order = rng.permutation(len(target))
    assert metrics.accuracy(scores[order], target[order]) == metrics.accuracy(scores, target)


@holds(rng=seeds())
def is_1_for_the_truth_and_0_for_its_opposite(rng):
    target = rng.integers(0, 2, 10)
    assert metrics.accuracy(target, target) == 1
    assert metrics.accuracy(1 - target, target) == 0


@holds(rng=seeds())
def its_diagonal_over_its_sum_is_the_accuracy(rng):
    scores, _, target = answers(rng)
    table = metrics.confusion_matrix(scores, target)
    assert table.sum() == len(target)
    assert np.trace(table) / table.sum() == metrics.accuracy(scores, target)


@holds(rng=seeds())
def rows_count_the_true_classes(rng):
    scores, _, target = answers(rng)
    assert np.array_equal(metrics.confusion_matrix(scores, target, 4).sum(1), np.bincount(target, minlength=4))


@holds(epochs=st.integers(0, 3), examples=4)
def csv_and_table_say_the_same(epochs):
    history = runs(validation=VALIDATION)[0].run(epochs)
    assert written(history) == history.table()
    assert len(history) == epochs


@holds(epochs=st.integers(1, 3), examples=3)
def state_dict_round_trip(epochs):
    a, b = runs()[0].run(epochs), History()
    b.load_state_dict(a.state_dict())
    assert (a.steps, a.lrs, a.epochs) == (b.steps, b.lrs, b.epochs)
    b.epochs[0]["loss"] = 0
    assert a.epochs[0]["loss"] != 0


def with_own_state(function):
    """Run, and leave the library's generator as it was."""

    def run(*args):
        state = random.get_state()
        try:
            return function(*args)
        finally:
            random.set_state(state)

    run.__name__ = function.__name__
    return run


@with_own_state
def seeded_draws(dtype):
    return relative(random.manual_seed(7).normal(size=20), np.random.default_rng(7).normal(size=20))


@with_own_state
def library_draws(dtype):
    random.manual_seed(5)
    return relative(random.generator().normal(size=20), np.random.default_rng(5).normal(size=20))


@with_own_state
def resumed_draws(dtype):
    random.manual_seed(3)
    twin = np.random.default_rng(3)
    state = random.get_state()
    random.generator().normal(size=5)
    random.set_state(state)
    return relative(random.generator().normal(size=20), twin.normal(size=20))


@holds(seed=st.integers(0, 2**32))
def same_seed_same_draws(seed):
    run = with_own_state(lambda: random.manual_seed(seed).random(5))
    assert np.array_equal(run(), run())


@holds(rng=seeds())
def gives_back_the_generator_it_was_given(rng):
    assert random.generator(rng) is rng
    assert random.generator() is random.generator(None)


@holds(n=st.integers(0, 20))
def state_brings_back_the_same_draws(n):
    def run():
        random.generator().random(n)
        state = random.get_state()
        first = random.generator().random(5)
        random.set_state(state)
        return first, random.generator().random(5)

    assert np.array_equal(*with_own_state(run)())


def digits_error(dtype):
    """Both parts together are scikit-learn's images over 16, in some order."""
    x, y = sklearn.datasets.load_digits(return_X_y=True)
    split = data.digits(seed=1)
    joined = np.column_stack(
        [np.concatenate([split.x_train, split.x_test]), np.concatenate([split.y_train, split.y_test])]
    )
    ours, theirs = (table[np.lexsort(table.T)] for table in (joined.astype(float), np.column_stack([x / 16, y])))
    return relative(ours, theirs)


@holds(seed=st.integers(0, 1000), size=st.floats(0.1, 0.5), examples=8)
def parts_have_the_asked_sizes_and_the_same_mix_of_classes(seed, size):
    split = data.digits(size, seed)
    assert len(split.x_test) == -(-1797 * size // 1)
    shares = [np.bincount(y) / len(y) for y in (split.y_train, split.y_test)]
    assert np.abs(shares[0] - shares[1]).max() < 0.01


@holds(seed=st.integers(0, 1000), examples=4)
def same_seed_same_split(seed):
    assert all(np.array_equal(a, b) for a, b in zip(data.digits(seed=seed), data.digits(seed=seed), strict=True))


@holds(flat=st.booleans(), examples=2)
def is_float32_in_0_to_1_in_the_asked_shape(flat):
    x = data.digits(flat=flat).x_train
    assert x.dtype == np.float32
    assert (x.min(), x.max()) == (0, 1)
    assert x.shape[1:] == ((64,) if flat else (1, 8, 8))


@holds(seed=st.integers(0, 100), examples=3)
def unpacks_into_training_and_test_parts_of_equal_lengths(seed):
    split = data.digits(seed=seed)
    x_train, y_train, x_test, y_test = split
    assert x_train is split.x_train
    assert (len(x_train), len(x_test)) == (len(y_train), len(y_test))


DRAWS = Without("no gradient: a source of draws")
RECORD = Without("no numbers of its own: a record that digits fills")

SPECS = (
    Spec("history.History", properties=(csv_and_table_say_the_same, state_dict_round_trip),
         parity=Measured("a PyTorch loop written by hand", history_error, float32=None),
         second=Measured("its CSV, read by Python's csv module", csv_error)),
    Spec("metrics.accuracy", properties=(order_of_the_samples_does_not_matter,
        is_1_for_the_truth_and_0_for_its_opposite),
         parity=Measured("PyTorch", metric_error(lambda a, b, n: metrics.accuracy(a, b), torch_accuracy)),
         second=Measured("sklearn.metrics.accuracy_score", metric_error(
             lambda a, b, n: metrics.accuracy(a, b), lambda y, p, n: reference.accuracy_score(y, p)))),
    Spec("metrics.confusion_matrix", properties=(its_diagonal_over_its_sum_is_the_accuracy,
        rows_count_the_true_classes),
         parity=Measured("PyTorch", metric_error(metrics.confusion_matrix, torch_confusion)),
         second=Measured("sklearn.metrics.confusion_matrix", metric_error(
             metrics.confusion_matrix, lambda y, p, n: reference.confusion_matrix(y, p, labels=range(n))))),
    Spec("random.manual_seed", properties=(same_seed_same_draws,), second=DRAWS,
         parity=Measured("numpy.random.default_rng", seeded_draws, float32=None)),
    Spec("random.generator", properties=(gives_back_the_generator_it_was_given,), second=DRAWS,
         parity=Measured("numpy.random.default_rng", library_draws, float32=None)),
    Spec("random.get_state", properties=(state_brings_back_the_same_draws,), second=DRAWS,
         parity=Measured("numpy.random.default_rng", resumed_draws, float32=None)),
    Spec("random.set_state", properties=(state_brings_back_the_same_draws,), second=DRAWS,
         parity=Measured("numpy.random.default_rng", resumed_draws, float32=None)),
    Spec("data.digits", properties=(parts_have_the_asked_sizes_and_the_same_mix_of_classes, same_seed_same_split,
                                    is_float32_in_0_to_1_in_the_asked_shape),
         parity=Measured("sklearn.datasets.load_digits", digits_error, float32=None),
         second=Without("no gradient: a loader")),
    Spec("data.Split", properties=(unpacks_into_training_and_test_parts_of_equal_lengths,), parity=RECORD,
        second=RECORD),
)  # fmt: skip
