"""AttnMap: weights of live models, rows that sum to 1, effects that are differences of log p."""

import numpy as np
import pytest

from course_lib import nn
from course_lib.activations import log_softmax
from course_lib.attention import causal_mask
from course_lib.chatbot import inspect, load_chat
from course_lib.topics import copying
from course_lib.topics.tiny_transformer import TinyTransformer
from course_lib.widgets import AttnMap
from course_lib.widgets.frames import unpack
from course_lib.widgets.looking import looker


@pytest.fixture(scope="module")
def chat():
    return load_chat("course")


def told(lab):
    """What the browser has: the chosen head's rows, the effects, the thumbnails."""
    n = len(lab.ids)
    rows = np.frombuffer(lab._rows, np.float16).reshape(n, n).astype(float)
    effect = unpack(lab._buffer, lab._meta["layout"])["effect"]
    return rows, effect, unpack(lab._backdrop, lab._backdrop_layout)["thumbs"]


def tiny(causal=True, layers=2, dropout=0.0):
    model = TinyTransformer(nn.Embedding(9, 8, rng=np.random.default_rng(1)), 8, 9, 12, causal=causal, layers=layers,
                            rng=np.random.default_rng(0))  # fmt: skip
    for _, module in model.named_modules():
        if isinstance(module, nn.Dropout):
            module.p = dropout
    return model


def test_rows_shown_are_the_decoders_and_sum_to_one(chat):
    lab = AttnMap(chat)
    weights = inspect.look(chat.model, chat.prompt(lab.state["text"]))[1]
    for layer in range(1, 5):
        for head in range(1, 5):
            rows = told(lab.set(layer=layer, head=head))[0]
            np.testing.assert_allclose(rows, weights[layer - 1, head - 1], atol=1e-3)
            np.testing.assert_allclose(rows.sum(1), 1, atol=1e-2)
            assert not rows[~causal_mask(len(rows))].any()
    thumbs = told(lab)[2]
    np.testing.assert_allclose(thumbs, weights, atol=1e-6)  # up to 16 tokens: cell by cell


def test_thumbnails_of_long_texts_show_the_largest_weight(chat):
    lab = AttnMap(chat, "My name is Maria and what is yours, my friend? How is the weather today in your town?")
    thumbs, n = told(lab)[2], len(lab.ids)
    assert thumbs.shape == (4, 4, 16, 16)
    assert n > 20
    assert thumbs.max() == pytest.approx(lab.weights.max())
    assert thumbs[0, 0, 0, 0] == lab.weights[0, 0, : n // 16 + 1, : n // 16 + 1][: n // 16, : n // 16].max()


def test_effects_are_differences_of_log_p(chat):
    lab = AttnMap(chat, "My name is Maria.").set(t=6)
    ids, n, t = lab.ids, len(lab.ids), 5
    target = int(ids[t + 1])
    full = log_softmax(inspect.look(chat.model, ids)[0], -1)[t, target]
    shown = told(lab)[1]
    for j in range(t + 1):
        mask = causal_mask(n).copy()
        mask[:, j] = False
        mask[0, 0] = True
        hidden = log_softmax(inspect.look(chat.model, ids, mask)[0], -1)[t, target]
        assert shown[j] == pytest.approx(hidden - full, abs=1e-3)
    assert not shown[t + 1 :].any()
    assert lab.facts()["p"] == pytest.approx(np.exp(full), rel=1e-4)


def test_without_the_mask_it_is_flagged_as_cheating(chat):
    lab = AttnMap(chat).set(mask=False, t=3)
    rows = told(lab)[0]
    assert rows[~causal_mask(len(rows))].sum() > 1
    np.testing.assert_allclose(rows.sum(1), 1, atol=1e-2)
    assert lab.facts()["cheating"].startswith("Cheating")
    assert "cheating" in lab.facts()["status"]
    assert lab.summary().startswith("Cheating")
    assert np.abs(told(lab)[1][3:]).max() > 1e-3  # what comes later does play a part
    back = lab.set(mask=True)
    assert back.facts()["cheating"] == ""
    assert not told(back)[0][~causal_mask(len(rows))].any()


@pytest.mark.parametrize("causal", [True, False])
def test_any_module_with_multihead_attention(causal):
    model = tiny(causal)
    ids = [1, 5, 2, 8, 0, 3]
    lab = AttnMap(model, ids, layer=2)
    assert lab.weights.shape == (2, 2, 6, 6)
    assert lab.causal is causal
    assert ("mask" in lab.state) is causal
    logits = model(np.array([ids])).data[0]
    np.testing.assert_allclose(lab.logits, logits, atol=1e-5)
    look = looker(model)
    mask = causal_mask(6)
    masked = look(ids, mask)
    assert not masked[1][..., ~mask].any()
    if causal:
        np.testing.assert_allclose(masked[0], logits, atol=1e-5)
        full = look(ids, np.ones((6, 6), bool))[0]
        assert np.abs(full[0] - logits[0]).max() > 1e-4


def test_the_learners_model_is_left_as_it_was():
    model = tiny(dropout=0.5)
    model.train()
    model.block1.eval()
    before = [m.training for _, m in model.named_modules()]
    first, second = (looker(model)([1, 2, 3])[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)  # no dropout
    assert [m.training for _, m in model.named_modules()] == before
    assert all("forward" not in vars(m) for _, m in model.named_modules())


def test_the_model_is_live():
    model = tiny()
    lab = AttnMap(model, [1, 5, 2, 8])
    before = lab.weights
    for p in model.parameters():
        p.data += 0.3 * np.random.default_rng(0).normal(size=p.shape).astype(np.float32)
    lab.reset()
    assert np.abs(lab.weights - before).max() > 1e-3
    np.testing.assert_allclose(lab.logits, model(np.array([[1, 5, 2, 8]])).data[0], atol=1e-5)


def test_the_copy_task_looks_at_its_own_symbol_and_needs_it():
    model, _ = copying.train("attention", 8, seed=0, steps=150)
    ids = [3, 1, 4, 1, 5, 2, 6, 0]
    lab = AttnMap(model, ids, targets=ids)
    np.testing.assert_allclose(lab.weights[0, 0], model.weights(), atol=1e-6)
    assert not lab.causal
    for t in range(1, 9):
        assert lab.set(t=t).row().argmax() == t - 1
        assert lab.effect.argmin() == t - 1
        assert lab.effect[t - 1] < -1


def test_a_torch_transformer_is_read_as_it_is_now():
    torch = pytest.importorskip("torch")
    from tests.chatbot.models import make

    model = make("llama")
    lab = AttnMap(model, [1, 2, 3, 4])
    with torch.no_grad():
        before = lab.logits.copy()
        model.embed.weight += 1
        lab.reset()
        np.testing.assert_allclose(lab.logits, model(torch.tensor([[1, 2, 3, 4]]))[0].numpy(), atol=1e-3)
    assert np.abs(lab.logits - before).max() > 0.1


class Wrong:
    def __init__(self, result):
        self.result = result

    def look(self, x, mask):
        return self.result(len(x)) if callable(self.result) else self.result


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (lambda n: (np.zeros((n, 3)), np.ones((1, 1, n, n))), "one sums to 3"),
        (lambda n: (np.zeros((n, 3)), np.full((1, 1, n, n), np.nan)), "not a finite number"),
        (lambda n: (np.full((n, 3), np.nan), np.ones((1, 1, n, n)) / n), "not a finite number"),
        (lambda n: (np.zeros((n, 3)), np.ones((n, n)) / n), r"weights \(layers, heads, 3, 3\)"),
        (lambda n: (np.zeros(3), np.ones((1, 1, n, n)) / n), r"logits \(3, V\)"),
    ],
)
def test_a_wrong_look_is_named(result, words):
    with pytest.raises(ValueError, match=words):
        AttnMap(Wrong(result), [0, 1, 2])


def test_a_model_that_begins_to_raise_is_shown_and_the_widget_lives():
    good = Wrong(lambda n: (np.zeros((n, 3)), np.ones((1, 1, n, n)) / n))
    lab = AttnMap(good, [0, 1, 2])
    result, good.result = good.result, lambda n: 1 / 0
    assert "ZeroDivisionError" in lab.set(t=2).error
    good.result = result
    assert lab.set(t=1).error == ""
    np.testing.assert_allclose(lab.effect, 0, atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((object(), [1]), TypeError, "got object"),
        ((nn.Linear(2, 2), [1]), TypeError, "got Linear"),
        ((tiny(), "text"), ValueError, "needs a tokenizer"),
        ((tiny(), []), ValueError, "no token"),
    ],
)
def test_bad_arguments_are_named(arguments, error, words):
    with pytest.raises(error, match=words):
        AttnMap(*arguments)


def test_labels_and_targets_must_fit():
    with pytest.raises(ValueError, match="2 tokens, but 3 labels"):
        AttnMap(tiny(), [1, 2], labels="abc")
    with pytest.raises(ValueError, match="2 tokens, but 1 targets"):
        AttnMap(tiny(), [1, 2], targets=[1])


def test_typing_another_text_and_one_that_is_too_long(chat):
    lab = AttnMap(chat).set(text="你好", layer=4, head=4, t=2)
    assert lab.ids.tolist() == chat.prompt("你好")
    assert lab.state["t"] == 2
    long = lab.set(text="x1 " * 60)
    assert "too many for this model" in long.error
    assert long.ids.tolist() == chat.prompt("你好")  # the picture is still that of the text before
    assert lab.set(text="Hello!").error == ""
    assert lab.state["t"] == len(lab.ids)


def test_only_the_first_64_tokens_are_shown(chat):
    lab = AttnMap(chat.model, "1 2 3 4 5 6 7 8 9 " * 5, tokenizer=chat.tokenizer)
    assert len(lab.ids) == 64
    assert lab.facts()["status"].startswith("64 of 90 tokens")


def test_code_gives_the_same_numbers(chat):
    mine = {"model": chat.model, "tokenizer": chat.tokenizer}
    for lab, given in (
        (AttnMap().set(layer=3, head=2, t=5), {}),
        (AttnMap().set(mask=False), {}),
        (AttnMap(chat.model, "Hello there", tokenizer=chat.tokenizer), mine),
    ):
        names = dict(given)
        exec(lab.as_code(), names)
        np.testing.assert_allclose(names["row"], lab.row(), atol=1e-5)
        np.testing.assert_allclose(names["effect"], lab.effect, atol=1e-3)


def test_state_round_trip_steps_and_rapid_moves(chat):
    first = AttnMap(chat).set(text="你好！", layer=2, head=3, mask=False, t=1)
    assert AttnMap(chat).set(**first.state).state == first.state
    lab = AttnMap(chat)
    n = len(lab.ids)
    assert lab.act("step").state["t"] == 1  # from the last to the first
    for i in range(200):
        lab._queue.put({"set": {"layer": i % 4 + 1, "t": i % n + 1}, "seq": i + 1})
    lab._queue.join(30)
    assert (lab.state["layer"], lab.state["t"]) == (199 % 4 + 1, 199 % n + 1)


def test_a_single_token_and_prediction(chat):
    lab = AttnMap(tiny(), [4])
    assert lab.row().tolist() == [1]
    lab.figure()
    lab = AttnMap(chat, layer=3, head=2, predict=True)
    name = lab.name(int(lab.weights[2, 1, -1].argmax()))
    assert lab.answer(name).log[0]["right"] is True
    assert AttnMap(tiny(), [4], predict=True)._question is None


def test_static_figure_is_deterministic(monkeypatch):
    monkeypatch.setenv("COURSE_STATIC", "1")
    first, second = (AttnMap()._repr_mimebundle_()["text/html"] for _ in range(2))
    assert first == second
    assert "looks most at" in first
