"""Distillation: a small student learns from a large teacher's probabilities, not from labels alone."""

from course_lib.activations import log_softmax, softmax
from course_lib.losses import cross_entropy, kl_div


def distillation_loss(input, teacher, target, temperature: float = 4.0, alpha: float = 0.9):
    """α·T²·KL(softmax(teacher/T) ‖ softmax(input/T)) + (1-α)·cross_entropy(input, target).

    Softening divides gradients by T²; the factor puts them back, so that α keeps its meaning when T changes. Hinton,
    Vinyals & Dean, 2015, arXiv:1503.02531.

    Parameters
    ----------
    input : Tensor or array, (N, C)
        The student's logits.
    teacher : array, (N, C)
        The teacher's logits: constants.
    target : array, (N,)
        Class indices.
    temperature : float
        Above 0; the larger, the more the unlikely classes count.
    alpha : float in [0, 1]
        Weight of the teacher against the labels.
    """
    if not temperature > 0:
        raise ValueError(f"distillation_loss: temperature must be above 0, got {temperature}")
    if not 0 <= alpha <= 1:
        raise ValueError(f"distillation_loss: alpha must lie in [0, 1], got {alpha}")
    if input.ndim != 2 or input.shape != teacher.shape:
        raise ValueError(f"distillation_loss: student and teacher logits must both be (N, C), got {input.shape} and "
                         f"{teacher.shape}")  # fmt: skip
    soft = kl_div(log_softmax(input / temperature), softmax(teacher / temperature), reduction="batchmean")
    return soft * (alpha * temperature**2) + cross_entropy(input, target) * (1 - alpha)
