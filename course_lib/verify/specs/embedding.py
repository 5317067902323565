"""Joining, and tables of vectors."""

import numpy as np

from course_lib import arithmetic, nn
from course_lib.autograd import Tensor
from course_lib.verify.sampling import case, edge, holds, normal, seeds
from course_lib.verify.spec import Spec
from course_lib.verify.tools import torch

F = torch.nn.functional


def join_cases(rng):
    for dim in (0, 1, -1):
        yield case(normal(rng, (2, 3)), normal(rng, (2, 3)), normal(rng, (2, 3)), dim=dim)
    yield case(normal(rng, (0, 3)), normal(rng, (2, 3)), dim=0)


@holds(rng=seeds())
def joining_the_pieces_of_an_array_gives_it_back(rng):
    x = rng.normal(size=(6, 4))
    ends = np.sort(rng.integers(0, 7, 2))
    assert np.array_equal(arithmetic.cat(np.split(x, ends)), x)


def embedding_cases(rng):
    for shape in ((), (1,), (7,), (3, 4)):
        yield case(normal(rng, (5, 3)), ids=rng.integers(0, 5, shape))


def embedding_edges(rng):
    yield edge("empty", np.ones((5, 3)), ids=np.zeros(0, int))
    yield edge("padding", np.ones((5, 3)), ids=np.array([1, 2, 2]), padding_idx=2)
    yield edge("NaN", np.array([[np.nan, 1.0], [1.0, 2.0]]), ids=np.array([1, 1, 0]))


@holds(rng=seeds())
def it_is_the_product_with_one_hot_rows(rng):
    weight, ids = rng.normal(size=(6, 3)), rng.integers(0, 6, (4, 2))
    assert np.array_equal(arithmetic.embedding(ids, weight), np.eye(6)[ids] @ weight)


@holds(rng=seeds())
def a_row_receives_the_sum_of_its_uses(rng):
    weight, ids = Tensor(rng.normal(size=(6, 3)), requires_grad=True), rng.integers(0, 6, 40)
    arithmetic.embedding(ids, weight).sum().backward()
    assert np.array_equal(weight.grad, np.repeat(np.bincount(ids, minlength=6)[:, None], 3, 1))


@holds(rng=seeds())
def frozen_vectors_get_no_gradient_and_others_do(rng):
    vectors, ids = rng.normal(size=(6, 3)), rng.integers(0, 6, 4)
    frozen, free = nn.Embedding.from_pretrained(vectors), nn.Embedding.from_pretrained(vectors, freeze=False)
    (frozen(ids) * free(ids)).sum().backward()
    assert frozen.weight.grad is None
    assert free.weight.grad.any()
    assert np.array_equal(frozen.weight.data, vectors)


def our_embedding(weight, ids, padding_idx=None):
    layer = nn.Embedding(*weight.shape, padding_idx)
    layer.weight = weight
    return layer(ids)


def torch_embedding(weight, ids, padding_idx=None):
    layer = torch.nn.Embedding(*weight.shape, padding_idx)
    return torch.func.functional_call(layer, {"weight": weight}, ids)


SPECS = (
    Spec("arithmetic.cat", join_cases, lambda *parts, dim: torch.cat(parts, dim),
         lambda *parts, dim: arithmetic.cat(parts, dim), properties=(joining_the_pieces_of_an_array_gives_it_back,)),
    Spec("arithmetic.embedding", embedding_cases, lambda w, ids, **o: F.embedding(ids, w, **o),
         lambda w, ids, **o: arithmetic.embedding(ids, w, **o), embedding_edges,
         (it_is_the_product_with_one_hot_rows, a_row_receives_the_sum_of_its_uses)),
    Spec("nn.Embedding", embedding_cases, torch_embedding, our_embedding, embedding_edges,
         properties=(frozen_vectors_get_no_gradient_and_others_do,)),
)  # fmt: skip
