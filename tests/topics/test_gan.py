"""The GAN finds what it should, on several seeds; its losses are PyTorch's; its judges can say no."""

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree

from course_lib import nn
from course_lib.autograd import Tensor
from course_lib.topics import gan


def ring_game(seed, steps=800):
    rng = np.random.default_rng(seed)
    nets = gan.mlp(2, 48, 48, 2, rng=rng, activation=nn.ReLU), gan.mlp(2, 48, 48, 1, rng=rng)
    return gan.GAN(*nets, noise=2, seed=seed, lr=3e-3).train(gan.ring(5000, seed), steps, 64)


@pytest.mark.parametrize("seed", range(3))
def test_at_least_seven_of_eight_modes(seed):
    covered, near = gan.modes_covered(ring_game(seed).sample(1000), gan.ring_centres(), within=0.3)
    assert covered >= 7
    assert near > 0.3  # of all samples; a uniform cloud over the square has 0.1


def test_an_untrained_generator_covers_few():
    covered, _ = gan.modes_covered(ring_game(0, steps=1).sample(1000), gan.ring_centres(), within=0.3)
    assert covered <= 1


def test_one_dimension():
    rng = np.random.default_rng(0)
    nets = gan.mlp(1, 32, 1, rng=rng, activation=nn.ReLU), gan.mlp(1, 32, 32, 1, rng=rng)
    game = gan.GAN(*nets, noise=1, lr=2e-3).train(rng.normal(3, 0.5, size=(2000, 1)), 500, 64)
    assert game.sample(2000).mean() == pytest.approx(3, abs=0.3)
    assert 0.2 < game.sample(2000).std() < 0.9
    assert np.mean(game.history[-100:], axis=0)[0] == pytest.approx(2 * np.log(2), abs=0.1)  # it can only guess


def test_the_same_seed_is_the_same_game_and_blur_another():
    first, again, blurred = (ring_game(0, 1), ring_game(0, 1), ring_game(0, 1))
    blurred.blur = 0.5
    for game in (first, again, blurred):
        game.train(gan.ring(100), 5, 16)
    assert np.array_equal(first.sample(10), again.sample(10))
    assert not np.allclose(first.sample(10), blurred.sample(10))


def test_losses_are_pytorchs():
    rng = np.random.default_rng(0)
    real, fake = rng.normal(scale=5, size=(2, 7))
    bce = torch.nn.BCEWithLogitsLoss()
    r, f = torch.tensor(real), torch.tensor(fake)
    want = bce(r, torch.ones_like(r)) + bce(f, torch.zeros_like(f))
    assert float(gan.discriminator_loss(real, fake)) == pytest.approx(want.item(), rel=1e-12)
    assert float(gan.generator_loss(fake)) == pytest.approx(bce(f, torch.ones_like(f)).item(), rel=1e-12)
    assert float(gan.discriminator_loss(np.zeros(3), np.zeros(3))) == pytest.approx(2 * np.log(2))


def test_the_generators_gradient_survives_a_sure_discriminator():
    logit = Tensor(np.array([-50.0]), requires_grad=True)
    gan.generator_loss(logit).backward()
    assert logit.grad[0] == pytest.approx(-1)  # the saturating loss would have 2e-22


def test_modes_are_counted():
    centres = gan.ring_centres()
    assert gan.modes_covered(centres, centres, within=0.1) == (8, 1.0)
    assert gan.modes_covered(np.repeat(centres[:3], 5, 0), centres, within=0.1) == (3, 1.0)
    assert gan.modes_covered(centres + 1, centres, within=0.1)[0] == 0
    assert np.linalg.norm(centres, axis=1) == pytest.approx(2)


def test_nearest_agrees_with_a_search_tree():
    rng = np.random.default_rng(0)
    data, samples = rng.normal(size=(200, 6)), rng.normal(size=(20, 6))
    distance, index = gan.nearest(samples, data)
    want, where = cKDTree(data).query(samples)
    assert distance == pytest.approx(want)
    assert np.array_equal(index, where)
    assert gan.nearest(data[:3], data)[0] == pytest.approx(0, abs=1e-6)  # a copy is found out
