"""What a claim is: who says what, how it was judged, and on which grounds."""

from dataclasses import dataclass
from importlib import import_module

from course_lib.claims.evidence import Evidence

VERDICTS = ("correct", "incomplete", "wrong", "outdated", "unverifiable")
KINDS = ("advice", "code", "definition", "fact", "formula", "output", "reference", "worked-example")


@dataclass(frozen=True)
class Article:
    """One of the five articles; `title` as printed, `english` our translation."""

    id: str
    title: str
    english: str
    languages: tuple[str, ...]


@dataclass(frozen=True)
class Citation:
    """A published work that decides a claim."""

    authors: str
    title: str
    venue: str
    year: int

    def __str__(self):
        return f"{self.authors}: {self.title}. {self.venue}, {self.year}."


@dataclass(frozen=True)
class Claim:
    """Something that an article says, and what is true.

    Attributes
    ----------
    id : str
        Article, section, subject: "S0-4.3.2-adam-moments".
    says, correction : str
        In our words, formulas excepted.
    verdict : str
        One of `VERDICTS`.
    experiment : str or None
        "topic.function" in ``experiments/chapterNN_topic.py``.
    citation : Citation or None
    alias_of : str or None
        The claim that says the same and brings the experiment.
    """

    id: str
    chapter: int
    article: Article
    kind: str
    says: str
    verdict: str
    correction: str
    experiment: str | None = None
    citation: Citation | None = None
    alias_of: str | None = None

    def run(self) -> Evidence:
        """Run the experiment.

        Raises
        ------
        ValueError
            If the claim rests on a citation alone.
        """
        if not self.experiment:
            raise ValueError(f"{self.id}: decided by a citation, there is nothing to run: {self.citation}")
        topic, name = self.experiment.split(".")
        module = import_module(f"course_lib.claims.experiments.chapter{self.chapter:02d}_{topic}")
        return getattr(module, name)()


@dataclass(frozen=True)
class Disagreement:
    """A place where an article's versions say different things; `versions` maps the version's name to what it says."""

    topic: str
    chapter: int
    article: Article
    ids: tuple[str, ...]
    versions: dict[str, str]
    right: str
