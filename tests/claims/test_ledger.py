"""The ledger is complete, consistent and readable without anything but the standard library."""

import inspect
import json
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from course_lib import claims
from course_lib.claims import experiments, ledger

COUNTS = {1: 29, 2: 48, 3: 57, 4: 71, 5: 62, 6: 36, 7: 63, 8: 46, 9: 31, 10: 31}  # 474 claims
EXPECTED = {n: (Path(__file__).parent / f"chapter{n:02d}_ids.txt").read_text("utf-8").split() for n in COUNTS}
ALL = claims.load()
CHAPTERS = sorted({c.chapter for c in ALL})


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_claim_of_the_chapter_is_there_once(chapter):
    assert len(EXPECTED[chapter]) == len(set(EXPECTED[chapter])) == COUNTS[chapter]
    assert sorted(c.id for c in claims.load(chapter)) == sorted(EXPECTED[chapter])


def test_all_lists_together():
    assert len({id for ids in EXPECTED.values() for id in ids}) == 474


@pytest.mark.parametrize("claim", ALL, ids=lambda c: c.id)
def test_fields(claim):
    assert claim.verdict in claims.VERDICTS
    assert claim.kind in claims.KINDS
    assert claim.says.strip()
    assert claim.correction.strip()
    assert claim.experiment or claim.citation
    if claim.citation:
        fields = claim.citation
        assert all([fields.authors, fields.title, fields.venue])
        assert 1600 < fields.year < 2100


@pytest.mark.parametrize("claim", [c for c in ALL if c.alias_of], ids=lambda c: c.id)
def test_an_alias_shares_verdict_and_grounds(claim):
    origin = claims.get(claim.alias_of)
    assert origin.alias_of is None
    assert (claim.verdict, claim.experiment, claim.citation) == (origin.verdict, origin.experiment, origin.citation)


def experiments_written() -> set[str]:
    """"chapter:topic.function" for every public function of an experiment file that takes no argument."""
    found = set()
    for info in pkgutil.iter_modules(experiments.__path__):
        if info.name.startswith("chapter"):
            module = import_module(f"{experiments.__name__}.{info.name}")
            own = [f for _, f in inspect.getmembers(module, inspect.isfunction) if f.__module__ == module.__name__]
            names = [f.__name__ for f in own if not inspect.signature(f).parameters]
            found |= {f"{info.name[7:9]}:{info.name[10:]}.{name}" for name in names if not name.startswith("_")}
    return found


def test_every_experiment_decides_a_claim_and_every_claim_finds_its_experiment():
    assert experiments_written() == {f"{c.chapter:02d}:{c.experiment}" for c in ALL if c.experiment}


DISAGREEMENTS = {
    2: {"S0-2.1-definition", "S0-2.1-bert-params", "S0-2.2.1-gpt3-cost"},
    1: {"S2-1-param-range", "S3-1-trillions"},
    4: {"S0-4.3.1-gd-formula", "S3-4.1-backprop-desc", "S4-4.2-sgd-drafts"},
    7: {"S2-7-deep-learning-authors"},
    8: {"S0-8.3-en-mixed-language"},
    10: {"S1-10-two-drafts"},
}  # by the first claim that each touches


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_disagreements_belong_to_one_article(chapter):
    for d in ledger.disagreements(chapter):
        assert len(d.versions) == 2
        assert len(set(d.versions.values())) == 2
        assert {id.split("-")[0] for id in d.ids} == {d.article.id}
        assert claims.get(d.ids[0]).chapter == d.chapter
    assert {d.ids[0] for d in ledger.disagreements(chapter)} == DISAGREEMENTS.get(chapter, set())


def test_five_articles_with_titles():
    assert list(claims.articles()) == ["S0", "S1", "S2", "S3", "S4"]
    assert len({a.title for a in claims.articles().values()}) == 5


def test_an_unknown_id_is_answered_with_the_nearest():
    with pytest.raises(KeyError, match=r"S0-4\.3\.2-adam-moments"):
        claims.get("S0-4.3.2-adam-moment")


def test_a_claim_without_experiment_says_so():
    cited = claims.Claim("S0-1-x", 1, claims.articles()["S0"], "fact", "a", "wrong", "b",
                         citation=claims.Citation("A. Author", "T", "V", 2000))  # fmt: skip
    with pytest.raises(ValueError, match=r"A\. Author"):
        cited.run()


def test_the_ledger_loads_nothing_heavy():
    code = "import json, sys; from course_lib import claims; claims.load(); print(json.dumps(sorted(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = {name.split(".")[0] for name in json.loads(out)}
    assert not loaded & {"torch", "matplotlib", "IPython", "ipywidgets", "anywidget", "yaml", "sklearn", "scipy"}
