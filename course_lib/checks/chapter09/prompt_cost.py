"""9.1 What a prompt costs."""

from course_lib.topics import pricing

from ..spec import Exercise, Mistake


def prompt_cost(tokens_in, tokens_out, usd_in, usd_out, requests):
    """Dollars for so many requests of tokens_in and tokens_out tokens each; prices are per million tokens."""
    return requests * (tokens_in * usd_in + tokens_out * usd_out) / 1e6


def reference(tokens_in, tokens_out, usd_in, usd_out, requests):
    """The library's, for many requests."""
    return requests * pricing.request_cost(tokens_in, tokens_out, usd_in, usd_out)


def cases(rng):
    """Prices of 0.1 to 20 dollars."""
    for _ in range(8):
        prices = rng.uniform(0.1, 20, 2).round(2).tolist()
        yield (*rng.integers(1, 5000, 2).tolist(), *prices, int(rng.integers(1, 10**6)))


SUM = "tokens_in * usd_in + tokens_out * usd_out"

EXERCISE = Exercise(
    id="9.1",
    title="What a prompt costs",
    answer=prompt_cost,
    reference=reference,
    cases=cases,
    edges=((1000, 0, 0.5, 1.5, 1000), (0, 1000, 0.5, 1.5, 1000), (1500, 500, 0.5, 1.5, 1), (10, 10, 3.0, 15.0, 0),
           (10**6, 10**6, 2.0, 8.0, 1), (1, 1, 0.1, 0.4, 10**9)),
    mistakes=(
        Mistake("per-thousand", {"1e6": "1e3"}, "The prices are for a million tokens, not for a thousand."),
        Mistake("per-token", {" / 1e6": ""}, "The prices are for a million tokens: divide by 1e6."),
        Mistake("answer-free", {" + tokens_out * usd_out": ""}, "The answer's tokens cost as well."),
        Mistake("prompt-free", {"tokens_in * usd_in + ": ""}, "The prompt's tokens cost as well."),
        Mistake("one-price-in", {"tokens_out * usd_out": "tokens_out * usd_in"},
                "The answer is charged at the prompt's price; its own is usd_out."),
        Mistake("one-price-out", {"tokens_in * usd_in": "tokens_in * usd_out"},
                "The prompt is charged at the answer's price; its own is usd_in."),
        Mistake("crossed", {SUM: "tokens_in * usd_out + tokens_out * usd_in"}, "The two prices have changed places."),
        Mistake("mean-price", {SUM: "(tokens_in + tokens_out) * (usd_in + usd_out) / 2"},
                "It charges all tokens at the mean price. Each kind has its own."),
        Mistake("summed-price", {SUM: "(tokens_in + tokens_out) * (usd_in + usd_out)"},
                "Every token is charged both prices. Each kind has its own."),
        Mistake("one-request", {"requests * ": ""}, "This is one request; multiply by their number."),
        Mistake("prompt-once", {"requests * (tokens_in * usd_in + tokens_out * usd_out)":
                                "(tokens_in * usd_in + requests * tokens_out * usd_out)"},
                "The prompt is charged once. It is sent with every request."),
        Mistake("each-counted-up", {"1e6": "1e6 / 100"}, "This is in cents; dollars are asked for."),
        Mistake("whole", {"/ 1e6": "// 1e6"}, "// drops the cents; divide with /."),
    ),
    right=(
        lambda i, o, a, b, n: n * i / 1e6 * a + n * o / 1e6 * b,
        lambda i, o, a, b, n: sum(n * t * p * 1e-6 for t, p in ((i, a), (o, b))),
    ),
    hints=(
        "How many tokens of each kind are there in all the requests?",
        "Tokens times price, divided by a million, for each kind.",
        "Add up the two, times the number of requests.",
    ),
    minutes=5,
    difficulty=1,
    claims=("S1-9.3-funding", "S1-9.5-revenue"),
)  # fmt: skip
