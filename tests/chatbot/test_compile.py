"""`Recipe(compile=True)` changes how fast a step is made, not what it does."""

import shutil

import numpy as np
import pytest
import torch

from course_lib.chatbot.config import Config
from course_lib.chatbot.recipe import Recipe, Rows
from course_lib.chatbot.train import Trainer
from course_lib.chatbot.transformer import Transformer


def losses(compiled: bool) -> list[float]:
    """Of four steps of a tiny model, seeded."""
    torch.manual_seed(0)
    parts = {"position": "learned", "norm": "layer", "activation": "gelu"}  # the fewest kernels to compile
    model = Transformer(Config(20, block_size=16, n_layer=1, n_head=2, d_model=16, **parts))
    rows = Rows(np.random.default_rng(0).integers(0, 20, 500))
    recipe = Recipe(steps=4, batch=4, length=16, warmup=1, compile=compiled)
    return Trainer(model, rows, recipe, "cpu").run()


@pytest.mark.skipif(not any(map(shutil.which, ("c++", "g++", "clang++"))), reason="no C++ compiler for torch.compile")
def test_compiled_training_has_the_losses_of_the_uncompiled(monkeypatch):
    """Some 50 seconds of CPU time the first time, 20 later: PyTorch keeps what it has compiled."""
    monkeypatch.setattr("torch._inductor.config.compile_threads", 1)  # starting more costs more than they gain
    torch._dynamo.reset()
    compiled = losses(True)
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] >= 1  # something was compiled indeed
    np.testing.assert_allclose(compiled, losses(False), rtol=0, atol=1e-5)
    assert compiled[-1] != compiled[0]
