"""The drain, on real servers: exactly once, nothing in the way."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pyarrow.parquet as pq
import pytest
from redis.asyncio import Redis

from ingest.journal import Journal, Lease, LeaseLostError, seal
from schemas import keys
from schemas.declaration import DeclarationLine
from schemas.frame import Entries, Entry
from schemas.identity import Serial, declaration_id, submission_id
from schemas.operator import OperatorCard
from store.dead_letters import count_dead_letters
from store.drain import Drain
from tests.ingest.conftest import declaration, ndjson
from validate.contract import decode_line
from validate.judge import Judge

OPERATOR = OperatorCard(uuid4().bytes, "PL")
SHARD = 0
_JUDGE = Judge(datetime.now(UTC).date())


def entries(*versions: tuple[UUID, int], **changes: object) -> Entries:
    """Versions of declarations, as intake hands them over."""
    line: DeclarationLine = decode_line(ndjson(declaration(**changes)))
    made = Entries()
    at = int(datetime.now(UTC).timestamp() * 1e6)
    for declared, version in versions:
        judged = _JUDGE.judge(line, OPERATOR.country)
        made.add(Entry(line, judged, OPERATOR, declared.bytes, version, False, at, at))
    return made


def ids(count: int) -> list[UUID]:
    """Ids of one submission."""
    submission = submission_id(Serial(int(datetime.now(UTC).timestamp() * 1000), 0, uuid4().int % 1024), b"k" * 32)
    return [declaration_id(submission, line) for line in range(1, count + 1)]


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as redis:
        yield redis


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(database_url, min_size=0, max_size=4) as pool:
        yield pool


@pytest.fixture
def journal(redis: Redis) -> Journal:
    return Journal(redis, shards=1, limit=1_000_000)


@pytest.fixture
def drain(redis: Redis, pool: asyncpg.Pool, lake: str) -> Drain:
    return Drain(SHARD, redis, pool, Path(lake))


async def _stored(pool: asyncpg.Pool) -> int:
    count: int = await pool.fetchval("SELECT count(*) FROM declaration_version")
    return count


async def test_a_frame_delivered_twice_is_stored_once(
    journal: Journal, drain: Drain, redis: Redis, pool: asyncpg.Pool
) -> None:
    await journal.commit({SHARD: [seal(entries(*[(one, 1) for one in ids(10)]))]})
    ((frame_id, fields),) = await redis.xrange(keys.frames(SHARD))
    assert await drain.run(0) == 10
    # The same frame under the same id, as if Redis had come back from an older state.
    await redis.delete(keys.frames(SHARD))
    await redis.xadd(keys.frames(SHARD), fields, id=frame_id)
    assert await drain.run(0) == 0
    assert await _stored(pool) == 10
    assert await redis.xlen(keys.frames(SHARD)) == 0


async def test_what_a_killed_drain_had_taken_comes_first(
    journal: Journal, drain: Drain, redis: Redis, pool: asyncpg.Pool
) -> None:
    for one in ids(3):
        await journal.commit({SHARD: [seal(entries((one, 1)))]})
    await redis.xgroup_create(keys.frames(SHARD), keys.DRAIN_GROUP, id="0")
    await redis.xreadgroup(keys.DRAIN_GROUP, "drain", {keys.frames(SHARD): ">"}, count=2)
    assert await drain.run(0) == 3
    assert await _stored(pool) == 3
    assert int(await redis.get(keys.queued(SHARD))) == 0


async def test_no_pause_is_made_while_more_frames_wait(journal: Journal, drain: Drain) -> None:
    """Waiting for company after each two dozen of small frames once let single submissions pile up."""
    for one in ids(400):
        await journal.commit({SHARD: [seal(entries((one, 1)))]})
    assert await drain.run(5) == 400  # 17 batches: with a pause after each of them it would be seven


async def test_a_second_drain_leaves_a_shard_alone(
    journal: Journal, drain: Drain, redis: Redis, pool: asyncpg.Pool, lake: str
) -> None:
    await journal.commit({SHARD: [seal(entries(*[(one, 1) for one in ids(2)]))]})
    await redis.set(keys.drain_lease(SHARD), b"another", px=60_000)
    assert await drain.run(0) == 0
    await redis.delete(keys.drain_lease(SHARD))
    assert await drain.run(0) == 2


async def test_a_damaged_frame_is_buried_and_the_next_one_stored(
    journal: Journal, drain: Drain, redis: Redis, pool: asyncpg.Pool
) -> None:
    first, second = ids(2)
    sealed = seal(entries((first, 1)))
    damaged = type(sealed)(sealed.rows, sealed.data[:-20] + b"x" * 20, sealed.index)
    await journal.commit({SHARD: [damaged, seal(entries((second, 1)))]})
    assert await drain.run(0) == 1
    assert await count_dead_letters(redis, 1) == 1
    ((_, letter),) = await redis.xrange(keys.dead_letters(SHARD))
    assert letter[b"frame"] == damaged.data
    assert letter[b"reason"]
    assert int(await redis.get(keys.queued(SHARD))) == 0


async def test_a_row_that_postgres_refuses_is_buried_alone(
    journal: Journal, drain: Drain, redis: Redis, pool: asyncpg.Pool
) -> None:
    good, doubled = ids(9), ids(1)[0]
    rows = [(one, 1) for one in good]
    rows.insert(4, (doubled, 1))
    rows.append((doubled, 1))
    await journal.commit({SHARD: [seal(entries(*rows))]})
    assert await drain.run(0) == 10
    assert await _stored(pool) == 10
    assert await count_dead_letters(redis, 1) == 1


async def test_versions_of_one_declaration_lie_beside_each_other(
    journal: Journal, drain: Drain, pool: asyncpg.Pool
) -> None:
    one = ids(1)[0]
    await journal.commit({SHARD: [seal(entries((one, 1), (one, 2)))]})
    await journal.commit({SHARD: [seal(entries((one, 3)))]})
    await drain.run(0)
    newest = await pool.fetchrow("SELECT version FROM declaration WHERE declaration_id = $1", one)
    assert newest["version"] == 3
    assert await pool.fetchval("SELECT sum(rows) FROM operator_span") == 3


async def test_a_fleet_that_postgres_has_already_is_not_added_again(
    journal: Journal, drain: Drain, pool: asyncpg.Pool, redis: Redis, lake: str
) -> None:
    for fleets in (["PO1AB23"], ["PO1AB23", "WA12345"]), (["PO1AB23"], ["GD1"]), (["GD1"], ["GD2"]):
        for fleet in fleets:
            made = entries((ids(1)[0], 1), declarationVehiclePlateNumber=fleet)
            await journal.commit({SHARD: [seal(made)]})
        await Drain(SHARD, redis, pool, Path(lake)).run(0)  # which remembers none
    assert await pool.fetchval("SELECT count(*) FROM fleet") == 4
    written = await pool.fetchval("SELECT sum(rows) FROM lake_file WHERE lake_table = 'fleet_plate'")
    assert written == 5
    assert await _stored(pool) == 6


async def test_every_file_that_postgres_names_has_the_rows_that_it_says(
    journal: Journal, drain: Drain, pool: asyncpg.Pool, lake: str
) -> None:
    for fleet in (["PO1AB23"], ["PO1AB23", "WA12345"], ["PO1AB23"]):
        made = entries((ids(1)[0], 1), declarationVehiclePlateNumber=fleet)
        await journal.commit({SHARD: [seal(made)]})
        await drain.run(0)
    files = await pool.fetch("SELECT path, lake_table, rows, bytes FROM lake_file")
    for file in files:
        assert pq.read_metadata(Path(lake) / file["path"]).num_rows == file["rows"]
        assert (Path(lake) / file["path"]).stat().st_size == file["bytes"]
    plates = sum(file["rows"] for file in files if file["lake_table"] == "fleet_plate")
    assert plates == 3  # the third declaration names a fleet that is known


async def test_a_commit_is_refused_while_the_lease_is_anothers(journal: Journal, redis: Redis) -> None:
    await redis.hset("claim", "token", "theirs")
    with pytest.raises(LeaseLostError):
        await journal.commit({SHARD: [seal(entries((ids(1)[0], 1)))]}, lease=Lease("claim", b"mine"))
    assert await redis.xlen(keys.frames(SHARD)) == 0
