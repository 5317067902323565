"""Training a `Transformer` on token ids: one loop, whose every step is a function of the recipe and the step's number.

So a run that is stopped and resumed makes the very steps that it would have made. From a terminal:
``python -m course_lib.chatbot.train --help``.
"""

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from course_lib import checkpoint
from course_lib.chatbot.device import autocast, pick_device
from course_lib.chatbot.transformer import Transformer


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes
    ----------
    steps, batch, length : int
        Optimizer steps; rows in each; tokens in a row.
    lr : float
        The highest learning rate: reached after `warmup` steps, down to 0 at the end.
    schedule : {"linear", "cosine", "constant"}
        How it falls.
    weight_decay, beta2, clip : float
        AdamW's decay (matrices only) and second beta; the largest norm of a gradient, 0 for any.
    accumulate : int
        Parts into which a batch is cut, to save memory.
    bf16 : bool
        Matrix products in bfloat16.
    seed : int
        Of the order of the data.
    """

    steps: int = 1000
    batch: int = 16
    length: int = 128
    lr: float = 4e-3
    warmup: int = 50
    schedule: str = "linear"
    weight_decay: float = 0.1
    beta2: float = 0.95
    clip: float = 1.0
    accumulate: int = 1
    bf16: bool = False
    seed: int = 0

    def __post_init__(self):
        for name in ("steps", "batch", "length", "accumulate"):
            if type(getattr(self, name)) is not int or getattr(self, name) < 1:
                raise ValueError(f"Recipe: {name} must be a whole number of at least 1, got {getattr(self, name)!r}")
        if self.schedule not in ("linear", "cosine", "constant"):
            raise ValueError(f"Recipe: schedule must be linear, cosine or constant, got {self.schedule!r}")
        if self.batch % self.accumulate:
            raise ValueError(f"Recipe: batch ({self.batch}) must be a multiple of accumulate ({self.accumulate})")

    def rate(self, step: int) -> float:
        """Learning rate of a step, counted from 0."""
        if step < self.warmup:
            return self.lr * (step + 1) / (self.warmup + 1)
        done = (step - self.warmup) / max(1, self.steps - self.warmup)
        fall = {"linear": 1 - done, "cosine": (1 + math.cos(math.pi * done)) / 2, "constant": 1.0}
        return self.lr * max(0.0, fall[self.schedule])


class Rows:
    """Rows of `length` + 1 tokens that begin where a conversation does, or anywhere.

    Parameters
    ----------
    ids : array of int, (N,)
    starts : array of int, optional
        Where rows may begin; everywhere by default.
    """

    def __init__(self, ids: np.ndarray, starts: np.ndarray | None = None):
        self.ids, self.starts = np.asarray(ids), None if starts is None else np.asarray(starts)

    def batch(self, recipe: Recipe, step: int) -> np.ndarray:
        """The rows of a step, (batch, length + 1), a function of seed and step alone."""
        last = len(self.ids) - recipe.length - 1
        if last < 0:
            raise ValueError(f"Rows: {len(self.ids)} tokens are too few for rows of {recipe.length + 1}")
        rng = np.random.default_rng([recipe.seed, step])
        if self.starts is None:
            first = rng.integers(0, last + 1, recipe.batch)
        else:
            first = rng.choice(self.starts[self.starts <= last], recipe.batch)
        return self.ids[first[:, None] + np.arange(recipe.length + 1)].astype(np.int64)


class Trainer:
    """A model, its optimizer, and the number of steps made.

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
    """

    def __init__(self, model: Transformer, rows: Rows, recipe: Recipe, device: str | None = None):
        self.device = pick_device(device)
        self.model, self.rows, self.recipe = model.to(self.device), rows, recipe
        self.optimizer = make_optimizer(model, recipe)
        self.step, self.losses = 0, []

    def run(self, until: int | None = None, report: Callable[["Trainer"], None] | None = None) -> list[float]:
        """Train up to the recipe's last step, or up to step `until`; `report` is called after each."""
        self.model.train()
        while self.step < min(until or self.recipe.steps, self.recipe.steps):
            self.losses.append(self._step())
            self.step += 1
            if report:
                report(self)
        self.model.eval()
        return self.losses

    def _step(self) -> float:
        r, total = self.recipe, 0.0
        torch.manual_seed(r.seed * 1_000_003 + self.step)  # dropout
        rows = torch.from_numpy(self.rows.batch(r, self.step)).to(self.device)
        for part in rows.chunk(r.accumulate):
            loss = self._loss(part) / r.accumulate
            loss.backward()
            total += loss.detach()
        if r.clip:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), r.clip)
        for group in self.optimizer.param_groups:
            group["lr"] = r.rate(self.step)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return float(total)

    def _loss(self, rows):
        with autocast(self.device, self.recipe.bf16):
            logits = self.model(rows[:, :-1])  # (B, T, V)
        return F.cross_entropy(logits.flatten(0, 1).float(), rows[:, 1:].flatten())

    def save(self, path: str | Path) -> None:
        """Write everything that the next steps depend on; the file appears only when it is complete."""
        optimizer = {
            str(i): {name: t.detach().cpu().numpy() for name, t in self.optimizer.state[p].items()}
            for i, p in enumerate(self._parameters()) if p in self.optimizer.state
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
        for i, p in enumerate(self._parameters()):
            entry = state["optimizer"].get(str(i), {})
            self.optimizer.state[p] = {
                name: torch.from_numpy(np.asarray(a)).to(p.device if name != "step" or p.is_cuda else "cpu")
                for name, a in entry.items()
            }
        self.step, self.losses = state["step"], list(state["losses"])

    def _parameters(self):
        return [p for group in self.optimizer.param_groups for p in group["params"]]


def make_optimizer(model, recipe: Recipe):
    """AdamW (Loshchilov & Hutter, ICLR 2019), fused; matrices decay, norms and biases do not."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": recipe.weight_decay},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    fused = parameters[0].device.type in ("cpu", "cuda")
    return torch.optim.AdamW([g for g in groups if g["params"]], recipe.lr, (0.9, recipe.beta2), fused=fused)


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
        if trainer.step % every and trainer.step != trainer.recipe.steps:
            return
        loss = float(np.mean(trainer.losses[-every:]))
        rows.append({"step": trainer.step, "loss": round(loss, 4), "seconds": round(time.perf_counter() - begun, 1)})
        Path(path).write_text(json.dumps({"recipe": asdict(trainer.recipe), "log": rows}, indent=1))
        print(f"step {trainer.step:6,d}  loss {loss:.3f}  {rows[-1]['seconds']:7.1f} s", flush=True)

    return report


if __name__ == "__main__":
    from course_lib.chatbot.course_model import main

    main()
