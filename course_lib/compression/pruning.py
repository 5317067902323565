"""Magnitude pruning: the weights nearest to 0 become 0. LeCun, Denker & Solla, 1990; Han et al., NeurIPS 2015.

Masks are Boolean arrays by name, True where a weight stays. They cover weights (two dimensions or more), not biases.
"""

import numpy as np

from course_lib.training import Callback


def magnitude_masks(state: dict, amount: float, scope: str = "global") -> dict[str, np.ndarray]:
    """Masks that drop the share `amount` of the weights, those of smallest |w|. Han et al., NeurIPS 2015.

    Parameters
    ----------
    state : dict
        ``model.state_dict()``.
    amount : float in [0, 1]
    scope : {"global", "layer"}
        Compare the weights of all layers, or drop the same share in each.
    """
    sizes = {name: np.abs(w) for name, w in _weights("magnitude_masks", state, amount).items()}
    if scope == "layer":
        return {name: _keep_largest(size, amount) for name, size in sizes.items()}
    if scope != "global":
        raise ValueError(f'magnitude_masks: scope must be "global" or "layer", got {scope!r}')
    kept = _keep_largest(np.concatenate([size.ravel() for size in sizes.values()] or [np.zeros(0)]), amount)
    parts = np.split(kept, np.cumsum([size.size for size in sizes.values()])[:-1])
    return {name: part.reshape(sizes[name].shape) for name, part in zip(sizes, parts, strict=False)}


def row_masks(state: dict, amount: float) -> dict[str, np.ndarray]:
    """Masks that drop the share `amount` of each weight's rows, those of smallest Euclidean norm. Li et al., ICLR 2017.

    A row (a filter, in a convolution) is all that one output unit sees: without it the unit is constant.
    """
    masks = {}
    for name, w in _weights("row_masks", state, amount).items():
        keep = _keep_largest(np.sqrt((w.reshape(len(w), -1).astype(float) ** 2).sum(1)), amount)
        masks[name] = np.broadcast_to(keep.reshape(-1, *[1] * (w.ndim - 1)), w.shape).copy()
    return masks


def apply_masks(state: dict, masks: dict) -> dict[str, np.ndarray]:
    """Return the state with 0 for every weight whose mask is False."""
    if unknown := sorted(masks.keys() - state.keys()):
        raise ValueError(f"apply_masks: no {', '.join(unknown)} in the state")
    return {name: np.where(masks.get(name, True), value, 0).astype(value.dtype) for name, value in state.items()}


class KeepPruned(Callback):
    """Hold pruned weights at 0 while the others train on (fine-tuning after pruning).

    Parameters
    ----------
    masks : dict
        As `magnitude_masks` or `row_masks` return them.
    """

    def __init__(self, masks):
        self.masks = masks

    def on_step(self, trainer):
        """Put the zeros back."""
        for name, p in trainer.model.named_parameters():
            if name in self.masks:
                p.data *= self.masks[name]


def _weights(name, state, amount):
    if not 0 <= amount <= 1:
        raise ValueError(f"{name}: amount must lie in [0, 1], got {amount}")
    return {key: value for key, value in state.items() if value.ndim >= 2}


def _keep_largest(size, amount):
    """Mask with False at the round(amount·n) smallest."""
    keep = np.ones(size.size, bool)
    keep[np.argsort(size, axis=None, kind="stable")[: round(amount * size.size)]] = False
    return keep.reshape(size.shape)
