"""What a model costs: FLOPs, GPU-hours, memory, money, and when building beats buying.

Everything is an estimate from stated assumptions; the assumptions are the arguments.
"""

import math
from typing import NamedTuple


class GPU(NamedTuple):
    """An accelerator: peak in FLOP/s (16-bit, dense, as the maker states it), memory in bytes, an assumed price."""

    name: str
    peak: float
    memory: float
    usd_per_hour: float


# Peaks and memories from NVIDIA's data sheets. Prices are round assumptions for an hour of rent, not quotations.
V100 = GPU("V100 (2017)", 125e12, 32e9, 1.50)
A100 = GPU("A100 (2020)", 312e12, 80e9, 2.00)
H100 = GPU("H100 (2022)", 989e12, 80e9, 3.00)
HOURS_PER_YEAR = 365 * 24


def train_flops(params: float, tokens: float) -> float:
    """6·N·D: two FLOPs per parameter and token forwards, four backwards (Kaplan et al., arXiv 2001.08361, 2020)."""
    return 6.0 * params * tokens


def inference_flops(params: float, tokens: float) -> float:
    """2·N FLOPs per token: one multiplication and one addition for each parameter; attention itself left out."""
    return 2.0 * params * tokens


def compute_optimal_tokens(params: float) -> float:
    """About 20 tokens per parameter (Hoffmann et al., NeurIPS 2022)."""
    return 20.0 * params


def gpu_hours(flops: float, peak: float, utilisation: float) -> float:
    """Hours of one accelerator: FLOPs / (peak · utilisation · 3600).

    Raises
    ------
    ValueError
        If the utilisation is not in (0, 1] or the peak is not positive.
    """
    if not 0 < utilisation <= 1:
        raise ValueError(f"gpu_hours: utilisation must be in (0, 1], got {utilisation}")
    if not peak > 0:
        raise ValueError(f"gpu_hours: peak must be positive FLOP/s, got {peak}")
    return flops / (peak * utilisation) / 3600


def train_cost(params: float, tokens: float, gpu: GPU, utilisation: float) -> float:
    """Dollars for the arithmetic of one training run: failed runs, staff, data and storage are not in it."""
    return gpu_hours(train_flops(params, tokens), gpu.peak, utilisation) * gpu.usd_per_hour


OPTIMIZER_NUMBERS = {"sgd": 0, "momentum": 1, "adam": 2}  # numbers kept for each parameter


def training_bytes(params: float, width: int, optimizer: str = "adam") -> float:
    """Memory of weights, gradients and optimizer state, activations not counted.

    `width` bytes for each weight and each gradient; if that is less than 4, another 4 for a master copy of the weights
    in float32; 4 bytes for each number that the optimizer keeps (Rajbhandari et al., ZeRO, SC 2020: 16 with Adam).

    Raises
    ------
    ValueError
        If the optimizer is unknown.
    """
    if optimizer not in OPTIMIZER_NUMBERS:
        raise ValueError(f"training_bytes: optimizer must be one of {', '.join(OPTIMIZER_NUMBERS)}, got {optimizer!r}")
    master = 4 if width < 4 else 0
    return params * (2 * width + master + 4 * OPTIMIZER_NUMBERS[optimizer])


def kv_cache_bytes(layers: int, d: int, tokens: int, width: int = 2) -> int:
    """Keys and values kept for the tokens of a conversation: 2 · layers · d · tokens numbers."""
    return 2 * layers * d * tokens * width


def usd_per_million_tokens(params: float, gpu: GPU, utilisation: float) -> float:
    """Price of generating a million tokens on rented hardware: 2N FLOPs each.

    The utilisation must cover idle hours as well as slow arithmetic: hardware that waits costs the same.
    """
    return gpu_hours(inference_flops(params, 1e6), gpu.peak, utilisation) * gpu.usd_per_hour


def margin_per_request(price: float, tokens: float, usd_per_million: float, other: float = 0.0) -> float:
    """What a request leaves: its price, less its tokens and other costs (support, payment, retries)."""
    return price - tokens * usd_per_million / 1e6 - other


def break_even_requests(fixed: float, own: float, api: float) -> float:
    """Requests after which building (fixed cost, then `own` each) is as cheap as an API (`api` each).

    fixed / (api - own); infinite where a request of one's own costs as much or more.

    Raises
    ------
    ValueError
        If a cost is negative.
    """
    for name, value in (("fixed", fixed), ("own", own), ("api", api)):
        if value < 0:
            raise ValueError(f"break_even_requests: {name} must not be negative, got {value}")
    return fixed / (api - own) if api > own else math.inf
