"""Zero-shot recognition: an unseen class is recognised from its description. The description here: seven segments."""

import numpy as np

SEGMENTS = np.array(
    [[c == "1" for c in row] for row in (
        "1111110", "0110000", "1101101", "1111001", "0110011", "1011011", "1011111", "1110000", "1111111", "1111011",
    )], float)  # fmt: skip
"""Which of the seven strokes of a pocket calculator's display each digit lights: (10, 7)."""


def attribute_weights(x, attributes, penalty: float = 1.0) -> np.ndarray:
    """Ridge regression from inputs to attributes: (XᵀX + λI)⁻¹ XᵀA with a column of ones; (N, D), (N, K) → (D+1, K).

    Lampert, Nickisch & Harmeling, CVPR 2009, predict attributes first and the class from them.
    """
    if len(x) != len(attributes):
        raise ValueError(f"attribute_weights: {len(x)} inputs and {len(attributes)} attribute rows")
    x = np.column_stack([x, np.ones(len(x))]).astype(float)
    return np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T @ attributes)


def predict_attributes(weights, x) -> np.ndarray:
    """What `attribute_weights` says of new inputs: (N, D) → (N, K)."""
    return np.column_stack([x, np.ones(len(x))]) @ weights
