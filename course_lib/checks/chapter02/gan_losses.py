"""2.6 What the discriminator minimises, and what the generator does."""

import numpy as np

from course_lib.topics import gan

from ..spec import Exercise, Mistake, numbers


def gan_losses(real, fake):
    """(discriminator's loss, generator's non-saturating loss) from the logits of real and of generated samples.

    The discriminator's is -mean log σ(real) - mean log(1 - σ(fake)), the generator's -mean log σ(fake).
    """
    d_loss = np.mean(np.logaddexp(0, -real)) + np.mean(np.logaddexp(0, fake))
    return d_loss, np.mean(np.logaddexp(0, -fake))


def reference(real, fake):
    """The losses that the course's GAN is trained with."""
    return float(gan.discriminator_loss(real, fake)), float(gan.generator_loss(fake))


def cases(rng):
    """One to five logits of each kind, not always equally many."""
    for n, m in ((1, 1), (1, 2), (2, 2), (3, 2), (5, 5)):
        yield numbers(rng, n), numbers(rng, m)


def with_softplus(real, fake):
    """log(1 + eᶻ) without overflow, by hand."""
    softplus = lambda z: np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))  # noqa: E731
    return [float(softplus(-real).mean() + softplus(fake).mean()), float(softplus(-fake).mean())]


def from_probabilities(real, fake):
    """Right formulas on probabilities that round to 0 and 1."""
    p, q = 1 / (1 + np.exp(-real)), 1 / (1 + np.exp(-fake))
    return -np.log(p).mean() - np.log(1 - q).mean(), -np.log(q).mean()


def saturating_probabilities(real, fake):
    """The game as a formula, on probabilities."""
    p, q = 1 / (1 + np.exp(-real)), 1 / (1 + np.exp(-fake))
    return -np.log(p).mean() - np.log(1 - q).mean(), np.log(1 - q).mean()


D_REAL, D_FAKE = "np.mean(np.logaddexp(0, -real))", "np.mean(np.logaddexp(0, fake))"
G = "np.mean(np.logaddexp(0, -fake))"

EXERCISE = Exercise(
    id="2.6",
    title="The two losses of a GAN",
    answer=gan_losses,
    reference=reference,
    cases=cases,
    edges=(
        (np.zeros(1), np.zeros(1)),  # guessing: 2 log 2 and log 2
        (np.array([2.0]), np.array([-1.0])),
        (np.array([1.0, -3.0]), np.array([2.0, 0.5])),
        (np.array([1e4]), np.array([-1e4])),  # a discriminator that is sure, and right
        (np.array([-1e4]), np.array([1e4])),
        (np.array([1, 2]), np.array([-1, 0])),
    ),
    mistakes=(
        Mistake("saturating", {"return d_loss, " + G: "return d_loss, -np.mean(np.logaddexp(0, fake))"},
                "The generator's loss is the saturating one, mean log(1 - σ(fake)). Where the discriminator is sure of "
                "itself it is flat, just when the generator needs a gradient: use -mean log σ(fake)."),
        Mistake("generator-helps", {"return d_loss, " + G: "return d_loss, np.mean(np.logaddexp(0, fake))"},
                "The generator minimises -mean log(1 - σ(fake)): it learns to be found out. It must want "
                "σ(fake) near 1."),
        Mistake("zero-sum", {"return d_loss, " + G: "return d_loss, -d_loss"},
                "The generator's loss is minus the discriminator's. That is the game as a formula; trained is "
                "-mean log σ(fake)."),
        Mistake("labels-swapped", {D_REAL: "np.mean(np.logaddexp(0, real))", D_FAKE: "np.mean(np.logaddexp(0, -fake))"},
                "The labels are swapped: the discriminator must call the real samples real."),
        Mistake("all-real", {D_FAKE: "np.mean(np.logaddexp(0, -fake))"},
                "The discriminator is rewarded for calling the generated samples real. For them the loss is "
                "-log(1 - σ(fake))."),
        Mistake("real-only", {" + " + D_FAKE: ""}, "The discriminator's loss lacks the generated samples."),
        Mistake("fake-only", {D_REAL + " + ": ""}, "The discriminator's loss lacks the real samples."),
        Mistake("halved", {"    return d_loss": "    d_loss = d_loss / 2\n    return d_loss"},
                "The discriminator's loss is halved: a mean over both kinds. Here the two means are added, so that "
                "guessing costs 2 log 2."),
        Mistake("summed", {D_REAL: "np.sum(np.logaddexp(0, -real))", D_FAKE: "np.sum(np.logaddexp(0, fake))",
                           "return d_loss, np.mean(": "return d_loss, np.sum("},
                "The losses are sums over the samples; take means."),
        Mistake("wasserstein", lambda real, fake: (np.mean(fake) - np.mean(real), -np.mean(fake)),
                "These are the losses of a Wasserstein GAN, without logarithms."),
        Mistake("squares", lambda real, fake: (np.mean((real - 1) ** 2) + np.mean(fake**2), np.mean((fake - 1) ** 2)),
                "These are the losses of a least-squares GAN. Cross-entropy is asked for."),
        Mistake("overflow", from_probabilities,
                "A probability has rounded to 0, whose logarithm is -inf, or an exp has overflowed. log(1 + eᶻ) is "
                "np.logaddexp(0, z): -log σ(z) = logaddexp(0, -z)."),
        Mistake("saturating-overflow", saturating_probabilities,
                "Two things. The generator's loss is the saturating one, mean log(1 - σ(fake)); use -mean log σ(fake). "
                "And the logarithm of a probability that has rounded to 0 is -inf: -log σ(z) is np.logaddexp(0, -z)."),
        Mistake("minus", {"return d_loss, " + G: "return -d_loss, -" + G},
                "Both signs are wrong: these are to be made large. A loss is made small."),
        Mistake("swapped", {"return d_loss, " + G: "return " + G + ", d_loss"},
                "The two are swapped: the discriminator's loss comes first."),
        Mistake("discriminator-only", {"return d_loss, " + G: "return d_loss"},
                "It returns the discriminator's loss alone: return d_loss, g_loss."),
        Mistake("generator-of-real", {"return d_loss, " + G: "return d_loss, " + D_REAL},
                "The generator's loss is computed on the real samples. It is about its own."),
    ),
    right=(
        with_softplus,
        lambda r, f: (np.logaddexp(-r, 0).mean() + np.logaddexp(f, 0).mean(), np.logaddexp(-f, 0).mean()),
    ),
    hints=(
        "Write both with σ first. What is log σ(z) for z = -1000?",
        "-log σ(z) = log(1 + e⁻ᶻ) and -log(1 - σ(z)) = log(1 + eᶻ).",
        "np.logaddexp(0, z) is log(1 + eᶻ). The discriminator: mean of it at -real, plus mean at fake. The generator: "
        "mean at -fake.",
    ),
    minutes=15,
    difficulty=3,
    claims=("S4-2.1-gan", "S3-2.2-gan-writing"),
    returns=("d_loss", "g_loss"),
)  # fmt: skip
