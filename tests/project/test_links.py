"""Links within the repository lead somewhere."""

from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import pytest

from tests.project.repo import ROOT, Document, documents, files


def resolve(page: Path, link: str) -> tuple[Path, str] | None:
    """Return file and anchor that a relative link names, or None for one that leaves the repository's files."""
    url = urlsplit(link)
    if url.scheme or url.netloc:
        return None
    target = (ROOT / page.parent / unquote(url.path)).resolve() if url.path else ROOT / page
    return (target.relative_to(ROOT) if target.is_relative_to(ROOT) else target), unquote(url.fragment)


def broken(page: Path, document: Document) -> list[str]:
    """Return the links of a page whose file or anchor does not exist."""
    known = {str(parent) for f in files() for parent in (f, *f.parents)}
    found = []
    for link in [*document.links, *(src for src, _ in document.images)]:
        if (target := resolve(page, link)) is None:
            continue
        path, anchor = target
        pages = {**documents(), page: document}
        if str(PurePosixPath(path)) not in known or (anchor and path in pages and anchor not in pages[path].anchors):
            found.append(link)
    return found


@pytest.mark.parametrize("page", documents(), ids=str)
def test_links_resolve(page):
    assert not broken(page, documents()[page]), f"broken links in {page}"


def test_broken_links_are_found():
    text = '[a](nowhere.md) [b](#no-such-part) [c](README.md#no-such-part) <a href="gone.py">d</a> ![picture](gone.png)'
    good = "# A part\n\n[e](README.md) [f](#a-part) [g](https://example.org) [h](tests/project) [i](README.md#start)"
    found = broken(Path("CONTRIBUTING.md"), Document(f"{good}\n\n{text}"))
    assert found == ["nowhere.md", "#no-such-part", "README.md#no-such-part", "gone.py", "gone.png"]
