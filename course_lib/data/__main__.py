"""``python -m course_lib.data`` writes docs/DATA.md; ``--check`` fails if it is not what would be written."""

import argparse
import sys
from pathlib import Path

from course_lib.data import catalogue

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "DATA.md"


def main(arguments=None) -> int:
    """Write or check the document; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m course_lib.data", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 if it is out of date")
    parser.add_argument("--output", type=Path, default=DOCUMENT, help="where to write (default: docs/DATA.md)")
    options = parser.parse_args(arguments)
    text = catalogue.markdown()
    if not options.check:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(text, encoding="utf-8")
        return 0
    if options.output.exists() and options.output.read_text(encoding="utf-8") == text:
        return 0
    print(f"{options.output.name} is out of date: run `python -m course_lib.data`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
