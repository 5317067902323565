"""4.3 Cross-entropy from logits."""

import numpy as np

from course_lib import losses

from ..spec import Exercise, Mistake, numbers


def cross_entropy(logits, target):
    """Mean over the N samples of -log softmax(logits)[n, target[n]]; logits (N, C), target (N,) class indices."""
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))  # (N, C)
    return -log_p[np.arange(len(target)), target].mean()


def cases(rng):
    """One sample to five, two classes to four, and the number of samples never that of classes, except once."""
    for n, c in ((1, 2), (2, 3), (3, 2), (3, 3), (5, 4)):
        yield numbers(rng, n, c), rng.integers(0, c, n)
    yield rng.integers(-3, 3, (4, 2)), rng.integers(0, 2, 4)
    yield numbers(rng, 3, 4).T, rng.integers(0, 3, 4)


PICK, LOG_P = "log_p[np.arange(len(target)), target]", "z - np.log(np.exp(z).sum(axis=1, keepdims=True))"
P = "np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)"
_TWICE = f"{LOG_P}; q = np.exp(log_p); log_p = q - np.log(np.exp(q).sum(axis=1, keepdims=True))"

LOG_TOTAL = "np.log(np.exp(z).sum(axis=1, keepdims=True))"


def _bounded(how, small):
    """A mistake: log p kept finite by a small number."""
    edits = {"added": f"np.log({P} + {small})", "clipped": f"np.log(np.clip({P}, {small}, 1))",
             "clipped-at-both-ends": f"np.log(np.clip({P}, {small}, 1 - {small}))"}  # fmt: skip
    return Mistake(f"{how}-{small}", {LOG_P: edits[how]},
                   f"A small number such as {small} hides log 0, but the loss can then never exceed "
                   f"{-np.log(float(small)):.3g}, and its gradient vanishes exactly where the model is most wrong. Use "
                   "z - log(sum(exp(z))) instead.")


EXERCISE = Exercise(
    id="4.3",
    title="Cross-entropy from logits",
    answer=cross_entropy,
    reference=losses.cross_entropy,
    cases=cases,
    edges=(
        (np.array([[0.0, 0.0]]), np.array([0])),
        (np.array([[5.0]]), np.array([0])),
        (np.array([[1e4, -1e4]]), np.array([0])),
        (np.array([[1e4, -1e4]]), np.array([1])),
        (np.array([[1e4, 1e4], [0.0, 1.0]]), np.array([0, 1])),
        (np.log([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.2, 0.5, 0.3]]), np.array([0, 2, 1])),
    ),
    mistakes=(
        Mistake("sum", {".mean()": ".sum()"},
                "It adds up the samples' losses; the mean over samples is asked for. (With a sum, a batch twice as "
                "large "
                "would make steps twice as long.)"),
        Mistake("mean-over-all", {PICK + ".mean()": PICK + ".sum() / logits.size"},
                "It divides by N·C, the number of logits, instead of N, the number of samples."),
        Mistake("no-minus", {"-log_p": "log_p"},
                "The sign is missing: log p is never positive, the loss never negative."),
        Mistake("probability", {"-log_p[": "-np.exp(log_p)["}, "The logarithm is missing: this averages -p."),
        Mistake("no-softmax", {LOG_P: "logits"},
                "It takes the logits for log-probabilities. Logits are any real numbers: normalise them first."),
        Mistake("log-of-softmax", {LOG_P: f"np.log({P})"},
                "exp of a very negative logit is 0 and log 0 is -inf, so the loss is infinite where it should be a "
                "large "
                "number. Take the logarithm apart: log softmax = z - log(sum(exp(z)))."),
        Mistake("no-shift", {"logits - logits.max(axis=1, keepdims=True)": "logits"},
                "exp overflows for large logits. Subtract each row's maximum first: softmax does not change."),
        *(_bounded(how, f"1e-{digits:02d}") for digits in (6, 7, 8, 9, 10, 12) for how in ("added", "clipped")),
        *(_bounded("clipped-at-both-ends", f"1e-{digits:02d}") for digits in (6, 7, 8, 9)),
        _bounded("added", "1e-15"),
        Mistake("one-shift-for-all", {"logits.max(axis=1, keepdims=True)": "logits.max()"},
                "One maximum for the whole array is not enough: where a row lies far below it, all of its exponentials "
                "are 0, and log 0 is -inf. Subtract each row's own maximum."),
        Mistake("shift-forgotten", {LOG_P: f"logits - {LOG_TOTAL}"},
                "The maximum was taken from the logits inside the sum, but not from the logit outside it. Both need "
                "the same shift, or add the maximum to the log of the sum."),
        Mistake("every-pair", {PICK: "log_p[:, target]"},
                "log_p[:, target] takes the columns of all targets for every sample, N × N numbers. Pair them up: "
                "log_p[np.arange(N), target]."),
        Mistake("target-ignored", {PICK: "log_p"},
                "It averages over all classes. Only the true class of each sample counts: pick log_p[n, target[n]]."),
        Mistake("not-averaged", {".mean()": ""}, "It returns one loss per sample; take their mean."),
        Mistake("largest-class", {PICK: "log_p.max(axis=1)"},
                "It takes the most probable class of each sample, whatever the target says."),
        Mistake("softmax-twice", {LOG_P: _TWICE},
                "Softmax was applied twice: logits are wanted, and these are log-probabilities of probabilities. The "
                "loss then cannot come near 0."),
        Mistake("wrong-axis", {"max(axis=1": "max(axis=0", ".sum(axis=1": ".sum(axis=0"},
                "It normalises over the samples (axis 0). The classes of one sample compete: axis 1."),
        Mistake("base-2", {"-log_p": "-np.log2(np.e) * log_p"},
                "This is in bits (log2); the natural logarithm is meant."),
        Mistake("base-10", {"-log_p": "-np.log10(np.e) * log_p"},
                "This is the logarithm to base 10; the natural one is meant: np.log."),
    ),
    right=(
        lambda logits, target: float(np.mean([np.logaddexp.reduce(row) - row[k]
                                              for row, k in zip(logits * 1.0, target, strict=True)])),
        lambda logits, target: (np.logaddexp.reduce(logits, axis=1)
                                - np.take_along_axis(logits, target[:, None], 1)[:, 0]).mean(),
    ),
    hints=(
        "For one sample: minus the logarithm of the probability that softmax gives to the true class.",
        "log(e^z_k / sum_j e^z_j) = z_k - log(sum_j e^z_j): no probability ever has to be computed.",
        "Shift each row by its maximum, form log_p (N, C), pick log_p[np.arange(N), target], and take minus the mean.",
    ),
    minutes=15,
    difficulty=3,
    claims=("S0-4.2.1-cross-entropy", "S4-4.1-cross-entropy", "S4-4.2-ce-small-error"),
)
