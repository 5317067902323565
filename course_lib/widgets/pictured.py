"""The static side of a widget: its matplotlib figure, and what Jupyter stores beside the live view."""

from __future__ import annotations

import base64
import os

from .show import Picture, png_bytes
from .style import new_figure, style

STATIC = "COURSE_STATIC"


def static() -> bool:
    """Return True if widgets are to be pictures only (``COURSE_STATIC=1``: stored notebooks, their tests, the book)."""
    return os.environ.get(STATIC, "") not in ("", "0")


class Pictured:
    """Mixed into `Lab`: figure, picture, MIME bundle."""

    def figure(self):
        """Return the present picture as a `matplotlib.figure.Figure`; ``fig.alt`` and ``fig.caption`` describe it."""
        with self._lock, style():
            fig = new_figure(*self.size)
            self.draw(fig)
            fig.alt, fig.caption = self.summary(), self.caption()
            return fig

    def picture(self) -> Picture:
        """Return the present picture as PNG with alternative text and caption."""
        with style():
            fig = self.figure()
            return Picture(png_bytes(fig), fig.alt, fig.caption)

    def open(self):
        """Connect to the browser, unless only pictures are wanted."""
        if not static():
            super().open()

    def _repr_mimebundle_(self, **kwargs):
        if static():
            return self._static_bundle()
        picture = self.picture()
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        png = base64.b64encode(picture.png).decode("ascii")
        return {**data, "text/html": picture.html, "image/png": png}, metadata

    def _static_bundle(self):
        """The picture after `static_run`; then everything is put back, so that showing has no effect on later cells."""
        self._guarded(self.static_run)
        picture = self.picture()
        self._guarded(self._reset)
        return picture._repr_mimebundle_()
