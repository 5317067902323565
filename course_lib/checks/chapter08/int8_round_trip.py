"""8.2 Eight bits and back."""

import numpy as np

from course_lib.compression import dequantize, quantize

from ..spec import Exercise, Mistake, numbers


def int8_round_trip(w):
    """(w as integers from -127 to 127 times one scale, the scale); the scale is max|w| / 127, or 1 where all are 0."""
    largest = np.abs(w).max()
    scale = largest / 127 if largest > 0 else 1.0
    return np.round(w / scale) * scale, float(scale)


def reference(w):
    """The library's, with one scale for the whole array."""
    values, scale = quantize(w, 8)
    return dequantize(values, scale), float(scale.squeeze())


def cases(rng):
    """Arrays of one to three axes."""
    for shape in ((2,), (3,), (2, 3), (4, 2), (2, 2, 3)):
        yield (numbers(rng, *shape),)
    yield (numbers(rng, 3, 4).T,)
    yield (numbers(rng, 6) - 5.0,)
    yield (numbers(rng, 6) * 0.01,)


ROUND = "np.round(w / scale) * scale"

EXERCISE = Exercise(
    id="8.2",
    title="Eight bits and back",
    answer=int8_round_trip,
    reference=reference,
    cases=cases,
    edges=(
        (np.array([1.0]),),
        (np.array([1.0, 0.5]),),
        (np.array([-2.0, 0.3]),),
        (np.zeros(3),),
        (np.array([1e4, 1.0, -3.0]),),
        (np.array([1e-4, 2e-5]),),
    ),
    mistakes=(
        Mistake("signed-max", {"np.abs(w).max()": "w.max()"},
                "The scale comes from the largest weight, so large negative ones fall outside -127..127. Take the "
                "largest |w|."),
        Mistake("255", {"largest / 127": "largest / 255"},
                "It uses 255 steps from 0 to the largest. A signed byte has 127 on each side."),
        Mistake("128", {"largest / 127": "largest / 128"},
                "128 does not fit into a signed byte, which ends at 127."),
        Mistake("range-over-255", {"largest / 127": "(w.max() - w.min()) / 255"},
                "The range max - min over 255 belongs to asymmetric quantisation, with a zero point. Here 0 stays 0: "
                "max|w| / 127."),
        Mistake("cut-off", {"np.round(w / scale)": "np.trunc(w / scale)"},
                "It cuts off towards 0 where it should round; the error is up to a whole step, not half of one."),
        Mistake("floor", {"np.round(w / scale)": "np.floor(w / scale)"},
                "It rounds down. Round to the nearest: the error is then at most half a step, and not biased."),
        Mistake("no-way-back", {ROUND: "np.round(w / scale)"},
                "These are the integers. Multiply by the scale again to come back."),
        Mistake("not-rounded", {ROUND: "w"}, "Nothing is rounded: this is w itself."),
        Mistake("zero-division", {" if largest > 0 else 1.0": ""},
                "Where all weights are 0, the scale is 0 and 0/0 is not a number. Use a scale of 1 there."),
        Mistake("inverse-scale", {"float(scale)": "float(1 / scale)"},
                "The scale is upside down: it is the size of one step, max|w| / 127."),
        Mistake("per-row", lambda w: (lambda s: (np.round(w / s) * s, float(s.max())))(
                np.where(np.abs(w).max(-1, keepdims=True) > 0, np.abs(w).max(-1, keepdims=True) / 127, 1.0)),
                "Each row has a scale of its own. That is more exact, but here one scale serves all."),
    ),
    right=(
        lambda w: (lambda s: (np.rint(w / s) * s, s))(float(max(w.max(), -w.min()) / 127 or 1.0)),
        lambda w: (np.array([round(v / (np.abs(w).max() / 127 or 1.0)) for v in w.ravel().tolist()]).reshape(w.shape)
                   * (np.abs(w).max() / 127 or 1.0), np.abs(w).max() / 127 or 1.0),
    ),
    hints=(
        "Which real number should become 127? Then one step is that number over 127.",
        "Divide by the scale, round to the nearest integer, multiply by the scale.",
        "scale = np.abs(w).max() / 127, with 1 instead of 0; return np.round(w / scale) * scale, scale.",
    ),
    minutes=10,
    difficulty=2,
    claims=("S0-8.1-compression-trend",),
    returns=("weights", "scale"),
)  # fmt: skip
