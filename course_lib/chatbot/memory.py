"""What training keeps in memory, counted; and what to change when there is not enough of it."""

import contextlib
from dataclasses import replace
from functools import cache, partial

import torch

from course_lib.chatbot import distributed
from course_lib.chatbot.device import autocast
from course_lib.chatbot.recipe import Recipe
from course_lib.chatbot.transformer import Transformer

CPU_REFUSAL = "can't allocate memory"  # how PyTorch says it on a CPU, in a plain RuntimeError


class OutOfMemory(MemoryError):
    """There was not enough memory for a step; the text says what to change, with numbers."""


@contextlib.contextmanager
def advised(trainer):
    """Turn an out-of-memory error within into one that says what to change; gradients are given back."""
    try:
        yield
    except (torch.OutOfMemoryError, RuntimeError) as error:
        if not isinstance(error, torch.OutOfMemoryError) and CPU_REFUSAL not in str(error):
            raise
        short = str(error)
    else:
        return
    trainer.forget_gradients()  # here, with the traceback gone, nothing holds the step's tensors any more
    if trainer.device.type == "cuda":
        torch.cuda.empty_cache()
    raise OutOfMemory(advice(trainer, short)) from None


def state_bytes(model) -> int:
    """Weights, and for what is learned the gradient and AdamW's two averages."""
    learned = sum(p.nbytes for p in model.parameters() if p.requires_grad)
    return sum(p.nbytes for p in model.parameters()) + 3 * learned


def activation_bytes(model: Transformer, recipe: Recipe, count=None) -> int:
    """Bytes that the forward pass of one part of a batch keeps for the backward pass; see `kept_bytes`.

    One row and two are passed forward in fact, which tells what each further row adds. With `recompute`: what goes into
    each block, and all that one block keeps, for it is computed again by itself.
    """

    def all_rows(recompute):
        one, two = (count(n, recipe.length, recipe.bf16, recompute) for n in (1, 2))
        return one + (rows - 1) * (two - one)

    count = count or partial(kept_bytes, model)
    rows, c = recipe.batch // recipe.accumulate // distributed.size(), model.config
    everything = all_rows(recompute=False)
    if not recipe.recompute:
        return everything
    outside = all_rows(recompute=True)
    return outside + c.n_layer * rows * recipe.length * c.d_model * 4 + (everything - outside) // c.n_layer


def kept_bytes(model: Transformer, rows: int, length: int, bf16: bool, recompute: bool) -> int:
    """Pass so many rows forward and count what autograd keeps of them, weights aside."""
    device, held = model.embed.weight.device, {}
    own = {t.untyped_storage().data_ptr() for t in (*model.parameters(), *model.buffers())}

    def keep(tensor):
        held[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    before, model.recompute = model.recompute, recompute
    try:
        ids = torch.zeros(rows, length, dtype=torch.long, device=device)
        with torch.autograd.graph.saved_tensors_hooks(keep, lambda t: t):
            with autocast(device, bf16):
                logits = model(ids)
            loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1).float(), ids.flatten())
    finally:
        model.recompute = before
    del loss
    return sum(t.untyped_storage().nbytes() for place, t in held.items() if place not in own)


def advice(trainer, error: str) -> str:
    """What there was, and what each option would make of it."""
    r, model = trainer.recipe, trainer.model
    rows = r.batch // r.accumulate // distributed.size()
    count = cache(partial(kept_bytes, model))  # several options pass the same rows forward
    kept = _kept(model, r, count)
    lines = [
        f"Out of memory at step {trainer.step} on {trainer.device}: {rows} rows of {r.length:,} tokens at once, "
        f"{sum(p.numel() for p in model.parameters()):,} parameters.",
        f"  PyTorch says: {(error.splitlines() or ['nothing'])[0][:200]}",
        f"  Weights, gradients and AdamW's averages need {_size(state_bytes(model))}.",
        *([f"  What the forward pass keeps for the backward pass needs {kept}."] if kept else []),
        "  What to change in the Recipe:",
    ]
    for name, new, cost in options(r):
        lines.append(f"  - {name}: " + (f"keeps {_kept(model, new, count)}; " if kept else "") + cost)
    return "\n".join([*lines, f"Step {trainer.step} was not made; what was learned before it can be saved."])


def _kept(model, recipe, count) -> str:
    """What the forward pass keeps, in words; nothing for other models, or if one row is too much already."""
    try:
        return _size(activation_bytes(model, recipe, count)) if type(model) is Transformer else ""
    except (torch.OutOfMemoryError, RuntimeError):
        return ""


def options(r: Recipe) -> list[tuple[str, Recipe, str]]:
    """Recipes that need less memory: what to write, the recipe, and what it costs."""
    found, size = [], distributed.size()
    if more := next((n for n in range(r.accumulate + 1, r.batch + 1) if r.batch % (n * size) == 0), None):
        found.append((f"accumulate={more}", replace(r, accumulate=more), "the same gradient, in smaller parts"))
    if not r.recompute:
        found.append(("recompute=True", replace(r, recompute=True), "the same gradient, about a third more work"))
    if not r.bf16:
        found.append(("bf16=True", replace(r, bf16=True), "rounded products, faster where the hardware has them"))
    if r.length > 1:
        found.append((f"length={r.length // 2}", replace(r, length=r.length // 2), "a shorter memory; another model"))
    return found


def _size(n: int) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if n < 1000 or unit == "GB":
            return f"{n:,.0f} B" if unit == "B" else f"{n:,.1f} {unit}"
        n /= 1000
