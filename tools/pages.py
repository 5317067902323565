"""Writes the generated pages of docs/: ``python -m tools.pages``, or some of them by name, such as ``DATA COURSE``.

Tests compare each page with what is written here. VERIFICATION.md and BENCHMARKS.md have commands of their own
(``make verify``, ``make bench``): what they measure takes minutes.
"""

import argparse
from pathlib import Path

from course_lib.checks import report as exercises
from course_lib.checks.mutation import Tally
from course_lib.claims import report as claims
from course_lib.claims import systems
from course_lib.data import catalogue
from tools import course

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES = {
    "EXERCISES": lambda: exercises.table(Tally.full),  # tests/checks/test_mutation.py proves that no tally is less
    "CLAIMS": claims.markdown,
    "SYSTEMS": systems.markdown,
    "DATA": catalogue.markdown,
    "COURSE": course.markdown,
}


def path(name: str) -> Path:
    """Where a page lies."""
    return DOCS / f"{name}.md"


def main(arguments=None) -> None:
    """Write the pages."""
    parser = argparse.ArgumentParser(prog="python -m tools.pages", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"{', '.join(PAGES)} (default: all)")
    names = parser.parse_args(arguments).names or list(PAGES)
    if unknown := set(names) - set(PAGES):
        parser.error(f"no page {', '.join(sorted(unknown))}; there are {', '.join(PAGES)}")
    for name in names:
        path(name).write_text(PAGES[name](), encoding="utf-8")


if __name__ == "__main__":
    main()
