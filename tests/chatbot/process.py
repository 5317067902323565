"""A small training run as a process of its own: alone or under torchrun, and to be killed. Prints each step and loss.

python -m tests.chatbot.process OUT [PAUSE]: saves every 5 steps to OUT, and at the end its losses to OUT.rank.
"""

import json
import sys
import time
from pathlib import Path

import torch

from course_lib.chatbot import distributed
from course_lib.chatbot.train import Trainer, save_to
from tests.chatbot.test_train import IDS, Recipe, Rows, make

RECIPE = Recipe(steps=30, batch=8, length=16, lr=1e-2, warmup=3)


def main(out: str, pause: str = "0") -> None:
    torch.set_num_threads(1)
    distributed.join()
    model = make(dropout=0.1 if float(pause) else 0.0)
    if distributed.rank():
        torch.nn.init.zeros_(model.embed.weight)  # the first process's weights count
    run, save = Trainer(model, Rows(IDS), RECIPE, "cpu"), save_to(out, every=5)

    def report(trainer):
        save(trainer)
        print(trainer.step, flush=True)
        time.sleep(float(pause))

    run.run(report=report)
    Path(f"{out}.{distributed.rank()}").write_text(json.dumps(run.losses))
    distributed.leave()


if __name__ == "__main__":
    main(*sys.argv[1:])
