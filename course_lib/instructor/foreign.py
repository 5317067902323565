"""Text that a student wrote, made safe for a spreadsheet, a terminal and a file."""

from __future__ import annotations

import re
import unicodedata

MAX_CELL = 32_000  # characters; a spreadsheet's cell holds 32,767
# What makes a spreadsheet read a cell as a formula or a command, in the full-width forms too (OWASP, CSV injection).
_STARTS = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_DANGEROUS = re.compile(rf"'*\s*[{_STARTS}]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_DIRECTION = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    r"""The text without what a terminal or a reader could be fooled by: only tab and newline stay of the controls.

    A lone surrogate (which no file takes), a control character, a change of writing direction become "�"; \r\n and \r
    become \n.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _DIRECTION.sub("�", _CONTROL.sub("�", text))
    return "".join("�" if unicodedata.category(letter) == "Cs" else letter for letter in text)


def undirected(text: str) -> str:
    """The text without changes of writing direction."""
    return _DIRECTION.sub("", text)


def one_line(text: str, width: int = 200) -> str:
    """The same on one line, cut at ``width`` characters."""
    text = " ".join(clean(text).split())
    return text if len(text) <= width else text[: width - 2] + " …"


def guard(text: str) -> str:
    """A CSV cell that no spreadsheet runs: an apostrophe goes in front of whatever could be a formula."""
    return "'" + text if _DANGEROUS.match(text) else text


def unguard(cell: str) -> str:
    """What `guard` was given."""
    return cell[1:] if cell.startswith("'") and _DANGEROUS.match(cell[1:]) else cell


def for_cell(text: str) -> str:
    """Clean, cut to what a spreadsheet's cell holds, and guarded."""
    text = clean(text)
    if len(text) > MAX_CELL:
        text = f"{text[:MAX_CELL]} … [cut here; {len(text):,} characters in all]"
    return guard(text)
