"""Normalisation and dropout: what the specs in course_lib.verify do not say."""

import numpy as np
import pytest

from course_lib import nn, random
from course_lib import normalization as f
from course_lib.autograd import Tensor

X = np.random.default_rng(0).normal(size=(4, 3))

WRONG = {
    "a vector": (lambda: f.batch_norm(X[0], None, None, training=True), r"\(N, C\) or \(N, C, d1, ...\), got \(3,\)"),
    "other statistics": (lambda: f.batch_norm(X, np.zeros(4), np.ones(4)), r"running_mean must have shape \(3,\)"),
    "another weight": (lambda: f.batch_norm(X, np.zeros(3), np.ones(3), np.ones(2)), r"weight must have shape \(3,\)"),
    "no statistics": (lambda: f.batch_norm(X, None, None), "may be None only in training"),
    "half of them": (lambda: f.batch_norm(X, np.zeros(3), None, training=True), "only both"),
    "one sample": (lambda: f.batch_norm(X[:1], None, None, training=True), r"at least 2 values per channel.*\(1, 3\)"),
    "another shape": (lambda: f.layer_norm(X, 4), r"layer_norm: expected an input of shape \(..., 4\), got \(4, 3\)"),
    "too long a shape": (lambda: f.rms_norm(X, (2, 4, 3)), r"rms_norm: expected an input of shape \(..., 2, 4, 3\)"),
    "no shape": (lambda: f.layer_norm(X, ()), "layer_norm: normalized_shape"),
    "a weight for other axes": (lambda: f.layer_norm(X, 3, np.ones(4)), r"weight must have shape \(3,\), got \(4,\)"),
    "a probability": (lambda: f.dropout(X, 1.5), r"dropout: p must lie in \[0, 1\], got 1.5"),
    "its layer": (lambda: nn.VariationalDropout(-0.1), r"VariationalDropout: p must lie in"),
    "no time axis": (lambda: f.variational_dropout(X), r"input must have shape \(T, N, D\)"),
    "an image": (lambda: nn.BatchNorm1d(3)(Tensor(np.ones((2, 3, 4, 4)))), r"must have shape \(N, C\) or \(N, C, L\)"),
    "no image": (lambda: nn.BatchNorm2d(3)(Tensor(X)), r"BatchNorm2d: input must have shape \(N, C, H, W\)"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_is_named_with_what_is_allowed(name):
    call, message = WRONG[name]
    with pytest.raises(ValueError, match=message):
        call()


def test_running_statistics_are_buffers_that_are_saved_and_loaded():
    a, b = nn.Sequential(nn.BatchNorm1d(3)), nn.Sequential(nn.BatchNorm1d(3))
    for _ in range(3):
        a(Tensor(X))
    b.load_state_dict(a.state_dict())
    assert int(b.state_dict()["0.num_batches_tracked"]) == 3
    assert np.array_equal(a.eval()(Tensor(X)).data, b.eval()(Tensor(X)).data)
    assert len(b.parameters()) == 2


def test_evaluation_leaves_the_running_statistics_alone():
    layer = nn.BatchNorm1d(3).eval()
    before = layer.state_dict()
    layer(Tensor(X))
    assert all(np.array_equal(before[k], v) for k, v in layer.state_dict().items())


def test_the_running_variance_has_divisor_m_minus_1():
    mean, var = np.zeros(3), np.ones(3)
    f.batch_norm(X, mean, var, training=True, momentum=1.0)
    np.testing.assert_allclose(mean, X.mean(0))
    np.testing.assert_allclose(var, X.var(0, ddof=1))


def test_masks_come_from_the_librarys_generator_unless_another_is_given():
    random.manual_seed(3)
    a = f.dropout(np.ones(50))
    random.manual_seed(3)
    assert np.array_equal(a, f.dropout(np.ones(50)))
    assert not np.array_equal(a, f.dropout(np.ones(50)))
    state = random.get_state()
    f.dropout(np.ones(50), rng=np.random.default_rng(0))
    assert random.get_state() == state


def test_the_gradient_passes_where_the_mask_did():
    x = Tensor(np.ones((5, 4)), requires_grad=True)
    y = f.dropout(x, 0.5, rng=np.random.default_rng(0))
    y.sum().backward()
    assert np.array_equal(x.grad, y.data)


def test_the_same_mask_in_float32_and_float64():
    a, b = (f.dropout(np.ones(50, t), 0.3, rng=np.random.default_rng(0)) for t in (np.float32, np.float64))
    assert (a.dtype, b.dtype) == (np.float32, np.float64)
    assert np.array_equal(a == 0, b == 0)
