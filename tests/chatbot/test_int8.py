"""8-bit weights: the rounding error is what it must be, and the decoder says nearly what the float one says."""

import numpy as np
import pytest
import torch

from course_lib.chatbot.generation import generate
from course_lib.chatbot.int8 import Int8Decoder, Int8Linear
from course_lib.chatbot.numpy_decoder import NumpyDecoder
from course_lib.chatbot.weights import to_arrays
from tests.chatbot.models import CONFIGS, make


@pytest.mark.parametrize("size", [1e-20, 1.0, 1e6])
def test_a_weight_is_off_by_at_most_half_a_step(size):
    w = (np.random.default_rng(0).normal(size=(40, 64)) * size).astype(np.float32)
    w[3] = 0
    made = Int8Linear(w, None)
    back = made.w.float() * made.scale.float()[:, None]
    step = made.scale.float().numpy()[:, None]
    assert (np.abs(back.numpy() - w) <= 0.5001 * step).all()
    assert int(made.w.abs().max()) <= 127
    assert (step[:, 0] <= 1.01 * np.maximum(np.abs(w).max(1), 1e-30) / 127).all()
    assert made.w.dtype == torch.int8


def test_a_product_is_that_of_the_rounded_weights():
    rng = np.random.default_rng(0)
    w, b, x = (rng.normal(size=s).astype(np.float32) for s in ((48, 64), (48,), (5, 64)))
    made, out = Int8Linear(w, b), np.empty(48, np.float32)
    exact = x @ (made.w.float() * made.scale.float()[:, None]).numpy().T + b
    assert np.abs(made(x) - exact).max() < 0.02 * np.abs(exact).max()  # bfloat16 keeps 8 bits
    made.into(x[0], out)
    np.testing.assert_allclose(out, made(x)[0], rtol=0.01, atol=0.05)


@pytest.mark.parametrize("name", CONFIGS)
def test_the_decoder_is_near_the_float_one(name):
    model = make(name)
    both = [kind(model.config, to_arrays(model)) for kind in (NumpyDecoder, Int8Decoder)]
    runs = [decoder.session([[1, 2, 3]], 4) for decoder in both]
    for token in (4, 5, 6):
        exact, rounded = (run.step([token]) for run in runs)
        assert np.abs(exact - rounded).max() < 0.1 * exact.std() + 0.05
    assert len(generate(both[1], [[1, 2, 3], [4]], 5)[1]) == 5
