"""Direct connections to a real Redis: every command has its own answer, whatever became of those before."""

import asyncio

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

import ingest.direct
from ingest.direct import Direct


@pytest.fixture
async def direct(redis: Redis) -> Direct:
    """Connections beside the test's own."""
    return Direct(redis.connection_pool)


async def _kill(redis: Redis) -> None:
    await redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


async def _until_waiting(redis: Redis) -> None:
    for _ in range(1_000):
        if "blpop" in {client["cmd"] for client in await redis.client_list()}:
            return
        await asyncio.sleep(0.01)
    pytest.fail("nobody waits in Redis after ten seconds")


async def test_answers_come_in_order_and_errors_are_values(direct: Direct) -> None:
    wrong, counted, pong = await direct.ask(("INCR", "a", "b"), ("INCR", "a"), ("PING",))
    assert isinstance(wrong, ResponseError)
    assert (counted, pong) == (1, b"PONG")


async def test_many_at_once_have_each_their_own_answer(direct: Direct) -> None:
    answers = await asyncio.gather(*[direct.ask(("ECHO", number), ("ECHO", -number)) for number in range(50)])
    assert answers == [[b"%d" % number, b"%d" % -number] for number in range(50)]


async def test_a_connection_that_broke_is_told_once_and_not_used_again(direct: Direct, redis: Redis) -> None:
    await direct.ask(("PING",))
    await _kill(redis)
    with pytest.raises((RedisError, OSError)):
        await direct.ask(("PING",))
    assert await direct.ask(("PING",)) == [b"PONG"]


async def test_a_connection_that_broke_while_it_was_idle_is_made_anew(
    direct: Direct, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest.direct, "_SURE_SECONDS", -1.0)
    await direct.ask(("PING",))
    await _kill(redis)
    assert await direct.ask(("PING",)) == [b"PONG"]


async def test_who_was_cancelled_leaves_no_answer_behind(direct: Direct, redis: Redis) -> None:
    waiting = asyncio.create_task(direct.ask(("BLPOP", "nothing", 30)))
    await _until_waiting(redis)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await direct.ask(("ECHO", "mine")) == [b"mine"]
