"""Byte-pair encoding of one text, merge by merge. Knows nothing of widgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice, pairwise
from operator import index

from course_lib.chatbot import bpe, splitting


@dataclass(frozen=True)
class Step:
    """One merge that changed the text: its rank, the pair and the new id, how often it was made, the tokens left."""

    rank: int
    pair: tuple[int, int]
    new: int
    times: int
    tokens: int


class Merging:
    """The merges that change a text, in the order in which they were learned.

    Parameters
    ----------
    text : str
    tokenizer : Tokenizer
        Its vocabulary, merges and way of splitting.
    merge : callable
        (ids, pair, new) → ids, one merge in one chunk: the library's, or a learner's.

    Attributes
    ----------
    data : bytes
        The text in UTF-8.
    steps : list of Step
    gone : list of int
        For each byte but the first, the step after which no token begins there any more: 0 for the first step,
        ``len(steps)`` and more for never.

    Raises
    ------
    ValueError
        If ``merge`` returns other bytes than it was given, leaves the pair in place or splits a token.
    """

    def __init__(self, text: str, tokenizer, merge: Callable = bpe.merge):
        self.tokenizer, self.merge, self.data = tokenizer, merge, text.encode("utf-8")
        vocab = tokenizer.vocab
        special = set(tokenizer.special.values())
        ids = {token: i for i, token in enumerate(vocab) if i not in special}
        self._ranks: dict[tuple[int, int], tuple[int, int]] = {}
        for rank, (a, b) in enumerate(tokenizer.merges):
            self._ranks.setdefault((a, b), (rank, ids[vocab[a] + vocab[b]]))
        unknown = tokenizer.unknown
        self.chunks = splitting.chunks(text, tokenizer.split)
        self._start = {chunk: [ids.get(bytes([b]), unknown) for b in chunk.encode()] for chunk in self.chunks}
        self.steps: list[Step] = []
        self.gone = [len(tokenizer.merges) + 1] * max(0, len(self.data) - 1)
        self._run()

    def _run(self):
        now = dict(self._start)
        while (found := self._next(now)) is not None:
            pair, rank, new = found
            after = {chunk: self._merged(ids, pair, new) for chunk, ids in now.items()}
            times = sum(len(now[chunk]) - len(after[chunk]) for chunk in self.chunks)
            self._note_gone(now, after)
            now = after
            self.steps.append(Step(rank, pair, new, times, sum(len(now[chunk]) for chunk in self.chunks)))

    def _next(self, now):
        """The pair to merge next: of those in the text, the one learned first."""
        pairs = {pair for ids in now.values() for pair in pairwise(ids)} & self._ranks.keys()
        if not pairs:
            return None
        pair = min(pairs, key=lambda p: self._ranks[p])
        return pair, *self._ranks[pair]

    def _merged(self, ids, pair, new):
        """``merge`` of a chunk, checked: the same bytes, fewer tokens, the pair gone."""
        if pair not in set(pairwise(ids)):
            return ids
        out = self.merge(list(ids), pair, new)
        try:
            out = [index(i) for i in islice(out, len(ids) + 1)]
            same = b"".join(self.tokenizer.vocab[i] for i in out) == b"".join(self.tokenizer.vocab[i] for i in ids)
        except (TypeError, ValueError, IndexError, OverflowError):
            raise ValueError(f"merge({ids}, {pair}, {new}): expected a list of token ids, got {out!r:.60}") from None
        if not same or min(out) < 0:
            raise ValueError(f"merge({ids}, {pair}, {new}) gave {out}: these are other bytes, so the text is lost")
        if pair in set(pairwise(out)) or len(out) >= len(ids) or not self._edges(out) <= self._edges(ids):
            raise ValueError(f"merge({ids}, {pair}, {new}) gave {out}: it must replace every such pair, and only these")
        return out

    def _edges(self, ids) -> set[int]:
        """Offsets at which the tokens after the first begin."""
        edges, at = set(), 0
        for i in ids[:-1]:
            at += len(self.tokenizer.vocab[i])
            edges.add(at)
        return edges

    def _note_gone(self, now, after):
        offset, step = 0, len(self.steps)
        for chunk in self.chunks:
            for edge in self._edges(now[chunk]) - self._edges(after[chunk]):
                self.gone[offset + edge - 1] = step
            offset += len(chunk.encode())

    def used(self, merges: int) -> int:
        """How many of the steps belong to the first so many merges."""
        return sum(step.rank < merges for step in self.steps)

    def ids(self, steps: int) -> list[int]:
        """Token ids of the text after so many steps."""
        now = dict(self._start)
        for step in self.steps[:steps]:
            now = {chunk: self._merged(ids, step.pair, step.new) for chunk, ids in now.items()}
        return [i for chunk in self.chunks for i in now[chunk]]

    def neighbours(self, steps: int) -> Counter:
        """How often each pair of neighbours occurs after so many steps; pairs across chunks do not count."""
        now = dict(self._start)
        for step in self.steps[:steps]:
            now = {chunk: self._merged(ids, step.pair, step.new) for chunk, ids in now.items()}
        return Counter(pair for chunk in self.chunks for pair in pairwise(now[chunk]))
