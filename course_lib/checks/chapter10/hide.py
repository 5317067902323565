"""10.2 BERT's rule for hiding letters."""

import numpy as np

from course_lib.topics import masked_lm

from ..spec import Exercise, Mistake


def hide(ids, picked, roll, others):
    """Inputs and targets by BERT's rule: mask, other letter or the letter itself; minus 100 stands for no target."""
    hidden = np.where(roll < 0.8, 27, np.where(roll < 0.9, others, ids))
    return np.where(picked, hidden, ids), np.where(picked, ids, -100)


def cases(rng):
    """Pieces of text of several shapes, a third of the letters picked."""
    for shape in ((3,), (8,), (20,), (2, 5), (4, 10), (30,)):
        ids, others = rng.integers(0, 27, (2, *shape))
        yield ids, rng.random(shape) < 0.4, rng.random(shape).round(2), others


IDS, ALL = np.arange(1, 6), np.ones(5, bool)
EDGE = np.array([0.0, 0.8, 0.79, 0.9, 0.95])

EXERCISE = Exercise(
    id="10.2",
    title="Hide letters as BERT does",
    answer=hide,
    reference=masked_lm.hide,
    cases=cases,
    edges=(
        (IDS, ALL, EDGE, IDS + 10),
        (IDS, ~ALL, EDGE, IDS + 10),
        (IDS, np.array([True, False, True, False, True]), EDGE, IDS + 10),
        (IDS, ALL, np.full(5, 0.85), IDS),
        (np.array([5, 5, 5, 5]), np.array([True, True, True, False]), np.array([0.85, 0.5, 0.95, 0.1]),
         np.array([7] * 4)),
    ),
    mistakes=(
        Mistake("always-mask", {"np.where(roll < 0.8, 27, np.where(roll < 0.9, others, ids))": "27"},
                "Every picked letter becomes the mask. One in ten becomes another letter, one in ten stays."),
        Mistake("never-another", {"np.where(roll < 0.9, others, ids)": "ids"},
                "From 0.8 to 0.9 the other letter has to be put in."),
        Mistake("never-stays", {"np.where(roll < 0.9, others, ids)": "others"},
                "From 0.9 on the letter stays what it is: the network cannot trust even what it sees."),
        Mistake("all-places", {"np.where(picked, hidden, ids)": "hidden"},
                "Letters that were not picked are changed too. Only the picked ones may be hidden."),
        Mistake("all-targets", {"np.where(picked, ids, -100)": "ids"},
                "Every letter is a target. Only the picked ones are to be guessed; the others get -100."),
        Mistake("targets-only-masked", {"np.where(picked, ids, -100)": "np.where(picked & (roll < 0.8), ids, -100)"},
                "A letter that was picked is a target even where it stays or becomes another one."),
        Mistake("targets-hidden", {"np.where(picked, ids, -100)": "np.where(picked, hidden, -100)"},
                "The target is what stood there before, not what the network sees."),
        Mistake("zero-for-ignored", {"-100)": "0)"}, "0 is a letter (the space). Places without a target get -100."),
        Mistake("mask-is-26", {" 27,": " 26,"}, "26 is the letter z. The mask is 27, the first id after the 27 "
                                                "letters."),
        Mistake("swapped", {"np.where(picked, hidden, ids), np.where(picked, ids, -100)":
                            "np.where(picked, ids, -100), np.where(picked, hidden, ids)"},
                "Inputs and targets have changed places."),
        Mistake("shares-swapped", {"roll < 0.8, 27, np.where(roll < 0.9, others, ids)":
                                   "roll < 0.8, 27, np.where(roll < 0.9, ids, others)"},
                "From 0.8 to 0.9 the other letter comes in, from 0.9 on the letter stays; here it is the other way."),
        Mistake("at-most", {"roll < 0.8": "roll <= 0.8"}, "At exactly 0.8 the other letter comes in: compare with <."),
    ),
    right=(
        lambda ids, picked, roll, others: (
            np.select([~picked, roll < 0.8, roll < 0.9], [ids, 27 * np.ones_like(ids), others], ids),
            np.select([picked], [ids], -100)),
        lambda ids, picked, roll, others: (
            ids + picked * ((roll < 0.8) * (27 - ids) + (roll >= 0.8) * (roll < 0.9) * (others - ids)),
            picked * ids - 100 * (1 - picked)),
    ),
    hints=(
        "Three cases for a picked letter, by roll; one for the rest. np.where can stand inside np.where.",
        "Targets do not depend on roll: the letter where picked, -100 elsewhere.",
        "hidden = np.where(roll < 0.8, 27, np.where(roll < 0.9, others, ids)); inputs: hidden where picked, else ids.",
    ),
    minutes=10,
    difficulty=2,
    claims=("S1-10-devlin-2019",),
    returns=("inputs", "targets"),
)  # fmt: skip
