"""Pseudonyms: Python's own HMAC, an attack that needs the key, and rows that stand alone."""

from course_lib.topics import pseudonym


def test_a_known_value():
    """RFC 4231, test case 2: key "Jefe"."""
    assert pseudonym.pseudonym("what do ya want for nothing?", b"Jefe") == "5bdcc146bf60754e"


def test_the_attacker_needs_the_key():
    names = ["Ada", "Bob", "Eve"]
    codes = [pseudonym.pseudonym(name, b"secret") for name in names]
    assert pseudonym.dictionary_attack(codes, names) == 0
    assert pseudonym.dictionary_attack(codes, names[:2], b"secret") == 2


def test_rows_that_stand_alone():
    assert pseudonym.unique_share([(1, "a"), (1, "a"), (2, "a"), (2, "b")]) == 0.5
    assert pseudonym.unique_share([]) == 0
