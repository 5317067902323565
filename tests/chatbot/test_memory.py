"""Less memory, the same gradients; and what one is told when there is not enough."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.autograd.graph import saved_tensors_hooks

from course_lib.chatbot import course_model, memory
from course_lib.chatbot.batches import Batches
from course_lib.chatbot.config import Config
from course_lib.chatbot.memory import OutOfMemory, activation_bytes, kept_bytes, state_bytes
from course_lib.chatbot.train import Recipe, Rows, Trainer
from course_lib.chatbot.transformer import Transformer
from tests.chatbot.models import CONFIGS, make

IDS = np.random.default_rng(0).integers(0, 60, 2000)
SMALL = Recipe(steps=9, batch=8, length=16, lr=1e-2, warmup=3)


def gradients(recipe, **changes):
    """Of the first step."""
    run = Trainer(make(**changes), Rows(IDS), replace(recipe, clip=0.0), "cpu")
    found = []
    run.forget_gradients = lambda: found.extend(p.grad for p in run.model.parameters())
    loss = run._step()
    return loss, found


@pytest.mark.parametrize("parts", [2, 4, 8])
@pytest.mark.parametrize("name", ["llama", "gpt2"])
def test_a_batch_in_parts_has_the_gradient_of_the_whole(parts, name):
    loss, whole = gradients(SMALL, name=name)
    same, cut = gradients(replace(SMALL, accumulate=parts), name=name)
    assert same == pytest.approx(loss, rel=1e-6)
    largest = max(float(g.abs().max()) for g in whole)
    for a, b in zip(whole, cut, strict=True):
        assert float((a - b).abs().max()) <= 1e-6 * max(1.0, largest)


@pytest.mark.parametrize("bf16", [False, True])
@pytest.mark.parametrize("name", CONFIGS)
def test_recomputed_activations_give_the_same_gradients(name, bf16):
    recipe = replace(SMALL, bf16=bf16)
    loss, kept = gradients(recipe, name=name, dropout=0.1)
    same, again = gradients(replace(recipe, recompute=True), name=name, dropout=0.1)
    assert same == loss
    assert all(map(torch.equal, kept, again))


def test_recomputing_keeps_less():
    model = Transformer(Config(64, block_size=64, n_layer=6, n_head=4, d_model=64))
    recipe = Recipe(batch=4, length=64)
    assert activation_bytes(model, replace(recipe, recompute=True)) < activation_bytes(model, recipe) / 3
    assert not model.recompute


def test_what_the_advice_counts_is_what_autograd_keeps():
    model, recipe = make("gpt2"), Recipe(batch=6, length=20)
    kept, own = {}, {t.data_ptr() for t in (*model.parameters(), *model.buffers())}

    def keep(t):
        kept[t.untyped_storage().data_ptr()] = t
        return t

    ids = torch.from_numpy(IDS[:120].reshape(6, 20))
    with saved_tensors_hooks(keep, lambda t: t):
        loss = torch.nn.functional.cross_entropy(model(ids).flatten(0, 1), ids.flatten())
    true = sum(t.untyped_storage().nbytes() for place, t in kept.items() if place not in own)
    del loss
    assert kept_bytes(model, 6, 20, False, False) == true
    assert activation_bytes(model, recipe) == pytest.approx(true, rel=0.02)
    n = sum(p.numel() for p in model.parameters())
    assert state_bytes(model) == 16 * n  # weight, gradient, two averages of 4 bytes each


@pytest.mark.parametrize("error", [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."),
])  # fmt: skip
def test_out_of_memory_gives_advice_with_numbers_and_loses_nothing(error, monkeypatch, tmp_path):
    run = Trainer(make(), Rows(IDS), SMALL, "cpu")
    run.run(until=3)
    real, before = run._loss, [p.clone() for p in run.model.parameters()]

    def fail(rows):
        real(rows).backward()
        raise error

    monkeypatch.setattr(run, "_loss", fail)
    with pytest.raises(OutOfMemory) as caught:
        run.run()
    text = str(caught.value)
    assert "step 3 on cpu: 8 rows of 16 tokens at once" in text
    assert str(error)[:25] in text
    assert caught.value.__suppress_context__
    for option in ("accumulate=2", "recompute=True", "bf16=True", "length=8"):
        assert re.search(rf"- {option}: keeps [\d.,]+ [kMG]?B; ", text), text
    needs = {name: float(n) for name, n in re.findall(r"- (\w+)=\S+: keeps ([\d.]+) kB", text)}
    now = float(re.search(r"backward pass needs ([\d.]+) kB", text)[1])
    assert needs["accumulate"] == pytest.approx(now / 2, rel=0.05)
    assert all(n < now for n in needs.values())
    assert all(p.grad is None for p in run.model.parameters())
    assert all(map(torch.equal, run.model.parameters(), before))
    monkeypatch.undo()
    run.save(tmp_path / "run.safetensors")
    whole = Trainer(make(), Rows(IDS), SMALL, "cpu")
    assert run.run() == whole.run()


def test_other_errors_pass_as_they_are(monkeypatch):
    run = Trainer(make(), Rows(IDS), SMALL, "cpu")
    monkeypatch.setattr(run, "_loss", lambda rows: (_ for _ in ()).throw(RuntimeError("shapes differ")))
    with pytest.raises(RuntimeError, match="shapes differ") as caught:
        run.run()
    assert type(caught.value) is RuntimeError


def test_one_row_at_a_time_is_not_advised_to_be_cut():
    names = [name for name, *_ in memory.options(Recipe(batch=6, accumulate=6, recompute=True, bf16=True, length=64))]
    assert names == ["length=32"]
    assert memory.options(Recipe(batch=6, accumulate=3))[0][0] == "accumulate=6"


def test_the_command_prints_the_advice_and_no_stack_trace(monkeypatch, capsys, tmp_path):
    def fail(options):
        raise OutOfMemory("Out of memory: try accumulate=2")

    monkeypatch.setattr(course_model, "train", fail)
    with pytest.raises(SystemExit) as stopped:
        course_model.main(["--out", str(tmp_path), "--steps", "1"])
    assert stopped.value.code == 1
    assert capsys.readouterr().err == "Out of memory: try accumulate=2\n"


def test_rows_drawn_ahead_are_the_same_rows():
    now, ahead = (Batches(Rows(IDS), SMALL, torch.device("cpu"), a) for a in (False, True))
    for step in (0, 1, 2, 7, 3, 8):
        assert torch.equal(now.get(step), ahead.get(step))
    assert not ahead.waiting, "nothing is drawn beyond the last step"


def test_an_error_while_drawing_ahead_is_not_lost():
    batches = Batches(Rows(IDS[:10]), SMALL, torch.device("cpu"), ahead=True)
    with pytest.raises(ValueError, match="10 tokens are too few"):
        batches.get(0)


def test_muon_steps_the_matrices_and_resumes(tmp_path):
    recipe = replace(SMALL, muon=0.02, steps=12)
    whole = Trainer(make(), Rows(IDS), recipe, "cpu")
    whole.run()
    adamw, muon = whole.optimizers
    assert {p.ndim for g in muon.param_groups for p in g["params"]} == {2}
    assert sum(len(g["params"]) for o in (adamw, muon) for g in o.param_groups) == len(list(whole.model.parameters()))
    first, second = (Trainer(make(), Rows(IDS), recipe, "cpu") for _ in range(2))
    first.run(until=5)
    first.save(tmp_path / "run.safetensors")
    second.resume(tmp_path / "run.safetensors")
    assert second.run() == whole.losses
    assert whole.losses[-1] < whole.losses[0]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU: CUDA training was not run")
@pytest.mark.parametrize("changes", [{}, {"accumulate": 4}, {"recompute": True}, {"bf16": True}], ids=str)
def test_a_gpu_learns_what_the_cpu_learns(changes):
    recipe = replace(SMALL, **changes)
    cpu, gpu = (Trainer(make(), Rows(IDS), recipe, device) for device in ("cpu", "cuda"))
    np.testing.assert_allclose(cpu.run(), gpu.run(), rtol=0.03 if recipe.bf16 else 1e-3)
