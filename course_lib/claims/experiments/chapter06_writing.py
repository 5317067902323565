"""Writing: what sampled text is and is not, which models write, and how much of a melody is copied."""

import numpy as np

from course_lib.claims.evidence import Evidence
from course_lib.topics import writing

# Tunes in the public domain, one letter a note (c d e f g a b from middle C, C the octave above).
TUNES = (
    "ccggaagffeeddcggffeedggffeedccggaagffeeddc",  # Twinkle, Twinkle
    "cdeccdecefgefggagfecgagfeccgccgc",  # Frere Jacques
    "eefggfedccdeeddeefggfedccdedcc",  # Ode to Joy
    "edcdeeedddeggedcdeeeeddedc",  # Mary Had a Little Lamb
    "gecgecdefggaCbagfedcgecgecdefdc",  # made of steps and thirds, by us
)
PREFIX = "Wine recognition dataset Data Set Characteristics: :Number of Instances: "


def sampled_text():
    """A 6-gram model of scikit-learn's descriptions, sampled at three temperatures; and one fact asked 100 times."""
    train, test = writing.prose()
    alphabet = "".join(sorted(set(train + test)))
    model = writing.NGram(train, 6, alphabet)
    spelt, new = [], []
    for t in (0.4, 1.0, 1.6):
        texts = [writing.sample(model, "The ", 120, t, seed) for seed in range(3)]
        spelt.append(np.mean([writing.word_rate(text, train) for text in texts]))
        new.append(1 - np.mean([writing.copy_rate(text, train, 3) for text in texts]))
    said = [writing.sample(model, PREFIX, 4, 1.0, seed).split()[:1] for seed in range(100)]
    true = float(np.mean([words == ["178"] for words in said]))
    invented = float(np.mean([bool(w and writing.unsupported_numbers(w[0], train)) for w in said]))
    return Evidence(
        f"at temperatures 0.4, 1.0 and 1.6 {spelt[0]:.0%}, {spelt[1]:.0%} and {spelt[2]:.0%} of the sampled words are "
        f"words of the source; asked how many wines there are, {true:.0%} of 100 samples say 178.",
        said={"the text is coherent: nearly all words are words": min(spelt) > 0.95, "and true": true > 0.9},
        right={
            "a higher temperature trades spelling for variety": spelt[0] > spelt[1] > spelt[2] and new[0] < new[2],
            "a wrong number mostly stands in the source, so comparing texts does not find it": invented < 0.5,
        },
        numbers={"words": np.round(spelt, 2), "new": np.round(new, 2), "true": true},
    )


def language_models():
    """What a writer is judged by: the probability of held-out text. Counts, a small network, and no GAN among them."""
    train, test = writing.prose()
    alphabet, test = "".join(sorted(set(train + test))), test[:600]
    bits = {n: writing.bits_per_character(writing.NGram(train, n, alphabet), test) for n in (1, 2, 5)}
    network = writing.bits_per_character(writing.Network(train[:9_000], alphabet, epochs=2), test)
    model = writing.NGram(train, 3, alphabet)
    p = model.probabilities("th")
    u = np.random.default_rng(0).random(500)
    letters = [np.searchsorted((p**s / (p**s).sum()).cumsum(), u) for s in (1.0, 1.0 + 1e-7)]
    same = float((letters[0] == letters[1]).mean())
    return Evidence(
        f"bits per character of held-out text: single characters {bits[1]:.1f}, pairs {bits[2]:.1f}, five "
        f"{bits[5]:.1f}, a small network {network:.1f}; moving the weights a little changes {1 - same:.0%} of 500 "
        "sampled letters.",
        said={"a generator of letters passes a discriminator's gradient on, as a GAN needs": same < 1},
        right={
            "models trained on likelihood write, and longer histories write better": bits[5] < bits[2] < bits[1],
            "a network trained so beats pairs": network < bits[2],
            "a sampled letter does not move with the weights": same == 1,
        },
        numbers={"bits": np.round([*bits.values(), network], 1), "letters unchanged": same},
    )


def melodies():
    """Five tunes, continued by counting: longer memory sounds more like a tune, because it is one."""
    source, copied, leaps = "|".join(TUNES), [], []
    for order in (1, 3, 6):
        model = writing.NGram(source, order)
        texts = [writing.sample(model, "|", 60, 1.0, seed) for seed in range(20)]
        copied.append(np.mean([writing.copy_rate(" ".join(t), " ".join(source), 6) for t in texts]))
        steps = np.concatenate([np.abs(np.diff(["cdefgabC|".index(c) for c in t.replace("|", "")])) for t in texts])
        leaps.append(float((steps > 2).mean()))
    return Evidence(
        f"remembering 0, 2 and 5 notes, {leaps[0]:.0%}, {leaps[1]:.0%} and {leaps[2]:.0%} of the intervals are leaps, "
        f"and {copied[0]:.0%}, {copied[1]:.0%} and {copied[2]:.0%} of all runs of six notes are copied.",
        said={"longer memory makes smoother tunes": leaps[0] > leaps[1]},
        gap={"and copies them: quality alone does not show that": copied[2] > 0.5 > copied[1]},
        right={"the copied share is a number that a review can ask for": copied[0] < 0.05 < copied[1] < copied[2]},
        numbers={"leaps": np.round(leaps, 2), "copied": np.round(copied, 2)},
    )
