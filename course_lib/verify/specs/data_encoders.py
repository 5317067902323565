"""Encoders and pipelines beside scikit-learn's; second references are loops."""

import numpy as np
from sklearn import compose, pipeline, preprocessing

from course_lib.data import preprocess as ours
from course_lib.data.table import Table
from course_lib.verify.sampling import holds, seeds, st
from course_lib.verify.specs.data_preprocess import (
    against,
    filled_by_hand,
    fitting_again_forgets_what_was_learnt_before,
    min_max_by_hand,
    our_pipeline,
    sklearn_filled,
    spec,
    standard_by_hand,
)
from course_lib.verify.specs.metrics import worst


def kinds():
    """Training rows and others of categories, some missing, and some that were not there when fitting."""
    rng = np.random.default_rng(2)
    seen, later = (np.array(list(names) + [None], dtype=object) for names in ("abc", "abcd"))
    for n, d in ((1, 1), (6, 2), (50, 3)):
        train = seen[rng.integers(0, 4, (n, d))]
        train[0] = "b"
        yield train, later[rng.integers(0, 5, (n + 2, d))]


class OneHotByHand:
    """Compare each value with each category."""

    def fit(self, x):
        self.known = [sorted({v for v in c if v is not None}) + [None] * (None in c) for c in x.T.tolist()]
        return self

    def transform(self, x):
        return [[float(v == k) for v, known in zip(row, self.known, strict=True) for k in known] for row in x.tolist()]


def sklearn_one_hot():
    return preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=False)


class Chain:
    """Steps one after the other, each fitted on what the one before makes."""

    def __init__(self, *steps):
        self.steps = steps

    def fit(self, x):
        for step in self.steps:
            x = step.fit(x).transform(x)
        return self

    def transform(self, x):
        for step in self.steps:
            x = step.transform(x)
        return x


def sklearn_pipeline():
    return pipeline.make_pipeline(sklearn_filled("median")(), preprocessing.StandardScaler(),
                                  preprocessing.MinMaxScaler())  # fmt: skip


def pipeline_by_hand():
    return Chain(filled_by_hand("median")(), standard_by_hand(), min_max_by_hand())


def tables():
    """Training and other tables: numbers, categories, and text that no step takes."""
    rng = np.random.default_rng(3)
    names = np.array(["a", "b", None], dtype=object)
    for n in (5, 60):
        pair = []
        for rows in (n, n + 3):
            x, kind = rng.normal(5, 3, (rows, 2)), names[rng.integers(0, 3, rows)]
            x[1:][rng.random((rows - 1, 2)) < 0.2] = np.nan
            kind[:2] = "a", "b"
            pair.append(Table({"x": x[:, 0], "kind": kind, "y": x[:, 1], "note": np.full(rows, "t", object)},
                              {"x": "number", "kind": "category", "y": "number", "note": "text"}))  # fmt: skip
        yield pair


def our_encoder():
    return ours.TableEncoder(number=our_pipeline(), category=ours.OneHotEncoder("ignore"))


def sklearn_encoder():
    return compose.ColumnTransformer([("n", sklearn_pipeline(), [0, 2]), ("k", sklearn_one_hot(), [1])])


class EncoderByHand:
    """Numbers and categories, each by hand, side by side."""

    def fit(self, x):
        self.numbers = pipeline_by_hand().fit(x[:, [0, 2]].astype(float))
        self.kinds = OneHotByHand().fit(x[:, [1]])
        return self

    def transform(self, x):
        left, right = self.numbers.transform(x[:, [0, 2]].astype(float)), self.kinds.transform(x[:, [1]])
        return [[*a, *b] for a, b in zip(left, right, strict=True)]


def encoder_error(twin):
    def run(dtype):
        pairs, reused = [], our_encoder()
        for train, other in tables():
            theirs = twin().fit(train.matrix("x", "kind", "y"))
            reused.fit(train)  # again: nothing of the last table may be left
            pairs += [(reused.transform(t), theirs.transform(t.matrix("x", "kind", "y"))) for t in (train, other)]
        return worst(pairs)

    return run


@holds(rng=seeds())
def a_row_has_one_1_for_each_column_and_the_sums_count_the_categories(rng):
    x = np.array(["a", "b", None], dtype=object)[rng.integers(0, 3, (12, 2))]
    step = ours.OneHotEncoder()
    z = step.fit_transform(x)
    assert (z.sum(1) == 2).all()
    counts = [(x[:, j] == c).sum() for j in range(2) for c in step.categories_[j]]
    assert z.sum(0).tolist() == counts


@holds(rng=seeds())
def the_order_of_the_training_rows_does_not_matter(rng):
    x, other = rng.normal(size=(2, 9, 3))
    again = our_pipeline().fit(x[rng.permutation(9)]).transform(other)
    assert np.allclose(our_pipeline().fit(x).transform(other), again, atol=1e-10)


@holds(start=st.integers(0, 4))
def every_column_has_a_name_and_each_row_is_encoded_alone(start):
    for train, other in tables():
        encoder = our_encoder().fit(train)
        z = encoder.transform(other)
        assert z.shape == (len(other), len(encoder.names()))
        assert np.array_equal(encoder.transform(other.rows(slice(start, None))), z[start:])


SPECS = (
    spec("OneHotEncoder", ("sklearn.preprocessing.OneHotEncoder",
                           against(lambda: ours.OneHotEncoder("ignore"), sklearn_one_hot, kinds)),
         ("a loop", against(lambda: ours.OneHotEncoder("ignore"), OneHotByHand, kinds)),
         a_row_has_one_1_for_each_column_and_the_sums_count_the_categories, float32=None),
    spec("Pipeline", ("sklearn.pipeline.Pipeline", against(our_pipeline, sklearn_pipeline)),
         ("the steps in loops", against(our_pipeline, pipeline_by_hand)),
         the_order_of_the_training_rows_does_not_matter, fitting_again_forgets_what_was_learnt_before),
    spec("TableEncoder", ("sklearn.compose.ColumnTransformer", encoder_error(sklearn_encoder)),
         ("the steps in loops", encoder_error(EncoderByHand)),
         every_column_has_a_name_and_each_row_is_encoded_alone, float32=None),
)  # fmt: skip
