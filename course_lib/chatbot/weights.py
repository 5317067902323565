"""Our own weight files: safetensors, the shape of the model in the header. PyTorch only where it is asked for."""

from pathlib import Path

import numpy as np

from course_lib import checkpoint
from course_lib.chatbot.config import Config
from course_lib.chatbot.tokenizer import Tokenizer
from course_lib.data.source import Malformed

COURSE = Path(__file__).with_name("weights")
MODEL, TOKENIZER = "course.safetensors", "tokenizer.json"


def save_weights(path: str | Path, model, dtype: str = "float16") -> None:
    """Write a `Transformer`; half precision halves the file. A tied output layer is stored once."""
    checkpoint.save(path, {"config": model.config.to_dict(), "model": to_arrays(model, dtype)})


def load_weights(path: str | Path) -> tuple[Config, dict[str, np.ndarray]]:
    """Read a file of `save_weights`, as float32.

    Raises
    ------
    Malformed
        If the file is damaged or something else.
    """
    state = checkpoint.load(path)
    try:
        config = Config.from_dict(state["config"])
        return config, {name: np.asarray(a, np.float32) for name, a in state["model"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Malformed(Path(path).name, f"holds no model of ours ({type(error).__name__}: {error})") from None


def course_weights() -> tuple[Config, dict[str, np.ndarray], Tokenizer]:
    """The course's own model (weights/MODEL_CARD.md says what it is) and its tokenizer."""
    return *load_weights(COURSE / MODEL), Tokenizer.load(COURSE / TOKENIZER)


def to_arrays(model, dtype: str = "float32") -> dict[str, np.ndarray]:
    """Arrays of a `Transformer` by name, without the output layer if it is tied."""
    state = {n: t for n, t in model.state_dict().items() if not (model.config.tied and n == "head.weight")}
    return {name: t.detach().float().cpu().numpy().astype(dtype) for name, t in state.items()}


def build(config: Config, arrays: dict[str, np.ndarray]):
    """Make a `Transformer` with these weights, float32, in evaluation mode.

    Raises
    ------
    ValueError
        Naming a weight that is missing, unknown, or of another shape.
    """
    import torch

    from course_lib.chatbot.transformer import Transformer

    with torch.device("meta"):  # shapes only: no time is lost on numbers that are overwritten
        model = Transformer(config)
    fill(model, arrays | ({"head.weight": arrays.get("embed.weight")} if config.tied else {}))
    model.tie()
    model.fill_tables()
    return model


def fill(model, arrays: dict[str, np.ndarray]):
    """Give a model without numbers a copy of these weights; evaluation mode. `build` says what is raised."""
    import torch

    check_shapes(arrays, {name: tuple(t.shape) for name, t in model.state_dict().items()})
    model.load_state_dict({name: torch.from_numpy(np.array(a)) for name, a in arrays.items()}, assign=True)
    return model.eval()


def check_shapes(arrays: dict, shapes: dict[str, tuple]) -> None:
    """Insist that arrays have exactly these names and shapes."""
    if missing := sorted(set(shapes) - {name for name, a in arrays.items() if a is not None}):
        raise ValueError(f"weights: {missing[0]} is missing ({len(missing)} in all)")
    if unknown := sorted(set(arrays) - set(shapes)):
        raise ValueError(f"weights: {unknown[0]} has no place in this model ({len(unknown)} in all)")
    for name, shape in shapes.items():
        if tuple(arrays[name].shape) != shape:
            raise ValueError(f"weights: {name} must have shape {shape}, got {tuple(arrays[name].shape)}")
