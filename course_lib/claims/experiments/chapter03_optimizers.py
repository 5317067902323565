"""Which way a step goes, what it costs, and what batches and schedules do."""

import numpy as np

from course_lib import activations, losses, optim
from course_lib.claims.evidence import Evidence, close

LINE_X, LINE_Y = np.arange(4.0), 2 * np.arange(4.0) + 1


def uphill():
    """Ten steps along the gradient, and ten against it."""
    along, against = _line(+1), _line(-1)
    return Evidence(
        f"fitting y = 2x + 1 from zero with α = 0.1, ten steps along the gradient take the squared error from "
        f"{along[0]:g} to {along[-1]:.3g}, ten against it to {against[-1]:.3g}.",
        said={"steps along the gradient lower the loss": along[-1] < along[0]},
        right={"steps against it do": against[-1] < 1e-3 * against[0]},
        numbers={"along": along[-1], "against": against[-1]},
    )


def downhill():
    """The same ten steps, for the article with the right sign."""
    loss = _line(-1)
    return Evidence(
        f"y = 2x + 1 from zero, α = 0.1, against the gradient: squared error {loss[0]:g}, {loss[1]:.3f}, "
        f"{loss[2]:.5f}, "
        f"and {loss[-1]:.2e} after ten steps.",
        said={"every step against the gradient lowers the loss": np.all(np.diff(loss) < 0)},
        right={"0.535 after one step, 0.01435 after two": close(loss[1:3], [0.535, 0.01435], 4)},
        numbers={"loss": loss},
    )


def race():
    """Steps to 1e-6 on a quadratic with curvatures 1 and 100."""
    steps = {
        "gradient descent": _steps(lambda w, g, s, t: (*optim.sgd_update(w, g, s[0], 2 / 101), s[1])),
        "momentum 0.67": _steps(lambda w, g, s, t: (*optim.sgd_update(w, g, s[0], 4 / 121, 0.67), s[1])),
        "Adam": _steps(lambda w, g, s, t: optim.adam_update(w, g, *s, t, 0.1)),
    }
    slow = _steps(lambda w, g, s, t: (*optim.sgd_update(w, g, s[0], 0.2 / 101), s[1]))
    return Evidence(
        "steps until ½(x² + 100y²) is below 1e-6: "
        + ", ".join(f"{name} {n}" for name, n in steps.items())
        + f"; gradient descent with a tenth of the rate {slow}.",
        said={
            "each of them minimises the loss": max(steps.values()) < 5000,
            "learning rate and momentum matter": slow > 5 * steps["gradient descent"] > 10 * steps["momentum 0.67"],
        },
        right={"Adam too, without knowing the curvatures": steps["Adam"] < 1000},
        numbers=steps,
    )


def adam_cost():
    """Numbers kept and arithmetic done for each parameter."""
    n = 1000
    w, g = np.zeros(n), np.ones(n)
    sgd = _operations(lambda w, g: optim.sgd_update(w, g, 0.0, 0.1), w, g) / n
    adam = _operations(lambda w, g: optim.adam_update(w, g, np.zeros(n), np.zeros(n), 1), w, g) / n
    first = optim.adam_update(np.zeros(2), np.array([1e-3, 50.0]), np.zeros(2), np.zeros(2), 1, 0.1)[0]
    kept = len(optim.Adam.state_names)
    return Evidence(
        f"for each parameter Adam keeps {kept} numbers and its step does {adam:.0f} array operations, plain "
        "descent does "
        f"{sgd:.0f}; for 175 billion parameters in float32 that is {kept * 4 * 175e9 / 1e12:.1f} TB of state.",
        said={"momentum and a rate for each parameter": close(first, [-0.1, -0.1], 4)},
        gap={"it is not the cheaper computation": adam > 2 * sgd, "it needs memory": kept == 2},
        right={"2 · 4 bytes · 175e9 = 1.4 TB": kept * 4 * 175e9 == 1.4e12},
        numbers={"operations of Adam": adam, "of descent": sgd},
    )


def one_sample():
    """One epoch of single-sample steps and one of full-batch descent, on logistic data."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 5))
    y = (rng.random(2000) < activations.sigmoid(x @ [1.5, -1, 0.5, 0, 1])).astype(float)
    loss = lambda w: float(losses.binary_cross_entropy(activations.sigmoid(x @ w), y))  # noqa: E731
    full, best = np.zeros(5), np.zeros(5)
    full, _ = optim.sgd_update(full, x.T @ (activations.sigmoid(x @ full) - y) / 2000, 0.0, 0.5)
    for _ in range(400):
        best, _ = optim.sgd_update(best, x.T @ (activations.sigmoid(x @ best) - y) / 2000, 0.0, 2.0)
    w, epochs = np.zeros(5), []
    for _ in range(3):
        for i in rng.permutation(2000):
            w = w - 0.02 * (1 / (1 + np.exp(-x[i] @ w)) - y[i]) * x[i]
        epochs.append(loss(w))
    return Evidence(
        f"2,000 samples: after one epoch full-batch descent is at {loss(full):.3f} and one-sample SGD at "
        f"{epochs[0]:.3f}, where the optimum is {loss(best):.3f}; after three epochs SGD is still at {epochs[-1]:.3f}.",
        said={"one-sample steps train the model": epochs[0] < loss(np.zeros(5))},
        gap={
            "for the same number of gradients it is ahead, not behind": epochs[0] < loss(full) - 0.1,
            "with a constant rate it stops above the optimum": epochs[-1] > loss(best) + 2e-4,
        },
        right={"the mean of all samples' gradients is the full gradient": _mean_gradient_is_full(x, y)},
        numbers={"full": round(loss(full), 4), "SGD": round(epochs[0], 4), "optimum": round(loss(best), 4)},
    )


def batches():
    """Mean and variance of batch gradients."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1000, 3))
    y = x @ [1.0, -2, 3] + rng.normal(size=1000)
    each = -2 * (y[:, None]) * x  # gradients of single samples at w = 0
    parts = each[rng.permutation(1000)].reshape(100, 10, 3).mean(1)
    spread = {b: each[rng.integers(1000, size=(4000, b))].mean(1).var(0).sum() for b in (10, 100)}
    ratio = spread[10] / spread[100]
    step, _ = optim.sgd_update(np.zeros(3), parts[0], 0.0, 0.05)
    return Evidence(
        f"the mean over 100 batches of 10 is the full gradient; the variance of a batch of 10 is {ratio:.0f} "
        "times that "
        "of a batch of 100; a batch of 10 needs a hundredth of the rows in memory.",
        said={"a hundredth of the data gives a step that helps": np.mean((x @ step - y) ** 2) < np.mean(y**2)},
        right={"unbiased": close(parts.mean(0), each.mean(0), 12), "noise falls as 1/B": 8.5 < ratio < 11.5},
        numbers={"ratio": round(float(ratio), 1)},
    )


def schedule():
    """Constant and falling rates: the noise floor, and the gap between training and test."""
    floor, falling = _noisy(lambda t: 0.5), _noisy(lambda t: 1 / (1 + 0.5 * t))
    gaps = [_gap(rate) for rate in (lambda t: 0.02, lambda t: 0.02 / (1 + t / 2000))]
    return Evidence(
        f"noisy gradients of ½w²: squared error {floor:.2f} with a constant rate, {falling:.1e} with a falling one; a "
        f"model with 40 weights for 50 rows has a test error {gaps[0]:.1f} times its training error with a constant "
        f"rate, {gaps[1]:.1f} times with a falling one.",
        said={"a falling rate takes over-fitting away": gaps[1] < 0.6 * gaps[0]},
        right={"it takes away the noise of the steps": falling < 0.02 * floor, "over-fitting stays": gaps[1] > 2},
        numbers={"constant": round(floor, 3), "falling": round(falling, 4), "gaps": np.round(gaps, 2)},
    )


def _line(sign):
    """Squared errors of a straight line over ten steps in the direction sign · gradient."""
    a, seen = np.column_stack([LINE_X, np.ones(4)]), []
    w = np.zeros(2)
    for _ in range(11):
        seen.append(float(losses.mse_loss(a @ w, LINE_Y)))
        w, _ = optim.sgd_update(w, -sign * 0.5 * a.T @ (a @ w - LINE_Y), 0.0, 0.1)
    return seen


def _steps(rule, limit=5000):
    """Steps of `rule` from (1, 1) until ½(x² + 100y²) is below 1e-6."""
    w, state, curvature = np.ones(2), (np.zeros(2), np.zeros(2)), np.array([1.0, 100])
    for t in range(1, limit):
        w, *state = rule(w, curvature * w, state, t)
        if 0.5 * curvature @ w**2 < 1e-6:
            return t
    return limit


class _Counting(np.ndarray):
    """An array that counts the numbers that NumPy's functions compute from it."""

    count = 0

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        plain = [np.asarray(i) if isinstance(i, _Counting) else i for i in inputs]
        result = np.asarray(getattr(ufunc, method)(*plain, **kwargs))
        _Counting.count += result.size
        if out is not None:
            np.asarray(out[0])[...] = result
            return out[0]
        return result.view(_Counting)


def _operations(update, w, g):
    _Counting.count = 0
    update(w.view(_Counting), g.view(_Counting))
    return _Counting.count


def _mean_gradient_is_full(x, y):
    w = np.ones(5)
    each = (activations.sigmoid(x @ w) - y)[:, None] * x
    return close(each.mean(0), x.T @ (activations.sigmoid(x @ w) - y) / len(x), 12)


def _noisy(rate):
    """Mean square of 500 walks after 2,000 steps on ½w² with noise of variance 1 in the gradient."""
    rng, w = np.random.default_rng(0), np.full(500, 2.0)
    for t in range(1, 2001):
        w, _ = optim.sgd_update(w, w + rng.normal(size=500), 0.0, rate(t))
    return float(np.mean(w**2))


def _gap(rate):
    """Test error over training error of a linear model with nearly as many weights as rows."""
    rng = np.random.default_rng(1)
    x, new = rng.normal(size=(50, 40)), rng.normal(size=(500, 40))
    y, y_new = x[:, 0] + rng.normal(size=50), new[:, 0] + rng.normal(size=500)
    w = np.zeros(40)
    for t in range(6000):
        w, _ = optim.sgd_update(w, 2 / 50 * x.T @ (x @ w - y), 0.0, rate(t))
    return float(np.mean((new @ w - y_new) ** 2) / np.mean((x @ w - y) ** 2))
