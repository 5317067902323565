"""What a request costs, and what two ways of charging for it leave."""

import numpy as np


def request_cost(tokens_in: float, tokens_out: float, usd_in: float, usd_out: float) -> float:
    """Dollars for a request; prices are for a million tokens, and answers cost more than prompts."""
    if min(tokens_in, tokens_out, usd_in, usd_out) < 0:
        raise ValueError("request_cost: tokens and prices must not be negative")
    return (tokens_in * usd_in + tokens_out * usd_out) / 1e6


def heavy_users(users: int, rng, median: float = 100.0, spread: float = 1.5) -> np.ndarray:
    """Requests of each user in a month, (users,): lognormal, so that a few ask for most of it."""
    return median * np.exp(spread * rng.normal(size=users))


def margins(requests, cost: float, fee: float, price: float) -> tuple[np.ndarray, np.ndarray]:
    """What each user leaves: with a flat `fee` a month (subscription), and with a `price` a request (metered)."""
    requests = np.asarray(requests, float)
    return fee - requests * cost, requests * (price - cost)
