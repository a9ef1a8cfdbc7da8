"""Round trips shared by many: everybody has the own answer, or hears what went wrong."""

import asyncio
from collections.abc import Sequence

from ingest.together import Together


async def test_questions_that_come_during_a_round_trip_go_together_into_the_next() -> None:
    trips: list[list[int]] = []

    async def double(questions: Sequence[int]) -> list[int]:
        trips.append(list(questions))
        await asyncio.sleep(0.01)
        return [2 * one for one in questions]

    together = Together(double)
    first = asyncio.create_task(together.ask(1))
    await asyncio.sleep(0)
    assert await asyncio.gather(*map(together.ask, (2, 3, 4))) == [4, 6, 8]
    assert await first == 2
    assert trips == [[1], [2, 3, 4]] or trips == [[1, 2, 3, 4]]
    assert await together.ask(5) == 10


async def test_what_goes_wrong_is_told_to_those_who_asked_and_to_nobody_after_them() -> None:
    async def refuse_odd(questions: Sequence[int]) -> list[int]:
        if any(one % 2 for one in questions):
            raise ValueError
        return list(questions)

    together = Together(refuse_odd)
    outcomes = await asyncio.gather(together.ask(1), together.ask(2), return_exceptions=True)
    assert [type(one) for one in outcomes] == [ValueError, ValueError]
    assert await together.ask(4) == 4


async def test_who_gives_up_waiting_takes_the_answer_from_nobody() -> None:
    async def late(questions: Sequence[int]) -> list[int]:
        await asyncio.sleep(0.02)
        return list(questions)

    together = Together(late)
    impatient, patient = (asyncio.create_task(together.ask(one)) for one in (1, 2))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == 2
