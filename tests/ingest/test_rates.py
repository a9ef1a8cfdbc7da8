"""Rate limits: counted for all processes together, told before and after they bite."""

from typing import Any

import pytest
from litestar.testing import AsyncTestClient
from redis.asyncio import Redis

from ingest.rates import Rates, TooManyRequestsError
from schemas.limits import Rates as Allowed
from tests.ingest.conftest import Caller, declaration

ALLOWED = Allowed(window_seconds=3600, read=100, submit=100, bulk=2, change=100)


async def test_an_allowance_is_shared_by_all_processes(redis: Redis) -> None:
    one, other = Rates(redis, 1, ALLOWED), Rates(redis, 1, ALLOWED)
    for rates in (one, other):
        await rates.take("operator", "bulk")
    with pytest.raises(TooManyRequestsError) as refused:
        await one.take("operator", "bulk")
    assert refused.value.rate.remaining == 0
    assert refused.value.seconds >= 1


async def test_every_request_of_an_allowance_is_served(redis: Redis) -> None:
    rates = Rates(redis, 1, ALLOWED)
    left = [(await rates.take("operator", "submit")).remaining for _ in range(100)]
    assert left == list(range(99, -1, -1))
    with pytest.raises(TooManyRequestsError):
        await rates.take("operator", "submit")


async def test_what_a_process_gave_unasked_is_counted_when_it_asks(redis: Redis) -> None:
    allowed = Allowed(window_seconds=3600, read=1, submit=1_000, bulk=1, change=1)
    one, other = Rates(redis, 1, allowed), Rates(redis, 1, allowed)
    for _ in range(5):
        await other.take("operator", "submit")
    assert await redis.dbsize() == 0
    left = [(await one.take("operator", "submit")).remaining for _ in range(1_000)]
    assert left == list(range(999, -1, -1))
    for late in (one, other):
        with pytest.raises(TooManyRequestsError):
            await late.take("operator", "submit")


async def test_one_operators_flood_is_not_anothers(redis: Redis) -> None:
    rates = Rates(redis, 1, ALLOWED)
    for _ in range(2):
        await rates.take("flood", "bulk")
    await rates.take("other", "bulk")


async def test_answers_say_what_is_left(client: AsyncTestClient[Any], caller: Caller) -> None:
    answer = await client.post("/declarations/submit", json=declaration(), headers=caller.headers)
    assert int(answer.headers["ratelimit-remaining"]) == int(answer.headers["ratelimit-limit"]) - 1
    limits = (await client.get("/limits")).json()
    assert {rate["kind"] for rate in limits["rates"]} == {"read", "submit", "bulk", "change"}
