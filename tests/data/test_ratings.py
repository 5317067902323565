"""Ratings: RecBole's files, and a split in which the test is each user's future."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib import data
from course_lib.data.ratings import Ratings

INTER = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n7\t10\t4\t100\n3\t10\t2.5\t90\n7\t2\t1\t80\n"
ITEMS = 'item_id:token\tmovie_title:token_seq\trelease_year:token\n2\tAlien\t1979\n10\tBrazil\t\n11\t"M"\t1931\n'


def named(name, text):
    file = io.BytesIO(text.encode())
    file.name = name
    return file


def read(inter=INTER, items=None):
    return data.read_ratings(named("a.inter", inter), items and named("a.item", items))


def test_a_small_file():
    r = read(items=ITEMS)
    assert r.titles == ("Brazil", "Alien (1979)")
    assert (r.users.tolist(), r.items.tolist()) == ([1, 0, 1], [0, 0, 1])
    assert (r.stars.tolist(), r.times.tolist()) == ([4, 2.5, 1], [100, 90, 80])
    assert np.array_equal(r.matrix(), [[2.5, np.nan], [4, 1]], equal_nan=True)
    assert read().titles == ("10", "2")


@pytest.mark.parametrize(
    ("inter", "items", "message"),
    [
        ("", None, r"^a\.inter: is empty"),
        ("user_id:token\titem_id:token\n1\t2\n", None, "line 1: has no column 'rating'; there are user_id, item_id"),
        (INTER + "1\t2\t5\n", None, "line 5: has 3 fields, the header 4"),
        (INTER + "1\t2\tfive\t6\n", None, "line 5: column 'rating:float' should hold numbers, found 'five'"),
        (INTER + "1\t2\t\t6\n", None, "column 'rating' has missing values"),
        (INTER + "1\t99\t5\t6\n", ITEMS, r"^a\.item: has no item_id '99'"),
        (INTER, "item_id:token\n2\n", r"^a\.item, line 1: has no column 'movie_title'"),
        (INTER + '1\t2\t5\t"6\n', None, "line 5: a quote is never closed"),
    ],
)
def test_malformed(inter, items, message):
    with pytest.raises(data.Malformed, match=message):
        read(inter, items)


@given(seed=st.integers(0, 10_000), test=st.floats(0.05, 0.95), users=st.integers(1, 12))
def test_the_test_is_each_users_future(seed, test, users):
    r = data.synthetic_ratings(users, 8, seed=seed)
    train, late = data.split_by_time(r, test)
    assert len(train.stars) + len(late.stars) == len(r.stars)
    for user in range(users):
        before, after = train.times[train.users == user], late.times[late.users == user]
        assert len(after) == int((len(before) + len(after)) * test + 1e-9)
        assert len(before) > 0
        assert before.max() < after.min(initial=np.inf)


def test_ratings_of_the_same_second_keep_their_order():
    r = Ratings(np.zeros(4, int), np.arange(4), np.ones(4), np.zeros(4), tuple("abcd"))
    train, late = data.split_by_time(r, 0.5)
    assert (train.items.tolist(), late.items.tolist()) == ([0, 1], [2, 3])


@pytest.mark.parametrize("test", [0, 1, -0.2, float("nan")])
def test_bad_share(test):
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        data.split_by_time(data.synthetic_ratings(), test)


def test_synthetic_ratings_have_the_rank_they_say():
    full = data.synthetic_ratings(20, 15, rank=2, share=1.1, noise=0, seed=3)
    singular = np.linalg.svd(full.matrix() - 3, compute_uv=False)
    assert full.matrix().shape == (20, 15)
    assert 1 <= full.stars.min() <= full.stars.max() <= 5
    assert singular[1] > 4 * singular[2], "but for the cutting off at 1 and 5, the third would be zero"
    sparse = data.synthetic_ratings(seed=3)
    assert np.array_equal(np.unique(sparse.users), np.arange(30)), "every user has rated something"
    assert np.array_equal(sparse.stars, data.synthetic_ratings(seed=3).stars)


def test_movie_ratings(load):
    r = load("movie_ratings")
    assert (r.users.max() + 1, len(r.titles)) == (943, 1682)
    assert np.array_equal(np.bincount(r.stars.astype(int)), [0, 6110, 11370, 27145, 34174, 21201])
    assert r.titles[r.items[np.argmax(np.bincount(r.items)[r.items])]] == "Star Wars (1977)"
    _, late = data.split_by_time(r)
    assert len(late.stars) == 19_633
    assert np.array_equal(np.unique(late.users), np.arange(943))
