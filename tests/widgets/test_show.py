"""Pictures in chapters, and the files that a widget ships."""

import re
from pathlib import Path

import pytest

from course_lib import widgets
from course_lib.widgets import Lab, bundle, plot, show
from course_lib.widgets.style import COLOURS, DASHES, MARKERS, new_figure

WIDGETS = [w for w in vars(widgets).values() if isinstance(w, type) and issubclass(w, Lab) and w is not Lab]


def line(fig):
    fig.subplots().plot([1, 3, 2])


def test_show_gives_an_image_with_escaped_words():
    html = plot(line, 'a "line" <b>', "caption & more").html
    assert html.startswith("<figure")
    assert 'alt="a &quot;line&quot; &lt;b&gt;"' in html
    assert "<figcaption>caption &amp; more</figcaption>" in html
    assert 'src="data:image/png;base64,' in html


def test_show_insists_on_alternative_text():
    with pytest.raises(ValueError, match="alt must say what the picture shows"):
        show(new_figure(), "  ")


def test_pictures_are_the_same_bytes_each_time_and_name_no_version():
    first, second = plot(line, "a"), plot(line, "a")
    assert first.png == second.png
    assert b"matplotlib" not in first.png.lower()


def test_colours_come_with_dashes_and_markers():
    assert len(COLOURS) == len(set(COLOURS)) == len(DASHES) == len(MARKERS)


@pytest.mark.parametrize("widget", WIDGETS)
def test_javascript_is_small_whole_and_asks_nobody(widget):
    source = widget._esm
    assert not re.search(r"^\s*import\b|\bimport\(|^export (?!default)", source, re.MULTILINE)
    assert set(re.findall(r"https?://[^\"'` ]+", source)) <= {"http://www.w3.org/2000/svg"}
    files = "".join((bundle.HERE / name).read_text() for name in bundle.modules(f"{widget.__name__.lower()}.js"))
    names = re.findall(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", files, re.MULTILINE)
    assert len(names) == len(set(names)), "two of the joined files use the same name"
    assert "innerHTML" not in source  # learners' texts go in as text
    assert "@import" not in widget._css
    assert "url(" not in widget._css


def test_a_widget_file_without_its_import_is_refused(tmp_path, monkeypatch):
    here = Path(bundle.__file__).parent
    (tmp_path / "shared.js").write_text((here / "shared.js").read_text())
    (tmp_path / "odd.js").write_text("export default {};\n")
    monkeypatch.setattr(bundle, "HERE", tmp_path)
    with pytest.raises(ValueError, match=r"odd\.js: expected a line"):
        bundle.esm("odd.js")
