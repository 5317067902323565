"""8-bit weights: rounded as `quantize` does, multiplied exactly; the decoder says nearly what the float one says."""

import shutil

import numpy as np
import pytest

from course_lib.chatbot import int8
from course_lib.chatbot.generation import generate
from course_lib.chatbot.inspect import look
from course_lib.chatbot.int8 import Int8Decoder, Int8Linear, NoCompiler
from course_lib.chatbot.numpy_decoder import NumpyDecoder
from course_lib.chatbot.weights import to_arrays
from tests.chatbot.marks import compiles
from tests.chatbot.models import CONFIGS, make


@pytest.fixture
def fresh():
    """Compiled anew, before and after."""
    int8._product.cache_clear()
    yield
    int8._product.cache_clear()


def whole(linear):
    """Its weights in float64, gain and all."""
    w = linear.w.astype(float) * linear.scale.astype(float)[:, None]
    return w if linear.gain is None else w * linear.gain


@compiles
@pytest.mark.parametrize("size", [1e-36, 1e-20, 1.0, 1e6, 1e36])
def test_a_weight_is_off_by_at_most_half_a_step(size):
    w = (np.random.default_rng(0).normal(size=(40, 64)) * size).astype(np.float32)
    w[3] = 0
    made = Int8Linear(w, None)
    assert made.w.dtype == np.int8
    assert (np.abs(whole(made) - w) <= 0.5001 * made.scale[:, None]).all()
    np.testing.assert_allclose(np.delete(made.scale, 3), np.delete(np.abs(w).max(1) / 127, 3), rtol=1e-6)


@compiles
@pytest.mark.parametrize("out", [1, 7, 48])
@pytest.mark.parametrize("columns", [1, 63, 64, 65, 200, 576])
@pytest.mark.parametrize("rows", [(), (1,), (5,), (2, 3)])
def test_a_product_is_that_of_the_rounded_weights(rows, columns, out):
    """Whatever the width: 64 columns are taken at once, and what is left over one by one."""
    rng = np.random.default_rng(columns)
    w, b, x = (rng.normal(size=s).astype(np.float32) for s in ((out, columns), (out,), (*rows, columns)))
    for bias in (None, b):
        made = Int8Linear(w, bias)
        exact = x.astype(float) @ whole(made).T + (0 if bias is None else bias)
        bound = 1e-6 * (np.abs(x).astype(float) @ np.abs(whole(made)).T + 1)
        assert made(x).shape == exact.shape
        assert (np.abs(made(x) - exact) <= bound).all()
        np.testing.assert_array_equal(made(np.asfortranarray(x)), made(x))


@compiles
def test_a_norms_weights_are_kept_apart_so_that_small_columns_keep_their_digits():
    rng = np.random.default_rng(0)
    gain = np.array([1e-4, 1.0, 300.0, 0.0], np.float32)
    w, x = rng.normal(size=(6, 4)).astype(np.float32), rng.normal(size=(5, 4)).astype(np.float32)
    made = Int8Linear(w * gain, None, gain)
    np.testing.assert_array_equal(made.w[:, :3], Int8Linear(np.where(gain == 0, 0, w), None).w[:, :3])
    np.testing.assert_allclose(made(x), x.astype(float) @ whole(made).T, rtol=1e-4, atol=1e-4)


@compiles
def test_nothing_around_the_result_is_written():
    rng = np.random.default_rng(0)
    made, around = Int8Linear(rng.normal(size=(10, 70)).astype(np.float32), None), np.full(30, 7, np.float32)
    made.into(rng.normal(size=70).astype(np.float32), around[10:20])
    assert (around[:10] == 7).all()
    assert (around[20:] == 7).all()
    assert (around[10:20] != 7).all()


@compiles
@pytest.mark.parametrize(
    ("x", "out"),
    [(np.ones(69, np.float32), np.ones(10, np.float32)), (np.ones(70), np.ones(10, np.float32)),
     (np.ones(70, np.float32), np.ones(9, np.float32)), (np.ones((2, 70), np.float32), np.ones(10, np.float32)),
     (np.ones(140, np.float32)[::2], np.ones(10, np.float32)), (np.ones(70, np.float32), np.ones(10))],
)  # fmt: skip
def test_what_does_not_fit_never_reaches_c(x, out):
    with pytest.raises(ValueError, match=r"Int8Linear: W is \(10, 70\), but x"):
        Int8Linear(np.ones((10, 70), np.float32), None).into(x, out)
    assert (out == 1).all()


@compiles
def test_numbers_too_small_to_be_normal_stay_what_they_are(fresh):
    """-ffast-math would round them to 0, in the whole process."""
    int8._product()
    bits = np.arange(1, 100, 7, dtype=np.uint32)  # counted in bits: where they are taken for 0, they also equal 0
    np.testing.assert_array_equal((bits.view(np.float32) * np.float32(1)).view(np.uint32), bits)


@compiles
@pytest.mark.parametrize("name", CONFIGS)
def test_the_decoder_is_near_the_float_one(name):
    model = make(name)
    both = [kind(model.config, to_arrays(model)) for kind in (NumpyDecoder, Int8Decoder)]
    runs = [decoder.session([[1, 2, 3]], 4) for decoder in both]
    for token in (4, 5, 6):
        exact, rounded = (run.step([token]) for run in runs)
        assert np.abs(exact - rounded).max() < 0.1 * exact.std() + 0.05
        assert (exact != rounded).any()
    assert len(generate(both[1], [[1, 2, 3], [4]], 5)[1]) == 5
    (logits, _), (near, _) = (look(decoder, [1, 2, 3, 4]) for decoder in both)  # AttnMap's way through it
    assert np.abs(logits - near).max() < 0.1 * logits.std() + 0.05


@compiles
def test_it_says_what_a_float_decoder_with_the_rounded_weights_says():
    model = make(next(iter(CONFIGS)))
    rounded, other = (kind(model.config, to_arrays(model)) for kind in (Int8Decoder, NumpyDecoder))
    for linear, plain in zip((*_matrices(rounded), rounded.head), (*_matrices(other), other.head), strict=True):
        plain.w = whole(linear).astype(np.float32)
    np.testing.assert_allclose(*(d.session([[1, 2, 3]], 4).step([4]) for d in (rounded, other)), rtol=0, atol=1e-5)


def _matrices(decoder):
    return [linear for layer in decoder.layers for linear in vars(layer).values()]


def test_without_a_compiler_it_says_how_to_get_one(monkeypatch, fresh):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(NoCompiler, match=r"no C compiler.*apt-get install gcc"):
        Int8Linear(np.eye(3, dtype=np.float32), None)


@compiles
def test_what_the_compiler_says_is_passed_on(monkeypatch, fresh, tmp_path):
    (tmp_path / "int8.c").write_text("no C at all")
    monkeypatch.setattr(int8, "SOURCE", tmp_path / "int8.c")
    with pytest.raises(NoCompiler, match=r"failed.*error"):
        Int8Linear(np.eye(3, dtype=np.float32), None)


@compiles
def test_where_nothing_may_be_run_it_says_which_folder_to_change(monkeypatch, fresh):
    def refuse(path):
        raise OSError(f"{path}: failed to map segment from shared object: Operation not permitted")

    monkeypatch.setattr(int8.ctypes, "CDLL", refuse)
    with pytest.raises(NoCompiler, match=r"int8\.so: failed to map.*set TMPDIR"):
        Int8Linear(np.eye(3, dtype=np.float32), None)
