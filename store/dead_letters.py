"""Dead letters: what could not be read or stored, kept whole with the reason, never in the way of the rest."""

from collections.abc import Collection

import pyarrow as pa
from redis.asyncio import Redis

from schemas import keys
from schemas.scripts import Script

_bury = Script("store", "bury")


async def bury_frame(redis: Redis, shard: int, frame_id: bytes, data: bytes, reason: str) -> None:
    """Moves a frame that cannot be read from a shard's stream to its dead letters, in one step."""
    names = (keys.frames(shard), keys.index(shard), keys.dead_letters(shard), keys.queued(shard))
    await _bury(redis, names, keys.DRAIN_GROUP, frame_id, data, reason)


async def bury_rows(redis: Redis, shard: int, rows: pa.RecordBatch, guilty: Collection[int]) -> None:
    """Keeps rows (places in `rows`, DECLARATION_VERSION) that Postgres refused, as one Arrow stream."""
    if not guilty:
        return
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_batch(rows.take(pa.array(sorted(guilty), pa.int64())))
    await redis.xadd(keys.dead_letters(shard), {"rows": sink.getvalue().to_pybytes(), "reason": "refused by Postgres"})


async def count_dead_letters(redis: Redis, shards: int) -> int:
    """Gives the number of dead letters of all shards."""
    return sum([await redis.xlen(keys.dead_letters(shard)) for shard in range(shards)])
