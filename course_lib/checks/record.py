"""The learner's own record: answers, results, hints and predictions in one plain file, ``answers.json``.

It lies where the notebook started, or where the environment variable COURSE_ANSWERS says. It is made on the first
entry, and nothing is sent anywhere. Keys that this version does not know are kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from .store import Damaged, Unusable, locked, read_json, set_aside, write_json

VERSION = 1
KEPT = 20  # attempts per exercise
_START = Path.cwd()
_unsaved: list[Callable[[dict], None]] = []  # changes of this session that the file has not taken
_said: set[str] = set()


def where() -> Path:
    """The file's path, links followed."""
    return Path(os.path.realpath(os.environ.get("COURSE_ANSWERS") or _START / "answers.json"))


def load() -> dict:
    """What is recorded, with what this session could not save."""
    try:
        data = _read(where())[0]
    except (Unusable, Damaged):
        data = _empty()
    for change in _unsaved:
        change(data)
    return data


def update(change: Callable[[dict], None]) -> None:
    """Apply ``change`` to the record and save it; if that is impossible, say why and keep it for this session."""
    _unsaved.append(change)
    path = where()
    try:
        with locked(path):
            data = _read_or_set_aside(path)
            for waiting in _unsaved:
                waiting(data)
            write_json(path, data)
        _unsaved.clear()
    except Unusable as reason:
        _say_once(f"Your answers are kept for this session only: {path.name} cannot be used ({reason}).")


def exercise(data: dict, id: str) -> dict:
    """The entry of one exercise, made if need be."""
    entry = data["exercises"].setdefault(id, {})
    for key, default in _ENTRY.items():
        entry.setdefault(key, default())
    return entry


def add_attempt(id: str, signature: str, attempt: dict) -> None:
    """Append an attempt; of the old ones the last few and the last that passed are kept."""

    def change(data):
        entry = exercise(data, id)
        attempts = [old for old in entry["attempts"] if old.get("source") != attempt["source"]] + [attempt]
        passed = [old for old in attempts[:-KEPT] if old["passed"]][-1:]
        entry.update(signature=signature, attempts=passed + attempts[-KEPT:])

    update(change)


def best(entry: dict) -> dict | None:
    """The attempt to give back: the learner's own, the last that passed, else the last."""
    attempts = [attempt for attempt in entry["attempts"] if attempt["source"]]
    return next((a for a in reversed(attempts) if a["passed"]), attempts[-1] if attempts else None)


_ENTRY = {"signature": str, "attempts": list, "hints": int, "revealed": bool}
_ATTEMPT = {"source": str, "passed": bool, "diagnosis": str, "library": bool}


def _empty() -> dict:
    return {"format": "course answers", "version": VERSION, "exercises": {}, "predictions": {}}


def _read(path: Path) -> tuple[dict, bool]:
    """(data, whole): the readable part of the file, and whether that is all of it."""
    try:
        data = read_json(path)
    except FileNotFoundError:
        return _empty(), True
    if type(data) is not dict:
        raise Damaged("it does not hold a record")
    if type(data.get("version")) is int and data["version"] > VERSION:
        raise Unusable(f"it was written by a newer version of the course ({data['version']})")
    return _readable_part(data)


def _readable_part(data: dict) -> tuple[dict, bool]:
    clean, whole = {**_empty(), **data, "version": VERSION}, True
    for section, fits in (("exercises", _exercise_fits), ("predictions", lambda entry: type(entry) is dict)):
        entries = clean[section] if type(clean[section]) is dict else {}
        good = {key: entry for key, entry in entries.items() if fits(entry)}
        whole = whole and good == clean[section]
        clean[section] = good
    for id in clean["exercises"]:
        exercise(clean, id)
    return clean, whole


def _exercise_fits(entry) -> bool:
    if type(entry) is not dict or not all(type(entry.get(key, kind())) is kind for key, kind in _ENTRY.items()):
        return False
    for attempt in entry.get("attempts", []):
        if type(attempt) is not dict or not all(type(attempt.get(key)) is kind for key, kind in _ATTEMPT.items()):
            return False
    return True


def _read_or_set_aside(path: Path) -> dict:
    try:
        data, whole = _read(path)
    except Damaged as reason:
        aside = set_aside(path, keep=False)
        print(f"{path.name} could not be read: {reason}. It is kept as {aside.name}, and a new one was started.")
        return _empty()
    if not whole:
        aside = set_aside(path, keep=True)
        print(f"Some entries of {path.name} could not be read. They are kept in {aside.name}.")
    return data


def _say_once(text: str) -> None:
    if text not in _said:
        _said.add(text)
        print(text)
