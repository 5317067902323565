"""Differential privacy: noise on a mean, noise on gradients, and what it costs."""

import numpy as np

from course_lib.activations import softmax


def laplace_mean(values, epsilon: float, rng, low: float = 0.0, high: float = 1.0) -> float:
    """Mean of values clipped to [low, high] plus Laplace noise of scale (high - low)/(n·ε): ε-differentially private.

    Changing one of n values moves the mean by at most (high - low)/n. The mean absolute error is the noise's scale.
    Dwork et al., TCC 2006.
    """
    if not epsilon > 0:
        raise ValueError(f"laplace_mean: epsilon must be above 0, got {epsilon}")
    if not len(values) or not low < high:
        raise ValueError(f"laplace_mean: need values and low < high, got {len(values)} values in [{low}, {high}]")
    return float(np.clip(values, low, high).mean() + rng.laplace(0, (high - low) / (len(values) * epsilon)))


def clip_per_sample(gradients, bound: float) -> np.ndarray:
    """Shorten each row to norm `bound` where it is longer: g / max(1, ‖g‖/C); (N, P) → (N, P). Abadi et al., 2016."""
    if not bound > 0:
        raise ValueError(f"clip_per_sample: bound must be above 0, got {bound}")
    gradients = np.asarray(gradients)
    norm = np.sqrt((gradients**2).sum(1, keepdims=True))  # (N, 1)
    return gradients / np.maximum(1, norm / bound)


def softmax_gradients(weight, x, y) -> np.ndarray:
    """Per-sample gradients of the cross-entropy of softmax(x Wᵀ): (p - onehot(y)) xᵀ, flat.

    weight (C, D), x (N, D), y (N,) → (N, C·D). A column of ones in x makes a bias.
    """
    delta = softmax(x @ weight.T)
    delta[np.arange(len(y)), y] -= 1  # (N, C)
    return (delta[:, :, None] * x[:, None]).reshape(len(x), -1)


def dp_sgd(x, y, classes: int, rng, *, noise: float, bound=1.0, rate=0.05, steps=300, lr=0.5) -> np.ndarray:
    """Softmax regression by DP-SGD: each sample's gradient clipped to C, N(0, σ²C²) added to their sum.

    Abadi et al., CCS 2016, algorithm 1. Each step takes every sample with probability `rate` (Poisson sampling), as
    the accountant assumes, and divides by the expected batch size.

    Parameters
    ----------
    noise : float
        σ, the noise multiplier; 0 clips only and protects nobody.

    Returns
    -------
    array, (classes, D)
        The weights.
    """
    if noise < 0 or not 0 < rate <= 1:
        raise ValueError(f"dp_sgd: noise must be at least 0 and rate in (0, 1], got {noise} and {rate}")
    weight = np.zeros((classes, x.shape[1]))
    for _ in range(steps):
        batch = rng.random(len(x)) < rate
        total = clip_per_sample(softmax_gradients(weight, x[batch], y[batch]), bound).sum(0)
        total += noise * bound * rng.normal(size=total.shape)
        weight -= lr * total.reshape(weight.shape) / (rate * len(x))
    return weight


def spent_epsilon(noise: float, rate: float, steps: int, delta: float) -> float:
    """ε of (ε, δ)-differential privacy that `dp_sgd` has spent, by Google's dp-accounting (Rényi, integer orders).

    Raises
    ------
    ImportError
        If dp-accounting is not installed; the message says how.
    """
    try:
        from dp_accounting import GaussianDpEvent, PoissonSampledDpEvent
        from dp_accounting.rdp import RdpAccountant
    except ImportError:
        raise ImportError("spent_epsilon: needs the accountant: pip install dp-accounting") from None
    accountant = RdpAccountant(orders=list(range(2, 129)))
    accountant.compose(PoissonSampledDpEvent(rate, GaussianDpEvent(noise)), steps)
    return float(accountant.get_epsilon(delta))


def exposure(losses, index: int) -> float:
    """log₂ of the number of candidates less log₂ of the secret's rank: how far memory lifts it above chance.

    0 bits: the model likes it least of all; log₂(number): it likes it best. By chance about 1.4 on average. Carlini et
    al., USENIX Security 2019.

    Parameters
    ----------
    losses : array, (R,)
        The model's loss on every candidate, the secret among them at `index`.
    """
    losses = np.asarray(losses)
    rank = 1 + int((losses < losses[index]).sum())
    return float(np.log2(len(losses)) - np.log2(rank))
