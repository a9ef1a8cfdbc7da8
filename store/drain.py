"""The drain of a shard: frames from the journal into Postgres and Parquet, stored exactly once.

Frames are delivered at least once (a consumer group, pending ones first). Rows, ledger, fleets and file names
commit in one Postgres transaction; a frame that the ledger has is skipped whole. Two drains on one shard
would be slow but harmless: the ledger lets one of them win. DESIGN.md, step 3.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import asyncpg
import pyarrow as pa
import structlog
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from schemas import keys, statements
from schemas.failpoints import failpoint
from schemas.frame import UnreadableFrameError, decode_frames
from schemas.scripts import Argument, Script
from store import batch as batches
from store.batch import DeliveredFrame, FrameId, LakeFile
from store.dead_letters import bury_frame, bury_rows
from store.events import operator_events
from store.guilty import REFUSED_DATA, find_guilty
from store.lake import reason

_SQL = statements.load("store", "drain")
_log = structlog.get_logger("drain")
_done, _renew, _release = (Script("store", name) for name in ("done", "renew", "release"))

#: A batch is as much as this: some ten frames of uploads, or hundreds of flushes of single submissions.
MOST_FRAMES = 500
_MOST_BYTES = 3 << 20  # compressed: large fleets unfold to many times it
_FRAMES_A_READ = 8
LEASE_MILLISECONDS = 5_000
_KNOWN_FLEETS = 200_000
_SMALL_BATCH = 16_000
_SMALL_BATCH_SECONDS = 0.75
_BLOCK_MILLISECONDS = 500


class LeaseTakenError(Exception):
    """Another drain has taken this shard over; this one stops."""


@dataclass(slots=True)
class Drain:
    """Drains one shard. `known_fleets` is kept from run to run: fleets that Postgres is known to have."""

    shard: int
    redis: Redis
    pool: asyncpg.Pool
    lake: Path
    known_fleets: set[bytes] = field(default_factory=set)
    #: Whether none of the last batch's fleets was in Postgres already.
    _all_new: bool = True
    #: Whether the last read left off because it had enough, and not because the stream was empty.
    _more: bool = False
    _token: bytes = field(default_factory=lambda: uuid4().hex.encode())

    async def run(self, seconds: float) -> int:
        """Stores what the shard's stream holds, for `seconds` as more comes; returns declarations.

        With 0 seconds it goes on until the stream is empty.
        Does nothing if another drain holds the shard's lease. Raises what Redis or Postgres raise when they
        are out of reach: the frames stay pending and the next run takes them first.
        """
        if not await self.redis.set(keys.drain_lease(self.shard), self._token, nx=True, px=LEASE_MILLISECONDS):
            return 0
        try:
            await self._join_group()
            stored = await self._run_pending()
            until = time.monotonic() + seconds
            while True:
                began = time.monotonic()
                rows = await self._step(b">", wait=began < until)
                stored += rows or 0
                if began >= until and (rows is None or seconds):
                    break
                if rows is not None and rows < _SMALL_BATCH and not self._more:
                    # A batch costs as much as a thousand declarations, and a file: let more come together, but be
                    # seen by officers within two seconds.
                    await asyncio.sleep(max(0.0, min(began + _SMALL_BATCH_SECONDS, until) - time.monotonic()))
            return stored
        except LeaseTakenError:
            return 0
        finally:
            await asyncio.shield(self._release())

    async def _run_pending(self) -> int:
        """Stores what an earlier drain had been given and did not finish."""
        stored = 0
        while (rows := await self._step(b"0")) is not None:
            stored += rows
        return stored

    async def _step(self, after: bytes, *, wait: bool = False) -> int | None:
        """Takes some frames, stores them, takes them out; returns declarations, None if there was no frame."""
        delivered = await self._read(after, wait=wait)
        await self._renew()
        if not delivered:
            return None
        frames, rows = [], 0
        read = decode_frames([data for _, data in delivered])
        for (frame_id, data), frame in zip(delivered, read, strict=True):
            if isinstance(frame, UnreadableFrameError):
                _log.error("frame_unreadable", shard=self.shard, frame=frame_id.decode(), reason=str(frame))
                await bury_frame(self.redis, self.shard, frame_id, data, str(frame))
            else:
                frames.append(DeliveredFrame(FrameId.parse(frame_id), frame))
        if frames:
            rows = await self._store(frames)
            failpoint("drain.before_done")
            await self._done(frames)
        return rows

    async def _read(self, after: bytes, *, wait: bool) -> list[tuple[bytes, bytes]]:
        """Reads frames for one batch: new ones (`>`), waiting for the first if told to, or pending ones."""
        found: list[tuple[bytes, bytes]] = []
        held, self._more = 0, True
        while self._more and len(found) < MOST_FRAMES and held < _MOST_BYTES:
            # As many as will fit, if they are like those before.
            fitting = (_MOST_BYTES - held) * len(found) // held if held else _FRAMES_A_READ
            count = min(max(fitting, 1), MOST_FRAMES - len(found))
            answer = await self.redis.xreadgroup(
                keys.DRAIN_GROUP,
                "drain",
                {keys.frames(self.shard): after if after == b">" or not found else found[-1][0]},
                count=count,
                block=_BLOCK_MILLISECONDS if wait and not found else None,
            )
            more = answer[0][1] if answer else []
            read = [(frame_id, fields.get(b"frame", b"") if fields else b"") for frame_id, fields in more]
            found, held = found + read, held + sum(len(data) for _, data in read)
            self._more = len(read) == count
        return found

    async def _store(self, frames: Sequence[DeliveredFrame]) -> int:
        """Commits the frames that the ledger does not have; returns their declarations."""
        async with self.pool.acquire() as connection:
            new = await self._without_known(connection, frames)
            if not new:
                return 0
            declarations = batches.declarations_of(new)
            try:
                return await self._commit(connection, new, declarations)
            except asyncpg.UniqueViolationError as error:
                if error.table_name in ("frame", "fleet"):
                    return await self._store(frames)  # another drain committed them between two of our steps
                return await self._commit_innocent(connection, new, declarations, error)
            except REFUSED_DATA as error:
                return await self._commit_innocent(connection, new, declarations, error)

    async def _commit_innocent(
        self,
        connection: asyncpg.Connection,
        frames: Sequence[DeliveredFrame],
        declarations: pa.RecordBatch,
        error: Exception,
    ) -> int:
        """Finds the rows that Postgres refuses, commits the others, and keeps the guilty as dead letters."""
        guilty = await find_guilty(connection, declarations)
        _log.error("rows_refused", shard=self.shard, rows=len(guilty), reason=reason(error))
        innocent = [place for place in range(declarations.num_rows) if place not in guilty]
        rows = await self._commit(connection, frames, declarations.take(pa.array(innocent, pa.int64())))
        await bury_rows(self.redis, self.shard, declarations, guilty)
        return rows

    async def _without_known(
        self, connection: asyncpg.Connection, frames: Sequence[DeliveredFrame]
    ) -> list[DeliveredFrame]:
        rows = await connection.fetch(
            _SQL["known_frames"],
            self.shard,
            [delivered.frame_id.ms for delivered in frames],
            [delivered.frame_id.seq for delivered in frames],
        )
        known = {FrameId(row["frame_ms"], row["frame_seq"]) for row in rows}
        return [delivered for delivered in frames if delivered.frame_id not in known]

    async def _commit(
        self,
        connection: asyncpg.Connection,
        frames: Sequence[DeliveredFrame],
        declarations: pa.RecordBatch,
    ) -> int:
        """One transaction: batch, rows, spans, fleets, ledger, file names."""
        written = await asyncio.to_thread(self._write, "declaration_version", declarations)
        failpoint("drain.after_parquet")
        fleets, fleet_keys = batches.fleets_of(frames, self.known_fleets)
        async with connection.transaction():
            batch_id = await connection.fetchval(_SQL["open_batch"], self.shard, declarations.num_rows)
            await self._add_frames(connection, batch_id, frames)
            await self._copy(connection, "declaration_version", declarations)
            if declarations.num_rows:
                await self._copy(connection, "operator_span", batches.operator_spans(declarations, batch_id))
                await self._copy(connection, "event", operator_events(declarations))
            failpoint("drain.after_copy")
            new_fleets = await self._add_fleets(connection, fleets)
            files = written + await asyncio.to_thread(self._write, "fleet_plate", batches.fleet_plates(new_fleets))
            for file in files:
                await connection.execute(
                    _SQL["add_lake_file"], file.path, file.lake_table, batch_id, file.rows, file.size
                )
            failpoint("drain.before_commit")
        failpoint("drain.after_commit")
        self._remember(fleet_keys)
        return int(declarations.num_rows)

    async def _add_frames(
        self, connection: asyncpg.Connection, batch_id: int, frames: Sequence[DeliveredFrame]
    ) -> None:
        await connection.execute(
            _SQL["add_frames"],
            self.shard,
            batch_id,
            [delivered.frame_id.ms for delivered in frames],
            [delivered.frame_id.seq for delivered in frames],
            [delivered.frame.rows for delivered in frames],
            batches.uuids(delivered.frame.first_id for delivered in frames),
            batches.uuids(delivered.frame.last_id for delivered in frames),
        )

    async def _copy(self, connection: asyncpg.Connection, table: str, rows: pa.RecordBatch) -> None:
        async def source() -> AsyncIterator[bytes]:
            for piece in await asyncio.to_thread(batches.copy_pieces, rows):
                yield piece

        await connection.copy_to_table(table, source=source(), columns=rows.schema.names, format="binary")

    async def _add_fleets(self, connection: asyncpg.Connection, fleets: pa.RecordBatch) -> pa.RecordBatch:
        """Adds fleets and gives back those that Postgres did not have.

        Those that are not remembered are mostly new: to ask for each first took as long as to add it.
        """
        if not fleets.num_rows:
            return fleets
        if self._all_new:
            try:
                async with connection.transaction():
                    await self._copy(connection, "fleet", fleets)
            except asyncpg.UniqueViolationError:
                self._all_new = False
            else:
                return fleets
        ids = (batches.uuids(fleets.column(name).to_pylist()) for name in ("operator_id", "fleet_id"))
        known = {
            row["operator_id"].bytes + row["fleet_id"].bytes
            for row in await connection.fetch(_SQL["known_fleets"], *ids)
        }
        self._all_new = not known
        if known:
            places = [place for place, key in enumerate(batches.fleet_keys(fleets)) if key not in known]
            fleets = fleets.take(pa.array(places, pa.int64()))
        if fleets.num_rows:
            await self._copy(connection, "fleet", fleets)
        return fleets

    def _write(self, lake_table: str, rows: pa.RecordBatch) -> list[LakeFile]:
        return [batches.write_lake_file(self.lake, lake_table, rows)] if rows.num_rows else []

    def _remember(self, fleet_keys: list[bytes]) -> None:
        if len(self.known_fleets) > _KNOWN_FLEETS:
            self.known_fleets.clear()
        self.known_fleets.update(fleet_keys)

    async def _done(self, frames: Sequence[DeliveredFrame]) -> None:
        """Takes stored frames out of the journal."""
        arguments: list[Argument] = [keys.DRAIN_GROUP]
        for delivered in frames:
            arguments += (f"{delivered.frame_id.ms}-{delivered.frame_id.seq}", delivered.frame.rows)
        names = (keys.frames(self.shard), keys.index(self.shard), keys.queued(self.shard))
        await _done(self.redis, names, *arguments)

    async def _join_group(self) -> None:
        try:
            await self.redis.xgroup_create(keys.frames(self.shard), keys.DRAIN_GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def _renew(self) -> None:
        """Keeps the lease alive. Raises `LeaseTakenError` if it is another's by now."""
        if not await _renew(self.redis, [keys.drain_lease(self.shard)], self._token, LEASE_MILLISECONDS):
            raise LeaseTakenError

    async def _release(self) -> None:
        await _release(self.redis, [keys.drain_lease(self.shard)], self._token)
