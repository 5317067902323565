"""Run every proof and write the table: ``python -m course_lib.verify [--check] [-k WORD]``."""

import argparse
import sys
import time

from course_lib.verify import table
from course_lib.verify.coverage import public_names
from course_lib.verify.spec import all_specs


def main(argv=None) -> int:
    """Return 0 if all proofs hold and the page is written, or up to date with ``--check``."""
    parser = argparse.ArgumentParser(prog="python -m course_lib.verify", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the page instead of writing it")
    parser.add_argument("-k", metavar="WORD", default="", help="only names that contain WORD; implies --check")
    options = parser.parse_args(argv)
    start, specs = time.perf_counter(), {n: s for n, s in all_specs().items() if options.k in n}
    errors, problems = prove(specs)
    page = table.read(table.PAGE.read_text(encoding="utf-8")) if table.PAGE.exists() else {}
    if options.check or options.k:
        problems += [p for p in stale(page, errors) if options.k in p]
    elif not problems:
        table.PAGE.parent.mkdir(exist_ok=True)
        table.PAGE.write_text(table.render(errors, page), encoding="utf-8")
    problems += [f"{name}: no spec" for name in public_names() if name not in all_specs() and options.k in name]
    print(*problems, sep="\n", end="\n" if problems else "")
    seconds = time.perf_counter() - start
    print(f"verify: {len(errors)} of {len(specs)} names proven in {seconds:.0f} s; {len(problems)} problems")
    return 1 if problems else 0


def prove(specs) -> tuple[dict, list[str]]:
    """Return the errors measured, by name, and what failed."""
    errors, problems = {}, []
    for name, spec in specs.items():
        try:
            errors[name] = table.measure(spec)
        except AssertionError as failure:
            problems.append(f"{name}: {failure}")
    return errors, problems


def stale(page, errors) -> list[str]:
    """Say where the page does not fit what was measured."""
    above = [table.exceeds(page, name, column, error) for name, row in errors.items() for column, error in row.items()]
    return [p for p in [*table.text_problems(page), *above] if p]


if __name__ == "__main__":
    sys.exit(main())
