"""Validation loss after 180 seconds of one CPU core, ours beside the plain recipe, on the same characters.

``python -m benchmarks.race [--seconds 180] [--seeds 0 1]`` trains everything in turn and writes results/race.json;
``python -m benchmarks`` prints what it holds. The clock is the process's CPU time, so that a busy machine does not
matter: it stands still during evaluation. The learning rate follows the clock too, down to its end at 180 s.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from benchmarks import machine, plain_gpt
from benchmarks.plain_gpt import BATCH, BLOCK
from course_lib.chatbot.config import Config
from course_lib.chatbot.recipe import Recipe, Rows
from course_lib.chatbot.train import Trainer
from course_lib.chatbot.transformer import Transformer
from course_lib.data.dialogue import chitchat

RESULTS = Path(__file__).with_name("results") / "race.json"
LENGTH, HELD = 1_200_000, 120_000  # characters in all, and of these for validation
FAST = Recipe(steps=10**9, batch=BATCH, length=BLOCK, lr=4e-3, warmup=100, beta2=0.95, bf16=True)
SHAPE = {"position": "learned", "norm": "layer", "activation": "gelu", "n_layer": 4, "n_head": 4, "d_model": 128}
RECIPES = {
    "+ bf16, products by hand, fused AdamW": replace(FAST, lr=1e-3),
    "+ learning rate 4e-3, linear to 0": FAST,
    "+ Muon for the matrices": replace(FAST, muon=0.02),
    "+ rows of 128": replace(FAST, muon=0.02, length=128),
}


def characters() -> tuple[np.ndarray, int]:
    """Chit-chat as numbers of characters, and how many different ones there are; the rare are left out."""
    text = "\n".join(pair.prompt for pair in chitchat(1000))[: LENGTH + LENGTH // 10]
    common = sorted(c for c in set(text) if text.count(c) >= 100)
    number = {c: i for i, c in enumerate(common)}
    return np.array([number[c] for c in text if c in number][:LENGTH]), len(common)


class Clock:
    """CPU seconds of this process, except while it is stopped."""

    def __init__(self, limit: float):
        self.limit, self.begun = limit, time.process_time()

    @property
    def done(self) -> float:
        """Share of the time that is over."""
        return (time.process_time() - self.begun) / self.limit


def plain(ids, vocab, seed, seconds):
    """nanoGPT's recipe: its cosine runs on the clock."""
    torch.manual_seed(seed)
    model = plain_gpt.PlainGPT(vocab)
    optimizer, rows, clock, step = plain_gpt.make_optimizer(model), Rows(ids), Clock(seconds), 0
    recipe = Recipe(batch=BATCH, length=BLOCK, seed=seed)
    while (done := clock.done) < 1:
        lr = plain_gpt.rate(step, 10**9) if step < plain_gpt.WARMUP else plain_gpt.rate(int(done * 10**6), 10**6)
        plain_gpt.train_step(model, optimizer, torch.from_numpy(rows.batch(recipe, step)), lr)
        step += 1
    return model, step, BLOCK


class Timed(Trainer):
    """A `Trainer` whose learning rate falls linearly with the clock."""

    def race(self, seconds):
        """Train until the time is over."""
        clock = Clock(seconds)
        r = self.recipe
        self.model.train()
        while (done := clock.done) < 1:
            warm = min(1.0, (self.step + 1) / (r.warmup + 1))
            self.recipe = replace(r, lr=r.lr * warm * (1 - done), schedule="constant", warmup=0)
            self._step()
            self.step += 1
        self.model.eval()


def ours(ids, vocab, seed, seconds, recipe):
    """The course's model and loop."""
    torch.manual_seed(seed)
    model = Transformer(Config(vocab, block_size=recipe.length, **SHAPE))
    trainer = Timed(model, Rows(ids), replace(recipe, seed=seed), "cpu")
    trainer.race(seconds)
    return model, trainer.step, recipe.length


@torch.inference_mode()
def loss_of(model, ids, length) -> float:
    """Mean cross-entropy over the whole held-out text, in windows of the model's own length that do not overlap."""
    model.eval()
    n = (len(ids) - 1) // length
    x, y = (torch.from_numpy(ids[i : i + n * length].reshape(n, length)) for i in (0, 1))
    total = sum(float(F.cross_entropy(model(a).flatten(0, 1), b.flatten(), reduction="sum"))
                for a, b in zip(x.split(64), y.split(64), strict=True))  # fmt: skip
    return total / y.numel()


def run(name: str, seed: int, seconds: float) -> dict:
    """Train one recipe and measure it."""
    torch.set_num_threads(1)
    ids, vocab = characters()
    train, held = ids[:-HELD], ids[-HELD:]
    model, steps, length = (
        plain(train, vocab, seed, seconds) if name == "plain" else ours(train, vocab, seed, seconds, RECIPES[name])
    )
    found = {"loss": round(loss_of(model, held, length), 4), "steps": steps, "window": length}
    return found | {"parameters": sum(p.numel() for p in model.parameters())}


def main(arguments: list[str] | None = None) -> None:
    """Train every recipe with every seed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.race", description=__doc__)
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--seeds", type=int, nargs="*", default=[0])
    parser.add_argument("--recipes", nargs="*", default=["plain", *RECIPES])
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    for seed in options.seeds:
        for name in options.recipes:
            found = json.loads(options.out.read_text()) if options.out.exists() else {"runs": {}}
            found |= {"seconds": options.seconds, "machine": machine.describe()}
            found["runs"].setdefault(name, {})[str(seed)] = run(name, seed, options.seconds)
            print(name, seed, found["runs"][name][str(seed)], flush=True)
            options.out.parent.mkdir(exist_ok=True)
            options.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
