"""The library's source of randomness: one generator, seeded in one place.

Layers draw their first weights from it, dropout its masks. Pass ``rng=`` where a function takes it to use another.
"""

import numpy as np

_generator = np.random.default_rng(0)


def manual_seed(seed: int) -> np.random.Generator:
    """Restart the library's generator from `seed` and return it (as `torch.manual_seed`)."""
    _generator.bit_generator.state = np.random.default_rng(seed).bit_generator.state
    return _generator


def generator(rng: np.random.Generator | None = None) -> np.random.Generator:
    """Return `rng`, or the library's own generator if it is None."""
    return _generator if rng is None else rng


def get_state() -> dict:
    """The generator's state, to be given to `set_state` later."""
    return _generator.bit_generator.state


def set_state(state: dict) -> None:
    """Continue from a state that `get_state` returned."""
    _generator.bit_generator.state = state
