"""The NumPy decoder: PyTorch's logits without PyTorch."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from course_lib.chatbot.generation import generate
from course_lib.chatbot.numpy_decoder import NumpyDecoder, expected
from course_lib.chatbot.weights import build, load_weights, save_weights, to_arrays
from course_lib.data.source import Malformed
from tests.chatbot.models import CONFIGS, make

PROMPTS = [[1, 2, 3], [5], [9, 8, 7, 6, 5, 4]]
WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None  # importing it fails from here on
from course_lib.chatbot import NumpyDecoder, Sampling, generate, load_weights
config, arrays = load_weights(sys.argv[1])
print(generate(NumpyDecoder(config, arrays), [[1, 2, 3]], 12)[0])
"""


@pytest.mark.parametrize("name", CONFIGS)
def test_logits_are_those_of_torch(name):
    model = make(name)
    decoder = NumpyDecoder(model.config, to_arrays(model))
    theirs, ours = model.session(PROMPTS, 30), decoder.session(PROMPTS, 30)
    rng = np.random.default_rng(0)
    for _ in range(30):
        np.testing.assert_allclose(ours.logits, theirs.logits, atol=1e-4)
        tokens = rng.integers(0, 60, 3)
        theirs.step(tokens), ours.step(tokens)
    np.testing.assert_allclose(ours.logits, theirs.logits, atol=1e-4)


@pytest.mark.parametrize("name", CONFIGS)
def test_the_names_and_shapes_are_the_models(name):
    model = make(name)
    assert expected(model.config) == {n: a.shape for n, a in to_arrays(model).items()}


def test_huge_activations_do_no_harm():
    model = make("llama")
    with torch.no_grad():
        model.blocks[0].feed.up.weight *= 1e4
    decoder = NumpyDecoder(model.config, to_arrays(model))
    a, b = model.session([[1, 2]], 3), decoder.session([[1, 2]], 3)
    with np.errstate(all="raise", under="ignore"):
        b.step([7])
    np.testing.assert_allclose(b.logits, a.step([7]), rtol=1e-3, atol=1e-3)


def test_it_runs_where_torch_is_missing(tmp_path):
    model = make()
    save_weights(tmp_path / "w.safetensors", model, "float32")
    command = [sys.executable, "-c", WITHOUT_TORCH, str(tmp_path / "w.safetensors")]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == str(generate(model, [[1, 2, 3]], 12)[0])


@pytest.mark.parametrize("name", ["llama", "llama-untied", "gpt2"])
def test_saved_weights_come_back(name, tmp_path):
    model = make(name)
    save_weights(tmp_path / "w.safetensors", model, "float32")
    config, arrays = load_weights(tmp_path / "w.safetensors")
    again = build(config, arrays)
    ids = torch.tensor([[1, 2, 3]])
    assert config == model.config
    assert torch.equal(again(ids), model(ids))
    save_weights(tmp_path / "half.safetensors", model)
    assert (tmp_path / "half.safetensors").stat().st_size < 0.7 * (tmp_path / "w.safetensors").stat().st_size


def test_what_does_not_fit_is_named(tmp_path):
    model = make()
    arrays = to_arrays(model)
    for change, message in [
        ({"norm.weight": np.ones(5)}, "norm.weight must have shape"),
        ({"more": np.ones(5)}, "more has no place"),
    ]:
        for maker in (NumpyDecoder, build):
            with pytest.raises(ValueError, match=message):
                maker(model.config, arrays | change)
    del arrays["norm.weight"]
    with pytest.raises(ValueError, match=r"norm\.weight is missing"):
        NumpyDecoder(model.config, arrays)
    (tmp_path / "no.safetensors").write_bytes(b"\x80\x04pickled")
    with pytest.raises(Malformed, match="pickle"):
        load_weights(tmp_path / "no.safetensors")


def test_a_full_cache_is_refused():
    model = make()
    decoder = NumpyDecoder(model.config, to_arrays(model))
    session = decoder.session([[1, 2]], 1)
    session.step([3])
    with pytest.raises(ValueError, match="no room after 3 tokens"):
        session.step([3])
    with pytest.raises(ValueError, match="block_size is 48"):
        decoder.session([[1] * 40], 9)
