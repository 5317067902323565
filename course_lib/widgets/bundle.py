"""One JavaScript module per widget: its file and the shared modules that it imports, joined; nothing is fetched."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
IMPORT = re.compile(r'^import \{[^}]*\} from "\./([a-z_]+\.js)";\n', re.MULTILINE)
COMMENT = re.compile(r"^ *(?://.*|/\*\*.*\*/|/\*\*|\* .*|\*/)\n|^ +", re.MULTILINE)  # lines of comment, and indentation
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) )", re.MULTILINE)


@cache
def esm(name: str) -> str:
    """Return the module source of the widget file ``name`` (for example ``"gradflow.js"``).

    All files are ordinary modules (a linter or Node can load them); joined, imports and lines of comment go away.
    """
    files = modules(name)
    if "shared.js" not in files[:-1]:
        raise ValueError(f'{name}: expected a line `import {{...}} from "./shared.js";`')
    return "".join(EXPORT.sub("", _source(module)) for module in files)


def modules(name: str) -> list[str]:
    """Return the files that ``name`` is made of, each after those that it imports."""
    found: list[str] = []
    for needed in IMPORT.findall((HERE / name).read_text(encoding="utf-8")):
        found += [module for module in modules(needed) if module not in found]
    return [*found, name]


def _source(name):
    return COMMENT.sub("", IMPORT.sub("", (HERE / name).read_text(encoding="utf-8")))


@cache
def css() -> str:
    """Return the style sheet that all widgets share."""
    return (HERE / "lab.css").read_text(encoding="utf-8")
