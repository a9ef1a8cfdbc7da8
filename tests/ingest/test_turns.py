"""Short requests go first, uploads one by one; neither waits for ever."""

import asyncio

from ingest.turns import Turns


async def test_uploads_take_turns() -> None:
    turns, order = Turns(), []

    async def upload(name: str) -> None:
        for _ in range(3):
            await turns.take()
            order.append(name)

    await asyncio.gather(upload("a"), upload("b"))
    assert order == ["a", "b"] * 3


async def test_an_upload_waits_for_a_short_request_to_end() -> None:
    turns = Turns()
    with turns.short():
        waiting = asyncio.create_task(turns.take())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not waiting.done()
    await asyncio.wait_for(waiting, 1)


async def test_an_upload_goes_on_under_any_load_of_short_requests() -> None:
    turns = Turns()
    with turns.short():
        async with asyncio.timeout(1):
            for _ in range(5):
                await turns.take()
