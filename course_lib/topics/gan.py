"""Generative adversarial networks (生成对抗网络): a generator and a discriminator train each other; how to judge them.

Goodfellow et al., "Generative Adversarial Nets", NeurIPS 2014. Both losses are computed from logits; the generator's is
the paper's non-saturating one.
"""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from course_lib import losses, nn, optim
from course_lib.autograd import Tensor, no_grad

bce = losses.binary_cross_entropy_with_logits


def discriminator_loss(real, fake):
    """-mean log σ(real) - mean log(1 - σ(fake)), from logits of real and generated samples; 2 log 2 when it guesses."""
    return bce(real, np.ones_like(np.asarray(real))) + bce(fake, np.zeros_like(np.asarray(fake)))


def generator_loss(fake):
    """-mean log σ(fake): the non-saturating loss, whose gradient does not vanish where the discriminator is sure."""
    return bce(fake, np.ones_like(np.asarray(fake)))


def mlp(*sizes, rng, activation=nn.LeakyReLU):
    """Linear layers of these sizes with an activation between them, in float64: the game magnifies rounding errors."""
    layers = []
    for n, m in pairwise(sizes):
        layers += [nn.Linear(n, m, rng=rng, dtype=np.float64), activation()]
    return nn.Sequential(*layers[:-1])


@dataclass
class GAN:
    """A generator, a discriminator, their optimizers, and the loop in which they take turns.

    Parameters
    ----------
    generator : Module, (N, noise) → (N, D)
    discriminator : Module, (N, D) → (N, 1) logits
    noise : int
        Length of the random vector that each sample is made from.
    seed : int
        Decides the noise and the order of the real samples.
    lr, generator_lr : float
        Learning rate of the discriminator, and of the generator (the same by default); Adam with β₁ = 0.5.
    blur : float
        Standard deviation of noise added to all that the discriminator sees, so that it cannot tell the two apart by
        tiny traces (Arjovsky & Bottou, ICLR 2017).
    """

    generator: nn.Module
    discriminator: nn.Module
    noise: int
    seed: int = 0
    lr: float = 1e-3
    generator_lr: float | None = None
    blur: float = 0.0
    history: list = field(default_factory=list)  # (discriminator's loss, generator's loss) of every step

    def __post_init__(self):
        self.rng = np.random.default_rng(self.seed)
        self.adam_d = optim.Adam(self.discriminator.parameters(), lr=self.lr, betas=(0.5, 0.999))
        self.adam_g = optim.Adam(self.generator.parameters(), lr=self.generator_lr or self.lr, betas=(0.5, 0.999))

    def step(self, real) -> None:
        """One update of the discriminator, then one of the generator; real (N, D)."""
        n, fake = len(real), self._generate(len(real))
        self.adam_d.zero_grad()
        logits = self._judge(Tensor(np.concatenate([real, fake.data])))  # one pass for both halves
        d_loss = discriminator_loss(logits[:n], logits[n:])
        d_loss.backward()
        self.adam_d.step()
        self.adam_g.zero_grad()
        g_loss = generator_loss(self._judge(fake))  # its gradient passes through the discriminator
        g_loss.backward()
        self.adam_g.step()
        self.history.append((d_loss.item(), g_loss.item()))

    def train(self, data, steps: int, batch_size: int = 128):
        """Take steps on batches drawn at random from data (N, D); returns the GAN."""
        for _ in range(steps):
            self.step(data[self.rng.integers(len(data), size=batch_size)])
        return self

    def sample(self, n: int, seed: int = 0) -> np.ndarray:
        """Generate n samples (n, D)."""
        z = np.random.default_rng(seed).normal(size=(n, self.noise))
        with no_grad():
            return self.generator(Tensor(z)).data

    def _judge(self, x):
        if self.blur:
            x = x + self.rng.normal(scale=self.blur, size=x.shape)
        return self.discriminator(x)

    def _generate(self, n):
        return self.generator(Tensor(self.rng.normal(size=(n, self.noise))))


def ring(n: int, seed: int = 0, modes: int = 8, radius: float = 2.0, spread: float = 0.1) -> np.ndarray:
    """n points of a mixture of Gaussians whose centres lie evenly on a circle; (n, 2)."""
    rng = np.random.default_rng(seed)
    centres = ring_centres(modes, radius)
    return centres[rng.integers(modes, size=n)] + rng.normal(scale=spread, size=(n, 2))


def ring_centres(modes: int = 8, radius: float = 2.0) -> np.ndarray:
    """The centres of `ring`, (modes, 2)."""
    angle = 2 * np.pi * np.arange(modes) / modes
    return radius * np.stack([np.cos(angle), np.sin(angle)], 1)


def modes_covered(samples, centres, within: float, share: float = 0.02) -> tuple[int, float]:
    """How many centres have at least `share` of the samples within a distance, and the share of samples near any."""
    distance = np.linalg.norm(samples[:, None] - centres, axis=-1)  # (N, modes)
    near = distance.min(1) < within
    counts = np.bincount(distance.argmin(1)[near], minlength=len(centres))
    return int((counts >= share * len(samples)).sum()), float(near.mean())


def nearest(samples, data) -> tuple[np.ndarray, np.ndarray]:
    """For each sample the distance to the nearest row of data, and that row's index: a generator that copies has 0."""
    squares = (samples**2).sum(1)[:, None] + (data**2).sum(1) - 2 * samples @ data.T  # (N, M)
    index = squares.argmin(1)
    return np.linalg.norm(samples - data[index], axis=1), index
