"""Learning-rate schedules."""

import math
from types import SimpleNamespace

import numpy as np

from course_lib import schedules as ours
from course_lib.verify.proofs import relative
from course_lib.verify.sampling import close, floats, holds, st
from course_lib.verify.spec import Measured, Spec
from course_lib.verify.tools import torch
from course_lib.verify.twins import optimizer_error

theirs = torch.optim.lr_scheduler
T = st.integers(0, 200)


class Inverse(ours.Schedule):
    """lr / (1 + t): a schedule of one's own."""

    def factor(self, t):
        """Fall like 1/t."""
        return 1 / (1 + t)


def torch_inverse(optimizer):
    """Return the same, as PyTorch's LambdaLR."""
    return theirs.LambdaLR(optimizer, lambda t: 1 / (1 + t))


def warmup_cosine(optimizer, warmup, total, eta_min=0.0):
    """Return the same, put together from PyTorch's parts."""
    rise = theirs.LinearLR(optimizer, start_factor=1 / (warmup + 1), total_iters=warmup)
    fall = theirs.CosineAnnealingLR(optimizer, T_max=total - warmup, eta_min=eta_min)
    return theirs.SequentialLR(optimizer, [rise, fall], milestones=[warmup])


SHOWN = {torch_inverse: "LambdaLR", warmup_cosine: "LinearLR and CosineAnnealingLR in sequence"}


def rates(make, optimizer, steps):
    """Return the learning rates before each of the steps."""
    schedule, seen = make(optimizer), []
    for _ in range(steps):
        groups = getattr(optimizer, "param_groups", None)
        seen.append(groups[0]["lr"] if groups else optimizer.lr)
        optimizer.step()
        schedule.step()
    return np.array(seen)


def stub(lr=0.3):
    return SimpleNamespace(lr=lr, step=lambda: None)


def lr_at(make, t, lr=0.3):
    """Return the learning rate after t steps."""
    optimizer = stub(lr)
    schedule = make(optimizer)
    for _ in range(t):
        schedule.step()
    return optimizer.lr


def schedule(name, make, twin, options, *properties, steps=100):
    """A schedule's spec: its rates, and 100 SGD steps under it."""

    def same_rates(dtype):
        worst = 0.0
        for o in options:
            sgd = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
            a, b = rates(lambda x, o=o: make(x, **o), stub(), steps), rates(lambda x, o=o: twin(x, **o), sgd, steps)
            worst = max(worst, relative(a, b))
        return worst

    def same_path(dtype):
        kinds = [(lambda x, o=o: make(x, **o), lambda x, o=o: twin(x, **o)) for o in options]
        sgd = {"lr": 0.3, "momentum": 0.9}
        return max(optimizer_error("SGD", sgd, dtype, steps, schedules=pair) for pair in kinds)

    return Spec(
        f"schedules.{name}", properties=properties,
        parity=Measured(f"PyTorch's {SHOWN.get(twin, twin.__name__)}, {steps} rates", same_rates, float32=None),
        second=Measured(f"torch.optim.SGD under it, {steps} steps", same_path),
    )  # fmt: skip


@holds(t=T, gamma=floats(0.1, 1), size=st.integers(1, 30))
def equals_its_closed_form_and_never_rises(t, gamma, size):
    make = lambda o: ours.StepLR(o, size, gamma)  # noqa: E731
    assert close(lr_at(make, t), 0.3 * gamma ** (t // size))
    assert lr_at(make, t + 1) <= lr_at(make, t)


@holds(t=T, period=st.integers(1, 200), floor=floats(0, 0.2))
def falls_from_the_base_rate_to_the_floor(t, period, floor):
    make = lambda o: ours.CosineAnnealingLR(o, period, floor)  # noqa: E731
    assert close(lr_at(make, 0), 0.3)
    assert close(lr_at(make, period), floor)
    t = t % period
    assert lr_at(make, t + 1) <= lr_at(make, t) + 1e-15


@holds(t=T)
def symmetric_about_its_middle(t):
    make = lambda o: ours.CosineAnnealingLR(o, 200)  # noqa: E731
    assert close(lr_at(make, t) + lr_at(make, 200 - t), 0.3)


@holds(t=T, start=floats(0.01, 1), n=st.integers(1, 50))
def rises_evenly_and_then_stays(t, start, n):
    make = lambda o: ours.LinearLR(o, start, 1.0, n)  # noqa: E731
    expected = 0.3 * (start + (1 - start) * min(t / n, 1))
    assert close(lr_at(make, t), expected)


@holds(warmup=st.integers(0, 40), rest=st.integers(1, 60), floor=floats(0, 0.2))
def rises_to_the_base_rate_then_falls_to_the_floor_and_stays(warmup, rest, floor):
    lrs = rates(lambda o: ours.WarmupCosine(o, warmup, warmup + rest, floor), stub(), warmup + rest + 5)
    assert np.all(np.diff(lrs[: warmup + 1]) > 0)
    assert close(lrs[warmup], 0.3)
    assert np.all(np.diff(lrs[warmup:]) <= 1e-15)
    assert close(lrs[-5:], floor)


@holds(t=T)
def equals_the_function_at_the_number_of_steps(t):
    assert close(lr_at(lambda o: ours.LambdaLR(o, lambda n: math.exp(-0.01 * n)), t), 0.3 * math.exp(-0.01 * t))


@holds(t=T, lr=floats(0.01, 10))
def proportional_to_the_base_rate(t, lr):
    for make in (Inverse, lambda o: ours.StepLR(o, 7), lambda o: ours.CosineAnnealingLR(o, 50)):
        assert close(lr_at(make, t, lr), lr * lr_at(make, t, 1.0))


SPECS = (
    schedule("Schedule", Inverse, torch_inverse, ({},),
             proportional_to_the_base_rate),
    schedule("LambdaLR", ours.LambdaLR, theirs.LambdaLR, ({"lr_lambda": lambda t: 0.95**t},),
             equals_the_function_at_the_number_of_steps),
    schedule("StepLR", ours.StepLR, theirs.StepLR, ({"step_size": 10}, {"step_size": 1, "gamma": 0.9}),
             equals_its_closed_form_and_never_rises, proportional_to_the_base_rate),
    schedule("CosineAnnealingLR", ours.CosineAnnealingLR, theirs.CosineAnnealingLR,
             ({"T_max": 100}, {"T_max": 50, "eta_min": 0.01}), falls_from_the_base_rate_to_the_floor,
             symmetric_about_its_middle, proportional_to_the_base_rate),
    schedule("LinearLR", ours.LinearLR, theirs.LinearLR, ({}, {"start_factor": 0.1, "total_iters": 30},
        {"end_factor": 0.5}),
             rises_evenly_and_then_stays),
    schedule("WarmupCosine", ours.WarmupCosine, warmup_cosine,
             ({"warmup": 10, "total": 100}, {"warmup": 30, "total": 100, "eta_min": 0.01}),
             rises_to_the_base_rate_then_falls_to_the_floor_and_stays),
)  # fmt: skip
