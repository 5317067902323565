"""What a client may ask for, how often, and which characters pass. Standard library only."""

import re
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

LINES = "\n\r\t"  # the control characters that text may hold
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True)
class Limits:
    """Bounds on one request, one client, and all of them.

    Attributes
    ----------
    body_bytes, body_seconds : int, float
        The largest request, and the longest wait for it.
    characters, exchanges : int
        In one remark, and how many earlier exchanges may come with it.
    rows, waiting : int
        Replies written at once, and requests that wait for one to end. More are turned away.
    burst, per_minute : int
        Requests of one client: so many at once, and so many a minute after that.
    """

    body_bytes: int = 64_000
    body_seconds: float = 10.0
    characters: int = 2000
    exchanges: int = 20
    rows: int = 8
    waiting: int = 16
    burst: int = 10
    per_minute: int = 60

    def __post_init__(self):
        for name, value in vars(self).items():
            if not value > 0:
                raise ValueError(f"Limits: {name} must be above 0, got {value!r}")

    def check(self, text: str) -> str:
        """Return the text if it is short enough and can be shown.

        Raises
        ------
        ValueError
            Saying what is wrong with it, without quoting it.
        """
        if len(text) > self.characters:
            raise ValueError(f"has {len(text)} characters; at most {self.characters} are allowed")
        if (at := next((i for i, c in enumerate(text) if is_control(c)), None)) is not None:
            raise ValueError(f"holds the control character U+{ord(text[at]):04X} at place {at + 1}")
        return text


def is_control(c: str) -> bool:
    """Whether a character commands a terminal (Cc) or is half of one (Cs); line ends and tabs do not count."""
    return unicodedata.category(c) in ("Cc", "Cs") and c not in LINES


def shown(text: str) -> str:
    """Text with U+FFFD for control characters: a model can write an escape sequence too."""
    return "".join("\ufffd" if is_control(c) else c for c in text)


class Rate:
    """A bucket of requests for each client: `burst` deep, filled again at `per_minute` (a token bucket).

    Parameters
    ----------
    burst, per_minute : int
    now : callable
        The clock, in seconds.
    clients : int
        How many to remember; those seen longest ago are forgotten first.
    """

    def __init__(self, burst: int, per_minute: int, now: Callable[[], float] = time.monotonic, clients: int = 1000):
        self.burst, self.pace, self.now, self.clients = burst, per_minute / 60, now, clients
        self.buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # client → (requests left, when)

    def wait(self, client: str) -> float:
        """Count one request; return 0, or the seconds until it would be let in."""
        now = self.now()
        left, then = self.buckets.pop(client, (self.burst, now))
        left = min(self.burst, left + (now - then) * self.pace)
        self.buckets[client] = (left - 1 if left >= 1 else left, now)
        if len(self.buckets) > self.clients:
            self.buckets.popitem(last=False)
        return 0.0 if left >= 1 else (1 - left) / self.pace


def is_ours(host: str | None, origin: str | None, names: tuple[str, ...]) -> bool:
    """Whether a request was sent to one of our names, and not by another site's page.

    A page elsewhere may let its own name point to 127.0.0.1 (DNS rebinding): then `host` is that name. A plain
    cross-site request carries another `origin`.
    """
    if host is None or host_name(host) not in names:
        return False
    return origin is None or origin.partition("://")[2].lower() == host.lower()


def host_name(host: str) -> str:
    """Without the port: "localhost:8000" → "localhost", "[::1]:8000" → "[::1]"."""
    return re.sub(r":\d*$", "", host.lower())
