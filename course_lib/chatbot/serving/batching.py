"""Many replies at once: prompts that wait together begin together, and every row leaves as soon as it is done.

Each turn gives every row one token; between turns new rows join as a batch of their own (iteration-level scheduling:
Yu et al., Orca, OSDI 2022).
"""

import asyncio
import logging
from collections.abc import AsyncIterator

import numpy as np

from course_lib.chatbot.sampling import Sampling, draw


class Busy(Exception):
    """All rows are taken, and so are all places to wait."""


class Row:
    """One reply on its way. Iterate over it (async) for its tokens.

    Parameters
    ----------
    prompt : list of int
    new_tokens : int
        At most so many.
    sampling : Sampling
    ends : container of int
        Tokens with which the reply is complete; they are not part of it.

    Attributes
    ----------
    done : bool
    reason : str
        "end" or "length", once it is complete.
    """

    def __init__(self, prompt: list[int], new_tokens: int, sampling: Sampling, ends=()):
        self.seen, self.room, self.sampling, self.ends = list(prompt), new_tokens, sampling, ends
        self.rng, self.limit = np.random.default_rng(sampling.seed), len(prompt) + new_tokens
        self.done, self.reason = False, ""
        self.tokens: asyncio.Queue[int | Exception | None] = asyncio.Queue()  # None comes last

    def draw(self, logits) -> int | None:
        """The next token, or None at the end."""
        token = draw(logits, self.sampling, self.rng, self.seen)
        if token in self.ends:
            self.done, self.reason = True, "end"
            return None
        self.seen.append(token)
        if len(self.seen) == self.limit:
            self.done, self.reason = True, "length"
        return token

    def leave(self) -> None:
        """Nobody listens any more: the next turn gives the row back."""
        self.done = True

    async def __aiter__(self) -> AsyncIterator[int]:
        while (token := await self.tokens.get()) is not None:
            if isinstance(token, Exception):
                raise token
            yield token


class Batch:
    """Rows that began together and share a session."""

    def __init__(self, model, rows: list[Row]):
        self.model, self.rows, self.session = model, rows, None

    def advance(self) -> list[tuple[Row, int | None]]:
        """Give each row its next token. Takes its time: not for the event loop's thread."""
        kept = [i for i, row in enumerate(self.rows) if not row.done]
        left, self.rows = len(self.rows) - len(kept), [self.rows[i] for i in kept]
        if not self.rows:
            return []
        if self.session is None:
            self.session = self.model.session([row.seen for row in self.rows], max(r.room for r in self.rows) - 1)
        else:
            if left:
                self.session.keep(kept)
            self.session.step([row.seen[-1] for row in self.rows])
        return [(row, row.draw(logits)) for row, logits in zip(self.rows, self.session.logits, strict=True)]


class Batcher:
    """Rows of all requests, and the loop that advances them.

    Parameters
    ----------
    model : NumpyDecoder or Transformer
    rows, waiting : int
        How many replies at once, and how many requests may wait.
    patience : float
        Seconds to collect more requests when the first one comes to an idle model.
    """

    def __init__(self, model, rows: int = 8, waiting: int = 16, patience: float = 0.004):
        self.model, self.rows, self.places, self.patience = model, rows, rows + waiting, patience
        self.batches: list[Batch] = []
        self.waiting: list[Row] = []
        self.wake = asyncio.Event()

    @property
    def active(self) -> int:
        """Replies being written."""
        return sum(not row.done for batch in self.batches for row in batch.rows)

    def submit(self, row: Row) -> Row:
        """Queue a row.

        Raises
        ------
        Busy
            If there is no place for it.
        """
        self.waiting = [r for r in self.waiting if not r.done]
        if self.active + len(self.waiting) >= self.places:
            raise Busy
        self.waiting.append(row)
        self.wake.set()
        return row

    async def run(self) -> None:
        """Advance all rows, turn by turn, until cancelled."""
        while True:
            if not self.batches and not self.waiting:
                await self.wake.wait()
                await asyncio.sleep(self.patience)
            self.wake.clear()
            await self.turn()

    async def turn(self) -> None:
        """Let waiting rows in, and give every row one token."""
        self._admit()
        for batch in self.batches:
            try:
                self._deliver(await asyncio.to_thread(batch.advance))
            except Exception as error:  # one batch fails, the server does not
                logging.getLogger(__name__).exception("a batch failed")
                for row in batch.rows:
                    row.leave()
                    row.tokens.put_nowait(error)
        self._drop()

    def _admit(self):
        self._drop()
        self.waiting = [row for row in self.waiting if not row.done]
        free = self.rows - self.active
        if new := self.waiting[:free]:
            self.waiting = self.waiting[free:]
            self.batches.append(Batch(self.model, new))

    def _drop(self):
        self.batches = [b for b in self.batches if any(not row.done for row in b.rows)]

    @staticmethod
    def _deliver(drawn):
        for row, token in drawn:
            if token is not None:
                row.tokens.put_nowait(token)
            if row.done:
                row.tokens.put_nowait(None)
