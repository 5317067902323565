"""Nothing in course_lib is there for its own sake: every public name is used by a chapter, a widget, the chatbot, a
claim, a check or a command; tests do not count."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from tests.project.repo import ROOT, files

# What has no user inside the repository, and who needs it all the same.
FOR_OTHERS = {
    "use_library": "learners: what use_mine prints names it",
    "from_folder": "learners with weights of their own, saved by save_pretrained",
    "new_exercise": "instructors: cli.py finds it by its name, course new-exercise",
}
WHOLE = ("course_lib/checks/chapter", "course_lib/claims/experiments/", "course_lib/verify/specs/")  # found by folder


def modules() -> dict[Path, ast.Module]:
    """The parsed text of everything that may use the library, chapters' code included."""
    rooms = ("course_lib", "chapters", "tools", "benchmarks")
    paths = [p for p in files() if p.suffix == ".py" and p.parts[0] in rooms]
    return {p: ast.parse(plain_python((ROOT / p).read_text(encoding="utf-8"))) for p in paths}


def plain_python(text: str) -> str:
    """The text without the lines that only IPython understands."""
    return re.sub(r"^(\s*)[%!].*$", r"\1pass", text, flags=re.MULTILINE)


def uses(trees) -> dict[str, set[Path]]:
    """Name → files that read it; that a package's __init__ hands a name on is no use."""
    found = defaultdict(set)
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Name | ast.Attribute):
                found[node.id if isinstance(node, ast.Name) else node.attr].add(path)
            elif isinstance(node, ast.ImportFrom) and path.name != "__init__.py":
                for alias in node.names:
                    found[alias.name].add(path)
    return found


def unused(trees) -> set[str]:
    """Public functions and classes of course_lib that no file reads, their own included."""
    found = uses(trees)
    defined = {
        (path, node.name)
        for path, tree in trees.items()
        if path.parts[0] == "course_lib" and not path.as_posix().startswith(WHOLE)
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
        and not any("app." in ast.unparse(d) for d in node.decorator_list)  # a command is called by its user
    }  # fmt: skip
    return {name for path, name in defined if not found[name]}


def test_every_public_name_is_used():
    assert unused(modules()) == set(FOR_OTHERS)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("def f(): pass", {"f"}),
        ("def f(): pass\nf()", set()),
        ("def _f(): pass", set()),
        ("class C: pass", {"C"}),
        ("import g\ng.h()\ndef h(): pass", set()),
    ],
)
def test_an_unused_name_is_found(text, left):
    assert unused({Path("course_lib/a.py"): ast.parse(text)}) == left


def test_handing_a_name_on_is_no_use():
    trees = {Path("course_lib/a.py"): ast.parse("def f(): pass"),
             Path("course_lib/__init__.py"): ast.parse("from .a import f")}  # fmt: skip
    assert unused(trees) == {"f"}
