"""Mixture of experts: a gate sends each input to one of several small models."""

import numpy as np

from course_lib import activations, nn, optim
from course_lib.autograd import Tensor, no_grad

SLOPES = np.array([[3, 0], [0, 3], [-3, 1], [1, -3]])
OFFSETS = np.array([1, -2, 2, -1])


class Mixture(nn.Module):
    """y = Σ_k g_k(x) · (a_k · x + b_k): linear experts, and a gate g = softmax(W x + b).

    Jacobs et al., Neural Computation 3(1) (1991). With ``top=1`` only the expert with the largest share answers, times
    that share: Fedus, Zoph & Shazeer, JMLR 23 (2022).

    Parameters
    ----------
    inputs, experts : int
    top : {1, None}
        None lets all experts answer.

    Shapes: x (N, inputs) → y (N,).
    """

    def __init__(self, inputs, experts, top=1, *, rng):
        self.gate, self.experts = (nn.Linear(inputs, experts, rng=rng) for _ in range(2))
        self.top = top

    def shares(self, x):
        """The gate's softmax, (N, experts)."""
        return activations.softmax(self.gate(x), -1)

    def forward(self, x):
        """Compute all experts and use what the gate allows: simple, and not the cheap way that `counts` counts."""
        g = self.shares(x)
        g = g * first(g.data) if self.top else g
        return (g * self.experts(x)).sum(-1)


def first(shares) -> np.ndarray:
    """1 at the largest share of each row, else 0; of equal shares the first counts."""
    shares = np.asarray(shares)
    return np.eye(shares.shape[1], dtype=shares.dtype)[shares.argmax(1)]


def balance(shares) -> float:
    """Load-balancing term E · Σ_k f_k P_k: f_k the fraction of inputs sent to k, P_k the mean share of k.

    1 if all experts get the same, E if one gets all. Fedus, Zoph & Shazeer, JMLR 23 (2022), eq. 4.

    Raises
    ------
    ValueError
        Unless shares are (N, E) with N > 0.
    """
    shares = np.asarray(shares)
    if shares.ndim != 2 or not len(shares):
        raise ValueError(f"balance: expected shares (N, E) with N > 0, got {shares.shape}")
    return float(shares.shape[1] * (first(shares).mean(0) * shares.mean(0)).sum())


def counts(inputs: int, hidden: int, experts: int) -> tuple[int, int]:
    """(parameters, FLOPs for one input) of a top-1 mixture of two-layer experts, inputs → hidden → inputs, no biases.

    A weight is one multiplication and one addition; the gate has inputs · experts weights and is always computed.
    """
    expert, gate = 2 * inputs * hidden, inputs * experts
    return experts * expert + gate, 2 * (expert + gate)


def quadrants(n: int, rng, noise: float = 0.1):
    """x (n, 2) in the square [-1, 1]²; y (n,) another linear function in each quadrant; which quadrant (n,)."""
    x = rng.uniform(-1, 1, (n, 2)).astype(np.float32)
    which = (x[:, 0] > 0) * 2 + (x[:, 1] > 0)
    y = (x * SLOPES[which]).sum(1) + OFFSETS[which] + noise * rng.normal(size=n)
    return x, y.astype(np.float32), which


def train(model, rng, pull: float = 0.0, steps: int = 400) -> float:
    """Train on `quadrants`; return the mean squared error on 1,000 new points.

    Parameters
    ----------
    model : Mixture, or another module (N, 2) → (N,) or (N, 1) if pull is 0
    pull : float
        Weight of the balancing term in the loss.
    """
    optimizer = optim.Adam(model.parameters(), lr=0.03)
    for _ in range(steps):
        x, y, _ = quadrants(128, rng)
        optimizer.zero_grad()
        loss = ((model(x).reshape(-1) - Tensor(y)) ** 2).mean()
        if pull:
            g = model.shares(x)
            loss = loss + (g.mean(0) * first(g.data).mean(0)).sum() * (pull * g.shape[1])
        loss.backward()
        optimizer.step()
    x, y, _ = quadrants(1000, rng)
    with no_grad():
        return float(((model(x).data.ravel() - y) ** 2).mean())
