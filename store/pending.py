"""What is accepted but not stored yet, read from the journal: reads follow writes, worker or no worker."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from redis.asyncio import Redis

from schemas import keys
from schemas.frame import Frame, UnreadableFrameError, decode_frames, decode_index
from schemas.rows import DECLARATION_VERSION, FLEET, UUID16

_SCAN = 512
_FRAMES_AT_ONCE = 32
LEAST_ID, GREATEST_ID = UUID(int=0), UUID(int=(1 << 128) - 1)
_IDS = tuple(field.name for field in DECLARATION_VERSION if field.type == UUID16)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An operator's declarations that wait in the journal.

    `versions` is the newest waiting version of each (DECLARATION_VERSION), in the order of their ids; `fleets`
    the fleets (FLEET) that came with them.
    """

    versions: pa.Table
    fleets: pa.Table

    def plates(self, fleet_id: UUID) -> tuple[list[str], list[str]] | None:
        """Gives plates and weights of a fleet that came with one of the versions, None if none did."""
        found = self.fleets.filter(pc.equal(self.fleets["fleet_id"], pa.scalar(fleet_id.bytes, UUID16)))
        if not found.num_rows:
            return None
        return found["plates"][0].as_py(), found["weights"][0].as_py()


def distinct_ids(ids: pa.ChunkedArray) -> list[UUID]:
    """Gives the ids in a column, each once, without those that are missing."""
    return [UUID(bytes=one) for one in pc.unique(ids).to_pylist() if one is not None]


def rows_of(versions: pa.Table) -> list[Row]:
    """Gives versions (DECLARATION_VERSION) as rows such as Postgres gives, ids as UUIDs."""
    rows: list[Row] = versions.to_pylist()
    for row in rows:
        for name in _IDS:
            if row[name] is not None:
                row[name] = UUID(bytes=row[name])
    return rows


async def pending_of_operator(
    redis: Redis, shard: int, operator_id: UUID, first_id: UUID = LEAST_ID, last_id: UUID = GREATEST_ID
) -> Waiting:
    """Finds what waits in a shard's stream of one operator, with ids from `first_id` to `last_id`."""
    own = pa.scalar(operator_id.bytes, UUID16)
    low, high = (pa.scalar(bound.bytes, UUID16) for bound in (first_id, last_id))
    versions, fleets = [], []
    async for frame in pending_frames(redis, shard, operator_id, first_id, last_id):
        ids = frame.declarations.column("declaration_id")
        inside = pc.and_(pc.greater_equal(ids, low), pc.less_equal(ids, high))
        inside = pc.and_(inside, pc.equal(frame.declarations.column("operator_id"), own))
        versions.append(frame.declarations.filter(inside))
        fleets.append(frame.fleets.filter(pc.equal(frame.fleets.column("operator_id"), own)))
    return Waiting(_newest(pa.Table.from_batches(versions, DECLARATION_VERSION)), pa.Table.from_batches(fleets, FLEET))


def _newest(versions: pa.Table) -> pa.Table:
    """Keeps the newest version of each declaration, in the order of ids."""
    if versions.num_rows < 2:
        return versions
    order = pc.sort_indices(versions, [("declaration_id", "ascending"), ("version", "descending")])
    versions = versions.take(order)
    ids = np.frombuffer(versions["declaration_id"].combine_chunks().cast(pa.binary()).buffers()[2], np.uint8)
    ids = ids[: versions.num_rows * 16].reshape(-1, 16)
    first = np.ones(versions.num_rows, bool)
    first[1:] = (ids[1:] != ids[:-1]).any(1)
    return versions if first.all() else versions.filter(pa.array(first))


async def pending_frames(
    redis: Redis, shard: int, operator_id: UUID | None, first_id: UUID, last_id: UUID
) -> AsyncIterator[Frame]:
    """Yields the waiting frames with declarations between two ids, of one operator if one is named."""
    wanted: dict[bytes, None] = {}  # a scan may give a frame twice
    async for name, entry in redis.hscan_iter(keys.index(shard), count=_SCAN):
        index = decode_index(entry)
        if index.last_id < first_id.bytes or index.first_id > last_id.bytes:
            continue
        if operator_id is None or operator_id.bytes in index.operators:
            wanted[name] = None
    names = list(wanted)
    for at in range(0, len(names), _FRAMES_AT_ONCE):
        async with redis.pipeline(transaction=False) as pipe:
            for name in names[at : at + _FRAMES_AT_ONCE]:
                pipe.xrange(keys.frames(shard), name, name)
            found = await pipe.execute()
        for frame in decode_frames([fields[b"frame"] for entries in found for _, fields in entries]):
            if not isinstance(frame, UnreadableFrameError):  # the drain will bury what is, with the reason
                yield frame


async def pending_count(redis: Redis, shards: int, operator_id: UUID | None, first_id: UUID, last_id: UUID) -> int:
    """Counts the waiting first versions with ids between two, of one operator if one is named."""
    count = 0
    low, high = (pa.scalar(bound.bytes, UUID16) for bound in (first_id, last_id))
    for shard in range(shards):
        async for frame in pending_frames(redis, shard, operator_id, first_id, last_id):
            rows = frame.declarations
            ids = rows.column("declaration_id")
            inside = pc.and_(pc.greater_equal(ids, low), pc.less_equal(ids, high))
            inside = pc.and_(inside, pc.equal(rows.column("version"), 1))
            if operator_id is not None:
                inside = pc.and_(inside, pc.equal(rows.column("operator_id"), pa.scalar(operator_id.bytes, UUID16)))
            count += pc.sum(inside).as_py() or 0
    return count
