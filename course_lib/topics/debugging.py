"""Finding out where it went wrong: the first NaN, and a debugger that is asked questions from a script."""

import io
import pdb
import sys

import numpy as np

from course_lib.autograd import Tensor


def first_bad(arrays) -> int:
    """Index of the first array that holds a NaN or an infinity, or -1 if all are finite."""
    for i, array in enumerate(arrays):
        if not np.isfinite(array).all():
            return i
    return -1


def operations(loss: Tensor) -> list[Tensor]:
    """All results on the tape that the loss depends on, in the order in which they were computed; leaves left out."""
    found, waiting = {id(loss): loss}, [loss]
    while waiting:
        for parent, _ in waiting.pop()._parents:
            if id(parent) not in found:
                found[id(parent)] = parent
                waiting.append(parent)
    return sorted((node for node in found.values() if node._parents), key=lambda node: node._index)


def first_bad_operation(loss: Tensor) -> str:
    """Name and inputs of the operation on the tape that first gave a NaN or an infinity; "" if none did.

    What `torch.autograd.set_detect_anomaly` is for the backward pass, for the forward pass of our tape.
    """
    nodes = operations(loss)
    where = first_bad([node.data for node in nodes])
    if where < 0:
        return ""
    node = nodes[where]
    inputs = [f"from {p.data.min():.3g} to {p.data.max():.3g}" for p, _ in node._parents]
    bad = int((~np.isfinite(node.data)).sum())
    return f"{node._op.__name__}: {bad} of {node.size} results not finite; its input went {' and '.join(inputs)}"


def ask_debugger(function, commands: list[str], *args) -> list[str]:
    """Call a function that raises, then ask pdb each question at the line that failed; the answers, in order.

    The same as typing the commands after `%debug` in a notebook or `pdb.pm()` in a shell.
    """
    try:
        function(*args)
    except Exception:
        trace = sys.exc_info()[2]
    else:
        return []
    answers = []
    for command in commands:
        out = io.StringIO()
        session = pdb.Pdb(stdin=io.StringIO(f"{command}\nquit\n"), stdout=out, nosigint=True, readrc=False)
        session.use_rawinput, session.prompt = False, ""
        session.print_stack_entry = lambda *args, **kwargs: None  # it would print a path of this computer
        session.reset()
        session.interaction(None, trace)
        answers.append(out.getvalue().strip())
    return answers
