"""Training a `Transformer` on token ids: one loop, whose every step is a function of the recipe and the step's number.

So a run that is stopped, or killed, and resumed makes the very steps that it would have made. From a terminal:
``python -m course_lib.chatbot.train --help``; on several GPUs or machines, ``torchrun`` in front of it.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from course_lib import checkpoint
from course_lib.chatbot import distributed, memory
from course_lib.chatbot.batches import Batches
from course_lib.chatbot.device import autocast, pick_device, seed
from course_lib.chatbot.optimizers import make_optimizers
from course_lib.chatbot.recipe import Recipe, Rows
from course_lib.chatbot.transformer import Transformer


class Trainer:
    """A model, its optimizers, and the number of steps made.

    Of several processes (see `distributed`) each takes its share of every batch, and all make the same step.

    Parameters
    ----------
    model : Transformer
    rows : Rows
    recipe : Recipe
    device : str, optional
        The fastest there is by default.

    Attributes
    ----------
    losses : list of float
        Of each step, in nats per token.

    Raises
    ------
    ValueError
        If the batch cannot be shared out evenly, or the model cannot recompute.
    """

    def __init__(self, model: Transformer, rows: Rows, recipe: Recipe, device: str | None = None):
        self.device = pick_device(device)
        self.model, self.rows, self.recipe = model.to(self.device), rows, recipe
        if recipe.recompute and not hasattr(model, "recompute"):
            raise ValueError(f"Trainer: recompute is for a Transformer, got a {type(model).__name__}")
        if recipe.recompute:
            model.recompute = True
        self.weights = list(model.parameters())
        distributed.same_everywhere(self.weights)
        self.batches = Batches(rows, recipe, self.device)
        self.forward = compiled(model, self.device) if recipe.compile else model
        self.optimizers = make_optimizers(model, recipe)
        self.step, self.losses = 0, []

    def run(self, until: int | None = None, report: Callable[["Trainer"], None] | None = None) -> list[float]:
        """Train up to the recipe's last step, or up to step `until`; `report` is called after each.

        Raises
        ------
        OutOfMemory
            With advice. The step was not made: what has been learned is still there and can be saved.
        """
        self.model.train()
        while self.step < min(until or self.recipe.steps, self.recipe.steps):
            with memory.advised(self):
                self.losses.append(self._step())
            self.step += 1
            if report:
                report(self)
        self.model.eval()
        return self.losses

    def _step(self) -> float:
        r, total = self.recipe, 0.0
        seed(self.device, r.seed * 1_000_003 + self.step + distributed.rank() * 7_919)  # dropout
        for part in self.batches.get(self.step).chunk(r.accumulate):
            loss = self._loss(part) / r.accumulate
            loss.backward()
            total += loss.detach()
        total = distributed.average(total, self._gradients())
        if r.clip:
            self._clip()
        for group in self._groups():
            group["lr"] = r.rate(self.step) * group["scale"]
        for optimizer in self.optimizers:
            optimizer.step()
        self.forget_gradients()
        return float(total)

    def forget_gradients(self) -> None:
        """Give back the memory of all gradients."""
        for p in self.weights:
            p.grad = None

    def _gradients(self):
        return [p.grad for p in self.weights if p.grad is not None]

    def _clip(self):
        """Scale the gradients to the largest norm. On a GPU also those that are small enough: asking would wait."""
        norm = torch.nn.utils.get_total_norm(self._gradients())
        if self.device.type != "cpu" or not norm <= self.recipe.clip:
            torch.nn.utils.clip_grads_with_norm_(self.weights, self.recipe.clip, norm)

    def _loss(self, rows):
        with autocast(self.device, self.recipe.bf16):
            logits = self.forward(rows[:, :-1])  # (B, T, V)
        return F.cross_entropy(logits.flatten(0, 1).float(), rows[:, 1:].flatten())

    def save(self, path: str | Path) -> None:
        """Write everything that the next steps depend on; the file appears only when it is complete.

        Of several processes the first writes.
        """
        if distributed.rank():
            return
        optimizer = {
            str(i): {name: t.detach().cpu().numpy() for name, t in state.items()}
            for i, (_, state) in enumerate(self._states()) if state
        }  # fmt: skip
        model = {name: t.detach().cpu().numpy() for name, t in self.model.state_dict().items()}
        checkpoint.save(path, {"config": self.model.config.to_dict(), "recipe": asdict(self.recipe), "step": self.step,
                               "losses": self.losses, "model": model, "optimizer": optimizer})  # fmt: skip

    def resume(self, path: str | Path) -> None:
        """Go on from a file of `save`.

        Raises
        ------
        ValueError
            If it was written with another config or recipe.
        """
        state = checkpoint.load(path)
        for name, own in (("config", self.model.config.to_dict()), ("recipe", asdict(self.recipe))):
            if changed := [key for key in own if state[name].get(key) != own[key]]:
                key = changed[0]
                raise ValueError(f"resume: {name}.{key} is {own[key]!r}, but {state[name].get(key)!r} in the file")
        self.model.load_state_dict({name: torch.from_numpy(a) for name, a in state["model"].items()})
        for i, (p, own) in enumerate(self._states()):
            own.clear()
            for name, a in state["optimizer"].get(str(i), {}).items():
                own[name] = torch.from_numpy(np.asarray(a)).to(p.device if name != "step" or p.is_cuda else "cpu")
        self.step, self.losses = state["step"], list(state["losses"])

    def _groups(self):
        return [group for optimizer in self.optimizers for group in optimizer.param_groups]

    def _states(self):
        """Each parameter with what its optimizer remembers of it."""
        return [(p, o.state[p]) for o in self.optimizers for group in o.param_groups for p in group["params"]]


def compiled(model, device: torch.device) -> Callable:
    """The model as torch.compile makes it; on a CPU its kernels are called from C++, which takes less time."""
    return torch.compile(model, options={"cpp_wrapper": True} if device.type == "cpu" else None)


@torch.inference_mode()
def nats_per_token(model, rows: list[list[int]], after: int | None = None, batch: int = 32) -> float:
    """Mean cross-entropy over rows of any length; its exponential is the perplexity.

    Parameters
    ----------
    rows : list of list of int
    after : int, optional
        Count only tokens behind the last token of this id: the reply, behind <|bot|>.
    """
    model.eval()
    device, total, count = next(model.parameters()).device, 0.0, 0
    rows = sorted(rows, key=len)
    for i in range(0, len(rows), batch):
        part = rows[i : i + batch]
        ids = torch.zeros(len(part), max(map(len, part)), dtype=torch.long)
        target = torch.full_like(ids, -100)
        for j, row in enumerate(part):
            ids[j, : len(row)] = torch.tensor(row)
            first = 1 if after is None else len(row) - row[::-1].index(after)
            target[j, first : len(row)] = ids[j, first : len(row)]
        logits = model(ids[:, :-1].to(device)).float().cpu()
        total += float(F.cross_entropy(logits.flatten(0, 1), target[:, 1:].flatten(), reduction="sum"))
        count += int((target[:, 1:] >= 0).sum())
    return total / count


def log_to(path: str | Path, every: int = 100) -> Callable[[Trainer], None]:
    """A `report` that writes mean losses and seconds to a JSON file, and prints them, every so many steps."""
    begun, rows = time.perf_counter(), []

    def report(trainer: Trainer) -> None:
        if distributed.rank() or (trainer.step % every and trainer.step != trainer.recipe.steps):
            return
        loss = float(np.mean(trainer.losses[-every:]))
        rows.append({"step": trainer.step, "loss": round(loss, 4), "seconds": round(time.perf_counter() - begun, 1)})
        Path(path).write_text(json.dumps({"recipe": asdict(trainer.recipe), "log": rows}, indent=1))
        print(f"step {trainer.step:6,d}  loss {loss:.3f}  {rows[-1]['seconds']:7.1f} s", flush=True)

    return report


def save_to(path: str | Path, every: int = 200) -> Callable[[Trainer], None]:
    """A `report` that saves the run every so many steps, and at its end: a kill loses no more than these."""

    def report(trainer: Trainer) -> None:
        if trainer.step % every == 0 or trainer.step == trainer.recipe.steps:
            trainer.save(path)

    return report


if __name__ == "__main__":
    from course_lib.chatbot.course_model import main

    main()
