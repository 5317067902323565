"""1.1 The parameters of a layer."""

from course_lib.topics import cards

from ..spec import Exercise, Mistake


def linear_parameters(n_in, n_out):
    """How many parameters a fully connected layer with n_in inputs and n_out units has."""
    return n_in * n_out + n_out


def cases(rng):
    """Layers of different sizes."""
    for top in (5, 20, 100, 1000):
        yield int(rng.integers(2, top)), int(rng.integers(2, top))


ALL = "n_in * n_out + n_out"

EXERCISE = Exercise(
    id="1.1",
    title="Parameters of a layer",
    answer=linear_parameters,
    reference=cards.linear_parameters,
    cases=cases,
    edges=((2, 3), (1, 1), (64, 32), (32, 10), (3, 1), (1, 7), (12288, 49152)),
    mistakes=(
        Mistake("no-bias", {ALL: "n_in * n_out"}, "These are the weights. Every unit also has a bias."),
        Mistake("one-bias", {ALL: "n_in * n_out + 1"},
                "It counts one bias for the layer. Every unit has one of its own: n_out of them."),
        Mistake("bias-of-inputs", {ALL: "n_in * n_out + n_in"},
                "It counts a bias for every input. The biases belong to the units: n_out of them."),
        Mistake("both-biases", {ALL: "n_in * n_out + n_in + n_out"},
                "The inputs have no biases, only the units: n_out."),
        Mistake("ends", {ALL: "n_in + n_out"},
                "It adds inputs and units. Every input is joined to every unit, so there are n_in · n_out weights."),
        Mistake("square", {ALL: "(n_in + 1) * (n_out + 1)"},
                "A bias acts like one more input, always 1: (n_in + 1) · n_out. The units do not get one more."),
        Mistake("biases-only", {ALL: "n_out"}, "These are the biases; the weights, n_in · n_out, are missing."),
        Mistake("minus", {ALL: "n_in * n_out - n_out"}, "The biases are subtracted; they come on top."),
        Mistake("twice", {ALL: "2 * (n_in * n_out + n_out)"},
                "Twice too many: a multiplication and an addition are two operations, but one weight."),
        Mistake("as-text", {ALL: 'f"{n_in * n_out + n_out}"'}, "It returns text. Return the number itself."),
    ),
    right=(
        lambda n_in, n_out: (n_in + 1) * n_out,
        lambda n_in, n_out: sum(n_in + 1 for _ in range(n_out)),
    ),
    hints=(
        "Take one unit. It has a weight for every input. And what else?",
        "One unit has n_in weights and one bias.",
        "n_out units: return n_in * n_out + n_out",
    ),
    minutes=4,
    difficulty=1,
)
