"""``python -m course_lib.claims`` writes docs/CLAIMS.md and docs/SYSTEMS.md; ``--check`` fails if they are stale."""

import argparse
import sys
from pathlib import Path

from course_lib.claims import report, systems

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = {"CLAIMS.md": lambda: report.markdown(), "SYSTEMS.md": lambda: systems.markdown()}


def main(arguments=None) -> int:
    """Write or check the pages; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m course_lib.claims", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 if a page is out of date")
    parser.add_argument("--output", type=Path, default=DOCS, help="folder of the pages (default: docs)")
    options = parser.parse_args(arguments)
    stale = []
    for name, page in PAGES.items():
        path, text = options.output / name, page()
        if not options.check:
            options.output.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
    for name in stale:
        print(f"{name} is out of date: run `python -m course_lib.claims`", file=sys.stderr)
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main())
