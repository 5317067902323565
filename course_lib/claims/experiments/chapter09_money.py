"""Where the money goes, and which price brings it back."""

import numpy as np

from course_lib.claims.evidence import Evidence, close
from course_lib.topics import pricing

PRICES = {"usd_in": 0.5, "usd_out": 1.5}  # dollars per million tokens: assumed


def funding():
    """One-off work against requests, for a hundred users and for a hundred thousand, over two years."""
    each = pricing.request_cost(1500, 500, **PRICES)
    fixed, share = 200_000.0, {}
    for users in (100, 100_000):
        served = users * 100 * 24 * each
        share[users] = served / (served + fixed)
    return Evidence(
        f"a request of 1,500 tokens in and 500 out costs {each * 100:.2f} cents; beside 200,000 dollars for the "
        "work, requests are "
        f"{share[100]:.0%} of two years' cost for 100 users and {share[100_000]:.0%} for 100,000.",
        said={"with few users the work is nearly all": share[100] < 0.1},
        gap={"with many the requests are most of it": share[100_000] > 0.5},
        right={"tokens in and out, each at its price": close(each, 0.0015)},
        numbers={"a request": each},
    )


def revenue():
    """A subscription at twice the typical user's cost, and a price per request at twice its cost."""
    requests = pricing.heavy_users(10_000, np.random.default_rng(0))
    cost = pricing.request_cost(1500, 500, usd_in=0.5, usd_out=1.5)  # as in the chapter
    flat, metered = pricing.margins(requests, cost, fee=2 * np.median(requests) * cost, price=2 * cost)
    top = np.sort(requests)[-1000:].sum() / requests.sum()
    return Evidence(
        f"a tenth of the users send {top:.0%} of the requests: the subscription loses {-flat.mean():.2f} dollars a "
        "user and month "
        f"(and gains on {np.mean(flat > 0):.0%} of them), the metered price earns {metered.mean():.2f}.",
        said={"a price per use earns": metered.mean() > 0},
        gap={"a subscription at the same margin for the typical user loses": flat.mean() < 0 < np.median(flat)},
        right={"a few send most of it": top > 0.4},
        numbers={"flat": flat.mean(), "metered": metered.mean()},
    )
