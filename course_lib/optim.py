"""Optimizers: how a gradient becomes a step. Names and defaults are PyTorch's.

The rules (`sgd_update`, `adam_update`, ...) are pure functions of arrays: old values in, new values out. An `Optimizer`
strings all its parameters into one vector and applies its rule once per step, which is what makes small models fast.
"""

import math

import numpy as np

from course_lib.autograd import Tensor


def sgd_update(param, grad, velocity, lr, momentum=0.0, nesterov=False):
    """One step of gradient descent with momentum; returns (param, velocity).

    u ← μu + g;  w ← w - α(g + μu) with Nesterov's look-ahead, else w - αu. PyTorch's form: the velocity is a sum of
    gradients and α multiplies it afterwards. Polyak, 1964; Sutskever et al., ICML 2013. The gradient must belong to
    the old w (claim S0-4.3.1-gd-formula).
    """
    velocity = momentum * velocity + grad
    return param - lr * (grad + momentum * velocity if nesterov else velocity), velocity


def rmsprop_update(param, grad, square, lr, alpha=0.99, eps=1e-8):
    """One RMSprop step; returns (param, square).

    s ← αs + (1 - α)g²;  w ← w - lr·g / (√s + ε). Tieleman & Hinton, Coursera lecture 6.5, 2012.
    """
    square = alpha * square + (1 - alpha) * (grad * grad)
    return param - lr * grad / (np.sqrt(square) + eps), square


def adam_update(param, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """One Adam step, the t-th (t = 1, 2, ...); returns (param, m, v).

    m ← β₁m + (1-β₁)g;  v ← β₂v + (1-β₂)g²;  m̂ = m/(1-β₁ᵗ), v̂ = v/(1-β₂ᵗ);  w ← w - α·m̂/(√v̂ + ε).
    Kingma & Ba, ICLR 2015, Algorithm 1. The article's formula differs in three places: claim S0-4.3.2-adam-moments.
    """
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * (grad * grad)
    c1, c2 = 1 - beta1**t, math.sqrt(1 - beta2**t)  # m̂ = m / c1, √v̂ = √v / c2
    step = np.sqrt(v)
    step += eps * c2
    np.divide(m, step, out=step)
    step *= lr * c2 / c1
    return param - step, m, v


class Optimizer:
    """Base of all optimizers: holds the parameters and the state, and applies `rule` to them as one vector.

    Parameters
    ----------
    params : iterable of Tensor
        As ``model.parameters()`` gives them. All of one dtype.
    lr : float
        Learning rate; may be changed between steps.

    A parameter without a gradient is left alone, and its step count stands still, as in PyTorch.
    """

    state_names: tuple[str, ...] = ()

    def __init__(self, params, lr, weight_decay=0.0):
        self.params = list(params)
        _check_params(type(self).__name__, self.params)
        for name, value in (("lr", lr), ("weight_decay", weight_decay)):
            _check_range(type(self).__name__, name, value, 0, math.inf)
        self.lr, self.weight_decay = lr, weight_decay
        ends = np.cumsum([p.size for p in self.params]).tolist()
        self._spans = [slice(end - p.size, end) for p, end in zip(self.params, ends, strict=True)]
        self.steps = [0] * len(self.params)  # taken so far, for each parameter
        self.state = {name: np.zeros(ends[-1], self.params[0].dtype) for name in self.state_names}
        self._adopt()

    def _adopt(self):
        """Move all parameters into one vector; each parameter's data becomes a view of its part."""
        for i, (p, span) in enumerate(zip(self.params, self._spans, strict=True)):
            if p.size != span.stop - span.start:
                raise ValueError(f"{type(self).__name__}: params[{i}] had {span.stop - span.start} numbers when the "
                                 f"optimizer was made, now its shape is {p.shape}")
        self.flat = np.concatenate([p.data.ravel() for p in self.params])
        for p, span in zip(self.params, self._spans, strict=True):
            p.data = self.flat[span].reshape(p.shape)
        self._views = [p.data for p in self.params]

    def rule(self, param, grad, state, t):
        """Return the new parameters and the new state arrays. Every subclass writes its own."""
        raise NotImplementedError

    def step(self) -> None:
        """Change every parameter that has a gradient."""
        pairs = zip(self.params, self._views, strict=True)
        if any(p.data is not v or v.base is not self.flat for p, v in pairs):  # somebody gave a parameter another array
            self._adopt()
        for chunk in self._chunks():
            params, spans = self.params[chunk], self._spans[chunk]
            t = self.steps[chunk.start] + 1
            self.steps[chunk] = [t] * len(params)
            span = slice(spans[0].start, spans[-1].stop)
            grad = np.concatenate([p.grad.ravel() for p in params])
            state = [self.state[name][span] for name in self.state_names]
            self.flat[span], *state = self.rule(self.flat[span], grad, state, t)
            for name, value in zip(self.state_names, state, strict=True):
                self.state[name][span] = value

    def _chunks(self):
        """Runs of neighbours that have a gradient and the same step count: each is updated as one vector."""
        keys = [None if p.grad is None else t for p, t in zip(self.params, self.steps, strict=True)]
        if keys.count(keys[0]) == len(keys):  # as a rule
            return [] if keys[0] is None else [slice(0, len(keys))]
        starts = [i for i, key in enumerate(keys) if i == 0 or key != keys[i - 1]]
        stops = [*starts[1:], len(keys)]
        return [slice(i, j) for i, j in zip(starts, stops, strict=True) if keys[i] is not None]

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for p in self.params:
            p.grad = None

    def state_dict(self) -> dict:
        """A copy of all that the next step depends on besides the parameters and gradients."""
        return {"lr": self.lr, "steps": list(self.steps)} | {k: v.copy() for k, v in self.state.items()}

    def load_state_dict(self, state: dict) -> None:
        """Continue from a `state_dict` of an optimizer of the same kind over parameters of the same sizes."""
        expected = {"lr", "steps", *self.state_names}
        if state.keys() != expected:
            raise ValueError(f"{type(self).__name__}: state has {sorted(state)}, expected {sorted(expected)}")
        if len(state["steps"]) != len(self.params):
            raise ValueError(f"{type(self).__name__}: state counts the steps of {len(state['steps'])} parameters, "
                             f"this optimizer has {len(self.params)}")
        for name in self.state_names:
            if np.shape(state[name]) != self.state[name].shape:
                raise ValueError(f"{type(self).__name__}: state {name} has shape {np.shape(state[name])}, "
                                 f"expected {self.state[name].shape}")
        self.lr, self.steps = float(state["lr"]), [int(t) for t in state["steps"]]
        for name in self.state_names:
            self.state[name][...] = state[name]


class SGD(Optimizer):
    """Stochastic gradient descent, see `sgd_update` (claims S0-4.3.1-gd-formula, S2-4.3.1-sgd)."""

    state_names = ("velocity",)

    def __init__(self, params, lr=1e-3, momentum=0.0, *, weight_decay=0.0, nesterov=False):
        super().__init__(params, lr, weight_decay)
        _check_range("SGD", "momentum", momentum, 0, math.inf)
        if nesterov and not momentum:
            raise ValueError("SGD: nesterov needs a momentum above 0")
        self.momentum, self.nesterov = momentum, nesterov

    def rule(self, param, grad, state, t):
        """Apply `sgd_update`."""
        grad = grad + self.weight_decay * param if self.weight_decay else grad
        return sgd_update(param, grad, *state, self.lr, self.momentum, self.nesterov)


class RMSprop(Optimizer):
    """Divide each gradient by a running root mean square of itself. See `rmsprop_update`."""

    state_names = ("square",)

    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0):
        super().__init__(params, lr, weight_decay)
        _check_range("RMSprop", "alpha", alpha, 0, 1)
        self.alpha, self.eps = alpha, eps

    def rule(self, param, grad, state, t):
        """Apply `rmsprop_update`."""
        grad = grad + self.weight_decay * param if self.weight_decay else grad
        return rmsprop_update(param, grad, *state, self.lr, self.alpha, self.eps)


class Adam(Optimizer):
    """Momentum and RMSprop together, with both averages corrected for starting at 0. See `adam_update`.

    Weight decay is added to the gradient (an L2 penalty), and so gets divided by √v̂; `AdamW` does not divide it.
    """

    state_names = ("m", "v")

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        super().__init__(params, lr, weight_decay)
        for name, beta in zip(("betas[0]", "betas[1]"), betas, strict=True):
            _check_range(type(self).__name__, name, beta, 0, 1)
        self.betas, self.eps = tuple(betas), eps

    def rule(self, param, grad, state, t):
        """Apply `adam_update` to the gradient plus the penalty's gradient."""
        grad = grad + self.weight_decay * param if self.weight_decay else grad
        return adam_update(param, grad, *state, t, self.lr, *self.betas, self.eps)


class AdamW(Adam):
    """Adam with decoupled weight decay: w ← (1 - αλ)w before the step. Loshchilov & Hutter, ICLR 2019, Algorithm 2."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr, betas, eps, weight_decay)

    def rule(self, param, grad, state, t):
        """Shrink the weights, then apply `adam_update`."""
        return adam_update(param * (1 - self.lr * self.weight_decay), grad, *state, t, self.lr, *self.betas, self.eps)


def clip_grad_norm_(parameters, max_norm: float) -> float:
    """Scale all gradients so that their joint Euclidean norm is at most `max_norm`; return the norm before.

    As `torch.nn.utils.clip_grad_norm_`. Pascanu, Mikolov & Bengio, ICML 2013, Algorithm 1.
    """
    grads = [p for p in _listed(parameters) if p.grad is not None]
    norm = math.sqrt(sum(float(np.vdot(p.grad, p.grad)) for p in grads))
    if norm > max_norm or not math.isfinite(norm):
        for p in grads:
            p.grad = p.grad * p.dtype.type(max_norm / (norm + 1e-6))
    return norm


def clip_grad_value_(parameters, clip_value: float) -> None:
    """Limit every component of every gradient to [-clip_value, clip_value]."""
    for p in _listed(parameters):
        if p.grad is not None:
            p.grad = np.clip(p.grad, -clip_value, clip_value)


def _listed(parameters):
    return [parameters] if isinstance(parameters, Tensor) else list(parameters)


def _check_params(name, params):
    if not params:
        raise ValueError(f"{name}: got no parameters")
    for i, p in enumerate(params):
        if not isinstance(p, Tensor):
            raise TypeError(f"{name}: params[{i}] must be a Tensor, got {type(p).__name__}")
        if p._parents:
            raise ValueError(f"{name}: params[{i}] is the result of {p._op.__name__}; an optimizer moves leaves only")
    if len({id(p) for p in params}) < len(params):
        raise ValueError(f"{name}: a parameter is listed twice")
    if len({p.dtype for p in params}) > 1:
        raise TypeError(f"{name}: parameters must share one dtype, got {sorted({str(p.dtype) for p in params})}")


def _check_range(owner, name, value, low, high):
    """Insist on low <= value < high."""
    if not low <= value < high:
        raise ValueError(f"{owner}: {name} must be at least {low}" + ("" if high == math.inf else f" and below {high}")
                         + f", got {value}")
