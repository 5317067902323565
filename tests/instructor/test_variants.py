"""Variants can mark students: the proof of the course's own exercises, and nothing of them in the students' package."""

import shutil
import tomllib
from pathlib import Path

import numpy as np
import pytest

from course_lib.checks import exercises
from course_lib.checks.grading import grade
from course_lib.checks.outcome import run
from course_lib.instructor.exercises import ExerciseProblem, exercise_of, load_file, load_folder
from course_lib.instructor.files import Item
from course_lib.instructor.proof import faults, prove
from tests.project.repo import ROOT

FOLDER = ROOT / "variants"
FILES = sorted(FOLDER.glob("*.py"))
VARIANTS = load_folder(FOLDER)


def test_there_are_three_at_least():
    assert len(VARIANTS) == len(FILES) >= 3


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_variant_is_proved(path):
    assert faults(path) == []


@pytest.mark.parametrize("exercise", VARIANTS.values(), ids=lambda exercise: exercise.id)
def test_a_variant_is_the_sibling_of_an_exercise_and_is_not_in_the_package(exercise):
    sibling = exercises()[exercise.id.removesuffix("v")]
    assert exercise.id not in exercises()
    assert exercise.name != sibling.name  # both may be in one notebook
    lines = exercise.source.splitlines()
    last = next(line.strip() for line in reversed(lines) if line.strip())
    package = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "course_lib").rglob("*.py"))
    assert last not in package
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["course_lib"]


def test_no_seed_lets_rounding_decide_a_sign():
    """β₁m + (1-β₁)g was 0 on paper for 7 of 300 seeds, and the model answer then wrong."""
    lion = VARIANTS["4.6v"]
    for seed in (5, 63, 126, 150, 154, 198, 240, *range(20)):
        for answer in (lion.answer, *lion.right):
            assert grade(lion, lambda args, answer=answer: run(answer, args, ours=True), seed=seed).passed, seed


def test_robust_scale_is_scikit_learns():
    from sklearn.preprocessing import RobustScaler

    rng = np.random.default_rng(5)
    train, test = rng.normal(size=(9, 3)) ** 3, rng.normal(size=(4, 3))
    scaler = RobustScaler().fit(train)
    for own, theirs in zip(VARIANTS["3.1v"].reference(train, test), (train, test), strict=True):
        np.testing.assert_allclose(own, scaler.transform(theirs), rtol=1e-12)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("text", "said"), [
    ("x = 1", "own.py: it must define EXERCISE"),
    ("EXERCISE = 3", "own.py: it must define EXERCISE"),
    ("x = 1\n\nraise RuntimeError('no')", "own.py, line 3: RuntimeError: no"),
    ("x = (", "own.py, line 1: SyntaxError"),
    ("import numpy\nimport no_such_package", "own.py, line 2: ModuleNotFoundError"),
], ids=lambda text: text[:20])  # fmt: skip
def test_a_file_without_an_exercise_is_named_with_its_line(text, said, tmp_path):
    with pytest.raises(ExerciseProblem) as refused:
        load_file(write(tmp_path, "own.py", text))
    assert str(refused.value).startswith(said)


def test_two_files_with_one_id_are_refused(tmp_path):
    for name in ("one.py", "two.py"):
        shutil.copy(FILES[0], tmp_path / name)
    with pytest.raises(ExerciseProblem, match=r"two\.py: exercise 3\.4v is in one\.py too"):
        load_folder(tmp_path)


def test_an_item_finds_its_exercise_beside_the_release(tmp_path):
    (tmp_path / "exercises").mkdir()
    shutil.copy(FOLDER / "lion_step.py", tmp_path / "exercises")
    release = tmp_path / "release.json"
    item = Item("4.6v", "code", 4, 1.0, "4.6v", "lion_step", "exercises", "Lion")
    assert exercise_of(item, release).name == "lion_step"
    assert exercise_of(Item("4.6", "code", 4, 1.0, "4.6", "adam_step", None, "Adam"), release).name == "adam_step"
    for gone in (Item("4.7v", "code", 4, 1.0, "4.7v", "f", "exercises", "?"),
                 Item("4.99", "code", 4, 1.0, "4.99", "f", None, "?")):  # fmt: skip
        with pytest.raises(ExerciseProblem, match=f"exercise {gone.id} is not in"):
            exercise_of(gone, release)


def test_the_proof_notices_what_would_mislead(tmp_path):
    """Each damage to a good exercise is found, and said."""
    from dataclasses import replace

    good = VARIANTS["4.6v"]
    wrong = replace(good.mistakes[0], wrong=good.answer)
    for bad, said in [
        (replace(good, mistakes=good.mistakes[:3]), "3 different mistakes, at least 5"),
        (replace(good, right=()), "0 right answers written differently, at least 2"),
        (replace(good, hints=("a", "a", "b")), "three different hints"),
        (replace(good, cases=lambda rng: ()), "the same inputs for every seed"),
        (replace(good, mistakes=(wrong, *good.mistakes[1:])), "no-sign got 'passed'"),
        (replace(good, reference=lambda *args: good.answer(*args)[0]), "the model answer is refused"),
        (replace(good, cases=lambda rng: 1 / 0), "ZeroDivisionError"),
    ]:
        assert said in "\n".join(prove(bad))
