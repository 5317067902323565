"""Make the course's tables of results again: ``python -m tools.tables [NAMES]``, all of them without names.

Each is what one command measures with fixed seeds, on one thread, and stores as JSON; chapter 5 and the pages print
what is stored. After each it is said whether the figures are those that were stored before.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHATBOT = "course_lib/chatbot/results"
TABLES = {  # name → (module, what it writes)
    "ablation": ("course_lib.chatbot.ablation", f"{CHATBOT}/ablation.json"),
    "capitals": ("course_lib.chatbot.capitals", f"{CHATBOT}/capitals.json"),
    "classify": ("course_lib.chatbot.classify", f"{CHATBOT}/classify.json"),
    "classify_e5": ("course_lib.chatbot.classify_e5", f"{CHATBOT}/classify_e5.json"),
    "textgen": ("course_lib.chatbot.textgen", f"{CHATBOT}/textgen.json"),
    "finetune": ("course_lib.chatbot.finetune", f"{CHATBOT}/lora.json"),
    "race": ("benchmarks.race", "benchmarks/results/race.json"),
}
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def leaves(found, place: str = "") -> dict[str, object]:
    """Every figure and text of a JSON document, by the way to it."""
    if not isinstance(found, dict | list):
        return {place: found}
    rows = found.items() if isinstance(found, dict) else enumerate(found)
    return {way: leaf for key, value in rows for way, leaf in leaves(value, f"{place}/{key}").items()}


def compared(before: str | None, after: str) -> str:
    """In words, what changed from one JSON text to another."""
    if before is None:
        return "stored for the first time"
    old, new = leaves(json.loads(before)), leaves(json.loads(after))
    ways = [way for way in {**old, **new} if old.get(way) != new.get(way)]
    if not ways:
        return f"all {len(new)} entries are those stored before"
    first = f"{ways[0]} was {old.get(ways[0])!r} and is {new.get(ways[0])!r}"
    return f"{len(ways)} of {len(new)} entries differ; {first}"


def make(name: str) -> bool:
    """Run one command and print what it changed; whether it succeeded."""
    module, path = TABLES[name]
    file = ROOT / path
    before = file.read_text(encoding="utf-8") if file.exists() else None
    run = subprocess.run([sys.executable, "-m", module], cwd=ROOT, env=os.environ | dict.fromkeys(THREADS, "1"))
    said = compared(before, file.read_text(encoding="utf-8")) if run.returncode == 0 else f"{module} failed"
    print(f"{name}: {said}", flush=True)
    return run.returncode == 0


def main(arguments: list[str] | None = None) -> int:
    """Make the tables that are asked for."""
    parser = argparse.ArgumentParser(prog="python -m tools.tables", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(TABLES)}")
    names = parser.parse_args(arguments).names
    if unknown := [name for name in names if name not in TABLES]:
        parser.error(f"no table is called {unknown[0]!r}; there are {', '.join(TABLES)}")
    failed = [name for name in names or TABLES if not make(name)]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
