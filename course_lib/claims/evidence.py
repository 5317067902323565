"""What an experiment returns: figures, and statements that were tested. The verdict follows from the statements."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Evidence:
    """The outcome of one experiment.

    Parameters
    ----------
    summary : str
        One sentence with the figures that were measured.
    said : dict of statement → bool
        What follows from the article, read as kindly as its words allow, and whether it came true.
    right : dict of statement → bool
        What follows from the correction, and whether it came true.
    gap : dict of statement → bool
        What the article leaves open, and whether leaving it open was seen to matter.
    numbers : dict of name → number, array or text
        The figures, for a closer look.
    """

    summary: str
    said: dict[str, bool]
    right: dict[str, bool]
    gap: dict[str, bool] = field(default_factory=dict)
    numbers: dict[str, object] = field(default_factory=dict)

    def __post_init__(self):
        for tests in (self.said, self.right, self.gap):
            tests.update((text, bool(ok)) for text, ok in tests.items())  # NumPy's booleans print differently

    @property
    def verdict(self) -> str:
        """What was measured: "correct", "incomplete", "wrong", or "undecided" if the correction itself fails."""
        if not self.right or not all(self.right.values()) or not all(self.gap.values()):
            return "undecided"
        if not all(self.said.values()):
            return "wrong"
        return "incomplete" if self.gap else "correct"

    def supports(self, verdict: str) -> bool:
        """Whether this evidence is enough for a verdict.

        Measurement knows three outcomes. "outdated" needs a sentence that fails today or leaves something open,
        "unverifiable" a gap without which nothing can be decided.
        """
        enough = {"outdated": ("wrong", "incomplete"), "unverifiable": ("incomplete",)}
        return self.verdict in enough.get(verdict, (verdict,))

    def rows(self) -> list[tuple[str, str, str]]:
        """(kind, statement, "holds" or "fails") for every statement that was tested."""
        kinds = (("the article", self.said), ("left open", self.gap), ("correction", self.right))
        return [(kind, text, "holds" if ok else "fails") for kind, tests in kinds for text, ok in tests.items()]


def close(a, b, digits: int = 6) -> bool:
    """Whether all of a and b agree to within one unit of the given decimal place."""
    return bool(np.allclose(a, b, rtol=0, atol=10.0**-digits))


def show(value) -> str:
    """A number or array as text, rounded to six digits so that it reads the same on every machine."""
    if isinstance(value, str | bool):
        return str(value)
    array = np.asarray(value)
    if array.ndim:
        return "[" + ", ".join(map(show, array)) + "]"
    number = float(array)
    return f"{0.0 if abs(number) < 1e-12 else number:.6g}"
