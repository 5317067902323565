"""Weights in 8 bits: a quarter of the memory to read for each token, which is what a token's time goes into."""

import numpy as np
import torch

from course_lib.chatbot.config import Config
from course_lib.chatbot.numpy_decoder import NumpyDecoder


class Int8Linear:
    """W x + b with a row of W kept as whole numbers from -127 to 127 times one scale; products in bfloat16.

    The scale is a number that bfloat16 holds exactly, so that rounding W is the only loss in it. Dettmers et al.,
    NeurIPS 2022, section 2.

    Parameters
    ----------
    weight : array, (out, in), float32
    bias : array, (out,), optional
    """

    def __init__(self, weight: np.ndarray, bias: np.ndarray | None):
        w = torch.from_numpy(weight)
        largest = w.abs().amax(1).clamp(min=1e-30) / 127
        self.scale = (largest * (1 + 2**-8)).bfloat16()  # up, so that none exceeds 127
        self.w = (w / self.scale.float()[:, None]).round().to(torch.int8)
        self.b = bias

    @torch.inference_mode()
    def __call__(self, x: np.ndarray) -> np.ndarray:
        """(T, in) → (T, out)."""
        y = torch._weight_int8pack_mm(torch.from_numpy(x).bfloat16(), self.w, self.scale).float().numpy()
        return y if self.b is None else y + self.b

    def into(self, x: np.ndarray, out: np.ndarray) -> None:
        """(in,) → (out,), in place."""
        out[:] = self(x[None])[0]


class Int8Decoder(NumpyDecoder):
    """`NumpyDecoder` whose matrices are `Int8Linear`. The embedding stays as it is: only a row of it is read."""

    def __init__(self, config: Config, arrays: dict[str, np.ndarray]):
        super().__init__(config, arrays)
        for layer in self.layers:
            for name, linear in vars(layer).items():
                setattr(layer, name, Int8Linear(linear.w, linear.b))
        self.head = Int8Linear(self.head.w, self.head.b)
