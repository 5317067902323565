"""The chatbot: training steps and generated tokens beside a plain loop and transformers. One thread, CPU time."""

import time
from dataclasses import replace

import numpy as np

from benchmarks import plain_gpt
from benchmarks.timing import Row
from course_lib.chatbot.config import Config
from course_lib.chatbot.recipe import Recipe, Rows

VOCAB, PROMPT, NEW = 65, 16, 256
STYLE = {"position": "learned", "norm": "layer", "activation": "gelu"}  # nanoGPT's shape: the same products
RECIPE = Recipe(steps=10**9, batch=plain_gpt.BATCH, length=plain_gpt.BLOCK, bf16=True)
PLAIN, HF, TORCH, NUMPY = "plain loop (nanoGPT style, fp32)", "transformers", "course_lib, PyTorch", "course_lib, NumPy"
COMPILED = "course_lib, compiled"
STEPS = 10  # in a row, as training makes them: each finds in the caches what the one before left there
TRAINING = (
    "4 layers × 128, 4 heads, 65 characters. Ours: the same network, bfloat16 products, attention by matrix products, "
    "fused AdamW. torch.compile's own time, about half a minute, is not in it. Ten steps at a time. In tokens per "
    "second: 768,000 / ms."
)
DECODING = "The same weights in all, GPT-2's, random. 256 new tokens after 16, greedy, with a cache of keys and values."


def rows() -> list[Row]:
    """Training, and generation with either backend."""
    setups = {HF: generate_hf, TORCH: lambda: generate_ours("torch"), NUMPY: lambda: generate_ours("numpy")}
    title = "chatbot generation, batch 1, 256 tokens, 4 layers × 128"
    return [
        _training("chatbot training step, 4 layers × 128, block 64, batch 12, eager", TORCH, train_ours),
        _training("chatbot training step, compiled", COMPILED, lambda: train_ours(compile=True)),
        Row(f"{title}: PyTorch", dict(list(setups.items())[:2]), {HF: 0.5}, 5, note=DECODING, ours=TORCH,
            clock=time.process_time),
        Row(f"{title}: NumPy", {HF: setups[HF], NUMPY: setups[NUMPY]}, {HF: 0.25}, 5, note=DECODING, ours=NUMPY,
            clock=time.process_time),
    ]  # fmt: skip


def _training(title, name, ours):
    setups = {PLAIN: train_plain, HF: train_hf, name: ours}
    rows = {each: lambda make=make: _in_a_row(make()) for each, make in setups.items()}
    return Row(title, rows, {PLAIN: 0.5, HF: 0.5}, 15, note=TRAINING, scale=dict.fromkeys(setups, 1 / STEPS), ours=name,
               clock=time.process_time)  # fmt: skip


def _in_a_row(step):
    def work():
        for _ in range(STEPS):
            step()

    return work


def _ids():
    return np.random.default_rng(0).integers(0, VOCAB, 100_000)


def train_plain():
    """A step of the plain loop."""
    import torch

    torch.set_num_threads(1)
    model = plain_gpt.PlainGPT(VOCAB)
    return _plain_step(model)


def _plain_step(model):
    import torch

    optimizer, rows = plain_gpt.make_optimizer(model), torch.from_numpy(Rows(_ids()).batch(RECIPE, 0))
    return lambda: plain_gpt.train_step(model, optimizer, rows)


def train_hf():
    """The plain loop on transformers' GPT-2."""
    return _plain_step(gpt2(plain_gpt.BLOCK).train())


def train_ours(compile=False):
    """A step of `Trainer`."""
    import torch

    from course_lib.chatbot.train import Trainer
    from course_lib.chatbot.transformer import Transformer

    torch.set_num_threads(1)
    model = Transformer(Config(VOCAB, block_size=plain_gpt.BLOCK, **STYLE))
    trainer = Trainer(model, Rows(_ids()), replace(RECIPE, compile=compile), "cpu")
    return lambda: trainer.run(until=trainer.step + 1)


def gpt2(length):
    """Transformers' GPT-2 of this size, seeded."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel
    from transformers.utils import logging

    logging.set_verbosity_error()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    off = {"resid_pdrop": 0, "embd_pdrop": 0, "attn_pdrop": 0, "bos_token_id": 0, "eos_token_id": None}
    size = {"vocab_size": VOCAB, "n_positions": length, "n_embd": 128, "n_layer": 4, "n_head": 4}
    return GPT2LMHeadModel(GPT2Config(**size, **off)).eval()


def decoder(backend: str, length: int):
    """The same model on our code."""
    from course_lib.chatbot.numpy_decoder import NumpyDecoder
    from course_lib.chatbot.pretrained import convert
    from course_lib.chatbot.weights import build

    model = gpt2(length)
    made = convert(model.state_dict(), model.config.to_dict())
    return build(*made) if backend == "torch" else NumpyDecoder(*made)


def prompt() -> list[int]:
    """The first tokens."""
    return _ids()[:PROMPT].tolist()


def generate_hf(new=NEW):
    """``generate`` with its cache."""
    import torch

    model, ids = gpt2(PROMPT + new), torch.tensor([prompt()])
    options = {"max_new_tokens": new, "min_new_tokens": new, "do_sample": False, "use_cache": True, "pad_token_id": 0}
    return lambda: model.generate(ids, attention_mask=torch.ones_like(ids), **options)


def generate_ours(backend, new=NEW):
    """Our `generate`, greedy."""
    from course_lib.chatbot.generation import generate

    model = decoder(backend, PROMPT + new)
    return lambda: generate(model, [prompt()], new)
