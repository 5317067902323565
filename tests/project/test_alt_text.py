"""Every picture can be read without seeing it."""

import pytest

from tests.project.repo import chapters, documents, html_tags, notebook

SHORTEST = 12  # "plot" or "figure 3" is no description


def missing_in_output(data: dict) -> list[str]:
    """Say which pictures of one output lack alt text."""
    tags = html_tags("".join(data.get("text/html", "")))
    found = [f"<{t}> without alt text" for t, a in tags if t == "img" and len(a.get("alt") or "") < SHORTEST]
    silent = [a for t, a in tags if t == "svg" and not (a.get("aria-label") or "aria-hidden" in a)]
    found += ["<svg> without aria-label"] * len(silent)
    bare = [kind for kind in data if kind.startswith("image/")]
    if bare and not any(t == "img" for t, _ in tags):
        found.append(f"{bare[0]} without an HTML figure that has alt text; use show(fig, alt=...)")
    return found


@pytest.mark.parametrize("path", documents(), ids=str)
def test_markdown_images(path):
    short = [f"{src}: {alt!r}" for src, alt in documents()[path].images if len(alt) < SHORTEST]
    assert not short, f"{path}: images without alt text: {short}"


@pytest.mark.parametrize("path", chapters(), ids=str)
def test_notebook_outputs(path):
    found = [
        f"cell {number}: {missing}"
        for number, cell in enumerate(notebook(path).cells, 1)
        for output in cell.get("outputs", ())
        for missing in missing_in_output(output.get("data", {}))
    ]
    assert not found, f"{path}: {found}"


@pytest.mark.parametrize(
    "data",
    [
        {"image/png": "iVBORw0KGgo="},
        {"image/svg+xml": "<svg/>"},
        {"text/html": '<figure><img src="data:,"></figure>'},
        {"text/html": '<img alt="" src="data:,">'},
        {"text/html": '<img alt="plot" src="data:,">'},
        {"text/html": "<svg></svg>"},
        {"image/png": "iVBORw0KGgo=", "text/html": "<p>no picture</p>"},
    ],
)
def test_a_picture_without_alt_text_is_found(data):
    assert missing_in_output(data)


def test_a_described_picture_passes():
    html = '<figure><img alt="training loss falls from 2.3 to 0.1" src="data:,"></figure>'
    assert not missing_in_output({"image/png": "iVBORw0KGgo=", "text/html": html})
