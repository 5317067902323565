"""Learning-rate schedules. Each sets ``optimizer.lr`` from the number of `step` calls so far, in closed form.

Call ``schedule.step()`` after each epoch (or each optimizer step, if the schedule is counted in those). The first
learning rate is set when the schedule is made, as in `torch.optim.lr_scheduler`.
"""

import math


class Schedule:
    """Base: lr(t) = base_lr · factor(t)."""

    def __init__(self, optimizer):
        self.optimizer, self.base_lr, self.t = optimizer, optimizer.lr, 0
        self._set()

    def factor(self, t: int) -> float:
        """What the base learning rate is multiplied by at step t. Every subclass writes its own."""
        raise NotImplementedError

    def step(self) -> None:
        """Move on by one."""
        self.t += 1
        self._set()

    def state_dict(self) -> dict:
        """What the next steps depend on, besides the arguments."""
        return {"base_lr": self.base_lr, "t": self.t}

    def load_state_dict(self, state: dict) -> None:
        """Continue from a `state_dict`; the optimizer's learning rate follows at the next step."""
        self.base_lr, self.t = state["base_lr"], state["t"]

    def _set(self):
        self.optimizer.lr = self.base_lr * self.factor(self.t)


class LambdaLR(Schedule):
    """lr(t) = base_lr · lr_lambda(t) for any function of t."""

    def __init__(self, optimizer, lr_lambda):
        self.lr_lambda = lr_lambda
        super().__init__(optimizer)

    def factor(self, t):
        """Ask the given function."""
        return self.lr_lambda(t)


class StepLR(Schedule):
    """lr(t) = base_lr · γ^⌊t / step_size⌋."""

    def __init__(self, optimizer, step_size: int, gamma: float = 0.1):
        _positive("StepLR", "step_size", step_size)
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer)

    def factor(self, t):
        """γ to the number of whole periods."""
        return self.gamma ** (t // self.step_size)


class CosineAnnealingLR(Schedule):
    """lr(t) = η + (base_lr - η)(1 + cos(πt/T)) / 2. Loshchilov & Hutter, ICLR 2017, eq. 5 without restarts."""

    def __init__(self, optimizer, T_max: int, eta_min: float = 0.0):
        _positive("CosineAnnealingLR", "T_max", T_max)
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer)

    def factor(self, t):
        """The cosine between 1 and eta_min / base_lr."""
        floor = self.eta_min / self.base_lr if self.base_lr else 0.0
        return floor + (1 - floor) * (1 + math.cos(math.pi * t / self.T_max)) / 2


class LinearLR(Schedule):
    """From start_factor to end_factor in total_iters equal steps, constant after: a warm-up when the start is small."""

    def __init__(self, optimizer, start_factor: float = 1 / 3, end_factor: float = 1.0, total_iters: int = 5):
        _positive("LinearLR", "total_iters", total_iters)
        if not 0 < start_factor <= 1:
            raise ValueError(f"LinearLR: start_factor must lie in (0, 1], got {start_factor}")
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer)

    def factor(self, t):
        """Interpolate."""
        done = min(t, self.total_iters) / self.total_iters
        return self.start_factor + (self.end_factor - self.start_factor) * done


class WarmupCosine(Schedule):
    """Linear warm-up from 0 over `warmup` steps, then a cosine down to `eta_min` at step `total`."""

    def __init__(self, optimizer, warmup: int, total: int, eta_min: float = 0.0):
        if not 0 <= warmup < total:
            raise ValueError(f"WarmupCosine: needs 0 <= warmup < total, got warmup {warmup}, total {total}")
        self.warmup, self.total, self.eta_min = warmup, total, eta_min
        super().__init__(optimizer)

    def factor(self, t):
        """(t + 1) / (warmup + 1) while warming up, the cosine afterwards."""
        if t < self.warmup:
            return (t + 1) / (self.warmup + 1)
        floor = self.eta_min / self.base_lr if self.base_lr else 0.0
        done = min((t - self.warmup) / (self.total - self.warmup), 1.0)
        return floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2


def _positive(owner, name, value):
    if value < 1:
        raise ValueError(f"{owner}: {name} must be at least 1, got {value}")
