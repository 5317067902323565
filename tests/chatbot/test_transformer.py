"""The transformer: nothing looks ahead, the cache changes nothing, and each part is what it is said to be."""

import math

import pytest
import torch

from course_lib.chatbot.config import Config
from course_lib.chatbot.transformer import (
    Cache,
    Transformer,
    fused_attention,
    plain_attention,
    rotary_tables,
    rotate,
    visible,
)
from tests.chatbot.models import CONFIGS, make

IDS = torch.randint(60, (3, 20), generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("name", CONFIGS)
@torch.no_grad()
def test_no_token_sees_a_later_one(name):
    model, changed = make(name), IDS.clone()
    changed[:, 12:] = (changed[:, 12:] + 7) % 60
    a, b = model(IDS), model(changed)
    assert torch.allclose(a[:, :12], b[:, :12], atol=1e-5)
    assert not torch.allclose(a[:, 12], b[:, 12], atol=1e-2)


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("cuts", [(20,), (7, 1, 1, 11), (1,) * 20])
@torch.no_grad()
def test_the_cache_changes_nothing(name, cuts):
    model = make(name)
    cache, parts = Cache(model, 3, 20), []
    for part in IDS.split(cuts, 1):
        parts.append(model(part, cache))
    assert torch.allclose(torch.cat(parts, 1), model(IDS), atol=1e-4)
    assert cache.used == 20


@pytest.mark.parametrize("name", CONFIGS)
@torch.no_grad()
def test_padding_on_the_left_changes_nothing(name):
    model = make(name)
    padding = torch.tensor([0, 5, 13])
    rows = zip(padding, IDS, strict=True)
    shifted = torch.stack([torch.cat([torch.full((n,), 9), row[: 20 - n]]) for n, row in rows])
    cache = Cache(model, 3, 20, padding)
    got = torch.cat([model(shifted[:, :15], cache), model(shifted[:, 15:], cache)], 1)
    for n, row, logits in zip(padding, IDS, got, strict=True):
        assert torch.allclose(logits[n:], model(row[None, : 20 - n])[0], atol=1e-4)


@pytest.mark.parametrize("kv_heads", [4, 2, 1])
def test_hand_written_attention_is_the_fused_one(kv_heads):
    g = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(2, h, 6, 8, generator=g, requires_grad=True) for h in (4, kv_heads, kv_heads))
    mask = visible(torch.arange(6), 6, None)
    grads = []
    for attention in (plain_attention, fused_attention):
        out = attention(q, k, v, mask)
        grads.append([out, *torch.autograd.grad(out.square().sum(), (q, k, v))])
    for a, b in zip(*grads, strict=True):
        assert torch.allclose(a, b, atol=1e-5)


def test_rotary_scores_depend_on_distance_only():
    cos, sin = rotary_tables(50, 8, 10000.0)
    q, k = torch.randn(2, 1, 1, 1, 8, generator=torch.Generator().manual_seed(0))
    score = lambda i, j: (rotate(q, cos[i], sin[i]) * rotate(k, cos[j], sin[j])).sum()  # noqa: E731
    assert torch.allclose(score(3, 1), score(43, 41), atol=1e-5)
    assert not torch.allclose(score(3, 1), score(4, 1), atol=1e-3)


def test_parameters_are_counted():
    c = Config(100, block_size=16, n_layer=2, n_head=4, n_kv_head=2, d_model=32, d_ff=48)
    block = 32 * 32 + 2 * 32 * 16 + 32 * 32 + 3 * 32 * 48 + 2 * 32
    assert Transformer(c).n_parameters() == 100 * 32 + 2 * block + 32
    gpt2 = Transformer(Config.gpt2_style(50257, block_size=1024, n_layer=12, n_head=12, d_model=768))
    assert gpt2.n_parameters() == 124_439_808  # GPT-2 small, as published


def test_the_first_loss_is_that_of_guessing():
    torch.manual_seed(0)
    model = Transformer(CONFIGS["llama"])
    loss = torch.nn.functional.cross_entropy(model(IDS[:, :-1]).flatten(0, 1), IDS[:, 1:].flatten())
    assert abs(loss.item() - math.log(60)) < 0.1


def test_every_parameter_learns():
    for name in CONFIGS:
        model = make(name)
        model(IDS).logsumexp(-1).sum().backward()
        assert all(p.grad is not None and p.grad.abs().max() > 0 for p in model.parameters()), name


@pytest.mark.parametrize(
    ("bad", "message"),
    [({"n_head": 3}, "multiple of n_head"), ({"n_kv_head": 3}, "multiple of n_kv_head"),
     ({"n_layer": 0}, "n_layer must"), ({"norm": "batch"}, "norm must"), ({"d_head": 5}, "even d_head"),
     ({"dropout": 1.0}, "dropout must"), ({"activation": "relu"}, "activation must"),
     ({"vocab_size": 1.5}, "vocab_size must")],
)  # fmt: skip
def test_configs_that_make_no_sense_are_refused(bad, message):
    with pytest.raises(ValueError, match=message):
        Config(**({"vocab_size": 60, "d_model": 32, "n_head": 4} | bad))


def test_config_survives_plain_data_and_names_strangers():
    for config in CONFIGS.values():
        assert Config.from_dict(config.to_dict()) == config
    with pytest.raises(ValueError, match="unknown entry 'layers'"):
        Config.from_dict({"vocab_size": 3, "layers": 2})


def test_too_many_tokens_are_refused():
    model = make()
    with pytest.raises(ValueError, match="49 tokens, but block_size is 48"):
        model(torch.zeros(1, 49, dtype=torch.long))
    with pytest.raises(ValueError, match="room for 4"):
        model(IDS[:, :5], Cache(model, 3, 4))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_adding_the_mask_gives_the_bits_that_filling_it_in_gives(dtype):
    torch.manual_seed(0)
    q, k, v, g = (torch.randn(2, 4, 16, 8).to(dtype) for _ in range(4))
    mask = torch.ones(16, 16, dtype=torch.bool).tril()

    def filled(q, k, v):
        scores = (q * 8**-0.5) @ k.transpose(-1, -2)
        return scores.masked_fill(~mask, torch.finfo(dtype).min).softmax(-1) @ v

    results = []
    for attention in (filled, lambda q, k, v: plain_attention(q, k, v, mask)):
        inputs = [a.clone().requires_grad_() for a in (q, k, v)]
        y = attention(*inputs)
        y.backward(g)
        results.append([y, *(a.grad for a in inputs)])
    assert all(map(torch.equal, *results))
