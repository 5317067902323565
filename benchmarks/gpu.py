"""On one GPU: training of 124 million parameters in bfloat16, and generation. Needs CUDA; see `tables.gpu`."""

import os
import time

import numpy as np
import torch

from benchmarks import plain_gpt
from course_lib.chatbot.config import Config
from course_lib.chatbot.recipe import Recipe, Rows
from course_lib.chatbot.train import Trainer
from course_lib.chatbot.transformer import Transformer

SIZE = {"block_size": 1024, "n_layer": 12, "n_head": 12, "d_model": 768}
VOCAB, STEPS, WARM = 50304, 30, 8
RECIPE = Recipe(steps=10**9, batch=16, length=1024, lr=6e-4, bf16=True, compile=True)


def measure() -> list[str]:
    """Our loop compiled and eager, and transformers' GPT-2 in the plain loop under autocast."""
    runs = {"course_lib, compiled": _ours(True), "course_lib, eager": _ours(False), "transformers, eager": _hf()}
    peak = float(os.environ.get("GPU_TFLOPS", "nan"))
    lines = ["| implementation | tokens per s | FLOP/s used | share of the peak | peak memory |"]
    lines += ["|---|---:|---:|---:|---:|"]
    for name, make in runs.items():
        torch.cuda.reset_peak_memory_stats()
        speed, per_token = _speed(make)
        used, memory = speed * per_token, torch.cuda.max_memory_allocated() / 1e9
        lines.append(f"| {name} | {speed:,.0f} | {used:.2e} | {used / peak / 1e12:.0%} | {memory:.1f} GB |")
    return [*lines, "", f"{torch.cuda.get_device_name()}; peak {peak} TFLOP/s, as GPU_TFLOPS says. FLOP per token: "
            "6 N + 12 · layers · width · length (Chowdhery et al., 2022, appendix B)."]  # fmt: skip


def _speed(make):
    step, n = make()
    for _ in range(WARM):
        step()
    torch.cuda.synchronize()
    begun = time.perf_counter()
    for _ in range(STEPS):
        step()
    torch.cuda.synchronize()
    tokens = RECIPE.batch * RECIPE.length * STEPS
    per_token = 6 * n + 12 * SIZE["n_layer"] * SIZE["d_model"] * RECIPE.length
    return tokens / (time.perf_counter() - begun), per_token


def _ids():
    return np.random.default_rng(0).integers(0, VOCAB, 2_000_000)


def _ours(compile):
    def make():
        model = Transformer(Config.gpt2_style(VOCAB, **SIZE))
        recipe = Recipe(**{**vars(RECIPE), "compile": compile})
        trainer = Trainer(model, Rows(_ids()), recipe, "cuda")
        return lambda: trainer.run(until=trainer.step + 1), model.n_parameters()

    return make


def _hf():
    def make():
        from transformers import GPT2Config, GPT2LMHeadModel

        model = GPT2LMHeadModel(GPT2Config(vocab_size=VOCAB, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0)).cuda()
        optimizer, rows = plain_gpt.make_optimizer(model), torch.from_numpy(Rows(_ids()).batch(RECIPE, 0)).cuda()

        def step():
            with torch.autocast("cuda", torch.bfloat16):
                plain_gpt.train_step(model, optimizer, rows)

        return step, sum(p.numel() for p in model.parameters())

    return make
