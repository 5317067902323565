"""What a token looks like on the screen."""

from __future__ import annotations

from functools import cache

WIDEST = 28  # characters of a name in a figure
SIGNS = str.maketrans({" ": "·", "\n": "↵", "\t": "⇥", "\r": "␍"})


def piece(data: bytes) -> str:
    """Bytes of a token as text with visible spaces; as hexadecimal numbers if they are no whole characters."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return data.hex(" ").upper()
    return text.translate(SIGNS) if text.strip("\x00\x7f") and text.translate(SIGNS).isprintable() else data.hex(" ")


def pieces(tokenizer, ids) -> list[str]:
    """`piece` of each token id."""
    return [piece(tokenizer.vocab[i]) for i in ids]


def drawable(name: str) -> str:
    """The same for a matplotlib figure: characters that its font lacks (Chinese, emoji) as U+4F60."""
    words = "".join(c if ord(c) in _glyphs() else f"U+{ord(c):04X}" for c in name)
    return words if len(words) <= WIDEST else words[: WIDEST - 1] + "…"


@cache
def _glyphs() -> frozenset[int]:
    from matplotlib.font_manager import findfont
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(findfont("DejaVu Sans Mono")).get_charmap())
