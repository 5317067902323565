"""References as the articles print them, against the reference file: titles, authors, years, addresses."""

from urllib.parse import urlsplit

from course_lib.claims import references
from course_lib.claims.evidence import Evidence

AS_PUBLISHED = (
    "S0-7-book-deep-learning", "S0-7-book-chollet", "S0-7-book-qiu", "S0-7-paper-attention",
    "S0-7-paper-bert", "S3-7-nielsen", "S3-7-geron",
)  # fmt: skip
MISATTRIBUTED = (
    "S0-7.3-goldberg", "S2-7-deep-learning-authors", "S2-7-life30", "S2-7-gshard", "S2-7-annotated-transformer",
    "S3-7-deep-learning-as-paper", "S4-7-python-deep-learning", "S4-7-d2l", "S4-7-deep-learning-as-paper",
)  # fmt: skip
UNKNOWN = ("S0-7-site-ml-community", "S4-7-visual-recognition-paper", "S4-7-next-gen-nlp-paper", "S4-7-case-books")
ALIKE = 0.9  # titles at least so alike, on a scale from 0 to 1, are taken for the same
ADDRESSES = {  # name as printed: address
    "TensorFlow": "https://www.tensorflow.org/",
    "Keras": "https://keras.io/",
    "PyTorch": "https://pytorch.org/",
    "Kaggle": "https://www.kaggle.com/",
    "GitHub": "https://github.com/",
    "Hugging Face": "https://huggingface.co/",
}
PLATFORMS = {"TensorFlow": "tensorflow.org", "PyTorch": "pytorch.org", "Medium blogs": "", "Zhihu topics": ""}
BLOG = ("https://www MACHINE LEARNING.org/", "https://www.machinelearning.org/")  # visible text, target
BASE_CAMP = {"S2": "https://www.aitia.org.cn/", "S4": "https://www.aitechtoday.com/"}


def as_published():
    """Titles, authors and kind of the references that are right."""
    wrong = {p.claim: _differences(p) for p in _printed(AS_PUBLISHED) if _differences(p)}
    return Evidence(
        f"{len(AS_PUBLISHED) - len(wrong)} of {len(AS_PUBLISHED)} of these references have the title, the authors and "
        "the kind of the published work.",
        said={"title, authors and kind are as published": not wrong},
        right={"venue and year can be added to each": all(_complete(p.work) for p in _printed(AS_PUBLISHED))},
        numbers={"references": len(AS_PUBLISHED), "wrong": len(wrong)},
    )


def misattributed():
    """What is printed otherwise than it was published."""
    found = {p.claim: _differences(p) for p in _printed(MISATTRIBUTED)}
    kinds = [kind for differs in found.values() for kind in differs]
    counts = {kind: kinds.count(kind) for kind in ("authors", "order", "title", "kind")}
    known = all(_same_work(p) for p in _printed(MISATTRIBUTED))
    wrong = sum(map(bool, found.values()))
    return Evidence(
        f"{wrong} of {len(found)} of these references differ from the published work: {counts['authors']} in the "
        f"authors, {counts['order']} in their order, {counts['title']} in the title, {counts['kind']} list a book as "
        "a paper or the other way round.",
        said={f"{id} is as published": not differs for id, differs in found.items()},
        right={"every reference differs from its work": wrong == len(found), "title or author tell the work": known},
        numbers={"differences": ", ".join(f"{kind} {n}" for kind, n in counts.items())},
    )


def one_author():
    """Bengio's survey of 2009, printed as "Bengio et al."."""
    (printed,) = _printed(["S3-7-bengio-2009"])
    work = references.works()[printed.work]
    differs = references.differences(printed, work)
    return Evidence(
        f"title and year are right; “et al.” stands for {len(references.families(work)) - 1} further authors.",
        said={"title and year are as published": not {"title", "year"} & set(differs)},
        gap={"“et al.” stands for nobody": differs == ["authors"]},
        right={"the survey has one author": references.families(work) == ["Bengio"]},
        numbers={"authors": references.families(work)},
    )


def unidentified():
    """Titles without author, year and venue: is there anything like them among the works that we know?"""
    rows = _printed(UNKNOWN)
    most_alike = max(references.nearest(p.title)[0] for p in rows)
    bare = all(not p.authors and p.year is None for p in rows)
    control = references.nearest("gshard - scaling giant models with conditional computation & automatic sharding")
    return Evidence(
        f"{len(rows)} titles without author, year or venue, and no title in the reference file is like one of them; a "
        "title that is in it is found in spite of another spelling.",
        said={"titles are given": all(p.title for p in rows)},
        gap={"neither author nor year to look them up by": bare,
             "no known title is like one of them": most_alike < ALIKE},
        right={"a title that is known is found in spite of its spelling": control[0] >= ALIKE
               and control[1] == "lepikhin-2021"},
        numbers={"titles": len(rows), "control": control[1]},
    )  # fmt: skip


def addresses():
    """Whether each address is well formed and its host bears the name of what it is the address of."""
    hosts = {name: _host(address) for name, address in ADDRESSES.items()}
    named = [name.replace(" ", "").lower() in (host or "") for name, host in hosts.items()]
    return Evidence(
        f"{sum(named)} of {len(hosts)} addresses are well formed and name their owner in the host; none was fetched.",
        said={"every address is well formed and its host bears the name": all(named)},
        right={"a host with a blank in it is refused": _host(BLOG[0]) is None},
        numbers={"addresses": len(hosts)},
    )


def platforms():
    """Four sources, two of them without an address or an author."""
    given = [name for name, host in PLATFORMS.items() if host]
    return Evidence(
        f"{len(given)} of {len(PLATFORMS)} sources come with an address, none with an author.",
        said={"the addresses that are given are well formed": all(_host("https://" + PLATFORMS[n]) for n in given)},
        gap={"some sources have none": len(given) < len(PLATFORMS)},
        right={"two can be found, two cannot": len(given) == 2},
        numbers={"with an address": given},
    )


def link_text():
    """The address that is shown, and the one that the link leads to."""
    shown, target = map(_host, BLOG)
    return Evidence(
        f"the visible address has blanks in its host, which no address can have; the link leads to {target}.",
        said={"the address that is shown can be opened": shown is not None, "shown and target agree": shown == target},
        right={"only the target is an address": shown is None and target is not None},
        numbers={"target": target or ""},
    )


def two_domains():
    """One name, two articles, two addresses."""
    hosts = {_host(address) for address in BASE_CAMP.values()}
    return Evidence(
        f"two articles give {len(hosts)} different hosts for one name.",
        said={"both are well formed": None not in hosts},
        gap={"at most one of them can be the platform's": len(hosts) == 2},
        right={"so neither is to be linked before one is confirmed": len(hosts) > 1},
        numbers={"hosts": sorted(map(str, hosts))},
    )


def _printed(ids):
    return [p for p in references.printed() if p.claim in ids]


def _differences(printed):
    return references.differences(printed, references.works()[printed.work])


def _complete(id):
    cited = references.citation(id)
    return bool(cited.authors and cited.venue and cited.year)


def _same_work(printed):
    work = references.works()[printed.work]
    same_title = references.normal(printed.title) == references.normal(work["title"])
    return same_title or bool(set(printed.authors) & set(references.families(work)))


def _host(address):
    """The host, or None if there cannot be such a host."""
    host = urlsplit(address).hostname
    labels = (host or "").split(".")
    fits = len(labels) > 1 and all(label and label.replace("-", "").isalnum() and label.isascii() for label in labels)
    return host if fits else None
