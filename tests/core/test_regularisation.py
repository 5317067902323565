"""L1, L2, weight decay: what each does, in numbers, and how L2 in the loss and decay differ under Adam.

Loshchilov & Hutter, ICLR 2019: for plain SGD the two are one; Adam divides the penalty's gradient by √v̂ with the rest.
"""

import numpy as np
import pytest
from sklearn.linear_model import Lasso, Ridge

from course_lib import optim
from course_lib.autograd import Tensor
from course_lib.losses import mse_loss

RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 12))
TRUE = np.r_[3.0, -2.0, 1.0, np.zeros(9)]  # 3 of 12 features matter
Y = X @ TRUE + 0.5 * RNG.normal(size=80)


def l1(w):
    return w.abs().sum()


def l2(w):
    return (w * w).sum() / 2


def descend(make, loss, steps, start=None):
    """Run an optimizer on a loss of w; return w after each step (steps, 12)."""
    w = Tensor(np.ones(12) if start is None else start, requires_grad=True)
    optimizer, path = make([w]), []
    for _ in range(steps):
        optimizer.zero_grad()
        loss(w).backward()
        optimizer.step()
        path.append(w.data.copy())
    return np.array(path)


def fit(w):
    return mse_loss(Tensor(X) @ w, Y) * 0.5


RULES = {
    "SGD": lambda p, **o: optim.SGD(p, 0.05, **o),
    "momentum": lambda p, **o: optim.SGD(p, 0.01, 0.9, **o),
    "RMSprop": lambda p, **o: optim.RMSprop(p, 0.01, **o),
    "Adam": lambda p, **o: optim.Adam(p, 0.05, **o),
}


@pytest.mark.parametrize("rule", RULES)
def test_weight_decay_is_l2_in_the_loss(rule):
    """Step by step the same weights, for every optimizer but AdamW."""
    decayed = descend(lambda p: RULES[rule](p, weight_decay=0.3), fit, 100)
    penalised = descend(RULES[rule], lambda w: fit(w) + l2(w) * 0.3, 100)
    assert np.abs(decayed - penalised).max() < 1e-12


def test_adamws_decay_is_not_l2_in_the_loss():
    """After 100 steps the weights are 0.2 or more apart; without decay the two rules are one."""
    adam, adamw = (descend(lambda p, r=r: r(p, 0.05, weight_decay=0.3), fit, 100) for r in (optim.Adam, optim.AdamW))
    assert np.abs(adam - adamw)[-1].max() > 0.2
    plain = (descend(lambda p, r=r: r(p, 0.05, weight_decay=0.0), fit, 100) for r in (optim.Adam, optim.AdamW))
    assert np.array_equal(*plain)


def test_adamw_shrinks_every_weight_by_the_same_factor_and_adam_does_not():
    """No signal, only noise in the gradients, of size 0.01 in six weights and 100 in the other six; 2,000 steps.

    AdamW: all weights end at (1 - αλ)ⁿ = 13.5 % of where they began, give or take noise (measured 9 to 18 %). Adam with
    the same λ: those with small gradients are gone (2 %), those with large ones hardly touched (93 to 100 %).
    """
    lr, decay, steps, scale = 1e-3, 1.0, 2000, np.repeat([0.01, 100.0], 6)
    left = {}
    for rule in (optim.Adam, optim.AdamW):
        rng = np.random.default_rng(1)
        noise = lambda w, rng=rng: (w * (scale * rng.choice([-1.0, 1.0], 12))).sum()  # noqa: E731
        path = descend(lambda p, r=rule: r(p, lr, weight_decay=decay), noise, steps)
        left[rule.__name__] = path[-1].reshape(2, 6).mean(1)
    assert np.allclose(left["AdamW"], (1 - lr * decay) ** steps, atol=0.05)
    assert abs(left["Adam"][0]) < 0.05
    assert left["Adam"][1] > 0.8


def test_the_size_of_the_loss_changes_adams_penalty_and_not_adamws_decay():
    """A loss multiplied by 1000 leaves Adam's steps as they are, so a penalty beside it weighs 1000 times less.

    Measured: the norm of the weights grows from 1.69 to 3.75, nearly that without a penalty; under AdamW it stays 1.81.
    """
    ends = {}
    for rule in (optim.Adam, optim.AdamW):
        ends[rule.__name__] = [descend(lambda p, r=rule: r(p, 0.01, eps=1e-12, weight_decay=1.0),
                                       lambda w, c=c: fit(w) * c, 3000)[-1] for c in (1, 1000)]  # fmt: skip
    norm = {name: [float(np.linalg.norm(w)) for w in pair] for name, pair in ends.items()}
    assert np.abs(ends["AdamW"][0] - ends["AdamW"][1]).max() < 1e-3
    assert norm["Adam"][1] > 1.5 * norm["Adam"][0]


def test_l2_ends_at_ridge_regression_and_keeps_every_weight():
    w = descend(lambda p: optim.SGD(p, 0.1, weight_decay=0.5), fit, 500)[-1]
    exact = Ridge(alpha=0.5 * len(Y), fit_intercept=False).fit(X, Y).coef_
    assert np.abs(w - exact).max() < 1e-10
    assert (np.abs(w) > 1e-3).all()


def test_l1_ends_at_the_lasso_and_drops_the_weights_that_do_not_matter():
    """With a falling step size, as a subgradient needs: the 9 idle weights end within 0.005 of 0, none exactly at 0."""
    w = Tensor(np.ones(12), requires_grad=True)
    sgd = optim.SGD([w], 0.1)
    for step in range(4000):
        sgd.lr = 0.1 / (1 + step / 50)
        sgd.zero_grad()
        (fit(w) + l1(w) * 0.3).backward()
        sgd.step()
    exact = Lasso(alpha=0.3, fit_intercept=False, tol=1e-10).fit(X, Y).coef_
    assert np.abs(w.data - exact).max() < 0.005
    assert ((np.abs(w.data) < 0.005) == (TRUE == 0)).all()
    assert ((exact == 0) == (TRUE == 0)).all()
