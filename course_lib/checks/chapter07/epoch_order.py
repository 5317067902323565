"""7.6 The same order tomorrow."""

import numpy as np

from course_lib.topics import repeatable

from ..spec import Exercise, Mistake


def epoch_order(n, seed, epoch):
    """The permutation of n samples that NumPy's default_rng draws first, seeded with the list of seed and epoch."""
    return np.random.default_rng([seed, epoch]).permutation(n)


def cases(rng):
    """Some sizes, seeds and epochs."""
    for n in (4, 5, 8, 12):
        yield n, int(rng.integers(0, 100)), int(rng.integers(0, 20))
        yield n, int(rng.integers(0, 100)), int(rng.integers(0, 20))


def legacy(n, seed, epoch):
    """The old global generator."""
    np.random.seed(seed + epoch)  # noqa: NPY002
    return np.random.permutation(n)  # noqa: NPY002


def generator_kept(n, seed, epoch):
    """Draw all orders up to this epoch from one generator."""
    rng = np.random.default_rng(seed)
    return [rng.permutation(n) for _ in range(epoch + 1)][-1]


RNG, DRAW = "np.random.default_rng([seed, epoch])", ".permutation(n)"

EXERCISE = Exercise(
    id="7.6",
    title="An order that can be repeated",
    answer=epoch_order,
    reference=repeatable.epoch_order,
    cases=cases,
    edges=((6, 0, 0), (6, 0, 1), (6, 1, 0), (7, 2, 3), (7, 3, 2), (1, 5, 5), (20, 1, 2)),
    mistakes=(
        Mistake("unsteady", {RNG: "np.random.default_rng()"}),
        Mistake("global", legacy,
                "np.random.seed sets a generator that every library shares: whoever draws from it in between changes "
                "your order. Make a generator of your own, from [seed, epoch]."),
        Mistake("epoch-ignored", {"[seed, epoch]": "seed"},
                "Every epoch gets the same order; the epoch belongs into the seed: [seed, epoch]."),
        Mistake("seed-ignored", {"[seed, epoch]": "epoch"}, "The seed is not used, only the epoch."),
        Mistake("added", {"[seed, epoch]": "seed + epoch"},
                "seed + epoch repeats itself: seed 0 in epoch 1 is seed 1 in epoch 0. Pass both, [seed, epoch]."),
        Mistake("multiplied", {"[seed, epoch]": "seed * 1000 + epoch"},
                "One number made of two works until they overlap. Pass both: [seed, epoch]."),
        Mistake("other-way", {"[seed, epoch]": "[epoch, seed]"},
                "Seed and epoch have changed places; the exercise fixes the order [seed, epoch]."),
        Mistake("kept", generator_kept,
                "It draws the orders of all epochs from one generator. To repeat epoch 50 it has to draw 50 orders; "
                "with [seed, epoch] each one stands alone."),
        Mistake("not-shuffled", {f"{RNG}{DRAW}": "np.arange(n)"}, "Nothing is shuffled."),
        Mistake("with-repeats", {DRAW: ".integers(0, n, n)"},
                "integers draws with repeats: some samples come twice, others never. Use permutation."),
        Mistake("random-keys", {f"{RNG}{DRAW}": f"np.argsort({RNG}.random(n))"},
                "A fair order, but not the one that was agreed: two people can repeat each other's runs only if they "
                "draw alike. Use permutation(n)."),
        Mistake("from-one", {DRAW: ".permutation(n) + 1"}, "It counts from 1; indices count from 0."),
        Mistake("reversed", {DRAW: ".permutation(n)[::-1]"}, "It is the agreed order, backwards."),
        Mistake("inverse", {f"{RNG}{DRAW}": f"np.argsort({RNG}{DRAW})"},
                "This is the inverse permutation: where each sample goes, not which sample comes next."),
        Mistake("one-less", {"permutation(n)": "permutation(n - 1)"}, "One sample is missing."),
    ),
    right=(
        lambda n, seed, epoch: np.random.Generator(
            np.random.PCG64(np.random.SeedSequence([seed, epoch]))).permutation(n),
        lambda n, seed, epoch: np.random.default_rng((seed, epoch)).permutation(np.arange(n)),
    ),
    hints=(
        "np.random.default_rng takes one number, or a list of numbers, as its seed.",
        "The generator must know both the seed and the epoch, and nothing else.",
        "np.random.default_rng([seed, epoch]).permutation(n)",
    ),
    minutes=6,
    difficulty=1,
)
