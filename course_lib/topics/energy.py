"""What a model costs: operations counted, joules and money estimated from stated assumptions."""

from math import prod

import numpy as np

JOULES_PER_KWH = 3.6e6


def forward_flops(state: dict) -> int:
    """Floating-point operations of one sample through the linear layers of a state dict: 2·out·in each."""
    return sum(2 * prod(w.shape) for w in state.values() if w.ndim == 2)


def training_flops(parameters: float, tokens: float) -> float:
    """6·N·D: 2 for the forward pass, 4 for the backward pass, each per parameter and token. Kaplan et al., 2020."""
    return 6.0 * parameters * tokens


def energy_kwh(flops: float, peak: float, utilisation: float, watts: float, pue: float = 1.1) -> float:
    """Energy of a computation: time at the speed really reached, times power, times the building's overhead.

    Parameters
    ----------
    flops : float
        Operations in all.
    peak : float
        Operations per second that the data sheet promises, per device.
    utilisation : float in (0, 1]
        The share of them that is reached.
    watts : float
        Power of a device with its part of the host.
    pue : float
        Power usage effectiveness: what the building draws for each watt that computes; at least 1.
    """
    if not 0 < utilisation <= 1 or pue < 1:
        raise ValueError(f"energy_kwh: utilisation must lie in (0, 1] and pue be at least 1, got {utilisation}, {pue}")
    return flops / (peak * utilisation) * watts * pue / JOULES_PER_KWH


def speed_up(workers: int, serial: float) -> float:
    """Amdahl's law: 1 / (s + (1-s)/n) for n workers when the share s cannot be divided. Amdahl, AFIPS 1967."""
    if workers < 1 or not 0 <= serial <= 1:
        raise ValueError(f"speed_up: workers must be at least 1 and serial in [0, 1], got {workers} and {serial}")
    return 1 / (serial + (1 - serial) / workers)


def margin_per_request(price: float, tokens: float, gpu_hour: float, tokens_per_second: float, busy: float) -> float:
    """Price of a request less the accelerator time it uses, idle time included, in the money of the price.

    Parameters
    ----------
    price, gpu_hour : float
        What a request brings; what an hour of the accelerator costs.
    tokens : float
        Tokens that a request needs.
    tokens_per_second : float
        What the accelerator makes when it is busy.
    busy : float in (0, 1]
        Share of the paid time in which it is.
    """
    if not 0 < busy <= 1:
        raise ValueError(f"margin_per_request: busy must lie in (0, 1], got {busy}")
    return price - tokens / (tokens_per_second * busy) * gpu_hour / 3600


def response_times(load: float, service: float, count: int, rng):
    """Waiting plus service time of requests that come at random to one server, first come, first served: (count,).

    W_{n+1} = max(0, W_n + s - A_n) with exponential gaps A of mean s / load. Lindley, 1952.
    """
    if not 0 < load < 1:
        raise ValueError(f"response_times: load must lie in (0, 1), got {load}")
    change = service - rng.exponential(service / load, count)  # (count,)
    level = change.cumsum()
    return level - np.minimum(0, np.minimum.accumulate(level)) + service
