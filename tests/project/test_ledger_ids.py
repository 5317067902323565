"""An id of the claim ledger, wherever it is written, exists in the ledger."""

import re

from course_lib import claims
from tests.project.repo import ROOT, files

ID = re.compile(r"\bS\d-\d+(?:\.\d+)*-\w+(?:-\w+)*")
PLACES = ("chapters", "course_lib", "docs", "README.md", "CONTRIBUTING.md")


def written() -> dict[str, list[str]]:
    """Id -> the files that mention it, the ledger's own data left out."""
    found = {}
    for path in files():
        if path.parts[0] not in PLACES or path.suffix not in {".py", ".md", ".ipynb", ".js"}:
            continue
        for token in set(ID.findall((ROOT / path).read_text(encoding="utf-8"))):
            found.setdefault(token, []).append(str(path))
    return found


def unknown(ids: dict, ledger: set) -> list[str]:
    return [f"{token} ({', '.join(places)})" for token, places in sorted(ids.items()) if token not in ledger]


def test_ids_are_in_the_ledger():
    assert not unknown(written(), {claim.id for claim in claims.load()})


def test_a_misspelt_id_is_found():
    ids = {token: ["page"] for token in ID.findall("see S0-1-modalities, S1-4.2-softmaxx. and XS1-4-no")}
    assert unknown(ids, {"S0-1-modalities", "S1-4.2-softmax"}) == ["S1-4.2-softmaxx (page)"]
