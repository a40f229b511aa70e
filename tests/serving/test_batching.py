"""Batches of several requests: in order, within the limits, and told apart again."""

import asyncio

import numpy as np
import pytest

from deeplearn_utils.serving import Refused
from deeplearn_utils.serving.batching import Batcher


def together(compute, *parts, before=lambda batcher: None, **limits):
    """Ask for several batches at once; return the answers or errors, and the sizes of the calls."""
    sizes = []

    async def run():
        given = {"most_samples": 8, "most_waiting": 100} | limits
        batcher = Batcher(compute, measured=sizes.append, **given)
        asked = asyncio.gather(*map(batcher.outputs, parts), return_exceptions=True)
        await asyncio.sleep(0)  # all of them wait now
        before(asked)
        running = asyncio.create_task(batcher.run())
        answers = await asyncio.gather(asked, return_exceptions=True)
        batcher.close()
        await running
        return answers[0]

    return asyncio.run(run()), sizes


def rows(*sizes):
    return [np.arange(n)[:, None] + 10.0 * i for i, n in enumerate(sizes)]


def test_each_gets_its_own_answer():
    parts = rows(1, 3, 2)
    answers, sizes = together(lambda X: -X, *parts)
    for answer, part in zip(answers, parts, strict=True):
        np.testing.assert_array_equal(answer, -part)
    assert sizes == [6]


def test_no_call_is_larger_than_allowed_and_nobody_is_overtaken():
    seen = []

    def compute(X):
        seen.extend(X[:, 0].tolist())
        return X

    parts = rows(5, 4, 1, 8)
    _, sizes = together(compute, *parts)
    assert sizes == [5, 5, 8]
    assert seen == np.concatenate(parts)[:, 0].tolist()


def test_a_window_waits_for_more():
    """Two requests that come one after the other make one call."""
    sizes = []

    async def run():
        batcher = Batcher(
            lambda X: X, most_samples=8, most_waiting=8, window=0.05, measured=sizes.append
        )
        running = asyncio.create_task(batcher.run())
        first = asyncio.create_task(batcher.outputs(np.ones((1, 1))))
        while not batcher.waiting:
            await asyncio.sleep(0)
        await batcher.outputs(np.ones((2, 1)))
        await first
        batcher.close()
        await running

    asyncio.run(run())
    assert sizes == [3]


def test_too_many_are_refused():
    answers, sizes = together(lambda X: X, *rows(4, 3, 2), most_waiting=8)
    assert isinstance(answers[2], Refused)
    assert (answers[2].status, answers[2].reason) == (
        429,
        "7 samples are waiting already; try again in a moment",
    )
    assert sizes == [7]


def test_a_model_that_fails_is_told_to_everybody_in_the_batch_and_to_nobody_else():
    def compute(X):
        if 0.0 in X:
            raise RuntimeError("no zeros")
        return X

    answers, sizes = together(compute, *rows(4, 4, 3))
    assert [str(answer) for answer in answers[:2]] == ["no zeros", "no zeros"]
    np.testing.assert_array_equal(answers[2], rows(4, 4, 3)[2])
    assert sizes == [3]


@pytest.mark.parametrize("fails", [False, True])
def test_who_no_longer_waits_is_passed_over(fails):
    def compute(X):
        if fails:
            raise RuntimeError("no")
        return X

    answers, _ = together(compute, *rows(1, 2), before=lambda asked: asked.cancel())
    assert isinstance(answers, asyncio.CancelledError)


def test_what_waits_at_the_end_is_still_computed():
    async def run():
        batcher = Batcher(lambda X: X, most_samples=1, most_waiting=9)
        asked = [asyncio.create_task(batcher.outputs(part)) for part in rows(1, 1, 1)]
        await asyncio.sleep(0)
        batcher.close()
        await batcher.run()
        return [len(await answer) for answer in asked]

    assert asyncio.run(run()) == [1, 1, 1]
