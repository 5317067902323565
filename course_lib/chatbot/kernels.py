"""A kernel to learn from: softmax in one pass over memory, forward and backward, written in Triton.

A GPU computes faster than it reads. PyTorch's parts one after the other (maximum, difference, exp, sum, quotient) read
and write each row several times; here a program reads one row into registers, does everything there, and writes once.
Tillet, Kung & Cox, MAPL 2019. Without a GPU, ``TRITON_INTERPRET=1`` runs the same program in Python, slowly.
"""

import torch
import triton
import triton.language as tl

LIMIT = 1 << 16  # numbers in a row: more do not fit into a program's registers


@triton.jit
def _forward(x, y, width, BLOCK: tl.constexpr):
    """One program, one row: y = exp(x - max x) / Σ exp(x - max x)."""
    row, at = tl.program_id(0).to(tl.int64), tl.arange(0, BLOCK)
    v = tl.load(x + row * width + at, mask=at < width, other=-float("inf")).to(tl.float32)
    e = tl.exp(v - tl.max(v, 0))
    tl.store(y + row * width + at, (e / tl.sum(e, 0)).to(y.dtype.element_ty), mask=at < width)


@triton.jit
def _backward(y, dy, dx, width, BLOCK: tl.constexpr):
    """dx = y ⊙ (dy - Σ y ⊙ dy), one row a program."""
    row, at = tl.program_id(0).to(tl.int64), tl.arange(0, BLOCK)
    p = tl.load(y + row * width + at, mask=at < width, other=0.0).to(tl.float32)
    g = tl.load(dy + row * width + at, mask=at < width, other=0.0).to(tl.float32)
    tl.store(dx + row * width + at, (p * (g - tl.sum(p * g, 0))).to(dx.dtype.element_ty), mask=at < width)


class _Softmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = torch.empty_like(x)
        _launch(_forward, x, y)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, dy):
        (y,) = ctx.saved_tensors
        dx = torch.empty_like(y)
        _launch(_backward, y, dy.contiguous(), dx)
        return dx


def _launch(kernel, *tensors):
    """One program for each row; blocks are powers of two."""
    width = tensors[0].shape[-1]
    if tensors[0].numel():
        kernel[(tensors[0].numel() // width,)](*tensors, width, BLOCK=triton.next_power_of_2(width))


def softmax(x: torch.Tensor) -> torch.Tensor:
    """softmax over the last axis, as `course_lib.activations.softmax`, for a tensor on a GPU.

    Parameters
    ----------
    x : Tensor, (…, n)
        float32, float16 or bfloat16; n at most 65,536. A row of -∞ alone gives NaN, as in PyTorch.

    Raises
    ------
    ValueError
        For other types and sizes.
    """
    if x.dtype not in (torch.float32, torch.float16, torch.bfloat16):
        raise ValueError(f"softmax: x must be float32, float16 or bfloat16, got {x.dtype}")
    if not x.ndim or x.shape[-1] > LIMIT:
        raise ValueError(f"softmax: the last axis must hold at most {LIMIT:,} numbers, got shape {tuple(x.shape)}")
    return _Softmax.apply(x.contiguous())
