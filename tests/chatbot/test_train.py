"""Training: it learns, resumes bit for bit, and counts what it says it counts."""

import json
import math

import numpy as np
import pytest
import torch

from course_lib.chatbot.device import pick_device
from course_lib.chatbot.generation import generate
from course_lib.chatbot.lora import LoRA, add_lora, merge_lora
from course_lib.chatbot.optimizers import make_optimizers
from course_lib.chatbot.train import Recipe, Rows, Trainer, log_to, nats_per_token
from tests.chatbot.models import make

IDS = np.tile(np.arange(12), 200)  # 0 1 2 … 11 0 1 2 …
SMALL = Recipe(steps=30, batch=8, length=16, lr=1e-2, warmup=3)


def trainer(recipe=SMALL, **changes):
    return Trainer(make(**changes), Rows(IDS), recipe, "cpu")


def test_it_learns_to_count():
    run = trainer()
    losses = run.run()
    assert losses[0] > 2
    assert losses[-1] < 0.2
    assert generate(run.model, [[3, 4, 5]], 8) == [[6, 7, 8, 9, 10, 11, 0, 1]]


@pytest.mark.parametrize("recipe", [SMALL, Recipe(steps=20, batch=8, length=16, bf16=True, accumulate=2)])
def test_a_resumed_run_is_the_same_run_bit_for_bit(recipe, tmp_path):
    whole = trainer(recipe, dropout=0.1)
    whole.run()
    first = trainer(recipe, dropout=0.1)
    first.run(until=11)
    first.save(tmp_path / "run.safetensors")
    second = trainer(recipe, dropout=0.1)
    second.run(until=3)  # another state, which resuming must undo
    second.resume(tmp_path / "run.safetensors")
    assert second.step == 11
    assert second.run() == whole.losses
    for a, b in zip(second.model.parameters(), whole.model.parameters(), strict=True):
        assert torch.equal(a, b)


def test_resuming_another_run_is_refused(tmp_path):
    run = trainer()
    run.run(until=2)
    run.save(tmp_path / "run.safetensors")
    with pytest.raises(ValueError, match=r"recipe\.lr is 0.5, but 0.01 in the file"):
        trainer(Recipe(**{**vars(SMALL), "lr": 0.5})).resume(tmp_path / "run.safetensors")
    with pytest.raises(ValueError, match=r"config\.dropout is 0.5"):
        trainer(dropout=0.5).resume(tmp_path / "run.safetensors")


def test_a_batch_in_parts_gives_the_same_step():
    whole, parts = trainer(), trainer(Recipe(**{**vars(SMALL), "accumulate": 4}))
    whole.run(until=1), parts.run(until=1)
    assert whole.losses[0] == pytest.approx(parts.losses[0], rel=1e-5)
    for a, b in zip(whole.model.parameters(), parts.model.parameters(), strict=True):
        assert torch.allclose(a, b, atol=2e-4)


@pytest.mark.parametrize("clip", [1e-3, 1e3, math.nan])
def test_gradients_are_clipped_as_pytorch_clips_them(clip):
    """Large ones, small ones, and with a NaN among them."""
    run = trainer(Recipe(**{**vars(SMALL), "clip": 1.0 if math.isnan(clip) else clip}))
    run._loss(run.batches.get(0)).backward()
    params = list(run.model.parameters())
    if math.isnan(clip):
        params[0].grad[0, 0] = math.nan
    given = [p.grad.clone() for p in params]
    run._clip()
    ours = [p.grad.clone() for p in params]
    for p, g in zip(params, given, strict=True):
        p.grad = g
    torch.nn.utils.clip_grad_norm_(params, run.recipe.clip)
    assert all(torch.equal(a, p.grad) or a.isnan().any() for a, p in zip(ours, params, strict=True))
    assert any(a.isnan().any() for a in ours) == math.isnan(clip)
    norm = float(torch.nn.utils.get_total_norm(ours))
    assert math.isnan(clip) or norm <= clip * 1.01


def test_dropout_is_seeded_as_pytorch_would(monkeypatch):
    one, other = trainer(dropout=0.3), trainer(dropout=0.3)
    one.run(until=4)
    monkeypatch.setattr("course_lib.chatbot.train.seed", lambda device, number: torch.manual_seed(number))
    other.run(until=4)
    assert one.losses == other.losses


def test_bfloat16_and_float32_learn_alike():
    a, b = trainer(), trainer(Recipe(**{**vars(SMALL), "bf16": True}))
    a.run(until=5), b.run(until=5)
    np.testing.assert_allclose(a.losses, b.losses, rtol=0.03)


def test_rows_depend_on_seed_and_step_alone_and_begin_where_allowed():
    rows = Rows(np.arange(1000), np.arange(0, 1000, 50))
    batch = rows.batch(SMALL, 7)
    assert batch.shape == (8, 17)
    assert set(batch[:, 0] % 50) == {0}
    np.testing.assert_array_equal(np.diff(batch), 1)
    np.testing.assert_array_equal(batch, rows.batch(SMALL, 7))
    assert not np.array_equal(batch, rows.batch(SMALL, 8))
    with pytest.raises(ValueError, match="10 tokens are too few"):
        Rows(np.arange(10)).batch(SMALL, 0)


@pytest.mark.parametrize("schedule", ["linear", "cosine", "constant"])
def test_the_learning_rate_rises_and_falls(schedule):
    recipe = Recipe(steps=100, warmup=10, lr=1.0, schedule=schedule)
    rates = [recipe.rate(t) for t in range(100)]
    assert rates[10] == max(rates) == 1.0
    assert all(np.diff(rates[:11]) > 0)
    assert rates[0] == pytest.approx(1 / 11)
    middle = {"linear": 0.5, "cosine": 0.5, "constant": 1.0}[schedule]
    assert recipe.rate(55) == pytest.approx(middle)
    assert recipe.rate(100) == pytest.approx(1.0 if schedule == "constant" else 0.0)


def test_only_matrices_decay():
    model = make("gpt2")
    (adamw,) = make_optimizers(model, Recipe())
    decayed, free = adamw.param_groups
    assert all(p.ndim == 2 for p in decayed["params"])
    assert all(p.ndim == 1 for p in free["params"])
    assert (decayed["weight_decay"], free["weight_decay"]) == (0.1, 0.0)
    assert len(decayed["params"]) + len(free["params"]) == len(list(model.parameters()))


@torch.no_grad()
def test_nats_per_token_by_hand():
    model, rows = make(), [[1, 2, 3, 4], [5, 6], [7, 2, 8]]
    log_p = lambda row, t: model(torch.tensor([row]))[0, t - 1].log_softmax(-1)[row[t]].item()  # noqa: E731
    every = [log_p(row, t) for row in rows for t in range(1, len(row))]
    assert nats_per_token(model, rows, batch=2) == pytest.approx(-np.mean(every), rel=1e-5)
    after = [log_p(rows[0], 2), log_p(rows[0], 3), log_p(rows[2], 2)]
    assert nats_per_token(model, [rows[0], rows[2]], after=2) == pytest.approx(-np.mean(after), rel=1e-5)


def test_the_log_is_json(tmp_path, capsys):
    run = trainer()
    run.run(report=log_to(tmp_path / "log.json", every=10))
    log = json.loads((tmp_path / "log.json").read_text())
    assert [row["step"] for row in log["log"]] == [10, 20, 30]
    assert log["log"][-1]["loss"] == pytest.approx(np.mean(run.losses[-10:]), abs=1e-4)
    assert "step" in capsys.readouterr().out


@pytest.mark.parametrize("bad", [{"steps": 0}, {"batch": 7, "accumulate": 2}, {"schedule": "step"}])
def test_recipes_that_make_no_sense_are_refused(bad):
    with pytest.raises(ValueError, match="Recipe"):
        Recipe(**bad)


def test_a_device_that_is_not_there_is_refused():
    assert pick_device("cpu").type == "cpu"
    assert pick_device().type in ("cuda", "mps", "cpu")
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match="'cuda' is not available"):
            pick_device("cuda")


@torch.no_grad()
def test_lora_begins_as_the_model_itself_and_merges_into_it():
    model, ids = make(), torch.arange(10)[None]
    before = model(ids)
    learns = add_lora(model, rank=4)
    assert torch.equal(model(ids), before)
    assert sum(p.numel() for p in learns) == 2 * 4 * (32 + 64 + 32 + 32)  # two layers; qkv 32 → 64, out 32 → 32
    for p in learns:
        p += 0.1 * torch.randn(p.shape, generator=torch.Generator().manual_seed(0))
    with_adapter = model(ids)
    assert not torch.allclose(with_adapter, before, atol=1e-2)
    merge_lora(model)
    assert not any(isinstance(m, LoRA) for m in model.modules())
    assert torch.allclose(model(ids), with_adapter, atol=1e-5)


def test_lora_learns_while_the_rest_stays():
    model = make()
    frozen = {n: p.clone() for n, p in model.state_dict().items()}
    add_lora(model, rank=4, targets=("qkv", "out", "up", "down"))
    run = Trainer(model, Rows(IDS), SMALL, "cpu")
    losses = run.run()
    assert losses[-1] < losses[0] - 1
    state = {n.replace(".linear.", "."): p for n, p in model.state_dict().items()}
    assert all(torch.equal(state[name], p) for name, p in frozen.items())


def test_lora_without_a_place_is_refused():
    with pytest.raises(ValueError, match="no linear layer's name ends with q_proj"):
        add_lora(make(), targets=("q_proj",))
    with pytest.raises(ValueError, match="rank must lie in 1 to 32, got 33"):
        add_lora(make(), rank=33)
    assert math.isfinite(nats_per_token(make(), [[1, 2, 3]]))
