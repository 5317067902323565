"""Cleaning and splitting: PyTorch's quantiles, numpy.unique, scikit-learn's splits, and rows compared in loops."""

import math
from collections import Counter

import numpy as np
from sklearn.model_selection import train_test_split

from course_lib.data import cleaning, splitting
from course_lib.data.table import Table, from_matrix
from course_lib.verify.sampling import floats, holds, seeds, st
from course_lib.verify.spec import Measured, Spec
from course_lib.verify.specs.metrics import worst
from course_lib.verify.tools import torch


def repeating():
    """Matrices with many equal rows, some with missing values."""
    rng = np.random.default_rng(1)
    for shape in ((0, 2), (1, 1), (9, 1), (40, 2), (60, 3)):
        x = rng.integers(0, 3, shape).astype(float)
        yield x
        yield np.where(rng.random(shape) < 0.2, np.nan, x)


def first_of_unique(x):
    """Mark what numpy.unique does not list as the first of its kind; -1 stands for a missing value."""
    _, first = np.unique(np.nan_to_num(x, nan=-1), axis=0, return_index=True)
    return ~np.isin(np.arange(len(x)), first)


def repeats_by_hand(x):
    def same(a, b):
        return all(p == q or (math.isnan(p) and math.isnan(q)) for p, q in zip(a, b, strict=True))

    return [any(same(row, x[j]) for j in range(i)) for i, row in enumerate(x)]


def duplicated_error(twin):
    return lambda dtype: worst((cleaning.duplicated(x), twin(x)) for x in repeating())


def dropped_error(twin):
    def run(dtype):
        pairs = []
        for x in repeating():
            names = [f"c{j}" for j in range(x.shape[1])]
            kept = cleaning.drop_duplicates(from_matrix(x, names)).matrix()
            pairs.append((kept, x[~np.array(twin(x), dtype=bool)]))
        return worst(pairs)

    return run


def spread(dtype=np.float64):
    """Columns with far-off values and missing ones."""
    rng = np.random.default_rng(2)
    for shape in ((1, 1), (2, 3), (7, 2), (50, 4), (101, 1)):
        x = rng.standard_t(1.5, shape).astype(dtype)
        yield x
        yield np.where(rng.random(shape) < 0.2, np.nan, x)


def torch_fences(x, k):
    q1, q3 = torch.nanquantile(torch.tensor(x, dtype=torch.float64), torch.tensor([0.25, 0.75]).double(), dim=0).numpy()
    return q1 - k * (q3 - q1), q3 + k * (q3 - q1)


def quantile_by_hand(values, p):
    """Sort, and go the share p of the way from the first to the last."""
    values = sorted(float(v) for v in values if not math.isnan(v))
    if not values:
        return math.nan
    place = p * (len(values) - 1)
    i = math.floor(place)
    return values[i] + (place - i) * (values[min(i + 1, len(values) - 1)] - values[i])


def fences_by_hand(x, k):
    q1, q3 = ([quantile_by_hand(column, p) for column in x.T] for p in (0.25, 0.75))
    pairs = list(zip(q1, q3, strict=True))
    return [a - k * (b - a) for a, b in pairs], [b + k * (b - a) for a, b in pairs]


def fences_error(twin):
    return lambda dtype: worst((cleaning.fences(x, k), twin(x, k)) for x in spread(dtype) for k in (0.5, 1.5, 3))


def outliers_error(twin):
    def mask(x, k):
        low, high = twin(x, k)
        return [[v < low[j] or v > high[j] for j, v in enumerate(row)] for row in x]

    return lambda dtype: worst((cleaning.outliers(x, k), mask(x, k)) for x in spread(dtype) for k in (0.5, 1.5))


FRACTIONS = ((0.75, 0.25), (0.5, 0.5), (0.9, 0.1))


def shuffled_labels():
    """Labels of which every part's share is a whole number of rows."""
    rng = np.random.default_rng(3)
    for counts in ((20,), (40, 20), (20, 60, 100)):
        yield rng.permutation(np.repeat(np.arange(len(counts)), counts))


def table_of(parts, labels):
    """How often each label is in each part."""
    return [np.bincount(labels[part], minlength=labels.max() + 1) for part in parts]


def split_error(split, stratify):
    """Sizes of the parts, or counts of every label in them, beside scikit-learn's."""

    def run(dtype):
        pairs = []
        for labels in shuffled_labels():
            for shares in FRACTIONS:
                rows = np.arange(len(labels))
                if not stratify:
                    labels = np.zeros_like(labels)
                theirs = train_test_split(rows, test_size=shares[1], stratify=labels, random_state=0)
                pairs.append((table_of(split(labels, shares), labels), table_of(theirs, labels)))
        return worst(pairs)

    return run


def counted_error(split, kinds):
    """Look every row up in the parts: it is in one of them, and part k has m·fractions[k] of a label's m rows."""

    def run(dtype):
        pairs = []
        for labels in shuffled_labels():
            for shares in (*FRACTIONS, (0.6, 0.2, 0.2), (0.1, 0.2, 0.3, 0.4), (1.0,)):
                parts = [part.tolist() for part in split(labels, shares)]
                found = Counter()
                for row, label in enumerate(labels.tolist()):
                    holders = [k for k, part in enumerate(parts) if row in part]
                    assert len(holders) == 1, (row, holders)
                    found[kinds(label), holders[0]] += 1
                rows = Counter(map(kinds, labels.tolist()))
                expected = {(c, k): m * share for c, m in rows.items() for k, share in enumerate(shares)}
                assert found.keys() <= expected.keys()
                pairs.append(([found[key] for key in expected], list(expected.values())))
        return worst(pairs)

    return run


def at_random(labels, shares):
    return splitting.random_split(len(labels), shares, seed=5)


def by_label(labels, shares):
    return splitting.stratified_split(labels, shares, seed=5)


def drawn(rng):
    return rng.integers(0, 3, (rng.integers(1, 20), 2)).astype(float)


@holds(rng=seeds())
def the_first_of_its_kind_is_not_marked_and_its_copies_are(rng):
    x = drawn(rng)
    twice = cleaning.duplicated(np.concatenate([x, x]))
    assert np.array_equal(twice[: len(x)], cleaning.duplicated(x))
    assert twice[len(x) :].all()


@holds(rng=seeds())
def what_is_left_has_no_repeats_and_every_kind_of_row(rng):
    left = cleaning.drop_duplicates(from_matrix(x := drawn(rng), ["a", "b"]))
    assert not cleaning.duplicated(left).any()
    assert set(map(tuple, left.matrix())) == set(map(tuple, x))


@holds(rng=seeds())
def categories_count_as_well(rng):
    kinds = np.array(["a", "b", None], dtype=object)[rng.integers(0, 3, 12)]
    left = cleaning.drop_duplicates(Table({"k": kinds}, {"k": "category"}))
    assert left["k"].tolist() == list(dict.fromkeys(kinds))


@holds(rng=seeds(), a=floats(0.1, 5), b=floats(), k=floats(0, 3))
def move_and_stretch_with_the_values(rng, a, b, k):
    x = rng.normal(size=(15, 2))
    assert np.allclose(cleaning.fences(a * x + b, k), a * np.array(cleaning.fences(x, k)) + b, atol=1e-10)


@holds(rng=seeds(), k=floats(0, 3))
def half_of_the_values_but_for_one_lie_within(rng, k):
    x = rng.normal(size=(rng.integers(1, 30), 2))
    low, high = cleaning.fences(x, k)
    within = ((x >= low - 1e-12) & (x <= high + 1e-12)).sum(0)
    assert (within >= len(x) / 2 - 1).all()


@holds(rng=seeds(), k=floats(0, 3), more=floats(0, 3))
def wider_fences_leave_fewer_out_and_a_missing_value_is_never_one(rng, k, more):
    x = rng.standard_t(1, size=(20, 2))
    x[3, 0] = np.nan
    wide = cleaning.outliers(x, k + more)
    assert not wide[3, 0]
    assert not (wide & ~cleaning.outliers(x, k)).any()


@holds(n=st.integers(0, 200), seed=st.integers(0, 2**32))
def parts_are_sorted_disjoint_complete_and_within_a_row_of_their_share(n, seed):
    parts = splitting.random_split(n, (0.6, 0.3, 0.1), seed)
    assert sorted(np.concatenate(parts).tolist()) == list(range(n))
    assert all((np.diff(part) > 0).all() for part in parts)
    assert all(abs(len(part) - share * n) <= 1 for part, share in zip(parts, (0.6, 0.3, 0.1), strict=True))


@holds(n=st.integers(20, 60), seed=st.integers(0, 2**20), examples=5)
def every_row_is_as_likely_in_every_part(n, seed):
    chosen = sum(np.isin(np.arange(n), splitting.random_split(n, (0.75, 0.25), seed + i)[1]) for i in range(600))
    assert np.abs(chosen / 600 - 0.25).max() < 0.1  # 5.6 standard deviations, and 1/(2n) of rounding


@holds(counts=st.lists(st.integers(3, 60), min_size=1, max_size=5), seed=st.integers(0, 2**32))
def every_part_has_the_same_mix_of_labels_within_two_rows(counts, seed):
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    for part, share in zip(splitting.stratified_split(labels, seed=seed), (0.6, 0.2, 0.2), strict=True):
        assert (np.abs(np.bincount(labels[part], minlength=len(counts)) - share * np.array(counts)) < 2).all()


@holds(rng=seeds(), seed=st.integers(0, 1000))
def the_names_of_the_labels_do_not_matter(rng, seed):
    labels = np.tile([0, 1, 2], 10)[rng.permutation(30)]
    a, b = (splitting.stratified_split(y, seed=seed) for y in (labels, np.array(["a", "b", "c"])[labels]))
    assert all(np.array_equal(p, q) for p, q in zip(a, b, strict=True))


def spec(name, parity, second, *properties, float32=1e-5):
    return Spec(f"data.{name}", properties=properties, parity=Measured(*parity, float32=float32),
                second=Measured(*second))  # fmt: skip


SPECS = (
    spec("cleaning.duplicated", ("numpy.unique", duplicated_error(first_of_unique)),
         ("all pairs of rows compared in a loop", duplicated_error(repeats_by_hand)),
         the_first_of_its_kind_is_not_marked_and_its_copies_are, float32=None),
    spec("cleaning.drop_duplicates", ("numpy.unique", dropped_error(first_of_unique)),
         ("all pairs of rows compared in a loop", dropped_error(repeats_by_hand)),
         what_is_left_has_no_repeats_and_every_kind_of_row, categories_count_as_well, float32=None),
    spec("cleaning.fences", ("torch.nanquantile", fences_error(torch_fences)),
         ("values sorted by hand", fences_error(fences_by_hand)),
         move_and_stretch_with_the_values, half_of_the_values_but_for_one_lie_within),
    spec("cleaning.outliers", ("torch.nanquantile", outliers_error(torch_fences)),
         ("values sorted by hand", outliers_error(fences_by_hand)),
         wider_fences_leave_fewer_out_and_a_missing_value_is_never_one),
    spec("splitting.random_split", ("sizes of sklearn's train_test_split", split_error(at_random, False)),
         ("rows looked up and counted in a loop", counted_error(at_random, lambda label: 0)),
         parts_are_sorted_disjoint_complete_and_within_a_row_of_their_share, every_row_is_as_likely_in_every_part,
         float32=None),
    spec("splitting.stratified_split", ("labels counted in sklearn's train_test_split", split_error(by_label, True)),
         ("rows looked up and counted in a loop", counted_error(by_label, lambda label: label)),
         every_part_has_the_same_mix_of_labels_within_two_rows, the_names_of_the_labels_do_not_matter, float32=None),
)  # fmt: skip
