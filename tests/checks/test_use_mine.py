"""A learner's checked function works inside the library, and the library's own steps in where it fails."""

import numpy as np
import pytest

from course_lib import activations, optim
from course_lib.autograd import Tensor
from course_lib.checks import check, use_library, use_mine

CALLS = []


def adam_step(param, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    CALLS.append(t)
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    return param - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


def sigmoid(x):
    CALLS.append("sigmoid")
    return 0.5 * (1 + np.tanh(np.asarray(x, float) / 2))


def run_adam(steps=3, **options):
    w = Tensor(np.array([1.0, -2.0], dtype=np.float32), requires_grad=True)
    optimizer = optim.Adam([w], lr=0.1, **options)
    for _ in range(steps):
        optimizer.zero_grad()
        (w * w).sum().backward()
        optimizer.step()
    return w.data


def test_adam_trains_with_the_learners_function(capsys):
    expected, library = run_adam(), optim.adam_update
    use_mine("adam", adam_step)
    CALLS.clear()
    got = run_adam()
    assert CALLS == [1, 2, 3]  # one call fewer or more would mean that it was not this function, or run twice
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, expected, rtol=1e-5)
    use_library("adam")
    assert optim.adam_update is library


def test_an_activation_keeps_the_librarys_derivative():
    x = Tensor(np.array([0.5, -1.0], dtype=np.float32), requires_grad=True)
    activations.sigmoid(x).sum().backward()
    expected, x.grad = x.grad, None
    use_mine("sigmoid", sigmoid)
    CALLS.clear()
    y = activations.sigmoid(x)
    y.sum().backward()
    assert "sigmoid" in CALLS
    assert y.dtype == np.float32
    np.testing.assert_array_equal(x.grad, expected)


def test_momentum_leaves_nesterov_to_the_library():
    def momentum_step(param, grad, velocity, lr, momentum):
        velocity = momentum * velocity + grad
        return param - lr * velocity, velocity

    arrays = [np.ones(2), np.ones(2), np.ones(2)]
    expected = optim.sgd_update(*arrays, 0.1, 0.9, True)
    use_mine("momentum", momentum_step)
    np.testing.assert_array_equal(optim.sgd_update(*arrays, 0.1, 0.9, True), expected)
    np.testing.assert_allclose(optim.sgd_update(*arrays, 0.1, 0.9)[0], 1 - 0.19)


@pytest.mark.parametrize(("name", "function"), [("adam", lambda p, g, m, v, t, *rest: (p, m, v)), ("sigmoid", np.tanh)])
def test_a_wrong_answer_is_not_let_in(name, function, capsys):
    before = activations.sigmoid.rule, optim.adam_update
    use_mine(name, function)
    assert (activations.sigmoid.rule, optim.adam_update) == before
    assert "not right yet; the library's own stays" in capsys.readouterr().out


def test_a_stub_lets_the_notebook_run_on(capsys):
    def adam_step(param, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8): ...

    use_mine("adam", adam_step)
    use_mine("adam")
    assert capsys.readouterr().out == (
        "adam: 4.6 is not attempted yet; the library's own stays.\n"
        "adam: no answer of yours to 4.6 is recorded; the library's own stays.\n")


def test_a_later_chapter_takes_it_from_the_record(capsys):
    check("4.1", sigmoid_alone)
    use_mine("sigmoid")
    use_mine("sigmoid")  # twice is once
    assert capsys.readouterr().out.count("now uses your sigmoid") == 2
    use_library()
    assert activations.sigmoid.rule.__module__ == "course_lib.activations"


def sigmoid_alone(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


MODE = {}


def moody_sigmoid(x):
    y = 0.5 * (1 + np.tanh(x / 2))
    match MODE.get("now"):
        case "raise":
            raise RuntimeError("not today")
        case "shape":
            return y[:1]
        case "nan":
            return y * np.nan
        case "none":
            return None
        case "exit":
            raise SystemExit
    return y


@pytest.mark.parametrize("mode", ["raise", "shape", "nan", "none", "exit"])
def test_the_library_steps_in_and_says_so_once(mode, capsys):
    MODE.clear()
    use_mine("sigmoid", moody_sigmoid)
    MODE["now"] = mode
    x = np.array([0.0, 1.0])
    for _ in range(3):
        np.testing.assert_allclose(activations.sigmoid(x), [0.5, 1 / (1 + np.exp(-1))])
    assert capsys.readouterr().out.count("the library's own stepped in") == 1


def test_nan_in_nan_out_is_nobodys_fault(capsys):
    use_mine("sigmoid", moody_sigmoid)
    MODE.clear()
    assert np.isnan(activations.sigmoid(np.array([np.nan]))).all()
    assert "stepped in" not in capsys.readouterr().out


def test_checks_are_not_fooled_by_what_was_put_in():
    MODE.clear()
    use_mine("sigmoid", moody_sigmoid)
    MODE["now"] = "nan"
    assert check("4.1", sigmoid_alone).passed
    assert not check("4.1", lambda x: x * np.nan).passed
    assert activations.sigmoid.rule.__module__ == "course_lib.checks.mine"  # and it is still in


def test_names_are_known():
    with pytest.raises(KeyError, match="adam"):
        use_mine("adamw", adam_step)
