"""What a running system holds: the queue, the system of record, the lake, the processes."""

import time

import asyncpg
import psutil
from msgspec import Struct
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from rtpd.addresses import Addresses, RunningProcess
from schemas import keys, statements

_SQL = statements.load("rtpd", "status")


class ShardStatus(Struct):
    """One stream of the queue; `oldest_s` is the age of its oldest frame in seconds."""

    shard: int
    frames: int
    declarations: int
    pending: int
    dead_letters: int
    oldest_s: float | None


class StoreStatus(Struct):
    """The system of record; unpublished is what the lake does not have yet."""

    declarations: int
    batches: int
    unpublished_batches: int
    unpublished_declarations: int
    oldest_unpublished_s: float | None
    bytes: int


class LakeTable(Struct):
    """One table of the lake at its last snapshot."""

    name: str
    files: int
    rows: int
    bytes: int


class ProcessStatus(Struct):
    """One supervised process with its children; `memory_mb` is their share of memory, None if it has ended."""

    name: str
    pid: int
    starts: int
    memory_mb: int | None


class Status(Struct):
    """Everything that `rtpd status` shows; `snapshot` is None before the first publication."""

    queue: list[ShardStatus]
    store: StoreStatus
    snapshot: int | None
    lake: list[LakeTable]
    processes: list[ProcessStatus]


async def read_status(addresses: Addresses, shards: int, running: list[RunningProcess]) -> Status:
    """Asks Redis, Postgres and the kernel. Raises what those raise when they are out of reach."""
    async with Redis.from_url(addresses.redis_url) as redis:
        queue = [await _shard(redis, shard) for shard in range(shards)]
    connection = await asyncpg.connect(addresses.database_url)
    try:
        row = await connection.fetchrow(_SQL["store"])
        snapshot, tables = None, []
        if await connection.fetchval(_SQL["has_lake"]):
            snapshot = await connection.fetchval(_SQL["snapshot"])
            tables = [LakeTable(**found) for found in await connection.fetch(_SQL["lake_tables"])]
    finally:
        await connection.close()
    assert row is not None
    return Status(queue, StoreStatus(**row), snapshot, tables, [_process(process) for process in running])


async def _shard(redis: Redis, shard: int) -> ShardStatus:
    stream = keys.frames(shard)
    oldest = await redis.xrange(stream, count=1)
    try:
        pending = (await redis.xpending(stream, keys.DRAIN_GROUP))["pending"]
    except ResponseError:  # no drain has ever joined
        pending = 0
    return ShardStatus(
        shard,
        frames=await redis.xlen(stream),
        declarations=int(await redis.get(keys.queued(shard)) or 0),
        pending=pending,
        dead_letters=await redis.xlen(keys.dead_letters(shard)),
        oldest_s=max(0.0, time.time() - int(oldest[0][0].split(b"-")[0]) / 1000) if oldest else None,
    )


def _process(process: RunningProcess) -> ProcessStatus:
    try:
        parent = psutil.Process(process.pid)
        memory = sum(_share_of_memory(member) for member in (parent, *parent.children(recursive=True)))
    except psutil.NoSuchProcess:
        return ProcessStatus(process.name, process.pid, process.starts, None)
    return ProcessStatus(process.name, process.pid, process.starts, memory >> 20)


def _share_of_memory(process: psutil.Process) -> int:
    try:
        full = process.memory_full_info()
        return int(getattr(full, "pss", full.uss))
    except (psutil.AccessDenied, psutil.NoSuchProcess):
        return 0
