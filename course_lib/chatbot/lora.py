"""LoRA: fine-tuning by low-rank additions to frozen matrices. Hu et al., ICLR 2022, arXiv:2106.09685."""

import math

import torch
import torch.nn.functional as F
from torch import nn

TARGETS = ("attention.qkv", "attention.out")


class LoRA(nn.Module):
    """y = W x + b + (α/r) B A x, where only A (r, in) and B (out, r) learn; B begins at 0, so nothing changes at first.

    Parameters
    ----------
    linear : nn.Linear
        Frozen.
    rank : int
    alpha : float
    """

    def __init__(self, linear: nn.Linear, rank: int, alpha: float):
        super().__init__()
        if not 1 <= rank <= min(linear.weight.shape):
            raise ValueError(f"LoRA: rank must lie in 1 to {min(linear.weight.shape)}, got {rank}")
        self.linear, self.scale = linear.requires_grad_(False), alpha / rank
        self.A = nn.Parameter(torch.empty(rank, linear.in_features, device=linear.weight.device))
        self.B = nn.Parameter(torch.zeros(linear.out_features, rank, device=linear.weight.device))
        nn.init.kaiming_uniform_(self.A, a=math.sqrt(5))

    def forward(self, x):
        return self.linear(x) + F.linear(F.linear(x, self.A), self.B) * self.scale

    def merged(self) -> nn.Linear:
        """The linear layer with W + (α/r) B A: the same function, at no extra cost."""
        with torch.no_grad():
            self.linear.weight += self.scale * (self.B @ self.A)
        return self.linear


def add_lora(model: nn.Module, rank: int = 8, alpha: float = 16.0, targets=TARGETS) -> list[nn.Parameter]:
    """Freeze a model and put adapters on every linear layer whose name ends with a target; return what learns.

    Raises
    ------
    ValueError
        If there is no such layer.
    """
    found = [(n, m) for n, m in model.named_modules() if n.endswith(tuple(targets)) and isinstance(m, nn.Linear)]
    if not found:
        raise ValueError(f"add_lora: no linear layer's name ends with {' or '.join(targets)}")
    model.requires_grad_(False)
    for name, linear in found:
        _replace(model, name, LoRA(linear, rank, alpha))
    return [p for p in model.parameters() if p.requires_grad]


def merge_lora(model: nn.Module) -> nn.Module:
    """Put every adapter into its matrix; the model has its own layers again, trainable ones."""
    for name, adapter in [(n, m) for n, m in model.named_modules() if isinstance(m, LoRA)]:
        _replace(model, name, adapter.merged())
    return model.requires_grad_(True)


def _replace(model, name, module):
    parent, _, child = name.rpartition(".")
    setattr(model.get_submodule(parent), child, module)
