"""The static picture of `ChatLab`: the last reply with each token's probability, and the least likely choice."""

from __future__ import annotations

from functools import cache

from .chatwords import bits
from .style import COLOURS, INK, MUTED, RULE
from .talk import Turn

COLUMNS, ROWS = 46, 7  # of characters and of lines


def draw_chat(fig, turn: Turn | None) -> None:
    """Draw tokens in a grid of characters; beside them the five likeliest where the least likely one was taken."""
    left, right = fig.subplots(1, 2, width_ratios=(5, 3))
    for axis in (left, right):
        axis.grid(False)
    left.set_axis_off()
    left.set(xlim=(0, COLUMNS), ylim=(ROWS + 1, 0))
    if turn is None:
        left.text(0, 1, "Nothing said yet.", color=MUTED)
        right.set_axis_off()
        return
    left.set_title("p of each token below it; underlined: surprise")
    left.text(0, 0.4, shown(f"you: {turn.text}")[:COLUMNS], color=MUTED, va="center", fontsize=8)
    for token, x, y, wide in places(turn.reply.tokens):
        _draw_token(left, token, x, y, wide)
    _draw_choice(right, turn.reply.tokens)


def places(tokens):
    """Yield ``(token, column, row, width)``, line after line, as far as there is room."""
    x, y = 0.0, 1
    for token in tokens:
        wide = max(len(_text(token)), 5) + 0.6
        if x + wide > COLUMNS:
            x, y = 0.0, y + 1
        if y >= ROWS:
            return
        yield token, x, y, wide
        x += wide + 0.4


def _text(token):
    return shown(next(row[1] for row in token.top if row[0] == token.id))


def _draw_token(axis, token, x, y, wide):
    from matplotlib import colormaps

    surprise = min(1.0, bits(token.p) / 10)
    colour = colormaps["cividis"](surprise)
    axis.fill_between([x, x + wide], y + 0.12, y + 0.6, color=colour, alpha=0.1 + 0.45 * surprise, linewidth=0)
    axis.plot([x, x + wide], [y + 0.6] * 2, color=INK, linewidth=0.3 + 3 * surprise, linestyle="-")
    axis.text(x + wide / 2, y + 0.36, _text(token), ha="center", va="center", color=INK, fontsize=7,
              family="DejaVu Sans Mono")  # fmt: skip
    axis.text(x + wide / 2, y + 0.8, f"{token.p:.2f}", ha="center", va="center", color=MUTED, fontsize=6)


def _draw_choice(axis, tokens):
    token = min(tokens, key=lambda token: token.p) if tokens else None
    rows = token.top[:5] if token else []
    axis.set_title(f"Instead of “{_text(token)}”" if token else "No token yet")
    axis.barh(range(len(rows)), [row[2] for row in rows], color="none", edgecolor=COLOURS[0], label="model")
    axis.barh(range(len(rows)), [row[3] for row in rows], color=COLOURS[0], height=0.4, label="after T, k, p")
    axis.set_yticks(range(len(rows)), [shown(row[1]) for row in rows])
    axis.set(xlim=(0, 1), ylim=(max(5, len(rows)) - 0.4, -0.6), xlabel="probability")
    axis.spines["left"].set_color(RULE)
    axis.legend(loc="lower right")


@cache
def _font():
    from matplotlib.font_manager import findfont, get_font

    return get_font(findfont("DejaVu Sans Mono"))


def shown(text: str) -> str:
    """Return a text with a box for each character that the figure's font lacks; a dollar sign begins no formula."""
    return "".join(c if _font().get_char_index(ord(c)) else "□" for c in text).replace("$", r"\$")
