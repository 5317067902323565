"""Checkpoints: states of models and runs in one safetensors file, which holds numbers and text and can run nothing.

A pickle (`torch.save`, joblib) runs whatever its author put into it, at the moment it is loaded. A safetensors file is
a length, a JSON header and raw arrays: https://github.com/huggingface/safetensors. All that is no array (step counts,
history, the state of random generators) is JSON text in the header.
"""

import json
import os
import secrets
from pathlib import Path

import numpy as np

from course_lib.data.source import Malformed

KEY = "course_lib.state"
DTYPES = {"bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
          "float16", "float32", "float64"}  # fmt: skip
LIKELY = {
    b"\x80": "a pickle, which could run code and is not loaded",
    b"PK": "a zip archive, such as torch.save and numpy.savez write",
    b"\x93NUMPY": "a NumPy file",
}


def save(path, state: dict) -> None:
    """Write a state to a file, which appears only when it is complete: a crash leaves the old one as it was.

    Parameters
    ----------
    path : str or Path
    state : dict
        Arrays, numbers, strings, None, lists and dicts of these: ``model.state_dict()``, ``trainer.state_dict()``. An
        array is stored under its keys joined by dots, so that other safetensors readers find "0.weight" too.

    Raises
    ------
    TypeError
        Naming the entry that cannot be stored.
    ImportError
        If safetensors is missing, with the command that installs it.
    """
    _write(Path(path), to_bytes(state))


def to_bytes(state: dict) -> bytes:
    """Return what `save` writes."""
    if not isinstance(state, dict):
        raise TypeError(f"save: state must be a dict, such as model.state_dict(), got {type(state).__name__}")
    arrays: dict[str, np.ndarray] = {}
    places: dict[str, list] = {}
    tree = _without_arrays(state, (), arrays, places)
    return _safetensors().numpy.save(arrays, {KEY: json.dumps({"tree": tree, "arrays": places})})


def load(path) -> dict:
    """Read a state that `save` wrote, or the arrays of any other safetensors file. Nothing in the file is executed.

    Returns
    -------
    dict
        As it was saved; tuples come back as lists, NumPy's numbers as Python's.

    Raises
    ------
    Malformed
        If the file is damaged, cut short, or something else.
    """
    path, safetensors = Path(path), _safetensors()
    _check(path)
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            names = file.keys()
            arrays = {name: np.array(file.get_tensor(name)) for name in names}
            text = (file.metadata() or {}).get(KEY)
    except (safetensors.SafetensorError, TypeError, ValueError, AttributeError) as error:
        raise Malformed(path.name, f"is not a whole safetensors file ({error})") from None
    return arrays if text is None else _with_arrays(path.name, text, arrays)


def _without_arrays(value, keys, arrays, places):
    """Copy a tree with None in place of its arrays; these go into `arrays`, and their keys into `places`."""
    if isinstance(value, np.ndarray):
        name = ".".join(map(str, keys))
        if value.dtype.name not in DTYPES or name in arrays:
            reason = "two arrays have this name" if name in arrays else f"dtype {value.dtype} cannot be stored"
            raise TypeError(f"save: {name}: {reason}")
        arrays[name], places[name] = np.asarray(value, order="C"), list(keys)
        return None
    if isinstance(value, dict):
        if not all(type(key) is str for key in value):
            raise TypeError(f"save: {'.'.join(map(str, keys)) or 'state'}: keys must be strings")
        return {key: _without_arrays(v, (*keys, key), arrays, places) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_without_arrays(v, (*keys, i), arrays, places) for i, v in enumerate(value)]
    value = value.item() if isinstance(value, np.generic) else value
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise TypeError(f"save: {'.'.join(map(str, keys))}: cannot store a {type(value).__name__}")


def _with_arrays(name, text, arrays):
    """Put the arrays back into their places in the tree."""
    try:
        stored = json.loads(text)
        tree, places = stored["tree"], stored["arrays"]
        if places.keys() != arrays.keys() or not isinstance(tree, dict):
            raise ValueError("the list of arrays does not fit")
        for array, keys in places.items():
            node = tree
            for key in keys[:-1]:
                node = node[key]
            if node[keys[-1]] is not None:
                raise ValueError(f"{array} has no place")
            node[keys[-1]] = arrays[array]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise Malformed(name, f"its header does not describe its arrays ({type(error).__name__}: {error})") from None
    return tree


def _check(path):
    """Say what a file is that is clearly no safetensors file."""
    if path.exists() and not path.is_file():
        raise Malformed(path.name, "is not a regular file")
    with open(path, "rb") as file:
        start, size = file.read(9), os.fstat(file.fileno()).st_size
    claimed = int.from_bytes(start[:8], "little")
    if len(start) == 9 and start[8:] == b"{" and claimed <= size - 8:
        return
    for magic, what in LIKELY.items():
        if start.startswith(magic):
            raise Malformed(path.name, f"is {what}; a checkpoint is a safetensors file")
    raise Malformed(path.name, f"is not a whole safetensors file (header of {claimed:,} bytes in {size:,})")


def _write(path, content: bytes):
    """Write beside the path, then rename: readers see the old file or the new one, never half of one."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(temporary, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _safetensors():
    try:
        import safetensors.numpy
    except ModuleNotFoundError:
        raise ImportError("checkpoints need the package safetensors; install it: pip install safetensors") from None
    return safetensors
