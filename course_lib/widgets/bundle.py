"""One JavaScript module per widget: shared.js and the widget's own file, joined. Nothing is fetched from anywhere."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
IMPORT = re.compile(r'^import \{[^}]*\} from "\./shared\.js";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) )", re.MULTILINE)


@cache
def esm(name: str) -> str:
    """Return the module source of the widget file ``name`` (for example ``"gradflow.js"``).

    Both files are ordinary modules (a linter or Node can load them); joined, the import between them goes away.
    """
    shared = EXPORT.sub("", (HERE / "shared.js").read_text(encoding="utf-8"))
    own, found = IMPORT.subn("", (HERE / name).read_text(encoding="utf-8"))
    if found != 1:
        raise ValueError(f'{name}: expected one line `import {{...}} from "./shared.js";`, found {found}')
    return shared + own


@cache
def css() -> str:
    """Return the style sheet that all widgets share."""
    return (HERE / "lab.css").read_text(encoding="utf-8")
