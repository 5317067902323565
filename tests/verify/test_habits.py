"""What holds for every function of arrays, whatever it computes."""

import numpy as np
import pytest

from course_lib.autograd import Tensor, no_grad
from course_lib.verify import proofs
from course_lib.verify.spec import all_specs

OPS = [pytest.param(s, id=n) for n, s in all_specs().items() if hasattr(s.target, "rule")]


def first_cases(spec, n=6):
    return [case for case, _ in zip(spec.cases(proofs.rng_of(spec)), range(n), strict=False)]


def tensors(case):
    return [
        Tensor(a, requires_grad=True) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a for a in case.args
    ]


@pytest.mark.parametrize("spec", OPS)
def test_arrays_give_the_array_that_tensors_hold(spec):
    for case in first_cases(spec):
        out = spec.call(*case.args, **case.options)
        assert not isinstance(out, Tensor)
        assert np.array_equal(out, spec.call(*tensors(case), **case.options).data)


@pytest.mark.parametrize("spec", OPS)
def test_memory_layout_does_not_matter(spec):
    for case in first_cases(spec):
        plain = [np.array(a, order="C") if isinstance(a, np.ndarray) else a for a in case.args]
        a, b = spec.call(*case.args, **case.options), spec.call(*plain, **case.options)
        assert proofs.relative(a, b) < 1e-14


@pytest.mark.parametrize("spec", OPS)
def test_inputs_are_not_written_to_and_gradients_are_not_shared(spec):
    for case in first_cases(spec):
        args = tensors(case)
        before = [a.data.copy() for a in args if isinstance(a, Tensor)]
        out = spec.call(*args, **case.options)
        seed = np.ones(out.shape)
        out.backward(seed)
        inputs = [a for a in args if isinstance(a, Tensor)]
        assert all(np.array_equal(a.data, b) for a, b in zip(inputs, before, strict=True))
        assert (seed == 1).all()
        arrays = [a.grad for a in inputs if a.grad is not None] + [seed]
        for i, g in enumerate(arrays):
            assert not any(np.shares_memory(g, h) for h in [*arrays[i + 1 :], *(a.data for a in inputs)])


@pytest.mark.parametrize("spec", OPS)
def test_nothing_is_recorded_under_no_grad(spec):
    for case in first_cases(spec, 2):
        with no_grad():
            out = spec.call(*tensors(case), **case.options)
        assert not out.requires_grad
        assert out._parents == ()
