"""Waits with an end: who is waited for too long is cut off, and nobody else."""

import asyncio

import pytest

from ingest.patience import patiently


async def _never() -> None:
    await asyncio.Event().wait()


async def test_what_comes_in_time_comes_through() -> None:
    assert await patiently(asyncio.sleep(0, "here"), 5) == "here"


async def test_what_does_not_come_is_cut_off_and_its_task_goes_on() -> None:
    with pytest.raises(TimeoutError):
        await patiently(_never(), 0.02)
    current = asyncio.current_task()
    assert current is not None
    assert not current.cancelling()
    assert await patiently(asyncio.sleep(0.01, "next"), 5) == "next"


async def test_each_of_many_is_cut_off_at_its_own_time() -> None:
    async def waited(seconds: float) -> float:
        since = asyncio.get_running_loop().time()
        with pytest.raises(TimeoutError):
            await patiently(_never(), seconds)
        return asyncio.get_running_loop().time() - since

    patience = (0.3, 0.05, 0.15)
    taken = await asyncio.gather(*map(waited, patience))
    assert all(least <= took for least, took in zip(patience, taken, strict=True))
    assert taken[1] < taken[2] < taken[0]


async def test_a_wait_inside_a_wait_is_cut_off_first() -> None:
    async def outer() -> str:
        with pytest.raises(TimeoutError):
            await patiently(_never(), 0.02)
        return "outer goes on"

    assert await patiently(outer(), 5) == "outer goes on"


async def test_the_cancellation_of_a_task_is_no_timeout() -> None:
    task = asyncio.create_task(patiently(_never(), 5))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
