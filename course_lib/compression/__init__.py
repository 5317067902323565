"""Smaller models: pruning, quantisation, distillation, low-rank factors, and what each really takes on disk.

Weights are compressed as plain state dicts: ``stored = quantize_state(model.state_dict())`` is what a file holds,
``stored_bytes(stored)`` how long that file is, and ``model.load_state_dict(dequantize_state(stored))`` the model again.
"""

from course_lib.compression.distillation import distillation_loss
from course_lib.compression.low_rank import low_rank
from course_lib.compression.pruning import KeepPruned, apply_masks, magnitude_masks, row_masks
from course_lib.compression.quantization import QuantizationAware, dequantize, fake_quantize, quantize
from course_lib.compression.storage import (
    dense_state,
    dequantize_state,
    pack_int4,
    quantize_state,
    sparse_state,
    stored_bytes,
    unpack_int4,
)

__all__ = [
    "KeepPruned", "QuantizationAware", "apply_masks", "dense_state", "dequantize", "dequantize_state",
    "distillation_loss", "fake_quantize", "low_rank", "magnitude_masks", "pack_int4", "quantize", "quantize_state",
    "row_masks", "sparse_state", "stored_bytes", "unpack_int4",
]  # fmt: skip
