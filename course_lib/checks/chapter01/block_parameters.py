"""1.2 The parameters of a transformer block."""

from course_lib.topics import cards

from ..spec import Exercise, Mistake


def block_parameters(d, d_ff):
    """Parameters of a block: 4 projections d → d, feed-forward d → d_ff → d, all with biases; 2 layer norms."""
    attention = 4 * (d * d + d)
    feed_forward = (d * d_ff + d_ff) + (d_ff * d + d)
    return attention + feed_forward + 2 * (2 * d)


def cases(rng):
    """Widths, and feed-forward parts two to five times as wide."""
    for top in (6, 20, 100):
        for _ in range(2):
            d = int(rng.integers(2, top))
            yield d, d * int(rng.integers(2, 6)) + int(rng.integers(0, 2))


ATTENTION, NORMS = "4 * (d * d + d)", "2 * (2 * d)"
UP, DOWN = "(d * d_ff + d_ff)", "(d_ff * d + d)"

EXERCISE = Exercise(
    id="1.2",
    title="Parameters of a transformer block",
    answer=block_parameters,
    reference=cards.block_parameters,
    cases=cases,
    edges=((2, 3), (1, 1), (4, 16), (768, 3072), (12288, 49152), (8, 8)),
    mistakes=(
        Mistake("no-biases", {ATTENTION: "4 * d * d", UP: "d * d_ff", DOWN: "d_ff * d"},
                "The biases are missing: each of the six linear layers has one for every output."),
        Mistake("three-projections", {ATTENTION: "3 * (d * d + d)"},
                "Query, key and value are three; the fourth projection brings the heads together (output)."),
        Mistake("one-feed-forward", {f" + {DOWN}": ""},
                "The feed-forward part has two layers: d → d_ff, and back, d_ff → d."),
        Mistake("down-bias", {DOWN: "(d_ff * d + d_ff)"},
                "The second feed-forward layer has d outputs, so d biases, not d_ff."),
        Mistake("no-feed-forward-biases", {UP: "d * d_ff", DOWN: "d_ff * d"},
                "The feed-forward biases are missing: d_ff of the first layer, d of the second."),
        Mistake("up-bias", {UP: "(d * d_ff + d)"}, "The first feed-forward layer has d_ff outputs, so d_ff biases."),
        Mistake("no-norms", {f" + {NORMS}": ""},
                "4d are missing: the two layer norms (a scale and a shift for each of d features), or the biases of "
                "the four projections. Count both."),
        Mistake("one-norm", {NORMS: "2 * d"},
                "That is one layer norm (scale and shift), or two without shifts. Two norms have 2 · 2d."),
        Mistake("always-four", lambda d, d_ff: 12 * d * d + 13 * d,
                "12d² + 13d holds for d_ff = 4d only. Use d_ff."),
        Mistake("rule-of-thumb", lambda d, d_ff: 12 * d * d,
                "12d² is the rule of thumb for d_ff = 4d, without biases and norms. Count exactly, and use d_ff."),
        Mistake("square-feed-forward", {UP: "(d_ff * d_ff + d_ff)"},
                "The first feed-forward layer has d inputs and d_ff outputs: d · d_ff weights."),
    ),
    right=(
        lambda d, d_ff: 4 * d * (d + 1) + 2 * d * d_ff + d_ff + 5 * d,
        lambda d, d_ff: sum((i + 1) * o for i, o in [(d, d)] * 4 + [(d, d_ff), (d_ff, d)]) + 4 * d,
    ),
    hints=(
        "Six linear layers and two norms. Exercise 1.1 counts a linear layer.",
        "Four layers d → d, one d → d_ff, one d_ff → d. A norm has 2d parameters: a scale and a shift.",
        "4 * (d*d + d) + (d*d_ff + d_ff) + (d_ff*d + d) + 4*d",
    ),
    minutes=10,
    difficulty=2,
    claims=("S4-1.4-acronyms", "S1-1.1-gpt3-size"),
)
