"""The published table, docs/VERIFICATION.md. Errors are bounds by decade, so that rounding does not change it."""

import inspect
import itertools
import math
import re
from pathlib import Path

import numpy as np

import course_lib
from course_lib.verify import proofs
from course_lib.verify.coverage import public_names
from course_lib.verify.spec import Measured, Spec, Without, all_specs

PAGE = Path(course_lib.__file__).parents[1] / "docs" / "VERIFICATION.md"
HEADINGS = ("name", "parity, float64", "float32", "differences or second reference", "extremes", "properties", "source")
COLUMNS = ("function", "float64", "float32", "second", "extremes", "properties", "source")
SLACK = 10  # a processor with other vector units rounds differently; the proofs' own limits hold besides
SMALLEST = {"float64": -15, "float32": -7, "second": -15}  # no bound is stated below these powers of ten
BOUND = re.compile(r"< (1e-?\d+)")
CLAIM = re.compile(r"\bS\d-[\d.]+-[\w-]*\w")
INTRO = """# Verification

Written by `python -m course_lib.verify`; a test fails when it is out of date. It covers {count} public functions and
classes of the numeric core, each proven three ways.

- **Parity**: worst relative error against PyTorch (or what is named), values and gradients, over many shapes and memory
  layouts. float64 must stay within 1e-10; float32 is held against PyTorch in float64 and must stay within 1e-5 (1e-4
  where differences of nearly equal numbers are taken).
- **Differences**: worst relative error of the gradients against central finite differences of fourth order, or against
  the second reference that is named.
- **Extremes**: inputs whose answer was compared with PyTorch's in both dtypes, or is stated here.
- **Properties**: laws that hold for inputs drawn by hypothesis.

Errors are bounds, rounded up to a power of ten. A test fails when a new error is ten times the bound.
"""


def measure(spec: Spec) -> dict[str, float | None]:
    """Run all proofs of a spec; return the worst error for each column that shows one."""
    proofs.properties(spec)
    proofs.edges(spec, np.float64)
    proofs.edges(spec, np.float32)
    return {
        "float64": proofs.parity(spec, np.float64),
        "float32": proofs.parity(spec, np.float32),
        "second": proofs.differences(spec),
    }


def cells(spec: Spec) -> dict[str, str]:
    """Return a row's text, with {} where an error goes."""
    edges = [f"{e.label} ({e.differs})" if e.differs else e.label for e in spec.edges(proofs.rng_of(spec))]
    return {
        "function": f"`{spec.name.rpartition('.')[2]}`",
        "float64": _proof_text(spec.parity),
        "float32": "" if isinstance(spec.parity, Without) or getattr(spec.parity, "float32", 1) is None else "{}",
        "second": _proof_text(spec.second),
        "extremes": ", ".join(dict.fromkeys(edges)).replace("|", r"\|"),
        "properties": "; ".join(map(proofs.prose, spec.properties)),
        "source": source(spec.target),
    }


def source(thing) -> str:
    """Return the citations and claim ids in a docstring: its sentences with a year, and its ids."""
    text = " ".join((inspect.getdoc(thing) or "").split())
    sentences = re.split(r"(?<=[^A-Z][.:)])\s+(?=[A-Z])", text)
    cited = [CLAIM.sub("", s).strip(" .") for s in sentences if re.search(r"\b(19|20)\d\d\b", s)]
    return "; ".join([*cited, *(f"`{c}`" for c in dict.fromkeys(CLAIM.findall(text)))]).replace("|", r"\|")


def render(errors: dict[str, dict], before: dict[str, dict]) -> str:
    """Write the page. A bound that already stood and still fits is kept."""
    specs, lines = all_specs(), [INTRO.format(count=len(errors))]
    names = [name for name in public_names() if name in errors]
    for room, group in itertools.groupby(names, key=lambda name: name.rpartition(".")[0]):
        lines += [f"## {room}\n", _line(HEADINGS), _line(["---"] * len(COLUMNS))]
        for name in group:
            row, old = cells(specs[name]), before.get(name, {})
            bounds = {c: row[c].format(bound(c, errors[name][c], old.get(c))) for c in SMALLEST}
            lines.append(_line((row | bounds).values()))
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def bound(column: str, error: float | None, before: str | None = None) -> str:
    """Round an error up to a power of ten, with room for another machine's rounding; keep a bound that still fits."""
    if error is None:
        return ""
    power = max(SMALLEST[column], math.ceil(math.log10(1.5 * error)) if error else -99)
    old = BOUND.match(before or "")
    stated = round(math.log10(float(old[1]))) if old else power
    keep = error <= 10.0**stated and stated - power <= 2
    return f"< 1e{stated if keep else power}"


def read(text: str) -> dict[str, dict[str, str]]:
    """Return the page's rows by full name."""
    rows, room = {}, ""
    for line in text.splitlines():
        if line.startswith("## "):
            room = line[3:].strip()
        if line.startswith("| `"):
            values = [v.strip() for v in re.split(r"(?<!\\)\|", line)[1:-1]]
            rows[f"{room}.{values[0].strip('`')}"] = dict(zip(COLUMNS, values, strict=True))
    return rows


def text_problems(page: dict[str, dict]) -> list[str]:
    """Say where the page's rows and words differ from the specs (nothing is run)."""
    specs = all_specs()
    found = [f"{name}: no row" for name in specs if name not in page]
    found += [f"{name}: has a row but no spec" for name in page if name not in specs]
    for name, spec in specs.items():
        for column, text in cells(spec).items():
            stated = BOUND.sub("{}", page.get(name, {}).get(column, text), count=1)
            if stated != text:
                found.append(f"{name}, {column}: the page says {stated!r}, the spec {text!r}")
    return found


def exceeds(page: dict[str, dict], name: str, column: str, error: float | None) -> str:
    """Say so if a measured error is above the stated bound by more than another processor's rounding."""
    cell = page.get(name, {}).get(column, "")
    stated = BOUND.match(cell)
    if error is None or (stated and error <= SLACK * float(stated[1])):
        return ""
    return f"{name}, {column}: measured {error:.1e}, the page says {cell or 'nothing'!r}"


def _proof_text(proof):
    if isinstance(proof, Without):
        return proof.why
    return f"{{}} ({proof.reference})" if isinstance(proof, Measured) else "{}"


def _line(values):
    return "| " + " | ".join(values) + " |"
