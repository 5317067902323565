"""`course doctor`."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def doctor(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False):
    """Look at this computer: packages, sandbox, ports, disk, memory, threads, GPU. Each problem comes with its command.

    The exit code is 1 where something stops grading, else 0. Nothing is changed.

    Examples
    --------
      course doctor

      course doctor --json
    """
    from .readiness import everything

    checks = everything()
    typer.echo(as_text(checks) if as_json else "", nl=as_json)
    if not as_json:
        _show(checks)
    raise typer.Exit(int(any(check.stops and not check.finding.ok for check in checks)))


def as_text(checks) -> str:
    """One JSON object for each finding."""
    rows = [{**vars(c.finding), "ok": c.finding.ok, "stops_grading": c.stops and not c.finding.ok} for c in checks]
    return json.dumps(rows, indent=1)


def _show(checks) -> None:
    """A table; its words say everything that its colours do."""
    from rich.console import Console
    from rich.table import Table

    table = Table("", "what", "wanted", "found")
    for check in checks:
        finding, word = check.finding, state(check)
        style = {"ok": "green", "problem": "yellow", "stops grading": "red"}[word]
        table.add_row(f"[{style}]{word}[/{style}]", *map(_plain, (finding.subject, finding.wanted, finding.found)))
    console = Console(highlight=False, soft_wrap=True)
    console.print(table, soft_wrap=False)
    for check in checks:
        if not check.finding.ok:
            console.print(f"{check.finding.subject}: {check.finding.fix}", markup=False)
    if all(check.finding.ok for check in checks):
        console.print("Everything is as it should be.")


def state(check) -> str:
    """One of three words."""
    return "ok" if check.finding.ok else "stops grading" if check.stops else "problem"


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)
