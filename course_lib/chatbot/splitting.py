"""Cutting text into chunks before byte-pair encoding: merges never cross a chunk's edge."""

import re
import sys
import unicodedata
from functools import cache

SPLITS = ("gpt2", "digits")


def chunks(text: str, split: str = "digits") -> list[str]:
    """Cut a text; the chunks joined are the text.

    Parameters
    ----------
    text : str
    split : {"digits", "gpt2"}
        "gpt2": words, numbers and punctuation, each with the one space before it (Radford et al., 2019). "digits":
        first every digit by itself, then the same (SmolLM's and ours: arithmetic is learned digit by digit).
    """
    words, digits = _patterns()
    if split == "gpt2":
        return words.findall(text)
    return [chunk for piece in digits.split(text) for chunk in words.findall(piece)]


@cache
def _patterns():
    """GPT-2's pattern and that of one digit, for `re`, which lacks the classes of letters and numbers."""
    # \w is letters, numbers of all kinds and _; \d only decimal digits: take the other numbers (Ⅳ, ½) out by name.
    other = "".join(chr(i) for i in range(sys.maxunicode + 1) if unicodedata.category(chr(i)) in ("Nl", "No"))
    letter, number = rf"[^\W\d_{other}]", rf"[\d{other}]"
    space, solid = r"[^\S\x1c-\x1f]", r"[\S\x1c-\x1f]"  # Python also counts these four separators as spaces
    rest = r"(?:[^\s\w]|[_\x1c-\x1f])"  # what is neither space, letter nor number
    words = rf"'(?:[stmd]|re|ve|ll)| ?{letter}+| ?{number}+| ?{rest}+|{space}+(?!{solid})|{space}+"
    return re.compile(words), re.compile(rf"({number})")
