"""`course new-exercise`: a file to fill in, and the test that says what is still missing."""

from __future__ import annotations

import keyword
from pathlib import Path

from .exercises import FUNCTION, ID

EXERCISE = '''"""{id} {title}."""

from course_lib.checks.spec import Exercise, Mistake, numbers


def {function}(x):
    """TODO: the task in one or two sentences: what goes in, with shapes, and what comes out."""
    return 2.0 * x  # TODO: the model answer


def reference(x):
    """TODO: the same another way, so that a slip in one of the two shows."""
    return x + x


def cases(rng):
    """TODO: inputs that tell right from wrong, drawn from rng; practice and marking use different draws."""
    for n in (1, 2, 3):
        yield (numbers(rng, n),)  # the arguments of one call: here one array of n numbers


EXERCISE = Exercise(
    id="{id}",
    title="{title}",
    answer={function},
    reference=reference,
    cases=cases,
    edges=(
        (1.0,),  # TODO: inputs that must always be tried: empty, huge, equal, on the border
    ),
    mistakes=(
        # TODO: at least five, as edits of the model answer's text or as functions, each with what you would say.
        Mistake("not-doubled", {{"2.0 * x": "x + 0.0"}}, "It returns the input as it came. Double it."),
    ),
    right=(
        # TODO: at least two right answers, written differently.
        lambda x: x - (-x),
    ),
    hints=(
        "TODO: a question that leads on.",
        "TODO: the tool.",
        "TODO: nearly the answer.",
    ),
    minutes=10,
    difficulty=2,  # 1 to 5
)
'''
TEST = '''"""{id} can mark students: mistakes get their diagnoses, right answers pass, changed ones do not."""

from pathlib import Path

from course_lib.instructor.proof import faults


def test_{function}_is_proved():
    """Every fault says what to do."""
    found = faults(Path(__file__).with_name("{function}.py"))
    assert not found, "\\n" + "\\n".join(found)
'''


class BadName(ValueError):
    """An id, title or function name that cannot be used."""


def write(folder: Path, id: str, function: str, title: str) -> list[Path]:
    """Write the two files; existing ones are never replaced. Raises BadName or FileExistsError."""
    if not ID.fullmatch(id):
        raise BadName(f"the id must be chapter.name, such as 3.1v or 3.mine, not {id!r}")
    if not FUNCTION.fullmatch(function) or keyword.iskeyword(function):
        raise BadName(f"the function's name must be lower-case letters, digits and _, not {function!r}")
    if not title.strip() or len(title) > 60 or not title.isprintable() or set(title) & set("\"\\{}"):
        raise BadName(f"the title must be 1 to 60 characters on one line without quotes, \\ and braces, not {title!r}")
    texts = {folder / f"{function}.py": EXERCISE, folder / f"test_{function}.py": TEST}
    for path in texts:
        if path.exists():
            raise FileExistsError(f"{path} is there already; name another folder or function")
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        with path.open("x", encoding="utf-8") as file:
            file.write(text.format(id=id, function=function, title=title))
    return list(texts)
