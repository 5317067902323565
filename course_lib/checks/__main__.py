"""``python -m course_lib.checks docs/EXERCISES.md``: write the table of exercises; with --check, see if it is stale."""

import argparse
import sys
from pathlib import Path

from .report import table

parser = argparse.ArgumentParser(prog="python -m course_lib.checks", description=__doc__)
parser.add_argument("path", type=Path)
parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if the file is stale")
options = parser.parse_args()

page = table()
if options.check:
    if not options.path.exists() or options.path.read_text(encoding="utf-8") != page:
        sys.exit(f"{options.path} is stale: run python -m course_lib.checks {options.path}")
else:
    options.path.write_text(page, encoding="utf-8")
