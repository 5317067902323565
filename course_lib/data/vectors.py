"""Word vectors: a table of words with one row each, neighbours, analogies."""

from collections.abc import Iterable, Sequence

import numpy as np


class WordVectors:
    """Words and their vectors.

    Parameters
    ----------
    words : sequence of str
        Each once; usually the most frequent first.
    matrix : float array (V, D)

    Raises
    ------
    ValueError
        If the two do not fit, or a word is there twice.
    """

    def __init__(self, words: Sequence[str], matrix):
        self.words, self.matrix = list(words), np.asarray(matrix)
        if self.matrix.ndim != 2 or len(self.matrix) != len(self.words):
            raise ValueError(f"WordVectors: {len(self.words)} words do not fit a matrix of shape {self.matrix.shape}")
        self.index = {word: i for i, word in enumerate(self.words)}
        if len(self.index) < len(self.words):
            twice = next(word for i, word in enumerate(self.words) if self.index[word] != i)
            raise ValueError(f"WordVectors: the word {twice!r} is there twice")
        self._unit = None

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self.index

    def __getitem__(self, word: str) -> np.ndarray:  # (D,)
        if word not in self.index:
            raise KeyError(f"no vector for {word!r} among {len(self):,} words")
        return self.matrix[self.index[word]]

    def __repr__(self) -> str:
        return f"WordVectors({len(self):,} words, {self.matrix.shape[1]} dimensions)"

    def similarity(self, a: str, b: str) -> float:
        """cos(a, b) = a·b / (‖a‖ ‖b‖); 0 if one of them is the zero vector."""
        return float(_unit(self[a]) @ _unit(self[b]))

    def nearest(self, word, k: int = 10, without: Iterable[str] = ()) -> list[tuple[str, float]]:
        """Return the k words whose vectors have the largest cosine with a word's, or with a given vector (D,).

        The word itself is left out, and so are those in `without`.
        """
        if isinstance(word, str):
            vector, without = self[word], {word, *without}
        else:
            vector = np.asarray(word)
            if vector.shape != self.matrix.shape[1:]:
                raise ValueError(f"nearest: vector must have shape {self.matrix.shape[1:]}, got {vector.shape}")
        cosines = self._units() @ _unit(vector).astype(self._units().dtype)  # (V,)
        left_out = [self.index[w] for w in without if w in self.index]
        cosines[left_out] = -np.inf
        k = max(0, min(k, len(self) - len(left_out)))
        best = np.argpartition(-cosines, k - 1)[:k] if k else []
        return [(self.words[i], float(cosines[i])) for i in sorted(best, key=lambda i: (-cosines[i], i))]

    def analogy(self, a: str, b: str, c: str, k: int = 5) -> list[tuple[str, float]]:
        """a is to b as c is to …: nearest to b̂ - â + ĉ (unit vectors), less the three words (Mikolov et al., 2013)."""
        return self.nearest(_unit(self[b]) - _unit(self[a]) + _unit(self[c]), k, without=(a, b, c))

    def top(self, n: int) -> "WordVectors":
        """Return the first n words only."""
        return WordVectors(self.words[:n], self.matrix[:n])

    def _units(self) -> np.ndarray:
        if self._unit is None:
            self._unit = _unit(self.matrix)
        return self._unit


def _unit(x) -> np.ndarray:
    """x / ‖x‖ along the last axis; zero vectors stay zero."""
    x = np.asarray(x, dtype=np.result_type(x, np.float32))
    norm = np.linalg.norm(x, axis=-1, keepdims=True)
    return x / np.where(norm == 0, 1, norm)
