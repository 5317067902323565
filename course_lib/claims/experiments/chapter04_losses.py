"""Loss functions: what is summed, what is averaged, and which way they point."""

import numpy as np

from course_lib import activations, losses
from course_lib.autograd import Tensor
from course_lib.claims import as_printed
from course_lib.claims.evidence import Evidence, close
from course_lib.claims.experiments.tools import gradients

P = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.2, 0.5, 0.3]])
CLASSES = np.array([0, 2, 1])
ONE_HOT = np.eye(3)[CLASSES]
LABELS, GUESSES = np.array([1.0, 0, 1, 0]), np.array([0.9, 0.2, 0.6, 0.4])
TRUE, PREDICTED = np.array([1.0, 2, 3]), np.array([1.5, 1.5, 3.5])


def cross_entropy():
    """-Σ y log ŷ for one sample, for three, and averaged over the wrong count."""
    mean = float(losses.cross_entropy(np.log(P), CLASSES))
    one = float(losses.cross_entropy(np.log(P[:1]), CLASSES[:1]))
    total = as_printed.cross_entropy_sum(P, ONE_HOT)
    return Evidence(
        f"over three samples the printed sum is {total:.7f}, the mean {mean:.7f}; dividing by all nine numbers instead "
        f"gives {total / 9:.7f}.",
        said={"for one sample, i over its classes": close(as_printed.cross_entropy_sum(P[0], ONE_HOT[0]), one, 12)},
        gap={"over samples it grows with their number: n is not defined": close(total, 3 * mean, 12) and total > mean},
        right={"the mean over samples, from logits": close(mean, 0.5202159, 7)},
        numbers={"sum": total, "mean over samples": mean, "mean over elements": total / 9},
    )


def cross_entropy_readings():
    """i over the classes, or over the samples?"""
    by_class = as_printed.cross_entropy_sum(P[1], ONE_HOT[1])
    always_yes = as_printed.cross_entropy_sum(np.ones(4), LABELS)
    honest = float(losses.binary_cross_entropy(GUESSES, LABELS))
    return Evidence(
        f"with i over classes the loss of a sample is {by_class:.6f}; with i over samples, always saying yes costs "
        f"{always_yes:g} although half of the labels are no.",
        said={"i over classes": close(by_class, losses.cross_entropy(np.log(P[1]), np.array(2)), 12)},
        gap={"i over samples: a wrong yes costs nothing": always_yes == 0},
        right={"the form with (1 - y) log(1 - ŷ) sees both kinds of error": close(honest, 0.3375388, 7)},
        numbers={"over classes": by_class, "always yes": always_yes, "log loss": honest},
    )


def cross_entropy_over_samples():
    """S4's mean over samples, against the loss with both terms."""
    yes = np.full(4, 1 - 1e-12)
    printed = [as_printed.cross_entropy_mean(p, LABELS) for p in (yes, GUESSES)]
    right = [float(losses.binary_cross_entropy(p, LABELS)) for p in (yes, GUESSES)]
    return Evidence(
        f"always saying yes costs {printed[0]:.0e} as printed and {right[0]:.1f} in truth; a sensible guess "
        f"{printed[1]:.6f} and {right[1]:.6f}.",
        said={"a sensible guess costs less than always saying yes": printed[1] < printed[0]},
        right={
            "both terms: the sensible guess costs less": right[1] < right[0],
            "-(1/n) Σ (y log ŷ + (1 - y) log(1 - ŷ))": close(right[1], 0.3375388, 7),
        },
        numbers={"always yes (printed, right)": f"{printed[0]:.0e}, {right[0]:.4f}", "a guess": [printed[1], right[1]]},
    )


def log_loss():
    """The binary form, from probabilities and from logits."""
    by_hand = float(np.mean(-LABELS * np.log(GUESSES) - (1 - LABELS) * np.log(1 - GUESSES)))
    library = float(losses.binary_cross_entropy(GUESSES, LABELS))
    two_classes = float(losses.cross_entropy(np.log(np.stack([1 - GUESSES, GUESSES], 1)), LABELS.astype(int)))
    far = losses.binary_cross_entropy_with_logits(np.array([1000.0, -1000]), np.array([0.0, 1]), reduction="none")
    return Evidence(
        f"labels 1, 0, 1, 0 and guesses 0.9, 0.2, 0.6, 0.4 cost {library:.7f}, the two-class cross-entropy to the last "
        f"digit; from logits a miss at ±1000 costs {far[0]:g}, not infinity.",
        said={
            "-y log ŷ - (1 - y) log(1 - ŷ)": close(by_hand, library, 12),
            "is cross-entropy with two classes": close(two_classes, library, 12),
        },
        right={"from logits it stays finite at ±1000": close(far, 1000, 9)},
        numbers={"log loss": library, "at ±1000": far},
    )


def mse():
    """The mean of squared errors and its gradient."""
    value = float(losses.mse_loss(PREDICTED, TRUE))
    (g,) = gradients(lambda p: losses.mse_loss(p, TRUE), PREDICTED)
    return Evidence(
        f"errors of 0.5, -0.5 and 0.5 give a mean squared error of {value:g}; its gradient is 2/n times the error, "
        f"{abs(g[0]):.6f} each.",
        said={"(1/n) Σ (y - ŷ)²": close(value, np.mean((TRUE - PREDICTED) ** 2), 12) and value == 0.25},
        right={"gradient (2/n)(ŷ - y)": close(g, 2 / 3 * (PREDICTED - TRUE), 12)},
        numbers={"MSE": value, "gradient": g},
    )


def half_sum():
    """½ Σ (y - ŷ)² beside the mean: what happens when the data are doubled?"""
    half, value = as_printed.half_sum_of_squares(PREDICTED, TRUE), float(losses.mse_loss(PREDICTED, TRUE))
    twice = as_printed.half_sum_of_squares(np.tile(PREDICTED, 2), np.tile(TRUE, 2))
    (g,) = gradients(lambda p: losses.mse_loss(p, TRUE, reduction="sum") * 0.5, PREDICTED)
    return Evidence(
        f"half the sum is {half:g}, the mean squared error {value:g}, half of that {value / 2:g}; with the same data "
        f"twice the half sum grows to {twice:g}.",
        said={"a loss with gradient ŷ - y": close(g, PREDICTED - TRUE, 12)},
        gap={"it grows with the number of samples, and the step with it": close(twice, 2 * half, 12)},
        right={"the mean does not": close(losses.mse_loss(np.tile(PREDICTED, 2), np.tile(TRUE, 2)), value, 12)},
        numbers={"half sum": half, "MSE": value, "half MSE": value / 2, "gradient": g},
    )


def large_error():
    """How much of the loss comes from one outlier?"""
    residuals, zeros = np.array([1.0, 1, 10]), np.zeros(3)
    value = float(losses.mse_loss(residuals, zeros))
    each = [f(residuals, zeros, reduction="none") for f in (losses.mse_loss, losses.huber_loss)]
    mse_share, huber_share = (float(loss[2] / loss.sum()) for loss in each)
    return Evidence(
        f"residuals 1, 1, 10 give a mean squared error of {value:g}, of which the outlier makes "
        f"{mse_share:.0%}; of the Huber loss it makes {huber_share:.0%}.",
        said={"double the error, four times the loss": close(losses.mse_loss(residuals * 2, zeros), 4 * value)},
        right={"the outlier dominates, less so in the Huber loss": mse_share > 0.98 > huber_share},
        numbers={"MSE": value, "outlier's share (MSE, Huber)": [mse_share, huber_share]},
    )


def small_error():
    """Cross-entropy as the probability of the true class grows."""
    p = np.array([0.99, 0.9, 0.5, 0.1, 0.01])
    logits = np.log(np.stack([p, 1 - p], 1))
    loss = losses.cross_entropy(logits, np.zeros(5, int), reduction="none")
    return Evidence(
        f"the loss is {loss[0]:.5f} where the true class has probability 0.99, and {loss[-1]:.5f} where it has 0.01.",
        said={"the smaller the error, the larger the loss": bool(np.all(np.diff(loss) < 0))},
        right={"the smaller the error, the smaller the loss": bool(np.all(np.diff(loss) > 0))},
        numbers={"probability of the true class": p, "loss": loss},
    )


def likelihoods():
    """The two common losses as negative log-likelihoods."""
    error, n = PREDICTED - TRUE, len(TRUE)
    gauss = -np.sum(np.log(np.exp(-(error**2) / 2) / np.sqrt(2 * np.pi)))
    categorical = -np.log(np.prod(P[np.arange(3), CLASSES])) / 3
    (g,) = gradients(lambda z: losses.cross_entropy(z, CLASSES), np.log(P))
    before, after = (float(losses.cross_entropy(z, CLASSES)) for z in (np.log(P), np.log(P) - 0.1 * g))
    return Evidence(
        f"n/2 times the MSE plus a constant is the Gaussian negative log-likelihood {gauss:.6f}; cross-entropy is the "
        f"categorical one; a step along -gradient takes it from {before:.4f} to {after:.4f}.",
        said={"the gradient guides: a step against it lowers the loss": after < before},
        right={
            "MSE: Gaussian": close(gauss, n / 2 * losses.mse_loss(PREDICTED, TRUE) + n / 2 * np.log(2 * np.pi), 9),
            "cross-entropy: categorical": close(categorical, losses.cross_entropy(np.log(P), CLASSES), 9),
        },
        numbers={"Gaussian": gauss, "categorical": categorical, "before, after": [before, after]},
    )


def squared_error_saturates():
    """A confidently wrong sigmoid unit: which loss still pulls?"""
    z, y = np.array([-8.0]), np.array([1.0])
    (ce,) = gradients(lambda t: losses.binary_cross_entropy_with_logits(t, y), z)
    half_square = lambda t: losses.mse_loss(activations.sigmoid(t), y) * 0.5  # noqa: E731
    (se,) = gradients(half_square, z)
    lower = float(half_square(Tensor(z - se)).item()) < float(half_square(Tensor(z)).item())
    return Evidence(
        f"label 1, z = -8: the gradient is {ce[0]:.5f} for cross-entropy and {se[0]:.6f} for half the squared error, "
        f"{ce[0] / se[0]:,.0f} times less.",
        said={"a step lowers the squared error": lower},
        gap={"where the unit is confidently wrong the step all but vanishes": bool(abs(se[0]) < 1e-3)},
        right={"cross-entropy keeps its gradient there": close(ce, -0.99966, 5)},
        numbers={"cross-entropy": ce, "half squared error": se},
    )


def parts_of_a_model():
    """Network, optimizer and loss, without saying on which data: and the loss of a language model."""
    x = np.linspace(-1, 1, 21)
    fits = []
    for y in (2 * x, -3 * x):  # same network y = wx, loss and optimizer; other data
        w = 0.0
        for _ in range(100):
            (g,) = gradients(lambda w, y=y: losses.mse_loss(w * x, y), w)
            w -= 0.5 * g
        fits.append(float(w))
    logits, tokens = np.random.default_rng(0).normal(size=(5, 7)), np.array([3, 1, 4, 1, 5])
    nll = float(losses.nll_loss(activations.log_softmax(logits), tokens, reduction="sum"))
    chain = -np.log(np.prod(activations.softmax(logits)[np.arange(5), tokens]))
    return Evidence(
        f"the same network, loss and optimizer learn w = {fits[0]:.4f} on one data set and {fits[1]:.4f} on another; "
        f"five tokens cost {nll:.6f}, minus the log of the product of their probabilities.",
        said={"the three parts together learn": close(fits[0], 2, 4)},
        gap={"what they learn is in the data, which the list leaves out": close(fits[1], -3, 4)},
        right={"a language model's loss: -Σ log p(token | those before)": close(nll, chain, 9)},
        numbers={"w": fits, "five tokens": nll},
    )
