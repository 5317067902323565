"""Limits: whose requests pass, how many, and which characters."""

import pytest

from course_lib.chatbot.serving.limits import LOOPBACK, Limits, Rate, is_ours, shown


def test_a_client_may_burst_and_then_has_a_pace():
    clock = [0.0]
    rate = Rate(burst=3, per_minute=30, now=lambda: clock[0])
    assert [rate.wait("a") for _ in range(4)] == [0, 0, 0, 2]
    assert rate.wait("b") == 0  # another client
    clock[0] = 1.0
    assert rate.wait("a") == 1
    clock[0] = 2.0
    assert [rate.wait("a"), rate.wait("a")] == [0, 2]
    clock[0] = 1e6
    assert [rate.wait("a") for _ in range(4)] == [0, 0, 0, 2]  # the bucket holds no more than a burst


def test_a_million_clients_take_no_more_room():
    rate = Rate(1, 1, now=lambda: 0.0, clients=10)
    for i in range(1000):
        rate.wait(str(i))
    assert list(rate.buckets) == [str(i) for i in range(990, 1000)]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:1", "LOCALHOST", "[::1]:8000"])
def test_our_names(host):
    assert is_ours(host, None, LOOPBACK)
    assert is_ours(host, f"http://{host}", LOOPBACK)


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        (None, None),
        ("", None),
        ("evil.example", None),  # DNS rebinding: the page's own name, our address
        ("evil.example:8000", "http://evil.example:8000"),
        ("127.0.0.1.evil.example", None),
        ("localhost@evil.example", None),
        ("localhost:8000", "http://evil.example"),
        ("localhost:8000", "http://localhost:9000"),  # another server on this machine
        ("localhost:8000", "null"),
        ("localhost:8000", ""),
        ("[::1", None),
    ],
)
def test_strangers(host, origin):
    assert not is_ours(host, origin, LOOPBACK)


def test_characters():
    limits = Limits(characters=10)
    for fine in ("", "a\n\tb\r\n", "你好👋🏽", "x" * 10):
        assert limits.check(fine) == fine
    for bad, says in (("ab\0", "0000 at place 3"), ("\x1b[2J", "001B"), ("\x9b", "009B"), ("\ud800", "D800")):
        with pytest.raises(ValueError, match=says):
            limits.check(bad)
    with pytest.raises(ValueError, match="11 characters; at most 10"):
        limits.check("x" * 11)


def test_what_is_shown_commands_no_terminal():
    assert shown("a\x1b[31mb\r\n\x07") == "a\ufffd[31mb\r\n\ufffd"


def test_limits_are_above_0():
    with pytest.raises(ValueError, match="rows must be above 0, got 0"):
        Limits(rows=0)
