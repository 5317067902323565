"""1.3 GPU-hours of a training run."""

from course_lib.topics import cost

from ..spec import Exercise, Mistake


def train_hours(params, tokens, peak, utilisation):
    """Hours that one GPU needs for 6·N·D FLOPs, at the share `utilisation` of its peak (FLOP/s)."""
    return 6 * params * tokens / (peak * utilisation) / 3600


def reference(params, tokens, peak, utilisation):
    """The library's two steps."""
    return cost.gpu_hours(cost.train_flops(params, tokens), peak, utilisation)


def cases(rng):
    """Small runs and large ones."""
    for n, d, peak in ((2e6, 3e7, 1e12), (1e8, 2e9, 1.25e14), (7e9, 1.4e11, 3.12e14), (1.75e11, 3e11, 9.89e14)):
        yield n * round(float(rng.uniform(1, 2)), 1), d, peak, round(float(rng.uniform(0.2, 0.7)), 2)


ALL = "6 * params * tokens / (peak * utilisation) / 3600"

EXERCISE = Exercise(
    id="1.3",
    title="GPU-hours of a training run",
    answer=train_hours,
    reference=reference,
    cases=cases,
    edges=((6e2, 1e6, 1e6, 0.5), (6e2, 1e6, 1e6, 1.0), (1e9, 2e10, 1e14, 0.4), (1.75e11, 3e11, 1.25e14, 0.224)),
    mistakes=(
        Mistake("seconds", {" / 3600": ""}, "These are seconds. An hour has 3600 of them."),
        Mistake("minutes", {"3600": "60"}, "These are minutes; an hour has 3600 seconds."),
        Mistake("days", {"3600": "86400"}, "These are days; hours are asked for."),
        Mistake("forward-only", {"6 * params": "2 * params"},
                "2·N·D is the forward pass alone. The backward pass takes twice as much again: 6 in all."),
        Mistake("backward-only", {"6 * params": "4 * params"},
                "4·N·D is the backward pass alone; the forward pass adds 2·N·D."),
        Mistake("no-factor", {"6 * params": "params"}, "The 6 is missing: six FLOPs for each parameter and token."),
        Mistake("full-speed", {"(peak * utilisation)": "peak"},
                "It assumes the full peak. A run reaches a share of it: utilisation."),
        Mistake("utilisation-on-top", {"/ (peak * utilisation)": "* utilisation / peak"},
                "It multiplies by the utilisation. A slower GPU needs more hours: divide."),
        Mistake("idle-share", {"(peak * utilisation)": "(peak * (1 - utilisation))"},
                "1 - utilisation is the share that is lost. What works is utilisation."),
        Mistake("times-hours", {" / 3600": " * 3600"}, "Seconds become hours by dividing by 3600."),
        Mistake("upside-down", {ALL: "peak * utilisation / (6 * params * tokens) / 3600"},
                "It is upside down: operations over operations per second gives seconds."),
        Mistake("no-tokens", {" * tokens": ""}, "The training tokens are missing: each token costs 6·N."),
    ),
    right=(
        lambda n, d, peak, u: n * d / (600 * peak * u),
        lambda n, d, peak, u: (2 * n * d + 4 * n * d) / peak / u / 60 / 60,
    ),
    hints=(
        "First the operations, then the seconds, then the hours.",
        "6 · params · tokens operations; the GPU does peak · utilisation of them in a second.",
        "return 6 * params * tokens / (peak * utilisation) / 3600",
    ),
    minutes=6,
    difficulty=1,
    claims=("S0-1-cost-barrier",),
)
