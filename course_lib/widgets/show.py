"""Pictures that can be read by everybody: an `<img>` with alternative text and a caption, whatever the kernel does."""

from __future__ import annotations

import base64
import io
from html import escape

from .style import new_figure, style

FIGURE_STYLE = "margin:0.5em 0;max-width:100%"
IMAGE_STYLE = "max-width:100%;height:auto;background:#fff;border-radius:6px"


class Picture:
    """A finished picture: PNG bytes, alternative text, caption. Jupyter shows it as an HTML figure."""

    def __init__(self, png: bytes, alt: str, caption: str | None = None):
        self.png, self.alt, self.caption = png, alt, caption

    @property
    def html(self) -> str:
        """The ``<figure>`` element; its image is a data URL, so the notebook needs no other file."""
        data = base64.b64encode(self.png).decode("ascii")
        image = f'<img alt="{escape(self.alt)}" src="data:image/png;base64,{data}" style="{IMAGE_STYLE}">'
        caption = f"<figcaption>{escape(self.caption)}</figcaption>" if self.caption else ""
        return f'<figure style="{FIGURE_STYLE}">{image}{caption}</figure>'

    def _repr_mimebundle_(self, **kwargs):
        return {"text/html": self.html, "text/plain": repr(self)}

    def __repr__(self):
        return f"Picture({self.alt!r})"


def png_bytes(fig) -> bytes:
    """Return the PNG of a matplotlib figure; equal figures give equal bytes (no date, no version inside)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    buffer = io.BytesIO()
    FigureCanvasAgg(fig).print_png(buffer, metadata={"Software": None})
    return buffer.getvalue()


def show(fig, alt: str, caption: str | None = None) -> Picture:
    """Return a matplotlib figure as a picture with alternative text; make it the last line of a cell.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    alt : str
        What the picture shows, for a reader who cannot see it. It must not be empty.
    caption : str, optional
        A line printed under the picture.

    Raises
    ------
    ValueError
        If ``alt`` is empty.
    """
    if not alt.strip():
        raise ValueError("show: alt must say what the picture shows, got an empty text")
    return Picture(png_bytes(fig), alt, caption)


def plot(draw, alt: str, caption: str | None = None, width=7.2, height=3.2) -> Picture:
    """Make a figure in the course's style, let ``draw(fig)`` fill it, and return it as a `Picture`."""
    fig = new_figure(width, height)
    with style():
        draw(fig)
        return show(fig, alt, caption)
