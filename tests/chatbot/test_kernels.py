"""The softmax in Triton gives what the core's softmax and PyTorch give: interpreted here, compiled where a GPU is.

Triton decides when it is first imported whether it interprets. So the first test runs this file once more, in a process
of its own.
"""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from course_lib.activations import softmax as reference

pytest.importorskip("triton", reason="triton is not installed")
SHAPES = [(1, 1), (3, 5), (2, 3, 64), (4, 100), (0, 7), (2, 129)]
INTERPRETED = os.environ.get("TRITON_INTERPRET") == "1"
DEVICE = "cpu" if INTERPRETED else "cuda"
has_a_device = pytest.mark.skipif(
    not (INTERPRETED or torch.cuda.is_available()), reason="no GPU: the compiled kernel was not run"
)


@pytest.fixture
def softmax():
    from course_lib.chatbot import kernels

    return kernels.softmax


@pytest.mark.skipif(INTERPRETED, reason="this is the process that interprets")
def test_everything_here_holds_in_tritons_interpreter():
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", __file__]
    run = subprocess.run(command, env=os.environ | {"TRITON_INTERPRET": "1"}, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-3000:]
    assert "13 passed, 1 skipped" in run.stdout


@has_a_device
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_forward_and_backward_are_the_reference(softmax, shape):
    x = np.random.default_rng(0).normal(size=shape) * 4
    g = np.random.default_rng(1).normal(size=shape)
    mine = torch.tensor(x, dtype=torch.float32, device=DEVICE, requires_grad=True)
    y = softmax(mine)
    y.backward(torch.tensor(g, dtype=torch.float32, device=DEVICE))
    exact = torch.tensor(x, requires_grad=True)  # float64
    exact.softmax(-1).backward(torch.tensor(g))
    np.testing.assert_allclose(y.detach().cpu(), reference(x), atol=1e-6)
    np.testing.assert_allclose(mine.grad.cpu(), exact.grad, atol=5e-6)


@has_a_device
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_rounded_once(softmax, dtype):
    x = torch.randn(4, 33, generator=torch.Generator().manual_seed(0)).to(dtype)
    y = softmax(x.to(DEVICE))
    assert y.dtype == dtype
    expected = x.double().softmax(-1)
    torch.testing.assert_close(y.cpu().double(), expected, atol=0, rtol=torch.finfo(dtype).eps)


@has_a_device
def test_extreme_rows(softmax):
    inf = float("inf")
    x = torch.tensor([[1e30, 0.0, -1e30], [-inf, 0.0, -inf], [-inf, -inf, -inf], [float("nan"), 0.0, 1.0]])
    found = softmax(x.to(DEVICE)).cpu()
    torch.testing.assert_close(found, x.softmax(-1), equal_nan=True)


@has_a_device
def test_a_view_is_read_in_its_own_order(softmax):
    x = torch.arange(12.0, device=DEVICE).view(3, 4).T
    torch.testing.assert_close(softmax(x), x.softmax(-1))


@has_a_device
@pytest.mark.parametrize("x", [torch.zeros(3, dtype=torch.int64), torch.zeros(()), torch.zeros(2, 70_000)])
def test_what_it_cannot_do_is_refused(softmax, x):
    with pytest.raises(ValueError, match="softmax: "):
        softmax(x)
