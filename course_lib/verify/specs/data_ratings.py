"""Ratings and leaks: pandas on the same rows, users looked up in loops, preparations known to leak or not."""

import io

import numpy as np
import pandas
from sklearn.decomposition import TruncatedSVD
from sklearn.preprocessing import StandardScaler

from course_lib import data
from course_lib.data.leaks import leaks
from course_lib.verify.proofs import relative
from course_lib.verify.sampling import holds, seeds, st
from course_lib.verify.spec import Measured, Spec
from course_lib.verify.specs.data_files import spec

HEADER = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"


def written(n=50):
    """RecBole's file for n random ratings, and the rows in it."""
    rng = np.random.default_rng(0)
    rows = [(f"u{rng.integers(9)}", f"i{rng.integers(12)}", float(rng.integers(1, 6)), float(rng.integers(1000)))
            for _ in range(n)]  # fmt: skip
    return HEADER + "".join("\t".join(map(str, row)) + "\n" for row in rows), rows


def read_error(dtype):
    text, _ = written()
    ours = data.read_ratings(io.BytesIO(text.encode()))
    twin = pandas.read_csv(io.StringIO(text), sep="\t")
    means = twin.groupby("item_id:token")["rating:float"].mean()
    mine = [ours.stars[ours.items == i].mean() for i, _ in enumerate(ours.titles)]
    return max(relative(mine, means[list(ours.titles)].to_numpy()),
               relative(ours.stars, twin["rating:float"].to_numpy()))  # fmt: skip


def rows_error(dtype):
    """Every row by its own names: the same item has the same title, the same user the same number."""
    text, rows = written()
    ours = data.read_ratings(io.BytesIO(text.encode()))
    assert [ours.titles[i] for i in ours.items] == [row[1] for row in rows]
    numbers = dict(zip([row[0] for row in rows], ours.users, strict=True))
    assert len(set(numbers.values())) == len(numbers)
    assert [numbers[row[0]] for row in rows] == ours.users.tolist()
    return relative(np.column_stack([ours.stars, ours.times]), np.array([row[2:] for row in rows]))


def split_error(dtype):
    """pandas: the rank of each rating within its user, by time."""
    errors = []
    for seed in range(4):
        r = data.synthetic_ratings(seed=seed)
        frame = pandas.DataFrame({"user": r.users, "time": r.times, "stars": r.stars})
        rank = frame.groupby("user")["time"].rank(method="first") - 1
        count = frame.groupby("user")["time"].transform("size")
        late = (rank >= count - np.floor(count * 0.2 + 1e-9)).to_numpy()
        train, test = data.split_by_time(r, 0.2)
        errors += [relative(train.stars, r.stars[~late]), relative(test.stars, r.stars[late])]
    return max(errors)


def split_loop_error(dtype):
    r = data.synthetic_ratings(seed=5)
    late = []
    for user in range(30):
        mine = sorted((r.times[k], k) for k in range(len(r.users)) if r.users[k] == user)
        late += [k for _, k in mine[len(mine) - int(len(mine) * 0.2 + 1e-9):]]
    return relative(data.split_by_time(r, 0.2)[1].stars, r.stars[sorted(late)])


def rank_error(dtype):
    """Uncut and without noise, two components explain all: scikit-learn's truncated SVD restores the matrix."""
    r = data.synthetic_ratings(40, 25, rank=2, share=1, noise=0, seed=1)
    full = r.matrix()
    inside = (full > 1) & (full < 5)
    rng = np.random.default_rng(1)
    made = 3 + rng.normal(size=(40, 2)) @ rng.normal(size=(25, 2)).T / np.sqrt(2)
    svd = TruncatedSVD(2, algorithm="arpack", random_state=0)
    again = svd.fit_transform(made - 3) @ svd.components_ + 3
    return relative(full[inside], again[inside])


def clipped_error(dtype):
    r = data.synthetic_ratings(40, 25, share=0.5, seed=2)
    full = data.synthetic_ratings(40, 25, share=1, seed=2)
    assert set(np.unique(r.users)) == set(range(40))
    assert full.stars.min() >= 1
    assert full.stars.max() <= 5
    return relative(r.stars, full.matrix()[r.users, r.items])


PREPARATIONS = {  # preparation -> how many things are wrong with it
    "fitted on the training rows": (lambda a, b: ((a - a.mean(0)) / a.std(0), (b - a.mean(0)) / a.std(0)), 0),
    "left as it is": (lambda a, b: (a, b), 0),
    "fitted on both": (lambda a, b: tuple(np.split((x := np.r_[a, b]) - x.mean(0), [len(a)])), 2),
    "each fitted on its own": (lambda a, b: (a - a.mean(0), b - b.mean(0)), 1),
    "only one of the two": (lambda a, b: (2 * a, b), 1),
}


def found_error(dtype):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(20, 3)), rng.normal(size=(8, 3)) + 1
    return relative([len(leaks(p, a, b)) for p, _ in PREPARATIONS.values()], [n for _, n in PREPARATIONS.values()])


def sklearn_found_error(dtype):
    """scikit-learn's scaler, used rightly and fitted on everything."""
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(20, 3)), rng.normal(size=(8, 3)) + 1
    right = lambda a, b: ((s := StandardScaler().fit(a)).transform(a), s.transform(b))  # noqa: E731
    wrong = lambda a, b: ((s := StandardScaler().fit(np.r_[a, b])).transform(a), s.transform(b))  # noqa: E731
    return relative([bool(leaks(right, a, b)), bool(leaks(wrong, a, b))], [False, True])


@holds(rng=seeds(), test=st.floats(0.05, 0.95))
def no_test_rating_is_older_than_a_training_rating_of_its_user(rng, test):
    r = data.synthetic_ratings(8, 9, seed=int(rng.integers(1000)))
    train, late = data.split_by_time(r, test)
    assert len(train.users) + len(late.users) == len(r.users)
    for user in set(late.users.tolist()):
        assert train.times[train.users == user].max(initial=-1) < late.times[late.users == user].min()


@holds(rng=seeds())
def a_file_in_another_order_holds_the_same_ratings(rng):
    text, _ = written(20)
    lines = text.splitlines(keepends=True)
    moved = lines[0] + "".join(rng.permutation(lines[1:]))
    a, b = (data.read_ratings(io.BytesIO(t.encode())) for t in (text, moved))
    assert sorted(zip([a.titles[i] for i in a.items], a.stars, strict=True)) == sorted(
        zip([b.titles[i] for i in b.items], b.stars, strict=True))  # fmt: skip


@holds(rng=seeds())
def a_fixed_map_of_rows_never_leaks(rng):
    w = rng.normal(size=(3, 2))
    assert leaks(lambda a, b: (np.tanh(a @ w), np.tanh(b @ w)), rng.normal(size=(6, 3)), rng.normal(size=(4, 3))) == []


@holds(seed=st.integers(0, 99))
def the_same_seed_gives_the_same_ratings(seed):
    a, b = data.synthetic_ratings(seed=seed), data.synthetic_ratings(seed=seed)
    assert all(np.array_equal(x, y) for x, y in zip(a[:4], b[:4], strict=True))


SPECS = (
    spec("read_ratings", ("pandas.read_csv", read_error), ("the rows that were written", rows_error),
         a_file_in_another_order_holds_the_same_ratings),
    spec("split_by_time", ("pandas' ranks", split_error), ("users in a loop", split_loop_error),
         no_test_rating_is_older_than_a_training_rating_of_its_user),
    spec("synthetic_ratings", ("scikit-learn's TruncatedSVD", rank_error), ("the whole matrix", clipped_error),
         the_same_seed_gives_the_same_ratings),
    Spec("data.leaks.leaks",
         parity=Measured("scikit-learn's scaler, right and wrong", sklearn_found_error, float32=None),
         second=Measured("preparations with known faults", found_error, float32=None),
         properties=(a_fixed_map_of_rows_never_leaks,)),
)  # fmt: skip
