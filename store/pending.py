"""What is accepted but not stored yet, read from the journal: reads follow writes, worker or no worker."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc
from redis.asyncio import Redis

from schemas import keys
from schemas.frame import Frame, UnreadableFrameError, decode_frame, decode_index
from schemas.rows import UUID16

_SCAN = 512


async def pending_version(redis: Redis, shard: int, operator_id: UUID, declaration_id: UUID) -> dict[str, Any] | None:
    """Finds the newest version of a declaration that waits in a shard's stream, as a row with its plates.

    The row has the columns of DECLARATION_VERSION, `plates` and `weights`; None if nothing waits.
    """
    newest: dict[str, Any] | None = None
    async for frame in pending_frames(redis, shard, operator_id, declaration_id, declaration_id):
        rows = frame.declarations.filter(
            pc.equal(frame.declarations.column("declaration_id"), pa.scalar(declaration_id.bytes, UUID16))
        )
        for row in rows.to_pylist():
            if row["operator_id"] == operator_id.bytes and (newest is None or row["version"] > newest["version"]):
                newest = row | _plates(frame, row)
    return newest


async def pending_frames(
    redis: Redis, shard: int, operator_id: UUID | None, first_id: UUID, last_id: UUID
) -> AsyncIterator[Frame]:
    """Yields the waiting frames with declarations between two ids, of one operator if one is named."""
    async for name, entry in redis.hscan_iter(keys.index(shard), count=_SCAN):
        index = decode_index(entry)
        if index.last_id < first_id.bytes or index.first_id > last_id.bytes:
            continue
        if operator_id is not None and operator_id.bytes not in index.operators:
            continue
        for _, fields in await redis.xrange(keys.frames(shard), name, name):
            try:
                yield decode_frame(fields[b"frame"])
            except UnreadableFrameError:
                continue  # the drain will bury it, with the reason


async def pending_count(redis: Redis, shards: int, operator_id: UUID | None, first_id: UUID, last_id: UUID) -> int:
    """Counts the waiting first versions with ids between two, of one operator if one is named."""
    count = 0
    low, high = (pa.scalar(bound.bytes, pa.binary()) for bound in (first_id, last_id))
    for shard in range(shards):
        async for frame in pending_frames(redis, shard, operator_id, first_id, last_id):
            rows = frame.declarations
            ids = rows.column("declaration_id").cast(pa.binary())
            inside = pc.and_(pc.greater_equal(ids, low), pc.less_equal(ids, high))
            inside = pc.and_(inside, pc.equal(rows.column("version"), 1))
            if operator_id is not None:
                inside = pc.and_(inside, pc.equal(rows.column("operator_id"), pa.scalar(operator_id.bytes, UUID16)))
            count += pc.sum(inside).as_py() or 0
    return count


def _plates(frame: Frame, row: dict[str, Any]) -> dict[str, Any]:
    for fleet in frame.fleets.to_pylist():
        if fleet["operator_id"] == row["operator_id"] and fleet["fleet_id"] == row["fleet_id"]:
            return {"plates": fleet["plates"], "weights": fleet["weights"]}
    return {"plates": None, "weights": None}
