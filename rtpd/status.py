"""What a running system holds: the queue, the system of record, the lake, the processes, and what needs a person."""

import asyncio
import os
import time
from collections.abc import Iterable
from pathlib import Path

import asyncpg
import psutil
from msgspec import Struct
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from rtpd.addresses import Addresses, RunningProcess
from schemas import keys, statements

_SQL = statements.load("rtpd", "status")
#: With less of a disk free than this share, someone should make room.
_LITTLE_ROOM = 0.05
_ANSWER_S = 10.0


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


class DiskStatus(Struct):
    """One disk on which data of ours lie: a folder on it, bytes that are free and that it has in all."""

    folder: str
    free: int
    size: int


class Status(Struct):
    """Everything that `rtpd status` shows.

    `queue` is empty while Redis is out of reach, `store` is None while Postgres is; `snapshot` is None before the
    first publication. `trouble` says in words what needs a person.
    """

    queue: list[ShardStatus]
    store: StoreStatus | None
    snapshot: int | None
    lake: list[LakeTable]
    processes: list[ProcessStatus]
    disks: list[DiskStatus]
    trouble: list[str]


async def read_status(
    addresses: Addresses, shards: int, running: list[RunningProcess], folders: Iterable[Path] = ()
) -> Status:
    """Asks Redis, Postgres and the kernel; `folders` are where data lie. What does not answer is told as trouble."""
    found = Status([], None, None, [], [_process(process) for process in running], _disks(folders), [])
    trouble = found.trouble
    for disk in found.disks:
        if disk.free < disk.size * _LITTLE_ROOM:
            trouble.append(f"the disk of {disk.folder} has {disk.free >> 20} MB left of {disk.size >> 20}: make room")
    trouble += [f"{process.name} is down" for process in found.processes if process.memory_mb is None]
    try:
        async with asyncio.timeout(_ANSWER_S), Redis.from_url(addresses.redis_url) as redis:
            found.queue = [await _shard(redis, shard) for shard in range(shards)]
    except (RedisError, OSError) as error:
        trouble.append(f"Redis does not answer ({type(error).__name__}): intake refuses until it does")
    try:
        async with asyncio.timeout(_ANSWER_S):
            await _read_store(addresses, found)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        trouble.append(f"PostgreSQL does not answer ({type(error).__name__}): the queue grows until it does")
    for shard in found.queue:
        if shard.dead_letters:
            trouble.append(f"shard {shard.shard} has {shard.dead_letters} dead letters, kept with their reasons")
    return found


async def _read_store(addresses: Addresses, found: Status) -> None:
    connection = await asyncpg.connect(addresses.database_url)
    try:
        row = await connection.fetchrow(_SQL["store"])
        assert row is not None
        found.store = StoreStatus(**row)
        if await connection.fetchval(_SQL["has_lake"]):
            found.snapshot = await connection.fetchval(_SQL["snapshot"])
            found.lake = [LakeTable(**table) for table in await connection.fetch(_SQL["lake_tables"])]
    finally:
        await connection.close()


def _disks(folders: Iterable[Path]) -> list[DiskStatus]:
    """Gives the disks of those folders that are there, each disk once."""
    disks: dict[int, DiskStatus] = {}
    for folder in folders:
        if folder.exists() and (device := folder.stat().st_dev) not in disks:
            room = os.statvfs(folder)
            disks[device] = DiskStatus(str(folder), room.f_bavail * room.f_frsize, room.f_blocks * room.f_frsize)
    return list(disks.values())


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
