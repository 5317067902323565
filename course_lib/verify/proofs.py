"""Run a spec's proofs. Each returns the worst relative error it saw and raises AssertionError where it fails."""

import warnings
import zlib

import numpy as np

from course_lib.autograd import Tensor
from course_lib.verify.gradcheck import gradcheck
from course_lib.verify.spec import Case, Measured, Spec, Without
from course_lib.verify.tools import torch

COMPONENTS = 24  # of each input, checked by finite differences: small cases whole, of large ones a random part


def rng_of(spec: Spec) -> np.random.Generator:
    """Give every spec its own draws, the same in every run."""
    return np.random.default_rng(zlib.crc32(spec.name.encode()))


def parity(spec: Spec, dtype=np.float64) -> float | None:
    """Proof 1: values and gradients equal PyTorch's (in float32: those of PyTorch in float64)."""
    limit = spec.float64 if dtype is np.float64 else spec.float32
    if isinstance(spec.parity, Without):
        return None
    if isinstance(spec.parity, Measured):
        return _measure(spec, spec.parity, dtype)
    worst, rng = 0.0, rng_of(spec)
    for case in spec.cases(rng):
        case = cast(case, dtype)
        ours, gradients = run_ours(spec, case, rng)
        theirs, expected = run_twin(spec, cast(case, np.float64), gradients.pop())
        for name, a, b in [("value", ours, theirs), *_named(gradients, expected)]:
            assert a.shape == b.shape, f"{show(spec, case)}: {name} has shape {a.shape}, PyTorch's {b.shape}"
            assert a.dtype == dtype or b.dtype.kind != "f", f"{show(spec, case)}: {name} is {a.dtype}, not {dtype}"
            error = relative(a, b)
            assert error <= limit, f"{show(spec, case)}: {name} is off by {error:.1e}, allowed {limit:g}"
            worst = max(worst, error)
    return worst


def edges(spec: Spec, dtype=np.float64) -> list[str]:
    """Extreme inputs: values and gradients are PyTorch's in the same dtype, or as stated. Returns the edges' names."""
    rng, labels = rng_of(spec), []
    tolerance = 1e-10 if dtype is np.float64 else 1e-5
    for case in spec.edges(rng):
        case = cast(case, dtype)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if _finite(case):
                warnings.filterwarnings("error", "overflow")  # a finite input may not overflow on the way
            ours, gradients = run_ours(spec, case, None)
        weights = gradients.pop()
        if case.differs:
            value, *expected = (np.asarray(a, float) for a in case.answer)
            pairs = [("value", ours, value), *_named(gradients, expected)]
        else:
            theirs, expected = run_twin(spec, case, weights)
            pairs = [("value", ours, theirs), *_named(_known(gradients, case), _known(expected, case))]
        for name, a, b in pairs:
            assert a.shape == b.shape, f"{show(spec, case)}: {name} has shape {a.shape}, expected {b.shape}"
            same = np.allclose(a, b, rtol=tolerance, atol=tolerance * 1e-2, equal_nan=True)
            assert same, f"{show(spec, case)} ({case.label}): {name} is {a}, expected {b}"
        labels.append(f"{case.label} ({case.differs})" if case.differs else case.label)
    return list(dict.fromkeys(labels))


def differences(spec: Spec) -> float | None:
    """Proof 2: gradients equal central finite differences in every differentiable input."""
    if isinstance(spec.second, Without):
        return None
    if isinstance(spec.second, Measured):
        return _measure(spec, spec.second, np.float64)
    worst = 0.0
    for case in spec.cases(rng_of(spec)):
        report = gradcheck(lambda *args, c=case: spec.call(*args, **c.options), *case.args, h=spec.h, most=COMPONENTS)
        assert report, f"{show(spec, case)}: {report}"
        worst = max(worst, report.error)
    return worst


def properties(spec: Spec) -> list[str]:
    """Proof 3: every property holds. Returns their names as prose."""
    for check in spec.properties:
        check()
    return [prose(check) for check in spec.properties]


def prose(check) -> str:
    """Read a property's name as words."""
    return check.__name__.replace("_", " ")


def run_ours(spec, case: Case, rng) -> tuple[np.ndarray, list]:
    """Return our value, and the gradients of each differentiable input followed by the seed gradient."""
    args = [Tensor(a, requires_grad=True) if _is_float(a) else a for a in case.args]
    out = spec.call(*args, **case.options)
    weights = np.ones(out.shape) if rng is None else rng.normal(size=out.shape)
    weights = weights.astype(out.dtype)
    if out.requires_grad:
        out.backward(weights)
    tensors = [a for a in args if isinstance(a, Tensor)]
    return out.data, [np.zeros_like(t.data) if t.grad is None else t.grad for t in tensors] + [weights]


def run_twin(spec, case: Case, weights) -> tuple[np.ndarray, list[np.ndarray]]:
    """The same from PyTorch."""
    args = [to_torch(a, _is_float(a)) for a in case.args]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # advice on reductions
        out = spec.twin(*args, **{name: to_torch(value) for name, value in case.options.items()})
    if out.requires_grad:
        out.backward(torch.tensor(weights, dtype=out.dtype))
    inputs = [a for a in args if isinstance(a, torch.Tensor) and a.requires_grad]
    gradients = [torch.zeros_like(a) if a.grad is None else a.grad for a in inputs]
    return out.detach().numpy(), [g.numpy() for g in gradients]


def to_torch(value, requires_grad=False):
    """Arrays become torch tensors, all else stays."""
    if not isinstance(value, np.ndarray):
        return value
    return torch.tensor(np.ascontiguousarray(value).reshape(value.shape), requires_grad=requires_grad)


def cast(case: Case, dtype) -> Case:
    """Return the case with its float arrays in another dtype; layouts are kept."""
    change = lambda v: v.astype(dtype, order="K") if _is_float(v) else v  # noqa: E731
    return case._replace(args=tuple(map(change, case.args)), options={k: change(v) for k, v in case.options.items()})


def relative(a, b) -> float:
    """Return max |a - b| / max |b|, or max |a| where b is 0 everywhere."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if not a.size:
        return 0.0
    error = np.abs(a - b).max()
    error = np.inf if np.isnan(error) else error
    return float(error / (np.abs(b).max() or 1.0))


def show(spec, case: Case) -> str:
    """Describe a call by shapes."""
    args = [str(a.shape) if isinstance(a, np.ndarray) else repr(a) for a in case.args]
    options = [f"{k}={v.shape if isinstance(v, np.ndarray) else v!r}" for k, v in case.options.items()]
    return f"{spec.name}({', '.join(args + options)})"


def _measure(spec, measured, dtype):
    if dtype is np.float32 and measured.float32 is None:
        return None
    error, limit = measured.run(dtype), measured.float64 if dtype is np.float64 else measured.float32
    assert error <= limit, f"{spec.name}: off by {error:.1e} from {measured.reference}, allowed {limit:g}"
    return error


def _named(ours, theirs):
    return [(f"gradient {i}", a, b) for i, (a, b) in enumerate(zip(ours, theirs, strict=True))]


def _known(gradients, case):
    """Leave out the places where an input is nan: there is no slope there, and PyTorch's kernels disagree."""
    inputs = [a for a in case.args if _is_float(a)]
    known = [np.logical_and.reduce([~np.isnan(b) for b in inputs if b.shape == a.shape]) for a in inputs]
    return [g[k] for g, k in zip(gradients, known, strict=True)]


def _is_float(value):
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def _finite(case):
    return all(np.isfinite(a).all() for a in case.args if _is_float(a))
