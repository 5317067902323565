"""Which inputs did the model look at, and is that answer worth anything? Attributions, their tests, calibration."""

import numpy as np

from course_lib.activations import log_softmax
from course_lib.autograd import Tensor, no_grad


def input_gradient(model, x, target) -> np.ndarray:
    """∂(logit of class target_n)/∂x_n for every sample; x (N, D), target (N,) → (N, D). Simonyan et al., 2014."""
    x = Tensor(np.array(x), requires_grad=True)
    logits = model(x)
    chosen = np.zeros(logits.shape, logits.data.dtype)
    chosen[np.arange(len(chosen)), target] = 1
    logits.backward(chosen)
    return x.grad


def integrated_gradients(gradient, x, baseline, steps: int = 50) -> np.ndarray:
    """(x - x') ⊙ mean of the gradient at `steps` midpoints of the straight line from x' to x.

    Completeness: the attributions of a sample add up to f(x) - f(x'), but for the error of the midpoint rule.
    Sundararajan, Taly & Yan, ICML 2017.

    Parameters
    ----------
    gradient : callable
        (N, D) → (N, D), the gradient of one number per sample.
    x, baseline : array
        (N, D), and anything that broadcasts against it.
    """
    if steps < 1:
        raise ValueError(f"integrated_gradients: steps must be at least 1, got {steps}")
    x, path = np.asarray(x), np.asarray(x) - baseline
    points = ((k + 0.5) / steps for k in range(steps))
    return path * (sum(gradient((baseline + a * path).astype(x.dtype)) for a in points) / steps)


def occlusion(score, image, size: int = 2) -> np.ndarray:
    """How much the score falls when a size × size patch is blackened. Zeiler & Fergus, ECCV 2014.

    Parameters
    ----------
    score : callable
        Images (M, H, W) → (M,).
    image : array, (H, W)

    Returns
    -------
    array, (H - size + 1, W - size + 1)
        score(image) - score(image without the patch whose upper left corner is there).
    """
    rows, columns = (n - size + 1 for n in np.shape(image))
    if min(rows, columns, size) < 1:
        raise ValueError(f"occlusion: size must lie in 1..{min(np.shape(image))}, got {size}")
    covered = np.repeat(np.asarray(image)[None], rows * columns, 0)
    for patch, (i, j) in zip(covered, np.ndindex(rows, columns), strict=True):
        patch[i : i + size, j : j + size] = 0
    return (score(np.asarray(image)[None])[0] - score(covered)).reshape(rows, columns)


def permutation_importance(score, x, y, rng, repeats: int = 5) -> np.ndarray:
    """Fall of the score when one column is shuffled: (features, repeats). Breiman, Machine Learning 45 (2001).

    Parameters
    ----------
    score : callable
        (x, y) → number, larger is better.
    x, y : array
        (N, D) and (N,), held out.
    """
    if repeats < 1:
        raise ValueError(f"permutation_importance: repeats must be at least 1, got {repeats}")
    whole, fall = score(x, y), np.empty((x.shape[1], repeats))
    for column, r in np.ndindex(fall.shape):
        shuffled = x.copy()
        shuffled[:, column] = rng.permutation(x[:, column])
        fall[column, r] = whole - score(shuffled, y)
    return fall


def negative_log_likelihood(logits, y, temperature: float = 1.0) -> float:
    """Mean of -log softmax(logits / T) at the true classes; logits (N, C), y (N,)."""
    if not temperature > 0:
        raise ValueError(f"negative_log_likelihood: temperature must be above 0, got {temperature}")
    log_p = np.asarray(log_softmax(np.asarray(logits, float) / temperature))
    return float(-log_p[np.arange(len(log_p)), y].mean())


def best_temperature(logits, y, grid) -> float:
    """The temperature of the grid with the lowest loss on held-out data; the first one wins a tie.

    Guo et al., ICML 2017. Dividing by T leaves the order of the classes, and so the accuracy, as it is.
    """
    if not len(grid):
        raise ValueError("best_temperature: grid is empty")
    return float(min(grid, key=lambda t: negative_log_likelihood(logits, y, t)))


def logits_of(model, x) -> np.ndarray:
    """The model's outputs as an array, without recording."""
    with no_grad():
        return model(Tensor(np.asarray(x))).data
