"""1.5 Build, or buy?"""

import math

from course_lib.topics import cost

from ..spec import Exercise, Mistake


def break_even_requests(fixed, own, api):
    """Requests after which building (fixed, then own each) costs the same as an API (api each); math.inf if never."""
    import math

    if own >= api:
        return math.inf
    return fixed / (api - own)


def cases(rng):
    """Cheap and dear requests, some of them dearer at home."""
    for fixed in (100.0, 6000.0, 60000.0, 1e6):
        own = round(float(rng.uniform(0.001, 0.01)), 4)
        yield fixed, own, round(own * float(rng.uniform(1.5, 9)), 4)
        yield fixed, own, round(own * float(rng.uniform(0.2, 0.9)), 4)


TEST, ANSWER = "own >= api", "fixed / (api - own)"

EXERCISE = Exercise(
    id="1.5",
    title="Build or buy",
    answer=break_even_requests,
    reference=cost.break_even_requests,
    cases=cases,
    edges=(
        (10.0, 1.0, 3.0), (10.0, 3.0, 1.0), (10.0, 2.0, 2.0), (10.0, 0.0, 4.0), (0.0, 1.0, 5.0),
        (60000.0, 0.001, 0.004), (1.0, 0.5, 4.0),
    ),
    mistakes=(
        Mistake("own-ignored", {ANSWER: "fixed / api"},
                "A request of your own costs something too. Each one saves api - own."),
        Mistake("own-only", {ANSWER: "fixed / own if own else math.inf"},
                "It divides by the cost of your own request. What pays the fixed cost back is api - own."),
        Mistake("added", {ANSWER: "fixed / (api + own)"}, "It adds the two costs; what counts is their difference."),
        Mistake("own-minus-api", {ANSWER: "fixed / (own - api)"},
                "Negative: the saving is api - own, not own - api."),
        Mistake("no-never", lambda fixed, own, api: fixed / (api - own) if api != own else math.inf,
                "Where your own request costs more than the API's, building never pays: return math.inf."),
        Mistake("no-test", lambda fixed, own, api: fixed / (api - own),
                "It divides without asking whether anything is saved. Where own ≥ api, building never pays: return "
                "math.inf."),
        Mistake("never-negative", lambda fixed, own, api: abs(fixed / (api - own)) if api != own else math.inf,
                "abs hides the case that never pays. Where own ≥ api, return math.inf."),
        Mistake("equal-fails", {TEST: "own > api"},
                "Where both requests cost the same, it divides by zero; that too is never: return math.inf."),
        Mistake("never-is-zero", {"return math.inf": "return 0.0"},
                "0 would mean that building pays at once. Never is math.inf."),
        Mistake("never-is-none", {"return math.inf": "return None"}, "Never is math.inf here, not None."),
        Mistake("test-turned", {TEST: "own <= api"},
                "The test is the wrong way round: never belongs to own ≥ api."),
        Mistake("dollars", {ANSWER: "fixed * api / (api - own)"},
                "These are dollars, the bill at which both are equal. Requests are asked for."),
        Mistake("profit", {ANSWER: "fixed * (api - own)"}, "It multiplies by the saving; divide by it."),
        Mistake("floor", {ANSWER: "fixed // (api - own)"},
                "// rounds down; a part of a request may stay here."),
    ),
    right=(
        lambda fixed, own, api: fixed / (api - own) if api > own else float("inf"),
        lambda fixed, own, api: next((fixed / s for s in [api - own] if s > 0), math.inf),
    ),
    hints=(
        "With how many requests n is fixed + own · n equal to api · n?",
        "Each request saves api - own. How many such savings pay the fixed cost?",
        "math.inf if own >= api, else fixed / (api - own)",
    ),
    minutes=7,
    difficulty=1,
    claims=("S2-1-market-fit",),
)
