"""Update rules, optimizers and clipping."""

import inspect

import numpy as np

from course_lib import optim as ours
from course_lib.autograd import Tensor
from course_lib.verify.sampling import arrays, close, floats, holds, seeds
from course_lib.verify.spec import Measured, Spec
from course_lib.verify.tools import torch
from course_lib.verify.twins import give_gradients, optimizer_error, pairs_of_parameters

OPTIONS = {
    "SGD": ({}, {"lr": 0.1}, {"lr": 0.05, "momentum": 0.9}, {"lr": 0.05, "momentum": 0.9, "nesterov": True},
            {"lr": 0.05, "weight_decay": 0.1}, {"lr": 0.1, "momentum": 0.5, "nesterov": True, "weight_decay": 0.1}),
    "RMSprop": ({}, {"lr": 0.1, "alpha": 0.9}, {"eps": 0.1}, {"weight_decay": 0.1}),
    "Adam": ({}, {"lr": 0.1, "weight_decay": 0.3}, {"betas": (0.5, 0.9)}, {"eps": 0.1}, {"betas": (0.0, 0.0)}),
    "AdamW": ({}, {"lr": 0.05}, {"weight_decay": 0.5, "betas": (0.8, 0.95)}, {"weight_decay": 0.0, "eps": 0.1}),
}  # fmt: skip


def against_torch(name, steps):
    """Worst error over all options."""
    return lambda dtype: max(optimizer_error(name, options, dtype, steps) for options in OPTIONS[name])


def sgd_rule(state, param, grad, t):
    param, state["v"] = ours.sgd_update(param, grad, state.get("v", 0 * grad), 0.05, 0.9, True)
    return param


def rmsprop_rule(state, param, grad, t):
    param, state["s"] = ours.rmsprop_update(param, grad, state.get("s", 0 * grad), 0.05, 0.9)
    return param


def adam_rule(state, param, grad, t):
    m, v = state.get("m", 0 * grad), state.get("v", 0 * grad)
    param, state["m"], state["v"] = ours.adam_update(param, grad, m, v, t, 0.05, 0.8, 0.95)
    return param


def rule_against_torch(rule, name, options, steps):
    """Apply a pure rule to each parameter by itself, and torch.optim to all."""

    def run(dtype):
        rng, worst = np.random.default_rng(steps), 0.0
        params, theirs = pairs_of_parameters(rng, dtype)
        states, optimizer = [{} for _ in params], getattr(torch.optim, name)(theirs, **options)
        for t in range(1, steps + 1):
            give_gradients(rng, params, theirs)
            for p, state in zip(params, states, strict=True):
                p.data = rule(state, p.data, p.grad, t)
            optimizer.step()
            for p, q in zip(params, theirs, strict=True):
                assert p.dtype == dtype
                worst = max(worst, float(np.abs(p.data - q.detach().numpy()).max() / q.detach().abs().max()))
        return worst

    return run


def clipping_against_torch(function, twin, limits, steps):
    """Clip random gradients in both libraries; compare gradients and, for the norm, the returned norm."""

    def run(dtype):
        rng, worst = np.random.default_rng(steps), 0.0
        for _ in range(steps):
            for limit in limits:
                params, theirs = pairs_of_parameters(rng, dtype)
                give_gradients(rng, params, theirs, missing=True)
                a, b = function(params, limit), twin(theirs, limit)
                worst = max(worst, 0.0 if a is None else abs(a - b.item()) / b.item())
                for p, q in zip(params, theirs, strict=True):
                    assert (p.grad is None) == (q.grad is None)
                    if p.grad is not None:
                        assert p.grad.dtype == dtype
                        worst = max(worst, float(np.abs(p.grad - q.grad.numpy()).max() / q.grad.abs().max()))
        return worst

    return run


def tensors(rng, n=3):
    params = [Tensor(rng.normal(size=(2, 3)), requires_grad=True) for _ in range(n)]
    for p in params:
        p.grad = rng.normal(size=p.shape)
    return params


@holds(rng=seeds(), c=floats())
def without_momentum_linear_in_the_gradient(rng, c):
    w, g, h = rng.normal(size=(3, 4))
    step = lambda grad: ours.sgd_update(w, grad, 0 * w, 0.1)[0] - w  # noqa: E731
    assert close(step(c * g + h), c * step(g) + step(h))


@holds(g=arrays(0.1, 5), mu=floats(0, 0.9))
def constant_gradient_makes_a_geometric_series(g, mu):
    velocity = 0 * g
    for _ in range(10):
        _, velocity = ours.sgd_update(0 * g, g, velocity, 1.0, mu)
    assert close(velocity, g * (1 - mu**10) / (1 - mu))


@holds(g=arrays(0.1, 1e4), sign=floats(-1, 1))
def first_step_is_lr_times_the_sign(g, sign):
    g = g if sign > 0 else -g
    step = -ours.adam_update(0 * g, g, 0 * g, 0 * g, 1, lr=0.1, eps=0.0)[0]
    assert close(step, 0.1 * np.sign(g))


@holds(rng=seeds())
def without_correction_and_first_moment_it_is_rmsprop(rng):
    w, g = rng.normal(size=(2, 4))
    s = rng.random(4)
    late = 10**6  # both corrections have died out
    adam = ours.adam_update(w, g, 0 * w, s, late, 0.01, 0.0, 0.99)
    rmsprop = ours.rmsprop_update(w, g, s, 0.01, 0.99)
    assert close(adam[0], rmsprop[0])
    assert close(adam[2], rmsprop[1])


@holds(rng=seeds(), c=floats(0.01, 100))
def scaling_all_gradients_changes_nothing(rng, c):
    def run(factor):
        w, m, v = np.zeros((3, 4))
        for t, g in enumerate(gradients, 1):
            w, m, v = ours.adam_update(w, factor * g, m, v, t, eps=0.0)
        return w

    gradients = rng.normal(size=(5, 4))
    assert close(run(c), run(1.0))


@holds(rng=seeds(), alpha=floats(0, 0.99))
def no_step_is_longer_than_lr_over_root_of_1_less_alpha(rng, alpha):
    g, s = rng.normal(size=(2, 50)) * 100
    w, _ = ours.rmsprop_update(0 * g, g, s * s, 0.1, alpha)
    assert np.abs(w).max() <= 0.1 / np.sqrt(1 - alpha) * (1 + 1e-12)


def same_path(a, b, rng, steps=5):
    """Whether two optimizers move equal parameters equally."""
    for _ in range(steps):
        for p, q in zip(a.params, b.params, strict=True):
            p.grad = q.grad = rng.normal(size=p.shape)
        a.step()
        b.step()
    return all(close(p, q) for p, q in zip(a.params, b.params, strict=True))


def copies(params):
    return [Tensor(p.data.copy(), requires_grad=True) for p in params]


@holds(rng=seeds(), decay=floats(0, 1))
def weight_decay_is_the_gradient_of_half_the_squared_norm(rng, decay):
    a, b = tensors(rng, 1), tensors(rng, 1)
    b[0].data = a[0].data.copy()
    b[0].grad = a[0].grad + decay * a[0].data
    ours.SGD(a, lr=0.1, weight_decay=decay).step()
    ours.SGD(b, lr=0.1).step()
    assert close(a[0], b[0])


@holds(rng=seeds())
def without_weight_decay_adamw_is_adam(rng):
    a = tensors(rng)
    assert same_path(ours.AdamW(a, weight_decay=0), ours.Adam(copies(a)), rng)


@holds(rng=seeds(), decay=floats(0, 1))
def without_gradient_adamw_only_shrinks_the_weights(rng, decay):
    (p,) = tensors(rng, 1)
    before, p.grad = p.data.copy(), np.zeros(p.shape)
    ours.AdamW([p], lr=0.1, weight_decay=decay).step()
    assert close(p, before * (1 - 0.1 * decay))


def makers():
    return (lambda p: ours.SGD(p, 0.1, 0.9), ours.RMSprop, ours.Adam, ours.AdamW)


@holds(rng=seeds(), examples=10)
def parameters_move_as_they_would_alone(rng):
    for make in makers():
        together = tensors(rng)
        alone = copies(together)
        for p, q in zip(together, alone, strict=True):
            q.grad = p.grad
        make(together).step()
        for q in alone:
            make([q]).step()
        assert all(close(p, q) for p, q in zip(together, alone, strict=True))


@holds(rng=seeds(), examples=10)
def continues_from_its_state_dict(rng):
    for make in makers():
        a = make(tensors(rng))
        a.step()
        b = make(copies(a.params))
        b.load_state_dict(a.state_dict())
        assert same_path(a, b, rng)


@holds(rng=seeds(), examples=10)
def parameters_without_gradient_stay(rng):
    for make in makers():
        params = tensors(rng)
        params[1].grad = None
        before = [p.data.copy() for p in params]
        make(params).step()
        assert [np.array_equal(p.data, q) for p, q in zip(params, before, strict=True)] == [False, True, False]


def same_defaults(name):
    """A property without draws: each of our options has PyTorch's default."""

    def defaults_are_those_of_pytorch():
        mine, theirs = (inspect.signature(getattr(m, name)).parameters for m in (ours, torch.optim))
        assert [(k, p.default) for k, p in mine.items()] == [(k, theirs[k].default) for k in mine]

    return defaults_are_those_of_pytorch


@holds(rng=seeds(), limit=floats(0.01, 20))
def norm_is_at_most_the_limit_and_the_direction_stays(rng, limit):
    params = tensors(rng)
    before = np.concatenate([p.grad.ravel() for p in params])
    norm = ours.clip_grad_norm_(params, limit)
    after = np.concatenate([p.grad.ravel() for p in params])
    assert close(norm, np.linalg.norm(before))
    assert np.linalg.norm(after) <= limit * (1 + 1e-12)
    assert close(after * np.linalg.norm(before), before * np.linalg.norm(after))
    assert norm > limit or np.array_equal(before, after)


@holds(rng=seeds(), limit=floats(0.01, 3))
def components_stay_within_the_limit_and_small_ones_unchanged(rng, limit):
    params = tensors(rng)
    before = [p.grad for p in params]
    ours.clip_grad_value_(params, limit)
    for p, g in zip(params, before, strict=True):
        assert np.abs(p.grad).max() <= limit
        assert np.array_equal(p.grad[np.abs(g) <= limit], g[np.abs(g) <= limit])


def optimizer(name, *properties, shown=None):
    return Spec(
        f"optim.{shown or name}", properties=(same_defaults(name), *properties),
        parity=Measured(f"torch.optim.{name}, one step", against_torch(name, 1)),
        second=Measured(f"torch.optim.{name}, 100 steps", against_torch(name, 100)),
    )  # fmt: skip


def rule(function, name, options, *properties):
    return Spec(
        f"optim.{function.__name__.replace('_rule', '_update')}", properties=properties,
        parity=Measured(f"torch.optim.{name}, one step", rule_against_torch(function, name, options, 1)),
        second=Measured(f"torch.optim.{name}, 100 steps", rule_against_torch(function, name, options, 100)),
    )  # fmt: skip


def clipping(name, limits, *properties):
    twin = getattr(torch.nn.utils, name)
    return Spec(
        f"optim.{name}", properties=properties,
        parity=Measured(f"torch.nn.utils.{name}", clipping_against_torch(getattr(ours, name), twin, limits, 1)),
        second=Measured(f"torch.nn.utils.{name}, 100 draws", clipping_against_torch(getattr(ours, name), twin,
            limits, 100)),
    )  # fmt: skip


def every_optimizer(steps):
    return lambda dtype: max(against_torch(name, steps)(dtype) for name in OPTIONS)


SPECS = (
    rule(sgd_rule, "SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True},
         without_momentum_linear_in_the_gradient, constant_gradient_makes_a_geometric_series),
    rule(rmsprop_rule, "RMSprop", {"lr": 0.05, "alpha": 0.9}, no_step_is_longer_than_lr_over_root_of_1_less_alpha),
    rule(adam_rule, "Adam", {"lr": 0.05, "betas": (0.8, 0.95)}, first_step_is_lr_times_the_sign,
         without_correction_and_first_moment_it_is_rmsprop, scaling_all_gradients_changes_nothing),
    Spec("optim.Optimizer", parity=Measured("all four in torch.optim, one step", every_optimizer(1)),
         second=Measured("all four in torch.optim, 100 steps", every_optimizer(100)),
         properties=(parameters_move_as_they_would_alone, continues_from_its_state_dict,
             parameters_without_gradient_stay)),
    optimizer("SGD", weight_decay_is_the_gradient_of_half_the_squared_norm),
    optimizer("RMSprop"),
    optimizer("Adam"),
    optimizer("AdamW", without_weight_decay_adamw_is_adam, without_gradient_adamw_only_shrinks_the_weights),
    clipping("clip_grad_norm_", (0.1, 1.0, 1e3), norm_is_at_most_the_limit_and_the_direction_stays),
    clipping("clip_grad_value_", (0.01, 0.5), components_stay_within_the_limit_and_small_ones_unchanged),
)  # fmt: skip
