"""Weights in 8 bits: a quarter of the memory to read for each token, which is what a token's time goes into.

The product is a few lines of C, ``int8.c``, which the machine's own compiler makes on first use: NumPy has none for
8 bits, and PyTorch's makes less of the memory's speed (docs/BENCHMARKS.md has both).
"""

import ctypes
import platform
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from course_lib.chatbot.config import Config
from course_lib.chatbot.numpy_decoder import NumpyDecoder
from course_lib.compression import quantize

COMPILERS = "cc", "gcc", "clang"
SOURCE = Path(__file__).with_suffix(".c")
# Sums in any order, so that 16 numbers are added at once. (-ffast-math would round tiny numbers in all of Python.)
FLAGS = ["-O3", "-fassociative-math", "-fno-signed-zeros", "-fno-trapping-math", "-shared", "-fPIC"]
if platform.machine() in ("x86_64", "AMD64"):
    FLAGS += ["-march=native", "-mprefer-vector-width=512"]  # if there are such registers; compilers avoid them unasked
else:
    FLAGS += ["-mcpu=native"]


class NoCompiler(RuntimeError):
    """`int8.c` cannot be compiled; the message says what to install, or what the compiler said."""


class Int8Linear:
    """W (x ⊙ gain) + b with a row of W kept as whole numbers from -127 to 127 times one scale; see `quantize`.

    Rounding W is the only loss: x stays float32. Dettmers et al., NeurIPS 2022, section 2, round x too.

    Parameters
    ----------
    weight : array, (out, in), float32
    bias : array, (out,), optional
    gain : array, (in,), optional
        The weights of the norm before it, which `NumpyDecoder` multiplies into W. Here they are taken out again: with
        columns of such different size SmolLM2 no longer knew its capitals.
    room : array, (out · in,), int8, optional
        Where to keep W.

    Raises
    ------
    NoCompiler
    """

    def __init__(self, weight: np.ndarray, bias: np.ndarray | None, gain=None, room: np.ndarray | None = None):
        values, scale = quantize(weight if gain is None else weight / np.where(gain == 0, 1, gain), 8, axis=0)
        self.w = np.empty_like(values) if room is None else room.reshape(values.shape)
        self.w[:] = values
        self.scale, self.b, self.gain, self._product = scale.ravel(), bias, gain, _product()
        self._at = self.w.ctypes.data, self.scale.ctypes.data

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """(..., in) → (..., out)."""
        out = np.empty((*x.shape[:-1], len(self.w)), np.float32)
        self.into(np.ascontiguousarray(x, np.float32), out)
        return out

    def into(self, x: np.ndarray, out: np.ndarray) -> None:
        """(in,) → (out,), in place; both float32, in one piece."""
        rows, columns = self.w.shape
        if x.shape[-1] != columns or x.size * rows != out.size * columns or not (_fits(x) and _fits(out)):
            raise ValueError(f"Int8Linear: W is {self.w.shape}, but x {x.shape} {x.dtype}, out {out.shape} {out.dtype}")
        if self.gain is not None:
            x = x * self.gain
        self._product(*self._at, x.ctypes.data, out.ctypes.data, x.size // columns, rows, columns)
        if self.b is not None:
            out += self.b


class Int8Decoder(NumpyDecoder):
    """`NumpyDecoder` whose matrices are `Int8Linear`. The embedding stays as it is: only a row of it is read.

    All lie in one block of memory, which the system keeps in large pages, so that fewer of them must be
    looked up for a token.
    """

    def __init__(self, config: Config, arrays: dict[str, np.ndarray]):
        super().__init__(config, arrays)
        places = [(layer, name) for layer in self.layers for name in vars(layer)] + [(self, "head")]
        sizes = [getattr(*place).w.size for place in places]
        rooms = np.split(np.empty(sum(sizes), np.int8), np.cumsum(sizes)[:-1])
        for (owner, name), room in zip(places, rooms, strict=True):
            linear = getattr(owner, name)
            setattr(owner, name, Int8Linear(linear.w, linear.b, linear.gain, room))


def _fits(a):
    return a.dtype == np.float32 and a.flags.c_contiguous


@cache
def _product():
    """The compiled function of `int8.c`."""
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None:
        raise NoCompiler("Int8Linear: no C compiler; install one: apt-get install gcc libc6-dev, on a Mac "
                         "xcode-select --install")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "int8.so"
        done = subprocess.run([compiler, *FLAGS, "-o", made, SOURCE], capture_output=True, text=True)
        if done.returncode:
            raise NoCompiler(f"Int8Linear: {compiler} failed: {done.stderr.strip()[:500]}")
        try:
            product = ctypes.CDLL(str(made)).int8_product  # once loaded, the file is no longer needed
        except OSError as error:  # a temporary folder from which nothing may be run
            raise NoCompiler(f"Int8Linear: {error}; set TMPDIR to a folder from which programs may be run") from None
    product.argtypes, product.restype = (ctypes.c_void_p,) * 4 + (ctypes.c_long,) * 3, None
    return product
