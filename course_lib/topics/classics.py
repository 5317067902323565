"""Four classic results, small: universal approximation, the perceptron, bias and variance, and shifted images."""

import numpy as np

from course_lib import losses, nn, optim
from course_lib.autograd import Tensor
from course_lib.data import digits


def worst_error(width):
    """Largest |error| on [-π, π] of a tanh layer with random weights and an output fitted to the sine by least squares.

    Cybenko, Approximation by Superpositions of a Sigmoidal Function (1989): with enough units it can be as small as
    one likes.
    """
    rng = np.random.default_rng(1)
    x = np.linspace(-np.pi, np.pi, 400)[:, None]
    layer = nn.Linear(1, width, rng=rng, dtype=np.float64)
    layer.weight.data[...], layer.bias.data[...] = rng.normal(0, 1.5, (width, 1)), rng.normal(0, 2, width)
    hidden = np.column_stack([nn.Tanh()(layer(Tensor(x))).data, np.ones(len(x))])
    output = np.linalg.lstsq(hidden, np.sin(x[:, 0]), rcond=1e-8)[0]
    return float(np.abs(hidden @ output - np.sin(x[:, 0])).max())


def mistakes(x, y, epochs=100):
    """Mistakes in each epoch of the perceptron: where y (w·x) ≤ 0, w ← w + y x; x (N, D), y (N,) of -1 and 1.

    Novikoff, On Convergence Proofs on Perceptrons (1962): all in all at most (R/γ)² if a plane separates them by γ.
    """
    w, counts = np.zeros(x.shape[1]), []
    for _ in range(epochs):
        counts.append(0)
        for sample, label in zip(x, y, strict=True):
            if label * (sample @ w) <= 0:
                w = w + label * sample
                counts[-1] += 1
        if not counts[-1]:
            break
    return counts


def bias_variance(degree, sets=200, n=30, noise=0.3):
    """(bias², variance, noise², mean test error) of a polynomial fitted to n noisy samples of a sine, over many sets.

    Geman, Bienenstock & Doursat, Neural Networks and the Bias/Variance Dilemma (1992): the first three add up to the
    last.
    """
    rng = np.random.default_rng(0)
    grid = np.linspace(0.05, 0.95, 50)
    truth = np.sin(2 * np.pi * grid)
    guesses, errors = [], []
    for _ in range(sets):
        x = np.linspace(0, 1, n)
        y = np.sin(2 * np.pi * x) + rng.normal(0, noise, n)
        guesses.append(np.polynomial.Polynomial.fit(x, y, degree, domain=[0, 1])(grid))
        errors.append(np.mean((guesses[-1] - truth - rng.normal(0, noise, 50)) ** 2))
    guesses = np.array(guesses)
    bias = float(np.mean((guesses.mean(0) - truth) ** 2))
    return bias, float(np.mean(guesses.var(0))), noise**2, float(np.mean(errors))


def shift_scores(seed):
    """(accuracy on the test digits, accuracy on the same moved by one pixel) of a 64-32-10 network."""
    data, rng = digits(), np.random.default_rng(seed)
    model = nn.Sequential(nn.Linear(64, 32, rng=rng), nn.ReLU(), nn.Linear(32, 10, rng=rng))
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    for _ in range(6):
        for batch in np.array_split(rng.permutation(len(data.x_train)), 20):
            optimizer.zero_grad()
            losses.cross_entropy(model(Tensor(data.x_train[batch])), data.y_train[batch]).backward()
            optimizer.step()
    moved = np.roll(data.x_test.reshape(-1, 8, 8), 1, axis=2)
    moved[:, :, 0] = 0
    guesses = [model(Tensor(x)).data.argmax(1) for x in (data.x_test, moved.reshape(-1, 64))]
    return tuple(float(np.mean(guess == data.y_test)) for guess in guesses)
