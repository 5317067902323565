"""What a wrong answer looks like when it is none of the listed mistakes: rules on the outputs alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np

from .matching import close, is_bool, is_number, match
from .outcome import Outcome
from .show import show, show_type

GENERAL = {
    "too-slow": "It did not finish in time on this input. Is there a loop that never ends?",
    "exits": "It ended with exit() instead of returning. Return the result and let the notebook go on.",
    "interrupted": "It was interrupted before it finished.",
    "raises": "It raised {detail}{line}.",
    "prints": "It prints the result and returns None. End with return ..., not print(...).",
    "returns-nothing": "It returns None. Is the return missing, or inside a branch that was not taken?",
    "not-attempted": "It returns ... on this input.",
    "unfinished": "There is still a ... in what it returns.",
    "tensor": "It returns {detail}. Here arrays go in and arrays come out: return its NumPy data.",
    "array-subclass": "It returns {detail}, which has its own rules for * and ==. Return a plain np.ndarray.",
    "object-array": "It returns {detail}. An array of numbers has dtype float64: were the rows of uneven length?",
    "generator": "It returns {detail}, which has not computed anything yet. Return the values.",
    "too-large": "What it returns is too large to be the answer: {detail}.",
    "strange-type": "It returns {detail}. Return numbers, arrays, or a tuple of them.",
    "writes-input": "The result is right here, but the function writes into its argument {argument}. Whoever called it "
    "still needs that array: compute a new one (x = x + 1, not x += 1).",
    "unsteady": "The same input gives different results from one call to the next. Does it use random numbers, or keep "
    "something in a global between calls?",
    "overflows": "The values are right, but on the way NumPy reports: {floating}. Rearrange so that it cannot happen.",
    "list": "It returns a list where an array is expected. Return np.array(...).",
    "wrong-kind": "It returns {got}; expected {want}.",
    "wrong-order": "The right things in the wrong order: return {names}.",
    "wrong-count": "It returns {got}; expected {want}.",
    "transposed": "This is the transpose of the right answer: a .T too many or too few, or a product the wrong way.",
    "extra-axes": "The numbers are right, but the shape is {got} instead of {want}: keepdims, reshape or ravel?",
    "wrong-shape": "The shape is {got}; expected {want}.",
    "not-finite": "It gives {value}{place} where {want} is expected: a division by zero, the logarithm of zero, exp of "
    "a large number, 0 · inf or inf - inf.",
    "not-the-infinite": "It gives {value}{place} where {want} is expected.",
    "truncated": "The fractions are cut off: is there an int() or an integer array?",
    "sign": "Every number has the wrong sign.",
    "zero": "It is zero everywhere.",
    "scaled": "Every number is {factor} times what it should be.",
    "shifted": "Every number is off by the same amount, {offset}.",
    "precision": "Right to about {digits} digits, not to 9: is something computed in float32, or rounded, or is a "
    "small number (an ε) added?",
    "wrong-below-zero": "Right where {argument} is positive, wrong where it is negative.",
    "wrong-above-zero": "Right where {argument} is negative, wrong where it is positive.",
    "wrong-at-zero": "Wrong only where {argument} is exactly zero.",
    "wrong-value": "{count} of {total} numbers differ; it gives {value}{place}, expected {want}.",
}
CLAIMS = {"wrong-order", "transposed", "extra-axes", "truncated", "sign", "zero", "scaled", "shifted",
          "wrong-below-zero", "wrong-above-zero", "wrong-at-zero"}  # of the whole answer: most failures must agree
VARYING = (
    "The factor is not the same for all inputs: does it depend on their size (a sum instead of a mean), or on another "
    "argument?"
)
_KINDS = {"timeout": "too-slow", "exit": "exits", "interrupted": "interrupted", "raised": "raises"}


@dataclass(frozen=True)
class Failure:
    """A value to be explained: where it stands in the answer, what it is and what it should be."""

    parameters: tuple[str, ...]
    args: tuple
    want: object
    got: object
    rtol: float
    atol: float
    rules: tuple = ()  # those to try; all where empty

    @property
    def right(self) -> np.ndarray:
        return close(self.got, self.want, self.rtol, self.atol)


def explain(exercise, args: tuple, want, outcome: Outcome, claims: bool = True) -> tuple[str, str]:
    """(id, text) of the first general diagnosis that fits; without ``claims``, of those about this one input."""
    if outcome.kind != "value":
        line = f" ({outcome.line})" if outcome.line else ""
        return _say(_KINDS[outcome.kind], detail=outcome.detail, line=line)
    if outcome.problem:
        return _say(outcome.problem, detail=outcome.detail)
    if outcome.value is None and want is not None:
        return _say("prints" if outcome.printed.strip() else "returns-nothing")
    if match(outcome.value, want, exercise.rtol, exercise.atol):
        if outcome.changed:
            return _say("writes-input", argument=exercise.parameters[outcome.changed[0]])
        return _say("overflows", floating=" and ".join(outcome.floating))
    failure = Failure(exercise.parameters, args, want, outcome.value, exercise.rtol, exercise.atol,
                      () if claims else (_kind, _same_shape, _not_finite, _precision))
    return _explain_part(exercise, failure, claims)


def _explain_part(exercise, failure: Failure, claims: bool) -> tuple[str, str]:
    """In a tuple, the last wrong thing, since the first follows from the others in a step; else the value itself."""
    want, got = failure.want, failure.got
    several = type(want) is tuple and len(exercise.returns) == len(want)
    if not several or type(got) not in (list, tuple) or len(got) != len(want):
        return explain_value(failure)
    if claims and any(all(map(_matches(failure), order, want)) for order in permutations(got)):
        return _say("wrong-order", names=", ".join(exercise.returns))
    fine = list(map(_matches(failure), got, want))
    wrong = len(fine) - 1 - fine[::-1].index(False)
    name, text = explain_value(replace(failure, want=want[wrong], got=got[wrong]))
    others = [n for n, ok in zip(exercise.returns, fine, strict=True) if ok]
    rest = f" ({' and '.join(others)} right)" if others else ""
    return name, f"In {exercise.returns[wrong]}{rest}: {text[0].lower() + text[1:]}"


def _matches(f: Failure):
    return lambda got, want: match(got, want, f.rtol, f.atol)


def explain_value(failure: Failure) -> tuple[str, str]:
    """The first rule that fits."""
    for rule in failure.rules or RULES:
        found = rule(failure)
        if found is not None:
            return found
    return _wrong_value(failure)


def _say(name: str, **fields) -> tuple[str, str]:
    return name, GENERAL[name].format(**fields)


def _kind(f: Failure):
    got, want = f.got, f.want
    if type(want) in (list, tuple) and type(got) in (list, tuple) and len(got) != len(want):
        return _say("wrong-count", got=f"{len(got)} things", want=len(want))
    if type(want) is np.ndarray and want.ndim and type(got) is list:
        return _say("list")
    if type(want) is type(got) is str or (type(want) in (list, tuple) and type(got) in (list, tuple)):
        return _wrong_value(f)
    fits = is_numeric(got) and is_numeric(want) and is_bool(got) == is_bool(want)
    return None if fits else _say("wrong-kind", got=show_type(got), want=show_type(want))


def is_numeric(value) -> bool:
    """A real number or an array of them."""
    return (is_number(value) or type(value) is np.ndarray) and np.asarray(value).dtype.kind in "biuf"


def _shape(f: Failure):
    got, want = np.asarray(f.got), np.asarray(f.want)
    if want.ndim == 2 and got.shape == want.shape[::-1] and close(got.T, want, f.rtol, f.atol).all():
        return _say("transposed")
    if got.shape == want.shape:
        return None
    if got.size == want.size and close(got.ravel(), want.ravel(), f.rtol, f.atol).all():
        return _say("extra-axes", got=got.shape, want=want.shape)
    return _say("wrong-shape", got=got.shape, want=want.shape)


def _same_shape(f: Failure):
    got, want = np.shape(f.got), np.shape(f.want)
    return _say("wrong-shape", got=got, want=want) if got != want else None


def _truncated(f: Failure):
    got, want = np.asarray(f.got), np.asarray(f.want, float)
    whole = (got.dtype.kind in "iu" or got.any()) and np.isfinite(want).all()
    return _say("truncated") if whole and np.array_equal(got, np.trunc(want)) else None


def _not_finite(f: Failure):
    bad = ~np.isfinite(f.got) & ~f.right
    if not bad.any():
        return None
    infinite = not np.isfinite(np.asarray(f.want, float)[bad]).any()  # nothing went wrong on the way: another was meant
    return _say("not-the-infinite" if infinite else "not-finite", **_at(f, bad))


def _proportional(f: Failure):
    """One factor between got and want, for at least two numbers, or a factor that is the length of an axis."""
    if not _measured(f):
        return None
    got, want = np.asarray(f.got, float).ravel(), np.asarray(f.want, float).ravel()
    there = np.abs(want) > f.atol
    if not np.isfinite(want).all() or not there.any():
        return None
    factor = float(np.median(got[there] / want[there]))
    if abs(factor - 1) < 1e-4 or not close(got, factor * want, 1e-7, f.atol).all():
        return None
    counts = {n for arg in f.args if type(arg) is np.ndarray for n in (*arg.shape, arg.size) if n > 1}
    telling = any(np.isclose(factor, n) or np.isclose(factor, 1 / n) for n in counts)
    if there.sum() < 2 and not telling and factor != -1.0:
        return None
    if factor in (0.0, -1.0):
        return _say("sign" if factor else "zero")
    return _say("scaled", factor=f"{factor:.6g}")


def _measured(f: Failure) -> bool:
    """Whether a factor says something: not of Booleans, of a whole number, or of one chosen among an argument's."""
    got, want = np.asarray(f.got), np.asarray(f.want)
    if want.size == 1 and want.dtype.kind != "b":
        chosen = any(type(a) is np.ndarray and np.isin([got.item(), want.item()], a).all() for a in f.args)
        return want.dtype.kind == "f" and not chosen
    return want.dtype.kind != "b"


def _shifted(f: Failure):
    if np.asarray(f.want).dtype.kind == "b":
        return None
    offset = np.asarray(f.got, float) - np.asarray(f.want, float)
    constant = offset.size > 1 and close(offset, np.full_like(offset, offset.flat[0]), 1e-7).all()
    return _say("shifted", offset=f"{offset.flat[0]:.6g}") if constant else None


def _precision(f: Failure):
    got, want = np.asarray(f.got, float), np.asarray(f.want, float)
    with np.errstate(invalid="ignore"):  # where inf was expected
        error = float(np.max(np.abs(got - want)) / (np.abs(want).max() or 1.0))
    return _say("precision", digits=int(-np.log10(error))) if 0 < error < 1e-5 else None


def _by_sign(f: Failure):
    """The sign of one argument decides what is right."""
    right = f.right
    for name, arg in zip(f.parameters, f.args, strict=False):
        if type(arg) is not np.ndarray or arg.shape != right.shape or right.size < 2 or not right.any():
            continue
        if arg.dtype.kind != "f":  # labels and masks
            continue
        signs = ("below", arg < 0, arg > 0), ("above", arg > 0, arg < 0), ("at", arg == 0, arg != 0)
        for side, which, other in signs:
            if other.any() and (right == ~which).all():
                return _say(f"wrong-{side}-zero", argument=name)
    return None


def _wrong_value(f: Failure):
    if not is_numeric(f.want) or np.size(f.want) == 1:  # in this order: a list of uneven lists has no size
        return "wrong-value", f"It gives {show(f.got)}, expected {show(f.want)}."
    wrong = ~f.right
    return _say("wrong-value", count=int(wrong.sum()), total=wrong.size, **_at(f, wrong))


def _at(f: Failure, where: np.ndarray) -> dict:
    index = tuple(int(i) for i in np.argwhere(where)[0]) if np.ndim(where) else ()
    label = index[0] if len(index) == 1 else index
    place = f" at position {label}" if index else ""
    return {"place": place, "value": _number(f.got, index), "want": _number(f.want, index)}


def _number(values, index: tuple) -> str:
    return show(np.asarray(values)[index]).rstrip(".")


RULES = (_kind, _shape, _not_finite, _truncated, _proportional, _shifted, _precision, _by_sign)
