"""Several processes train one model, each on its share of every batch; ``torchrun`` starts them.

``torchrun --nproc-per-node 2 -m course_lib.chatbot.train …``: gradients travel by nccl between GPUs, by gloo between
CPUs. Without torchrun there is one process, and nothing here does anything.
"""

import os
from collections.abc import Iterable

import torch
import torch.distributed as dist


def join() -> None:
    """Meet the other processes, if torchrun started this one."""
    if "TORCHELASTIC_RUN_ID" in os.environ and not dist.is_initialized():
        dist.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo")


def leave() -> None:
    """Part from the other processes, when all have come so far."""
    if dist.is_initialized():
        dist.barrier()
        dist.destroy_process_group()


def rank() -> int:
    """The number of this process: 0 for the first, which alone prints and writes files."""
    return dist.get_rank() if dist.is_initialized() else 0


def size() -> int:
    """How many processes there are."""
    return dist.get_world_size() if dist.is_initialized() else 1


@torch.no_grad()
def same_everywhere(tensors: Iterable[torch.Tensor]) -> None:
    """Give all processes the first one's numbers."""
    if size() > 1:
        for tensor in tensors:
            dist.broadcast(tensor.detach(), src=0)


@torch.no_grad()
def average(loss: torch.Tensor, gradients: list[torch.Tensor]) -> torch.Tensor:
    """The mean of `loss` over all processes; `gradients` become their means in place. All travel as one vector."""
    if size() == 1:
        return loss
    flat = torch.cat([loss.reshape(1), *(g.flatten() for g in gradients)])
    dist.all_reduce(flat)
    flat /= size()
    parts = flat[1:].split([g.numel() for g in gradients])
    for gradient, part in zip(gradients, parts, strict=True):
        gradient.copy_(part.view_as(gradient))
    return flat[0]
