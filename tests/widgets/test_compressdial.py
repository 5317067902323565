"""CompressDial: bytes are those of the file, 32 bits and no zeros are the baseline, the library does the work."""

from types import SimpleNamespace

import numpy as np
import pytest

from course_lib import checkpoint, compression, nn
from course_lib.autograd import Tensor
from course_lib.widgets import CompressDial, dialwork
from course_lib.widgets.dialwork import BITS, compress, front, restore
from course_lib.widgets.frames import unpack

RNG = np.random.default_rng(0)


def told(lab):
    return unpack(lab._buffer, lab._meta["layout"])


def small():
    """A little network with a convolution, and random data for it."""
    rng = np.random.default_rng(2)
    model = nn.Sequential(nn.Conv2d(1, 3, 3, rng=rng), nn.ReLU(), nn.Flatten(), nn.Linear(12, 3, rng=rng))
    x = rng.normal(size=(40, 1, 4, 4)).astype(np.float32)
    y = rng.integers(0, 3, 40)
    return model, SimpleNamespace(x_train=x, y_train=y, x_test=x[:20], y_test=y[:20])


def test_the_beginning_is_the_baseline_exactly():
    dial = CompressDial()
    model, data = dialwork.course_model()
    said = model(Tensor(data.x_test)).data.argmax(1)
    assert dial.now["accuracy"] == dial.baseline["accuracy"] == (said == data.y_test).mean()
    assert dial.now["bytes"] == compression.stored_bytes(model.state_dict())
    assert dial.changed().size == 0
    for name, w in restore(dial.stored).items():
        np.testing.assert_array_equal(w, model.state_dict()[name])
    assert dial.set(bits="2", sparsity=90).now["bytes"] < dial.baseline["bytes"]
    assert dial.set(bits="32", sparsity=0).now["bytes"] == dial.baseline["bytes"]


SETTINGS = [{}, {"bits": "8"}, {"bits": "3", "sparse": True, "sparsity": 60}, {"sparse": True}]


@pytest.mark.parametrize("setting", SETTINGS)
def test_bytes_are_the_files_and_the_file_gives_the_answers(setting, tmp_path):
    dial = CompressDial().set(**setting)
    checkpoint.save(tmp_path / "small.safetensors", dial.stored)
    assert (tmp_path / "small.safetensors").stat().st_size == dial.now["bytes"] == dial._meta["facts"]["bytes"]
    model, data = dialwork.course_model()
    before = model.state_dict()
    try:
        model.load_state_dict(restore(checkpoint.load(tmp_path / "small.safetensors")))
        assert (model(Tensor(data.x_test)).data.argmax(1) == data.y_test).mean() == dial.now["accuracy"]
    finally:
        model.load_state_dict(before)


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("axis", [0, None])
def test_what_is_stored_comes_back_as_the_librarys_own(bits, sparse, axis):
    state = {"w": RNG.normal(size=(5, 7)).astype(np.float32), "k": RNG.normal(size=(3, 2, 3, 3)), "b": np.ones(5)}
    state["w"][2] = 0
    settings = {"w": (bits, 0.5), "k": (bits, 0.0)}
    masked = compression.apply_masks(state, compression.magnitude_masks({"w": state["w"]}, 0.5))
    expected = masked if bits == 32 else compression.dequantize_state(compression.quantize_state(masked, bits, axis))
    found = restore(compress(state, settings, sparse=sparse, axis=axis))
    for name, w in expected.items():
        np.testing.assert_array_equal(found[name], w)
        assert found[name].dtype == w.dtype


def test_sparse_storage_pays_only_once_enough_is_zero():
    dial = CompressDial().set(sparsity=20)
    dense = dial.now["bytes"]
    assert dense == dial.baseline["bytes"]  # zeros take as much room as any number
    assert dial.set(sparse=True).now["bytes"] > dense
    assert dial.set(sparsity=90).now["bytes"] < 0.3 * dense


def test_per_layer_settings_touch_that_layer_only_and_all_layers_overwrite_them():
    dial = CompressDial().set(bits_0="4", sparsity_1=50)
    assert dial.setting == {"0.weight": (4, 0.0), "2.weight": (32, 0.5)}
    model, _ = dialwork.course_model()
    found = restore(dial.stored)
    assert (found["2.weight"] == 0).mean() == 0.5
    assert not np.array_equal(found["0.weight"], model.state_dict()["0.weight"])
    np.testing.assert_array_equal(found["0.bias"], model.state_dict()["0.bias"])
    assert set(dial.set(bits="8").setting.values()) == {(8, 0.0), (8, 0.5)}
    again = CompressDial().set(**dial.state)
    assert (again.state, again.now["bytes"]) == (dial.state, dial.now["bytes"])


def test_sensitivity_is_the_loss_of_that_layer_alone():
    dial = CompressDial().set(bits_0="2", sparsity_1=95)
    for i, kw in enumerate(({"bits_0": "2"}, {"sparsity_1": 95})):
        alone = CompressDial().set(**kw)
        assert dial.losses[i] == pytest.approx(dial.baseline["accuracy"] - alone.now["accuracy"])
    np.testing.assert_allclose(told(dial)["losses"], dial.losses, atol=1e-7)


def test_the_front_is_what_no_other_try_beats():
    tries = [{"bytes": b, "accuracy": a} for b, a in ((9, 0.9), (5, 0.8), (6, 0.7), (5, 0.6), (12, 0.9), (3, 0.1))]
    assert front(tries) == [5, 1, 0]
    dial = CompressDial()
    dial.static_run()
    dial.publish()
    sent = told(dial)["tries"]
    assert len(sent) == len(dial.tries) == len({t["key"] for t in dial.tries})
    unbeaten = {(b, a) for b, a, _ in sent if not any(o[0] <= b and o[1] >= a and (o[0] < b or o[1] > a) for o in sent)}
    assert {(b, a) for b, a, best in sent if best} == unbeaten


def test_histogram_and_grid():
    dial = CompressDial().set(bits="3", scale="one per layer", layer="2.weight")
    arrays = told(dial)
    w = dial.model.state_dict()["2.weight"]
    assert arrays["before"].sum() == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(arrays["before"], np.histogram(w, arrays["edges"])[0] / w.size, atol=2 / w.size)
    np.testing.assert_allclose(arrays["grid"], np.arange(-3, 4) * np.abs(w).max() / 3, rtol=1e-6)
    kept = np.unique(restore(dial.stored)["2.weight"])
    assert all(np.isclose(arrays["grid"], v, atol=1e-6).any() for v in kept)
    dial.set(sparsity=99, scale="one per row")
    assert np.abs(told(dial)["grid"]).max() == pytest.approx(np.abs(w).max())
    assert told(dial.set(bits="32"))["grid"].size == 0


def test_changed_answers_are_those_that_differ():
    dial = CompressDial().set(bits="2")
    assert 0 < len(dial.changed()) == dial._meta["facts"]["count"]
    for k, (right, was, now) in zip(dial.changed(), dial._meta["facts"]["changed"], strict=False):
        assert (right, was, now) == (dial.data.y_test[k], dial.baseline["said"][k], dial.now["said"][k])
        assert was != now
    np.testing.assert_array_equal(told(dial)["images"][0].ravel(), dial.data.x_test[dial.changed()[0]])


def test_fine_tuning_keeps_the_zeros_helps_and_leaves_the_learners_model_alone():
    dial = CompressDial()
    before = dial.model.state_dict()
    plain = dial.set(bits="2", sparsity=80).now["accuracy"]
    better = dial.set(method="fine-tuned").now["accuracy"]
    assert better > plain + 0.1
    assert all((w == 0).mean() >= 0.8 - 1 / w.size for w in restore(dial.stored).values() if w.ndim == 2)
    assert dial.set(method="as it is").set(method="fine-tuned").now["accuracy"] == better
    for name, w in dial.model.state_dict().items():
        np.testing.assert_array_equal(w, before[name])


def test_a_model_of_the_learner_with_a_convolution():
    model, data = small()
    dial = CompressDial(model, data).set(bits="4", sparsity_0=50, method="fine-tuned", sparse=True)
    assert dial.error == ""
    assert dial.layers == ["0.weight", "3.weight"]
    assert told(dial)["images"].shape[1:] in {(4, 4), (0, 0)}
    model[0].weight.data[...] = 0.25
    dial.reset()
    assert (dial._start["0.weight"] == 0.25).all()
    assert len(dial.tries) == 1


def test_an_own_quantiser_is_used_and_a_wrong_one_is_told_what_is_wrong():
    def mine(w, bits):
        step = np.abs(w).max() / (2 ** (bits - 1) - 1)
        return np.rint(w / step), step

    dial = CompressDial(quantize=mine).set(bits="8")
    assert dial.now["accuracy"] == CompressDial().set(bits="8", scale="one per layer").now["accuracy"]
    size = dial.now["bytes"]
    for bad, words in ((lambda w, b: (w, 1.0), "hold integers"), (lambda w, b: (w * np.nan, 1.0), "finite"),
                       (lambda w, b: (np.zeros(3), 1.0), "shape"), (lambda w, b: 1 / 0, "ZeroDivision")):  # fmt: skip
        dial.quantize = bad
        dial.set(bits="7" if dial.state["bits"] == "6" else "6")
        assert words in dial.error
        assert dial.now["bytes"] == size  # the last picture that was right
    assert dial.set(bits="32").error == ""


def test_a_model_that_cannot_answer_is_shown_not_raised():
    model, data = small()
    dial = CompressDial(model, SimpleNamespace(**(vars(data) | {"x_test": data.x_test[:, :, :2]})))
    assert dial.error
    assert "Nothing" in dial.summary()
    assert dial.figure().alt
    with pytest.raises(ValueError, match="together"):
        CompressDial(model)
    with pytest.raises(ValueError, match="no weights"):
        CompressDial(nn.Sequential(nn.ReLU()), data)


def test_the_prediction_is_measured_by_a_sweep():
    dial = CompressDial(predict=True).answer("never")
    cliff = next((b for b in BITS[1:] if CompressDial().set(bits=str(b)).now["accuracy"]
                  < dial.baseline["accuracy"] - 0.05), None)  # fmt: skip
    assert (dial.log[0]["outcome"], dial.log[0]["right"]) == (f"{cliff} bits", False)
    assert len(dial.tries) == 1


def test_step_lowers_the_bits_and_play_ends():
    dial = CompressDial()
    assert [dial.act("step").state["bits"] for _ in range(8)] == ["8", "7", "6", "5", "4", "3", "2", "2"]
    assert dial.play_step() is False


def test_two_hundred_settings_leave_the_last_and_tries_stay_bounded():
    dial = CompressDial()
    for i in range(200):
        dial.set(sparsity=i % 100)
    assert dial.state["sparsity"] == 99
    assert dial.now["bytes"] == CompressDial().set(sparsity=99).now["bytes"]
    assert len(dial.tries) == 100
    assert dial.tries.maxlen == 300


CODED = [{"bits": "3", "sparse": True, "sparsity": 40}, {"bits": "2", "method": "fine-tuned"}]


@pytest.mark.parametrize("setting", CODED)
def test_code_gives_the_same_bytes_and_accuracy(setting, capsys):
    dial = CompressDial().set(**setting)
    names = {}
    exec(dial.as_code(), names)
    assert names["accuracy"] == dial.now["accuracy"]
    assert compression.stored_bytes(names["stored"]) == dial.now["bytes"]


def test_static_figure_is_deterministic(monkeypatch):
    monkeypatch.setenv("COURSE_STATIC", "1")
    first, second = (CompressDial()._repr_mimebundle_()["text/html"] for _ in range(2))
    assert first == second
    assert "4 bits, 0% zeros" in first


@pytest.mark.browser
def test_browser_shows_pythons_numbers_and_a_layers_own_dial(pages):
    lab = pages("compressdial")
    lab.execute("lab.reset()")
    lab.settle()
    card = lab.lab.get_by_role("article", name="0.weight", exact=True)
    card.get_by_role("combobox", name="Bits of 0.weight").select_option("2")
    lab.settle()
    assert lab.value("list(map(list, dial.setting.values()))") == [[2, 0.0], [32, 0.0]]
    size = lab.value("dial.now['bytes']")
    assert lab.lab.locator(".lab-pill").inner_text().startswith(f"{size:,} bytes")
    lost = 100 * lab.value("dial.losses[0]")
    assert f"costs {float(f'{lost:.2g}'):g} points" in card.locator("p").inner_text()
    assert lab.lab.locator("[data-try]").count() == lab.value("len(dial.tries)") == 2
    tiles = lab.lab.locator(".lab-samples li")
    assert tiles.count() == min(12, lab.value("len(dial.changed())"))
    lab.clean()
