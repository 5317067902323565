"""A table of vectors, one per token."""

import numpy as np

from course_lib import arithmetic, init
from course_lib.nn.module import Module, Parameter


class Embedding(Module):
    """Row i of `weight` for each index i.

    Parameters
    ----------
    num_embeddings, embedding_dim : int
        V and D.
    padding_idx : int, optional
        A row that is 0 at first and never learns.
    rng : numpy.random.Generator, optional
        Source of the first weights, N(0, 1).
    dtype : numpy dtype

    Shapes: integers (...) → (..., D); weight (V, D).
    """

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None, *, rng=None, dtype=np.float32):
        for name, value in (("num_embeddings", num_embeddings), ("embedding_dim", embedding_dim)):
            if value < 1:
                raise ValueError(f"Embedding: {name} must be at least 1, got {value}")
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise ValueError(f"Embedding: padding_idx must be a row of {num_embeddings}, got {padding_idx}")
        self.padding_idx = padding_idx if padding_idx is None else padding_idx % num_embeddings
        self.weight = init.normal_(Parameter(np.empty((num_embeddings, embedding_dim), dtype)), rng=rng)
        if padding_idx is not None:
            self.weight.data[padding_idx] = 0

    @classmethod
    def from_pretrained(cls, embeddings, freeze=True, padding_idx=None):
        """Use given vectors (V, D), a copy of them; frozen ones get no gradient, so that no optimizer moves them."""
        vectors = np.array(embeddings)
        if vectors.ndim != 2 or vectors.dtype.kind != "f":
            raise ValueError(f"Embedding: needs vectors (V, D) of real numbers, got {vectors.dtype} {vectors.shape}")
        layer = cls(*vectors.shape, padding_idx, dtype=vectors.dtype)
        layer.weight.data[...] = vectors
        layer.weight.requires_grad = not freeze
        return layer

    def forward(self, ids):
        """Look the indices up."""
        return arithmetic.embedding(ids, self.weight, self.padding_idx)

    def extra_repr(self):
        """Show the sizes."""
        return "{}, {}".format(*self.weight.shape)
