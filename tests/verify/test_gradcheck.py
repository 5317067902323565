"""`gradcheck` finds wrong gradients, says where, and puts everything back."""

import subprocess
import sys

import numpy as np
import pytest

from course_lib import losses, nn
from course_lib.autograd import Tensor
from course_lib.op import Array, op
from course_lib.verify import gradcheck


@op
def wrong_square(x: Array):
    return x * x, (lambda g: g * x,)


def test_right_gradients_agree():
    x, y = np.random.default_rng(0).normal(size=(2, 3, 4))
    report = gradcheck(lambda a, b: (a * b).exp() / (b * b + 1), x, y)
    assert report
    assert report.error < 1e-9
    assert str(report).startswith("gradients agree")


def test_a_wrong_gradient_is_found_and_named():
    report = gradcheck(lambda a, b: wrong_square(b) + a, np.zeros(2), np.array([0.0, 3.0]))
    assert not report
    assert report.where == (1, (1,))
    assert report.differences == pytest.approx(2 * report.backward)
    assert "input 1 at (1,)" in str(report)


def test_nan_is_not_agreement():
    assert not gradcheck(lambda x: (x - 5).log() * 0 + x, np.ones(2))


def test_a_model_is_checked_through_its_own_parameters():
    rng = np.random.default_rng(0)
    model = nn.Sequential(
        nn.Linear(3, 4, rng=rng, dtype=np.float64), nn.Tanh(), nn.Linear(4, 2, rng=rng, dtype=np.float64)
    )
    x, y = Tensor(rng.normal(size=(5, 3))), rng.integers(0, 2, 5)
    before = model.state_dict()
    model.parameters()[0].grad = kept = np.ones((4, 3))
    assert gradcheck(lambda *_: losses.cross_entropy(model(x), y), *model.parameters())
    assert all(np.array_equal(before[k], v) for k, v in model.state_dict().items())
    assert model.parameters()[0].grad is kept


def test_integers_and_constants_are_passed_on_unchecked():
    assert gradcheck(lambda x, i, c: x[i] * c, np.ones(3), np.array([0, 0]), Tensor(np.ones(2)))


def test_clear_errors():
    with pytest.raises(TypeError, match="gradcheck: input 0 is float32; finite differences need float64"):
        gradcheck(lambda x: x, Tensor([1.0], requires_grad=True))
    with pytest.raises(ValueError, match="gradcheck: no input is a floating-point array"):
        gradcheck(lambda x: x, np.array([1]))


def test_gradcheck_needs_neither_torch_nor_hypothesis():
    code = "import sys, course_lib.verify; print('torch' in sys.modules, 'hypothesis' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_without_torch_the_proofs_say_what_to_install():
    code = "import sys; sys.modules['torch'] = None; import course_lib.verify.proofs"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "the verification needs torch; install it with: pip install 'course-lib[dev]'" in done.stderr
