"""Names replaced by codes: what that hides, and what it does not."""

import hashlib
import hmac
from collections import Counter


def pseudonym(name: str, key: bytes = b"") -> str:
    """First 16 digits of HMAC-SHA-256 of the name under a key; with an empty key it is only a hash."""
    return hmac.new(key, name.encode(), hashlib.sha256).hexdigest()[:16]


def dictionary_attack(codes, names, key: bytes = b"") -> int:
    """How many codes an attacker names who hashes a list of candidate names under a guessed key."""
    table = {pseudonym(name, key) for name in names}
    return sum(code in table for code in codes)


def unique_share(rows) -> float:
    """Share of the rows that no other row equals: each can be joined with another list that has these columns."""
    counts = Counter(map(tuple, rows))
    return sum(n == 1 for n in counts.values()) / max(1, sum(counts.values()))
