"""Data sets, and what is done to data before a model sees them.

Each loader says where its data come from and under which licence (docs/DATA.md lists them all), reads them in place,
and answers a missing package with the command that installs it. Files of one's own: `read_csv`, `read_idx`,
`read_text`, `read_vectors_text`, `read_vectors_binary`, `read_ratings`; a malformed one raises `Malformed`, naming file
and line.

`augment`, `cleaning`, `splitting`, `preprocess` and `leaks` are modules: ``from course_lib.data import augment``.
"""

from course_lib.data.dialogue import Pair, chatterbot, chitchat
from course_lib.data.digits import DIGITS, digits
from course_lib.data.images import FASHION_CLASSES, fashion_mnist, mnist, read_idx
from course_lib.data.packaged_vectors import glove, use_pieces
from course_lib.data.ratings import Ratings, movie_ratings, read_ratings, split_by_time, synthetic_ratings
from course_lib.data.source import Malformed, MissingData, Source, Split
from course_lib.data.table import Table
from course_lib.data.tables import breast_cancer, read_csv, stock_prices, titanic, wine
from course_lib.data.text import Text, Translation, descriptions, hsk_sentences, read_text, wiki_summaries
from course_lib.data.vector_files import read_vectors_binary, read_vectors_text
from course_lib.data.vectors import WordVectors

__all__ = [
    "DIGITS", "FASHION_CLASSES", "Malformed", "MissingData", "Pair", "Ratings", "Source", "Split", "Table", "Text",
    "Translation", "WordVectors", "breast_cancer", "chatterbot", "chitchat", "descriptions", "digits", "fashion_mnist",
    "glove", "hsk_sentences", "mnist", "movie_ratings", "read_csv", "read_idx", "read_ratings", "read_text",
    "read_vectors_binary", "read_vectors_text", "split_by_time", "stock_prices", "synthetic_ratings", "titanic",
    "use_pieces", "wiki_summaries", "wine",
]  # fmt: skip
