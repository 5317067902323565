"""What crosses the border is plain data, whole and bounded; everything else is refused."""

import json
import pickle
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course_lib.checks.outcome import Outcome
from course_lib.checks.plain import identical
from course_lib.instructor import session
from course_lib.instructor.inside import wire

DTYPES = st.sampled_from([*sorted(wire.DTYPES - {"b1"}), "?", ">f8"])
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, min_side=0))
ATOMS = st.none() | st.booleans() | st.integers(-(2**1000), 2**1000) | st.floats() | st.complex_numbers() | st.text()
KEYS = st.text() | st.integers() | st.booleans()
PLAIN = st.recursive(ATOMS | ARRAYS, lambda inner: st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple)
                     | st.dictionaries(KEYS, inner, max_size=4), max_leaves=8)  # fmt: skip


def parted(frame: bytes) -> tuple[bytes, bytes]:
    text, raw = wire.lengths(frame[: wire.HEAD.size])
    body = frame[wire.HEAD.size :]
    assert len(body) == text + raw
    return body[:text], body[text:]


def native(value):
    """Arrays come back in this machine's byte order; -0.0 and NaN stay."""
    if type(value) is np.ndarray:
        return np.array(value.astype(value.dtype.newbyteorder("=")), order="K")
    if type(value) in (list, tuple):
        return type(value)(native(item) for item in value)
    return {key: native(item) for key, item in value.items()} if type(value) is dict else value


@given(PLAIN)
def test_plain_data_comes_back_bit_for_bit(value):
    text, raw = parted(wire.pack(value))
    assert identical(wire.unpack(text, raw), native(value))


def test_memory_order_survives():
    array = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    assert wire.unpack(*parted(wire.pack(array))).flags.f_contiguous


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(text, raw):
    with suppress(wire.Refused):
        wire.unpack(text, raw)


@pytest.mark.parametrize(("text", "raw"), [
    (pickle.dumps(print), b""), ("[" * 100_000, b""), ("[" * 20 + "]" * 20, b""), ("1" * 5000, b""), ('"\\ud800"', b""),
    ('{"x": []}', b""), ('{"t": 1}', b""), ('{"t": [], "d": []}', b""), ('{"d": [[[1], 2]]}', b""),
    ('{"d": [[1]]}', b""),
    ('{"c": [1]}', b""), ('{"c": ["1", 2]}', b""), ("1", b"x"), ("", b""), ("NaN2", b""),
    ('{"a": ["O", [1], "C"]}', bytes(8)), ('{"a": ["f8", [2], "C"]}', bytes(8)), ('{"a": ["f8", [-1], "C"]}', b""),
    ('{"a": ["f8", [9223372036854775807, 4], "C"]}', b""), ('{"a": ["f8", [true], "C"]}', bytes(8)),
    ('{"a": ["f8", [1], "A"]}', bytes(8)), ('{"a": ["f8", [1]]}', bytes(8)), ('{"a": [["f8"], [1], "C"]}', bytes(8)),
    ('{"a": ["f8", 1, "C"]}', bytes(8)), (json.dumps({"a": ["f8", [1] * 40, "C"]}), bytes(8)),
    (json.dumps({"d": [[i * (2**61 - 1), 0] for i in range(wire.MAX_KEYS + 1)]}), b""),
])  # fmt: skip
def test_what_is_refused(text, raw):
    with pytest.raises(wire.Refused):
        wire.unpack(text if isinstance(text, bytes) else text.encode(), raw)


FULL = b"\xff" * 4


@pytest.mark.parametrize("head", [b"LMV2" + bytes(8), b"LMV1" + FULL + bytes(4), b"LMV1" + bytes(4) + FULL])
def test_a_head_that_is_refused(head):
    with pytest.raises(wire.Refused):
        wire.lengths(head)


def test_a_bool_array_of_any_bytes_holds_bools():
    array = wire.unpack(b'{"a": ["b1", [3], "C"]}', bytes([0, 1, 7]))
    assert array.tobytes() == bytes([0, 1, 1])


def test_only_plain_data_is_sent():
    for stranger in (object(), np.array([None]), {1, 2}, b"bytes", np.float32(1)):
        with pytest.raises(TypeError):
            wire.pack(stranger)


TRUE = {"kind": "value", "value": 1.0, "problem": "", "detail": "", "line": "", "printed": "", "changed": (),
        "floating": ()}  # fmt: skip


def test_an_honest_answer_is_an_outcome():
    assert session._outcome({**TRUE, "changed": (0, 1), "floating": ("overflow",)}, 2) == Outcome(
        "value", 1.0, changed=(0, 1), floating=("overflow",))


@pytest.mark.parametrize("lie", [
    None, [], {"kind": "value"}, {**TRUE, "passed": True}, {**TRUE, "kind": "right"}, {**TRUE, "kind": ["value"]},
    {**TRUE, "problem": "scaled"}, {**TRUE, "problem": "tensor" * 100}, {**TRUE, "detail": 7},
    {**TRUE, "detail": "x" * 501}, {**TRUE, "printed": "x" * 2001}, {**TRUE, "changed": (2,)},
    {**TRUE, "changed": (-1,)}, {**TRUE, "changed": (True,)}, {**TRUE, "changed": [0]}, {**TRUE, "changed": (0, 1, 0)},
    {**TRUE, "floating": ("x",)}, {**TRUE, "floating": (["x"],)},
    {**TRUE, "floating": ("overflow",) * 10**5},
])  # fmt: skip
def test_a_lie_is_no_outcome(lie):
    with pytest.raises(wire.Refused):
        session._outcome(lie, 2)


@pytest.mark.parametrize("message", [
    None, 3, {}, {"functions": 3, "errors": 4}, {"functions": {"f": {"state": ["ok"]}}},
    {"functions": {"f": 1}, "errors": [1, (1, 2), ("a",), ("a", "b", "c")]},
])  # fmt: skip
def test_a_report_is_made_into_what_it_should_be(message):
    report = session._report(message, {"f": ()})
    assert report == {"functions": {"f": {"state": "missing", "library": False}}, "errors": []}
