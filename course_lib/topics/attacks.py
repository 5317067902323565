"""What an attacker can do with a model or with a gradient: fool it, read its training data, tell who was in it."""

import numpy as np

from course_lib import losses
from course_lib.autograd import Tensor


def fgsm(model, x, y, epsilon: float) -> np.ndarray:
    """x + ε·sign(∂loss/∂x), cut to [0, 1]: the fast gradient sign method. Goodfellow, Shlens & Szegedy, ICLR 2015.

    No pixel moves by more than ε.
    """
    if epsilon < 0:
        raise ValueError(f"fgsm: epsilon must be at least 0, got {epsilon}")
    inputs = Tensor(np.array(x), requires_grad=True)
    losses.cross_entropy(model(inputs), y, reduction="sum").backward()
    return np.clip(x + epsilon * np.sign(inputs.grad), 0, 1).astype(inputs.data.dtype)


def invert_linear(weight_grad, bias_grad) -> np.ndarray:
    """The input of a linear layer from its gradients: ∂L/∂W = δxᵀ and ∂L/∂b = δ, so any row divided by its δ is x.

    Exact for one sample; for a batch it is a mixture with weights δ. Geiping et al., NeurIPS 2020, prop. 3.1.

    Parameters
    ----------
    weight_grad, bias_grad : array, (out, in) and (out,)

    Returns
    -------
    array, (in,)
        From the row with the largest |δ|.
    """
    row = int(np.argmax(np.abs(bias_grad)))
    if bias_grad[row] == 0:
        raise ValueError("invert_linear: all bias gradients are 0, nothing of the input is left in them")
    return weight_grad[row] / bias_grad[row]


def sample_losses(logits, y) -> np.ndarray:
    """Cross-entropy of each sample: (N, C), (N,) → (N,). Low loss betrays a member. Yeom et al., CSF 2018."""
    return np.asarray(losses.cross_entropy(np.asarray(logits), y, reduction="none"))
