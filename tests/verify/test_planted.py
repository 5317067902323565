"""The verification can fail: every planted mistake is rejected by the proofs that can see it."""

from dataclasses import replace

import numpy as np
import pytest

from course_lib import losses, optim
from course_lib.verify import proofs
from course_lib.verify.spec import all_specs
from tests.verify.planted import WRONG_DERIVATIVES, WRONG_FORMULAS, WRONG_OPTIMIZERS


def spec_of(mistakes, name):
    target, wrong = mistakes[name]
    return replace(all_specs()[target], ours=wrong)


@pytest.mark.parametrize("name", WRONG_DERIVATIVES)
def test_parity_rejects_a_wrong_derivative(name):
    with pytest.raises(AssertionError, match="gradient"):
        proofs.parity(spec_of(WRONG_DERIVATIVES, name))


@pytest.mark.parametrize("name", WRONG_DERIVATIVES)
def test_differences_reject_a_wrong_derivative(name):
    with pytest.raises(AssertionError, match="gradients differ"):
        proofs.differences(spec_of(WRONG_DERIVATIVES, name))


@pytest.mark.parametrize("name", WRONG_FORMULAS)
def test_parity_rejects_a_wrong_formula(name):
    with pytest.raises(AssertionError, match="value is off"):
        proofs.parity(spec_of(WRONG_FORMULAS, name))


@pytest.mark.parametrize("name", WRONG_FORMULAS)
def test_a_wrong_formula_with_its_own_derivative_passes_differences(name):
    """Which is why there are three proofs."""
    assert proofs.differences(spec_of(WRONG_FORMULAS, name)) < 1e-6


@pytest.mark.parametrize("proof", [proofs.parity, proofs.differences], ids=["one step", "100 steps"])
@pytest.mark.parametrize("name", WRONG_OPTIMIZERS)
def test_both_comparisons_reject_a_wrong_optimizer(name, proof, monkeypatch):
    place, wrong, targets = WRONG_OPTIMIZERS[name]
    monkeypatch.setattr(f"{optim.__name__}.{place}", wrong)
    for target in targets:
        with pytest.raises(AssertionError, match="off by"):
            proof(all_specs()[target])


@pytest.mark.parametrize(
    ("place", "wrong", "target"),
    [
        ("activations.softmax", lambda x, dim=-1: x / x.sum(dim, keepdims=True), "activations.softmax"),
        ("activations.sigmoid", lambda x: 1 / (1 + 2 ** -abs(x)), "activations.sigmoid"),
        (
            "losses.huber_loss",
            lambda a, b, reduction="mean", delta=1.0: losses.l1_loss(a, b, reduction),
            "losses.huber_loss",
        ),
        ("optim.adam_update", WRONG_OPTIMIZERS["Adam: no bias correction"][1], "optim.adam_update"),
        ("optim.clip_grad_norm_", lambda parameters, max_norm: 0.0, "optim.clip_grad_norm_"),
    ],
    ids=["softmax", "sigmoid", "huber_loss", "adam_update", "clip_grad_norm_"],
)
def test_properties_reject_a_wrong_function(place, wrong, target, monkeypatch):
    monkeypatch.setattr(f"course_lib.{place}", wrong)
    with pytest.raises((AssertionError, ExceptionGroup)):
        proofs.properties(all_specs()[target])


def test_edges_reject_an_overflow_on_the_way():
    """The textbook softplus is right at ordinary inputs and infinite at 1e4."""
    from course_lib.autograd import Tensor

    def textbook(x, beta=1.0, threshold=20.0):
        return ((x * beta).exp() + 1).log() / beta

    spec = replace(all_specs()["activations.softplus"], ours=textbook)
    assert proofs.parity(spec) < 1e-10
    assert textbook(Tensor(0.0)).item() == pytest.approx(0.6931472)
    with pytest.raises((AssertionError, RuntimeWarning)):
        proofs.edges(spec)


def test_float32_that_becomes_float64_is_rejected():
    spec = all_specs()["activations.sigmoid"]
    wrong = replace(spec, ours=lambda x: spec.target(x * np.ones(x.shape)))
    with pytest.raises(AssertionError, match="is float64"):
        proofs.parity(wrong, np.float32)
