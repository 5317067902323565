"""The chatbot: a tokenizer, a decoder-only transformer, its training, and generation with PyTorch or NumPy alone.

Names are loaded on first use, so that whatever needs only NumPy (`NumpyDecoder`, `Tokenizer`, `generate`, `Chat`) runs
where PyTorch is not installed.
"""

from importlib import import_module

_HOME = {
    "Cache": "transformer",
    "Chat": "chat",
    "Config": "config",
    "NumpyDecoder": "numpy_decoder",
    "Sampling": "sampling",
    "Tokenizer": "tokenizer",
    "Transformer": "transformer",
    "generate": "generation",
    "load_chat": "chat",
    "load_weights": "weights",
    "save_weights": "weights",
    "smollm2": "smollm",
    "stream": "generation",
    "train_bpe": "bpe",
}
__all__ = sorted(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__():
    return __all__
