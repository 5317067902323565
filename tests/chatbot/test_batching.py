"""Replies side by side: the same as alone, joined and left at any time, and no row is lost."""

import asyncio

import pytest

from course_lib.chatbot.generation import generate
from course_lib.chatbot.numpy_decoder import NumpyDecoder
from course_lib.chatbot.sampling import Sampling
from course_lib.chatbot.serving.batching import Batcher, Busy, Row
from course_lib.chatbot.weights import to_arrays
from tests.chatbot.models import make
from tests.chatbot.serving import END, Scripted

PROMPTS = [[1, 2, 3], [5], [9, 8, 7, 6, 5, 4], [30, 31]]
RULES = [Sampling(), Sampling(1.0, seed=1), Sampling(0.7, seed=2), Sampling(1.5, seed=3)]


async def read(row):
    return [token async for token in row]


def in_turns(batcher, rows, turns):
    """Submit row i before turn number turns[i]; run until all are done."""

    async def main():
        for turn in range(100):
            for row, when in zip(rows, turns, strict=True):
                if when == turn:
                    batcher.submit(row)
            await batcher.turn()
        return [await read(row) for row in rows]

    return asyncio.run(main())


@pytest.mark.parametrize("numpy_only", [False, True])
@pytest.mark.parametrize("turns", [[0, 0, 0, 0], [0, 3, 3, 7], [9, 0, 1, 1]])
def test_every_reply_is_what_it_would_be_alone(numpy_only, turns):
    model = make()
    model = NumpyDecoder(model.config, to_arrays(model)) if numpy_only else model
    lengths = [20, 7, 12, 1]
    alone = [generate(model, [p], n, r)[0] for p, n, r in zip(PROMPTS, lengths, RULES, strict=True)]
    rows = [Row(p, n, r) for p, n, r in zip(PROMPTS, lengths, RULES, strict=True)]
    assert in_turns(Batcher(model), rows, turns) == alone
    assert [row.reason for row in rows] == ["length"] * 4


@pytest.mark.parametrize("numpy_only", [False, True])
def test_a_row_that_leaves_changes_nothing_for_the_others(numpy_only):
    model = make()
    model = NumpyDecoder(model.config, to_arrays(model)) if numpy_only else model
    rows = [Row(p, 15, Sampling()) for p in PROMPTS]
    batcher = Batcher(model)

    async def main():
        for row in rows:
            batcher.submit(row)
        await batcher.turn()
        rows[0].leave()
        await batcher.turn()
        assert batcher.batches[0].rows == rows[1:]
        for _ in range(20):
            await batcher.turn()
        return [await read(row) for row in rows[1:]]

    assert asyncio.run(main()) == generate(model, PROMPTS[1:], 15)


def test_prompts_that_wait_together_share_a_session_and_the_rest_follow():
    model = Scripted(length=3)
    batcher = Batcher(model, rows=2, waiting=1)
    rows = [Row([1], 64, Sampling(), {END}) for _ in range(4)]

    async def main():
        for row in rows[:3]:
            batcher.submit(row)
        with pytest.raises(Busy):
            batcher.submit(rows[3])
        work = asyncio.create_task(batcher.run())
        found = [await read(row) for row in rows[:3]]
        work.cancel()
        return found

    assert asyncio.run(main()) == [[*b"aba"]] * 3
    assert model.sizes == [2, 2, 2, 2, 1, 1, 1, 1]
    assert rows[0].reason == "end"
    assert not batcher.batches


def test_the_loop_ends_waiting_rows_that_left_and_sleeps_when_idle():
    batcher = Batcher(Scripted(), rows=1)
    first, second = Row([1], 5, Sampling()), Row([1], 5, Sampling())

    async def main():
        batcher.submit(first), batcher.submit(second)
        second.leave()
        work = asyncio.create_task(batcher.run())
        assert len(await read(first)) == 5
        third = batcher.submit(Row([1], 5, Sampling()))
        assert len(await read(third)) == 5
        work.cancel()

    asyncio.run(main())
    assert batcher.active == 0
    assert batcher.model.sizes == [1] * 10


def test_a_failure_ends_its_batch_and_not_the_loop(caplog):
    model = Scripted(length=2)
    batcher = Batcher(model)

    async def main():
        work = asyncio.create_task(batcher.run())
        model.fails = True
        with pytest.raises(RuntimeError, match="on purpose"):
            await read(batcher.submit(Row([1], 5, Sampling(), {END})))
        model.fails = False
        found = await read(batcher.submit(Row([1], 5, Sampling(), {END})))
        work.cancel()
        return found

    assert asyncio.run(main()) == [*b"ab"]
    assert "a batch failed" in caplog.text
