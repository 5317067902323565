"""Sections that are tables of their own: cost per token, SmolLM2, the race of 180 seconds, a GPU.

Each function returns its lines. ``python -m benchmarks.tables NAME`` prints one.
"""

import copy
import json
import sys
import time
from statistics import median

import numpy as np

from benchmarks import chatbot, race
from course_lib.data.source import MissingData

LENGTHS = (64, 128, 256, 512, 1024)


def tokens() -> list[str]:
    """CPU time of each new token by the number generated, and the largest difference of logits."""
    backends = {"course_lib, PyTorch": "torch", "course_lib, NumPy": "numpy"}
    lines = ["| tokens generated | " + " | ".join(f"{name}, µs per token" for name in [chatbot.HF, *backends]) + " |",
             "|---:|" + "---:|" * (len(backends) + 1)]  # fmt: skip
    for new in LENGTHS:
        runs = [chatbot.generate_hf(new), *(chatbot.generate_ours(b, new) for b in backends.values())]
        for run in runs:
            run()
        times = [[_cpu(run) for run in runs] for _ in range(3)]
        cells = [f"{1e6 * median(t) / new:,.0f}" for t in zip(*times, strict=True)]
        lines.append(f"| {new:,} | " + " | ".join(cells) + " |")
    both = [chatbot.decoder(b, 64).session([chatbot.prompt()], 0).logits for b in backends.values()]
    return [*lines, "", f"Largest difference of the two backends' logits: {np.abs(both[0] - both[1]).max():.1e}.",
            "Flat means that a token costs the same whether 64 or 1,024 have been made."]  # fmt: skip


def _cpu(run):
    begun = time.process_time()
    run()
    return time.process_time() - begun


def smollm() -> list[str]:
    """SmolLM2-135M: tokens per CPU second beside transformers', and what rounding does to the logits."""
    try:
        theirs, ours, ids = _smollm_models()
    except (ImportError, MissingData) as error:
        return [f"Left out: {error}"]
    one = ids[:1]  # a prompt of one token: what is timed is the writing, not the reading
    work = {n: _hf_steps(m, one) for n, m in theirs.items()} | {n: _steps(m, one) for n, m in ours.items()}
    times = {name: [] for name in work}
    for _ in range(8):
        for name, run in work.items():
            times[name].append(_cpu(run))
    exact = _logits(ours[FP32], ids)
    lines = ["| weights | tokens per s | × fp32, PyTorch | largest error of a logit | same first choice |",
             "|---|---:|---:|---:|---:|"]  # fmt: skip
    for name, seconds in times.items():
        cells = ["", ""]
        if name in ours:
            found = _logits(ours[name], ids)
            cells = [f"{np.abs(found - exact).max():.2g}", f"{(found.argmax(-1) == exact.argmax(-1)).mean():.0%}"]
        speed = f"{STEPS / median(seconds[1:]):.1f} | {_times_faster(times, name, FP32):.2f}"
        lines.append(f"| {name} | {speed} | " + " | ".join(cells) + " |")
    faster = _times_faster(times, INT8, FP32)
    return [*lines, "", f"Target: int8 ≥ 4 × fp32. Reached {faster:.2f}: {'met' if faster >= 4 else 'missed'}.",
            f"One thread, batch 1, {STEPS} tokens, CPU time; transformers' model is of the same shape, with random "
            f"weights. Standard deviation of the logits: {exact.std():.1f}; errors over {len(exact)} places of a text.",
            "Ours, in C, rounds the weights without those of the norms before them; the last two rows, with. The last "
            "one rounds the activations too, to 8 bits per vector (why that errs: Dettmers et al., 2022)."]  # fmt: skip


FP32, INT8 = "fp32, PyTorch", "int8"
PACKED, BOTH = "int8, PyTorch's product", "int8, PyTorch's product, activations too"


class _Torchs:
    """A product of PyTorch's in the place of a decoder's matrix: (T, in) → (T, out)."""

    def __init__(self, product, bias):
        self.product, self.b = product, bias

    def __call__(self, x):
        y = self.product(x).numpy()
        return y if self.b is None else y + self.b

    def into(self, x, out):
        out[:] = self(x[None])[0]


def _packed(linear):
    """8-bit weights and bfloat16."""
    import torch

    w = torch.from_numpy(linear.w)
    scale = (w.abs().amax(1).clamp(min=1e-30) / 127).bfloat16()
    rows = (w / scale.float()[:, None]).round().clamp(-127, 127).to(torch.int8)
    product = torch.inference_mode()(torch._weight_int8pack_mm)
    return _Torchs(lambda x: product(torch.from_numpy(x).bfloat16(), rows, scale).float(), linear.b)


def _rounded(linear):
    """8-bit weights and 8-bit activations."""
    import torch

    w = torch.from_numpy(linear.w)
    scale = w.abs().amax(1).clamp(min=1e-30).double() / 127
    rows = torch.quantize_per_channel(w, scale, torch.zeros(len(w), dtype=torch.long), 0, torch.qint8)
    packed, product = torch.ops.quantized.linear_prepack(rows, None), torch.ops.quantized.linear_dynamic
    return _Torchs(lambda x: product(torch.from_numpy(x), packed), linear.b)


def _with(product, decoder):
    for layer in decoder.layers:
        for name, linear in vars(layer).items():
            setattr(layer, name, product(linear))
    decoder.head = product(decoder.head)
    return decoder


def _times_faster(times, name, peer):
    return median(b / a for a, b in zip(times[name], times[peer], strict=True))


def _smollm_models():
    """Transformers' models, ours, and a prompt."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from course_lib.chatbot.int8 import Int8Decoder
    from course_lib.chatbot.numpy_decoder import NumpyDecoder
    from course_lib.chatbot.smollm import smollm2
    from course_lib.chatbot.weights import build

    torch.set_num_threads(1)
    config, arrays, tokenizer = smollm2()
    ids = tokenizer.encode("The capital of France is Paris, and the river that flows through it is")
    shape = LlamaConfig(
        vocab_size=config.vocab_size, hidden_size=config.d_model, intermediate_size=config.d_ff,
        num_hidden_layers=config.n_layer, num_attention_heads=config.n_head, num_key_value_heads=config.n_kv_head,
        tie_word_embeddings=True, pad_token_id=0, eos_token_id=None)  # fmt: skip
    theirs = LlamaForCausalLM(shape).eval()
    theirs = {"transformers, fp32": theirs, "transformers, bf16": copy.deepcopy(theirs).bfloat16()}
    ours = {FP32: build(config, arrays), "fp32, NumPy": NumpyDecoder(config, arrays),
            "bf16, PyTorch": build(config, arrays).bfloat16(), INT8: Int8Decoder(config, arrays),
            PACKED: _with(_packed, NumpyDecoder(config, arrays)),
            BOTH: _with(_rounded, NumpyDecoder(config, arrays))}  # fmt: skip
    return theirs, ours, ids


STEPS = 24


def _steps(model, ids):
    def run():
        session = model.session([ids], STEPS)
        for _ in range(STEPS - 1):
            session.step([int(session.logits.argmax())])

    return run


def _hf_steps(model, ids):
    import torch

    x = torch.tensor([ids])
    options = {"max_new_tokens": STEPS, "min_new_tokens": STEPS, "do_sample": False, "pad_token_id": 0}
    return lambda: model.generate(x, attention_mask=torch.ones_like(x), **options)


def _logits(model, ids):
    """After each place of a text, (N, V)."""
    session = model.session([ids[:1]], len(ids))
    found = [session.logits[0].copy()]
    for token in ids[1:]:
        found.append(session.step([token])[0].copy())
    return np.stack(found)


def loss_after_180_seconds() -> list[str]:
    """Print what `benchmarks.race` has stored."""
    if not race.RESULTS.exists():
        return ["Not run: `python -m benchmarks.race`."]
    found = json.loads(race.RESULTS.read_text())
    lines = ["| recipe, each line with those above | nats per character | steps | window |", "|---|---:|---:|---:|"]
    losses = {}
    for name in ["plain", *race.RECIPES]:
        runs = list(found["runs"].get(name, {}).values())
        if runs:
            losses[name] = float(np.mean([r["loss"] for r in runs]))
            each = ", ".join(f"{r['steps']:,}" for r in runs)
            lines.append(f"| {name} | {losses[name]:.3f} | {each} | {runs[0]['window']} |")
    gain = losses["plain"] - min(losses.values())
    verdict = "met" if gain >= 0.25 else "missed"
    return [*lines, "", f"Target: ≥ 0.25 nats below plain. Reached {gain:.3f}: {verdict}.",
            f"{found['seconds']:.0f} CPU seconds each, one thread; 1.2 million characters of chitchat-dataset, the "
            f"last tenth held out. Measured on {found['machine']}"]  # fmt: skip


def gpu() -> list[str]:
    """124 million parameters in bfloat16: tokens per second, share of the peak, memory."""
    import torch

    if not torch.cuda.is_available():
        return ["Not run on a GPU: there was none. `python -m benchmarks.tables gpu` measures it where there is one."]
    from benchmarks.gpu import measure

    return measure()


SECTIONS = {
    "chatbot cost per token, 64 to 1,024": tokens,
    "chatbot SmolLM2-135M, tokens per second": smollm,
    "chatbot validation loss after 180 CPU seconds": loss_after_180_seconds,
    "chatbot on a GPU": gpu,
}

if __name__ == "__main__":
    for function in SECTIONS.values():
        if function.__name__ in sys.argv[1:]:
            print("\n".join(function()))
