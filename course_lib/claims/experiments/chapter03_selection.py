"""Choosing: on which rows, how often, and what the best score of many is worth."""

from itertools import product

import numpy as np

from course_lib import losses, nn, optim
from course_lib.claims.evidence import Evidence
from course_lib.data import breast_cancer, digits, preprocess
from course_lib.metrics import accuracy
from course_lib.model_selection import k_fold
from course_lib.training import EarlyStopping, Trainer


def best_of_many():
    """Two hundred classifiers without any knowledge, the best on 50 validation rows, 50 times."""
    validation, test = _chosen(200)
    return Evidence(
        f"of 200 classifiers that guess, the best on 50 validation rows scores {validation:.3f} there and "
        f"{test:.3f} on "
        "test rows (mean of 50 runs).",
        said={"what was adjusted to the validation rows is as good on unseen ones": abs(validation - test) < 0.05},
        right={"the test rows tell: chance": abs(test - 0.5) < 0.02, "choosing flatters": validation > 0.65},
        numbers={"validation": round(validation, 3), "test": round(test, 3)},
    )


def adjust():
    """One adjustment, ten, two hundred."""
    scores = {n: _chosen(n) for n in (1, 10, 200)}
    rise = [scores[n][0] for n in scores]
    return Evidence(
        "after 1, 10 and 200 adjustments the best score on the rows adjusted to is "
        f"{', '.join(f'{v:.3f}' for v in rise)}, on new rows {', '.join(f'{t:.3f}' for _, t in scores.values())}.",
        said={"adjusting raises the score": rise[0] < rise[1] < rise[2]},
        gap={"on those rows only: on new ones nothing is gained": rise[2] - scores[200][1] > 0.15},
        right={"rows used once tell the truth": all(abs(t - 0.5) < 0.02 for _, t in scores.values())},
        numbers={str(n): np.round(pair, 3) for n, pair in scores.items()},
    )


def one_test():
    """Twenty models of different worth: choose on validation rows, then test once."""
    rng = np.random.default_rng(0)
    worth = rng.uniform(0.6, 0.9, size=(2000, 20))
    validation, test = (_measured(rng, worth) for _ in range(2))
    best = validation.argmax(1)[:, None]
    true, seen, once = (float(np.take_along_axis(a, best, 1).mean()) for a in (worth, validation, test))
    return Evidence(
        f"2,000 times the best of 20 models on 100 validation rows: its true accuracy is {true:.3f} where the "
        "mean model "
        f"has {worth.mean():.3f}; its validation score says {seen:.3f}, its one test {once:.3f}.",
        said={"choosing on validation rows finds a better model": true > worth.mean() + 0.08},
        right={"one test afterwards is unbiased": abs(once - true) < 0.003, "the validation score is not": seen > true},
        numbers={"true": round(true, 4), "validation": round(seen, 4), "test": round(once, 4)},
    )


def fit_too_well():
    """Polynomials through ten noisy points."""
    errors = {degree: np.median([_polynomial(degree, seed) for seed in range(40)], 0) for degree in (3, 9)}
    (train3, test3), (train9, test9) = errors[3], errors[9]
    return Evidence(
        f"ten noisy points of a sine, median of 40 draws: degree 9 has training error {train9:.3f} and test error "
        f"{test9:.2g}, degree 3 {train3:.2f} and {test3:.2f}.",
        said={"the best on the training data is the best": test9 < test3},
        right={
            "degree 9 passes through every point": train9 < 1e-6 < train3,
            "degree 3 predicts better": test3 < test9,
        },
        numbers={"degree 9": np.round([train9, test9], 1), "degree 3": np.round([train3, test3], 2)},
    )


def monitor():
    """A network on 100 digits with half of its labels drawn at random: which curve tells when to stop?"""
    data = digits()
    rng = np.random.default_rng(0)
    y = data.y_train[:100].copy()
    y[:50] = rng.integers(10, size=50)
    trainer = _trainer(data, y, [EarlyStopping(patience=10)])
    trainer.run(60)
    stopped, best = trainer.epoch, int(np.argmin(trainer.history["val_loss"])) + 1
    train = trainer.history["loss"]
    longer = _trainer(data, y, [])
    longer.run(60)
    end, low = longer.history["val_loss"][-1], min(longer.history["val_loss"])
    return Evidence(
        f"100 digits, 50 with random labels: the training loss falls for all 60 epochs (to "
        f"{longer.history['loss'][-1]:.2f}"
        f"), the validation loss is lowest, {low:.2f}, after {best} and ends at {end:.2f}; patience 10 stops after "
        f"{stopped}.",
        said={"the curves can be watched": len(train) == stopped},
        gap={
            "the training curve gives no sign: it goes on falling": longer.history["loss"][-1] < 0.8 * train[best - 1],
            "the validation loss rises meanwhile": end > 1.1 * low,
        },
        right={"a rule set in advance stops near the best": stopped == best + 10},
        numbers={"best epoch": best, "stopped": stopped},
    )


def epochs():
    """Ten epochs at once, and five and five."""
    data = digits()
    once, twice = (_trainer(data, data.y_train[:100], []) for _ in range(2))
    once.run(10)
    twice.run(5)
    middle = twice.history["loss"][-1]
    twice.run(5)
    same = all(np.array_equal(a.data, b.data) for a, b in
               zip(once.model.parameters(), twice.model.parameters(), strict=True))  # fmt: skip
    return Evidence(
        f"the same loss, optimizer and rate run for ten epochs (loss {once.history['loss'][-1]:.2f}) or for five "
        f"({middle:.2f}) and five more end with the same weights.",
        said={"loss, optimizer and learning rate are chosen before training": once.optimizer.lr == twice.optimizer.lr},
        gap={"the number of epochs is no property of that choice: it belongs to each run": middle > 0},
        right={"two runs go on from one another": same},
        numbers={"after 5": round(middle, 2), "after 10": round(once.history["loss"][-1], 2)},
    )


def search():
    """Kernel ridge on two hundred digits: a guess, a 5×5 grid, and 25 random draws, nine times."""
    fit = _kernel_ridge()
    guess = fit(1.0, 1.0)
    grid = max(fit(10**a, 10**b) for a, b in product(np.linspace(-4, 2, 5), repeat=2))
    rng = np.random.default_rng(0)
    draws = [max(fit(*(10 ** rng.uniform(-4, 2, 2))) for _ in range(25)) for _ in range(9)]
    return Evidence(
        f"validation accuracy with both settings at 1: {guess:.3f}; best of a 5×5 grid {grid:.3f}; best of 25 random "
        f"draws {np.median(draws):.3f} (median of 9 searches, {min(draws):.3f} to {max(draws):.3f}).",
        said={"both searches find better settings": min(grid, *draws) > guess + 0.01},
        right={"random draws do as well as the grid or better": np.median(draws) >= grid - 0.005},
        numbers={"guess": guess, "grid": grid, "random": float(np.median(draws))},
    )


def folds():
    """One split in five parts' size, and five folds, on 150 tumours at a time; the truth from the other 419."""
    table = breast_cancer()
    x, y = table.matrix(), np.where(table["diagnosis"] == "malignant", 1.0, -1.0)
    single, folded, truth = np.transpose([_estimates(x, y, seed) for seed in range(150)])
    bias = [float(np.mean(e - truth)) for e in (single, folded)]
    sd = [float(np.std(e - truth)) for e in (single, folded)]
    return Evidence(
        f"150 draws of 150 tumours: one split estimates the accuracy with bias {bias[0]:+.3f} and standard deviation "
        f"{sd[0]:.3f}, five folds with {bias[1]:+.3f} and {sd[1]:.3f}.",
        said={"cross-validation removes bias": abs(bias[1]) < abs(bias[0]) - 0.002},
        right={"it removes variance": sd[1] < 0.7 * sd[0], "a small bias stays, downwards": -0.02 < bias[1] < 0},
        numbers={"bias": np.round(bias, 4), "sd": np.round(sd, 4)},
    )


def _chosen(n, runs=50):
    """Accuracy on 50 validation and 500 test rows of the best of n random classifiers; labels are coin tosses."""
    rng, scores = np.random.default_rng(0), []
    for _ in range(runs):
        x, y = rng.normal(size=(550, 10)), rng.integers(2, size=550)
        guesses = (x @ rng.normal(size=(10, n)) > 0).astype(int)
        best = max(guesses.T, key=lambda guess, y=y: accuracy(guess[:50], y[:50]))
        scores.append([accuracy(best[:50], y[:50]), accuracy(best[50:], y[50:])])
    return np.mean(scores, 0).tolist()


def _measured(rng, worth, rows=100):
    """Accuracies that models of this worth show on so many rows."""
    return rng.binomial(rows, worth) / rows


def _polynomial(degree, seed):
    rng = np.random.default_rng(seed)
    x, new = np.linspace(-1, 1, 10), np.linspace(-1, 1, 101)
    y = np.sin(3 * x) + 0.3 * rng.normal(size=10)
    w = np.polynomial.polynomial.polyfit(x, y, degree)
    value = lambda t: np.polynomial.polynomial.polyval(t, w)  # noqa: E731
    return np.mean((value(x) - y) ** 2), np.mean((value(new) - np.sin(3 * new)) ** 2)


def _trainer(data, y, callbacks):
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(64, 32, rng=rng), nn.ReLU(), nn.Linear(32, 10, rng=rng))
    optimizer = optim.Adam(model.parameters(), lr=1e-2)
    return Trainer(model, optimizer, losses.cross_entropy, (data.x_train[:100], y),
                   validation=(data.x_test, data.y_test), callbacks=callbacks, seed=0)  # fmt: skip


def _kernel_ridge():
    """(width, penalty) -> validation accuracy."""
    data = digits()
    x, y, new, y_new = data.x_train[:200], data.y_train[:200], data.x_train[200:500], data.y_train[200:500]
    squared = lambda a: ((a[:, None] - x) ** 2).sum(-1).astype(float)  # noqa: E731
    inside, across, target = squared(x), squared(new), np.eye(10)[y]

    def fit(width, penalty):
        alpha = np.linalg.solve(np.exp(-width * inside) + penalty * np.eye(200), target)
        return float(((np.exp(-width * across) @ alpha).argmax(1) == y_new).mean())

    return fit


def _estimates(x, y, seed):
    order = np.random.default_rng(seed).permutation(len(y))
    here, rest = order[:150], order[150:]
    scores = [_least_squares(x[here[a]], y[here[a]], x[here[b]], y[here[b]]) for a, b in k_fold(150, 5)]
    return scores[0], np.mean(scores), _least_squares(x[here], y[here], x[rest], y[rest])


def _least_squares(x, y, new, y_new):
    """Accuracy of a linear classifier, fitted with a penalty of 1 to scaled columns."""
    scaler = preprocess.StandardScaler().fit(x)
    z, z_new = (np.column_stack([scaler.transform(a), np.ones(len(a))]) for a in (x, new))
    w = np.linalg.solve(z.T @ z + np.eye(z.shape[1]), z.T @ y)
    return float((np.sign(z_new @ w) == y_new).mean())
