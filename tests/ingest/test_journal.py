"""The journal's guards, on a real Redis: two changes at once never both become the same version."""

import asyncio
import time
from datetime import date
from uuid import UUID, uuid4

import msgspec
import pytest
from redis.asyncio import Redis

from ingest.journal import Guard, Journal, Record, VersionConflictError
from schemas import keys
from schemas.declaration import DeclarationLine
from schemas.frame import Entry, decode_frame
from schemas.operator import OperatorCard
from tests.ingest.conftest import declaration
from validate.judge import Judge


@pytest.fixture
async def journal(redis: Redis) -> Journal:
    """A journal of one shard."""
    return Journal(redis, 1, 1_000)


def _entry(declaration_id: UUID, version: int) -> Entry:
    line = msgspec.json.decode(msgspec.json.encode(declaration()), type=DeclarationLine)
    judged = Judge(date(2026, 1, 1)).judge(line, "PL")
    return Entry(line, judged, OperatorCard(bytes(16), "PL"), declaration_id.bytes, version, False, 0, 0)


async def _rows(redis: Redis) -> int:
    frames = await redis.xrange(keys.frames(0))
    return sum(decode_frame(fields[b"frame"]).rows for _, fields in frames)


async def test_of_two_that_make_the_same_version_one_is_told(journal: Journal, redis: Redis) -> None:
    declaration_id = uuid4()
    guard = Guard(keys.version(0, declaration_id), 2)
    both = await asyncio.gather(
        *[journal.add(0, _entry(declaration_id, 2), guards=(guard,)) for _ in range(2)], return_exceptions=True
    )
    assert [type(one) for one in both] == [type(None), VersionConflictError]
    assert await _rows(redis) == 1
    with pytest.raises(VersionConflictError):
        await journal.add(0, _entry(declaration_id, 2), guards=(guard,))


async def test_a_conflict_does_not_touch_those_in_the_same_flush(journal: Journal, redis: Redis) -> None:
    taken, free = uuid4(), uuid4()
    await journal.add(0, _entry(taken, 1), guards=(Guard(keys.version(0, taken), 1),))
    outcomes = await asyncio.gather(
        journal.add(0, _entry(taken, 1), guards=(Guard(keys.version(0, taken), 1),)),
        journal.add(0, _entry(free, 1), guards=(Guard(keys.version(0, free), 1),)),
        journal.add(0, _entry(uuid4(), 1), Record("answer", {"seen": 1}, 60)),
        return_exceptions=True,
    )
    assert [type(one) for one in outcomes] == [VersionConflictError, type(None), type(None)]
    assert await _rows(redis) == 3
    assert await redis.hget("answer", "seen") == b"1"  # type: ignore[misc]
    assert int(await redis.get(keys.queued(0)) or 0) == 3


async def test_a_redis_that_forgot_the_commit_is_sent_it_whole(journal: Journal, redis: Redis) -> None:
    await journal.add(0, _entry(uuid4(), 1))
    await redis.script_flush()
    await journal.add(0, _entry(uuid4(), 1))
    assert await _rows(redis) == 2


async def test_what_waits_is_counted_anew_while_others_ask(journal: Journal) -> None:
    assert await journal.depth() == 0
    await journal.add(0, _entry(uuid4(), 1))
    deadline = time.monotonic() + 20
    while await journal.depth() != 1:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def test_a_refused_commit_takes_none_of_its_guards(journal: Journal, redis: Redis) -> None:
    first, second = keys.version(0, uuid4()), keys.version(0, uuid4())
    await journal.commit({}, guards=[Guard(second, 2)])
    with pytest.raises(VersionConflictError) as refused:
        await journal.commit({}, guards=[Guard(first, 2), Guard(second, 2)])
    assert refused.value.places == {1}
    assert await redis.get(first) is None


async def test_a_guard_that_only_looks_lets_the_same_number_pass_again(journal: Journal, redis: Redis) -> None:
    key = keys.revision(0, uuid4())
    await journal.commit({}, guards=[Guard(key, 4)])
    for _ in range(2):
        await journal.commit({}, guards=[Guard(key, 5, claims=False)])
    with pytest.raises(VersionConflictError):
        await journal.commit({}, guards=[Guard(key, 4, claims=False)])
    assert await redis.get(key) == b"4"
