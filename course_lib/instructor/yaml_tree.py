"""YAML that knows its lines, and nothing more than mappings, lists and text: no aliases, tags or second documents."""

from __future__ import annotations

from dataclasses import dataclass, field

import yaml

from .decoding import Plain

MAX_BYTES = 1_000_000
MAX_DEPTH = 10
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlProblem(ValueError):
    """What is wrong with the text, and in which line."""

    def __init__(self, line: int, text: str):
        self.line, self.text = line, text
        super().__init__(f"line {line}: {text}")


@dataclass
class Tree:
    """``data`` (dict, list, str, Plain) and the line of every place in it."""

    data: object = None
    lines: dict[tuple, int] = field(default_factory=dict)

    def line(self, path: tuple) -> int:
        """The line of a place, or of the nearest place around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def parse(text: str) -> Tree:
    """Read one document. Raises YamlProblem."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise YamlProblem(1, f"the file has more than {MAX_BYTES:,} bytes")
    try:
        events = _events(text)
        tree = Tree()
        tree.data = _node(next(events, None), events, (), tree.lines)
        next(events, None)  # a second document would begin here
        return tree
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
        raise YamlProblem(mark.line + 1 if mark else 1, f"this is not YAML: {what}") from None


def _events(text: str):
    """The nodes' events, the surroundings left out."""
    documents, depth = 0, 0
    for event in yaml.parse(text, Loader=LOADER):
        line = event.start_mark.line + 1
        documents += isinstance(event, yaml.DocumentStartEvent)
        if documents > 1:
            raise YamlProblem(line, "a second document (---) begins here; there must be one")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise YamlProblem(line, "aliases (& and *) are not allowed: write the value out")
        if getattr(event, "tag", None):
            raise YamlProblem(line, f"tags ({event.tag}) are not allowed")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise YamlProblem(line, f"nested more than {MAX_DEPTH} deep")
        if isinstance(event, (yaml.NodeEvent, yaml.CollectionEndEvent)):
            yield event


def _node(event, events, path: tuple, lines: dict):
    """The value that begins with ``event``; ``lines`` gets the line of every place."""
    if event is None:
        return {}
    lines.setdefault(path, event.start_mark.line + 1)
    if isinstance(event, yaml.SequenceStartEvent):
        return [_node(item, events, (*path, i), lines) for i, item in enumerate(_items(events))]
    if isinstance(event, yaml.MappingStartEvent):
        return _mapping(events, path, lines)
    return event.value if event.style else Plain(event.value)


def _items(events):
    for event in events:
        if isinstance(event, yaml.CollectionEndEvent):
            return
        yield event


def _mapping(events, path: tuple, lines: dict) -> dict:
    found = {}
    for key in _items(events):
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarEvent):
            raise YamlProblem(line, "a key must be a word")
        if key.value in found:
            raise YamlProblem(line, f"{key.value} is there twice (first in line {lines[(*path, key.value)]})")
        lines[(*path, key.value)] = line
        name = Plain(key.value)
        found[name] = _node(next(events), events, (*path, key.value), lines)
    return found
