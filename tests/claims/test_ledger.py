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

EXPECTED = {4: (Path(__file__).parent / "chapter04_ids.txt").read_text("utf-8").split()}
ALL = claims.load()


@pytest.mark.parametrize("chapter", EXPECTED)
def test_every_claim_of_the_chapter_is_there_once(chapter):
    assert len(EXPECTED[4]) == len(set(EXPECTED[4])) == 71
    assert sorted(c.id for c in claims.load(chapter)) == sorted(EXPECTED[chapter])


def test_no_chapter_without_a_list():
    assert {c.chapter for c in ALL} == set(EXPECTED)


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
    """"topic.function" for every public function of every experiment file."""
    found = set()
    for info in pkgutil.iter_modules(experiments.__path__):
        if info.name.startswith("chapter"):
            module = import_module(f"{experiments.__name__}.{info.name}")
            names = [n for n, f in inspect.getmembers(module, inspect.isfunction) if f.__module__ == module.__name__]
            found |= {f"{info.name[7:9]}:{info.name[10:]}.{name}" for name in names if not name.startswith("_")}
    return found


def test_every_experiment_decides_a_claim_and_every_claim_finds_its_experiment():
    assert experiments_written() == {f"{c.chapter:02d}:{c.experiment}" for c in ALL if c.experiment}


def test_disagreements_belong_to_one_article():
    for d in ledger.disagreements():
        assert len(d.versions) == 2
        assert len(set(d.versions.values())) == 2
        assert {claims.get(id).article for id in d.ids} == {d.article}
        assert {claims.get(id).chapter for id in d.ids} == {d.chapter}
    ids = {id for d in ledger.disagreements(4) for id in d.ids}
    assert ids == {"S0-4.3.1-gd-formula", "S3-4.1-backprop-desc", "S4-4.2-sgd-drafts"}


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
