"""What a learner can move: sliders, choices, words, switches, points, buttons. Python describes, fields.js draws."""

from __future__ import annotations

import math
from dataclasses import dataclass


def _finite(name, value):
    """Return ``value`` as a finite float, or say which control got what."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{name}: expected a finite number, got {value!r}")
    return number


@dataclass(frozen=True)
class Slider:
    """A number between ``low`` and ``high``. ``log``: equal distances are equal ratios. ``whole``: integers only."""

    name: str
    label: str
    value: float
    low: float
    high: float
    log: bool = False
    whole: bool = False
    step: float = 0.0
    group: str = ""  # "": with the other controls; "time": the full-width row below them; else the widget places it
    kind: str = "slider"

    def check(self, value):
        """Return ``value`` moved into the slider's range."""
        number = min(max(_finite(self.name, value), self.low), self.high)
        return round(number) if self.whole else number


@dataclass(frozen=True)
class Choice:
    """One of a few named options."""

    name: str
    label: str
    value: str
    options: tuple[str, ...]
    group: str = ""
    kind: str = "choice"

    def check(self, value):
        """Return ``value`` if it is an option."""
        if value not in self.options:
            raise ValueError(f"{self.name}: expected one of {', '.join(self.options)}, got {value!r}")
        return value


@dataclass(frozen=True)
class Text:
    """A line of words."""

    name: str
    label: str
    value: str = ""
    group: str = ""
    kind: str = "text"

    def check(self, value):
        """Return ``value`` as text, cut to 200 characters. A lone surrogate is refused: it could not be sent."""
        text = str(value)[:200]
        if lone := next((c for c in text if "\ud800" <= c <= "\udfff"), None):
            raise ValueError(f"{self.name}: U+{ord(lone):04X} is a lone surrogate, half a character, not in UTF-8")
        return text


@dataclass(frozen=True)
class Toggle:
    """On or off."""

    name: str
    label: str
    value: bool
    group: str = ""
    kind: str = "toggle"

    def check(self, value):
        """Return ``value`` as a bool."""
        return bool(value)


@dataclass(frozen=True)
class Point:
    """A place in the plane, dragged in the picture: ``(x, y)`` with ``bounds = (x0, x1, y0, y1)``."""

    name: str
    label: str
    value: tuple[float, float]
    bounds: tuple[float, float, float, float]
    kind: str = "point"

    def check(self, value):
        """Return ``value`` moved into the bounds."""
        x, y = (_finite(self.name, v) for v in value)
        x0, x1, y0, y1 = self.bounds
        return (min(max(x, x0), x1), min(max(y, y0), y1))


@dataclass(frozen=True)
class Points:
    """Several places in the plane, each dragged in the picture: ``((x, y), ...)`` within ``bounds``."""

    name: str
    label: str
    value: tuple[tuple[float, float], ...]
    bounds: tuple[float, float, float, float]
    kind: str = "points"

    def check(self, value):
        """Return the places moved into the bounds; there must be as many as there are."""
        value = list(value)
        if len(value) != len(self.value):
            raise ValueError(f"{self.name}: expected {len(self.value)} points, got {len(value)}")
        one = Point(self.name, self.label, (0.0, 0.0), self.bounds)
        return tuple(one.check(place) for place in value)


@dataclass(frozen=True)
class Grid:
    """A square of numbers, each typed or dragged in the picture; at most ``most`` rows."""

    name: str
    label: str
    value: tuple[tuple[float, ...], ...]
    most: int = 5
    limit: float = 1e3
    kind: str = "grid"

    def check(self, value):
        """Return ``value`` as rows of finite numbers, moved into ±limit."""
        rows = [list(row) for row in value]
        if not 1 <= len(rows) <= self.most or any(len(row) != len(rows) for row in rows):
            raise ValueError(f"{self.name}: expected a square of 1 to {self.most} rows, got rows of "
                             f"{[len(row) for row in rows]}")  # fmt: skip
        return tuple(tuple(min(max(_finite(self.name, v), -self.limit), self.limit) for v in row) for row in rows)


@dataclass(frozen=True)
class Button:
    """An action. ``key`` is its keyboard shortcut inside the widget."""

    name: str
    label: str
    key: str = ""
    count: int = 1
    kind: str = "button"


def spec(control) -> dict:
    """Return a control as a plain dict for the browser."""
    return dict(vars(control))
