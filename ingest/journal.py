"""The journal: what intake accepted goes to Redis as frames, on disk there before anyone is answered.

Two ways in, one commit: a bulk upload brings its frames ready; single submissions wait together for the flush
that is under way to end and go in the next one (group commit), so that a disk write is paid per flush.
DESIGN.md, steps 1 and 2.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from prometheus_client import Counter, Histogram
from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError, ResponseError

from ingest.direct import Direct
from ingest.together import Together
from schemas import keys
from schemas.frame import Entries, Entry, encode_frame, encode_index
from schemas.scripts import Argument, Script

FRAME_ROWS = 4_000
#: A guard is needed while two requests can be at work on one thing; the rest of the time it is in the store.
_GUARD_SECONDS = 3 * 86_400
#: So old a count of what waits is counted anew, beside those who ask; so old it serves nobody any more.
_DEPTH_SECONDS, _DEPTH_OLD_SECONDS = 0.25, 1.0
#: Waits until what the connection wrote is on this Redis' disk, for five seconds at most.
_ON_DISK = ("WAITAOF", 1, 0, 5_000)
#: A flush costs as much as some ten declarations: those who waited together are given a moment to come together again.
_TOGETHER = 8
_TOGETHER_SECONDS = 0.005

_commit = Script("ingest", "commit")

_frames = Counter("rtpd_journal_frames_total", "Frames written to the journal")
_rows = Counter("rtpd_journal_declarations_total", "Declarations written to the journal")
_flush_rows = Histogram(
    "rtpd_journal_flush_declarations",
    "Declarations in a commit",
    buckets=(1, 3, 10, 30, 100, 300, 1e3, 1e4, 1e5),
)
_flush_seconds = Histogram("rtpd_journal_flush_seconds", "Time from the first byte of a commit to its fsync")


class JournalUnreachableError(Exception):
    """The journal did not confirm that the declarations are on disk."""


class JournalFullError(Exception):
    """More declarations wait for storage than the queue's limit allows."""


class LeaseLostError(Exception):
    """Another request took this submission over while this one was silent."""


class VersionConflictError(Exception):
    """Something changed between reading it and writing what follows; `places` are those of the guards that say so."""

    def __init__(self, places: frozenset[int]) -> None:
        super().__init__(len(places))
        self.places = places


@dataclass(frozen=True, slots=True)
class SealedFrame:
    """A frame ready for the journal: `data` for the stream, `index` (ids and operators) beside it."""

    rows: int
    data: bytes
    index: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """A hash to write in the same transaction as the frames: `fields` under `key` for `seconds`."""

    key: str
    fields: Mapping[str, bytes | str | int]
    seconds: int


@dataclass(frozen=True, slots=True)
class Lease:
    """What must still be true for a commit to count: the hash at `key` names this `token`."""

    key: str
    token: bytes


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets a commit through only while `key` holds less than `version`, and then takes it if it `claims`."""

    key: str
    version: int
    claims: bool = True


@dataclass(slots=True)
class _Waiting:
    shard: int
    entry: Entry
    record: Record | None
    guards: Sequence[Guard]
    done: asyncio.Future[None]


def seal(entries: Entries) -> SealedFrame:
    """Encodes entries of one shard into a frame with its index entry (schemas/frame.py)."""
    return SealedFrame(len(entries), encode_frame(entries), encode_index(entries))


class Journal:
    """Writes frames to the shards' streams; `limit` is how many declarations may wait for storage in all."""

    def __init__(self, redis: Redis, shards: int, limit: int) -> None:
        self.redis = redis
        self.shards = shards
        self._direct = Direct(redis.connection_pool)
        self._limit = limit
        self._waiting: list[_Waiting] = []
        self._flushing: asyncio.Task[None] | None = None
        self._enough = 1
        self._gathered = asyncio.Event()
        self._depth = 0
        self._depths = Together(self._ask_depth)
        self._depth_known_at = float("-inf")
        self._counting: asyncio.Task[None] | None = None

    async def depth(self) -> int:
        """Gives the declarations that wait for storage, as they were a second ago at most."""
        age = time.monotonic() - self._depth_known_at
        if age > _DEPTH_OLD_SECONDS:
            await self._depths.ask(None)
        elif age > _DEPTH_SECONDS and (self._counting is None or self._counting.done()):
            self._counting = asyncio.create_task(self._count_ahead())
        return self._depth

    async def _count_ahead(self) -> None:
        with suppress(JournalUnreachableError):  # whoever asks next hears of it
            await self._depths.ask(None)

    async def _ask_depth(self, asked: Sequence[None]) -> Sequence[None]:
        """Counts what waits, for all who ask."""
        try:
            counts = await self.redis.mget([keys.queued(shard) for shard in range(self.shards)])
        except (RedisError, OSError) as error:
            raise JournalUnreachableError from error
        self._depth = sum(int(count or 0) for count in counts)
        self._depth_known_at = time.monotonic()
        return asked

    async def check_room(self) -> None:
        """Raises `JournalFullError` while the queue is at its limit."""
        if await self.depth() >= self._limit:
            raise JournalFullError

    async def add(self, shard: int, entry: Entry, record: Record | None = None, guards: Sequence[Guard] = ()) -> None:
        """Puts one entry into the next flush and returns when it is on disk, with `record` in the same step.

        Raises `VersionConflictError` if one of `guards` is passed already, and what `commit` raises.
        """
        waiting = _Waiting(shard, entry, record, guards, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if len(self._waiting) >= self._enough:
            self._gathered.set()
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush_all())
        await waiting.done

    async def commit(
        self,
        frames: Mapping[int, Sequence[SealedFrame]],
        records: Sequence[Record] = (),
        lease: Lease | None = None,
        guards: Sequence[Guard] = (),
    ) -> None:
        """Writes frames by shard, and records, all or nothing, and returns when they are on disk.

        Raises `LeaseLostError` if the lease is another's, `VersionConflictError` if one of `guards` is passed
        already, `JournalUnreachableError` if Redis did not confirm.
        """
        started = time.monotonic()
        names, arguments = _script_arguments(frames, records, lease, guards)
        try:
            # One connection carries both commands: WAITAOF answers for what its own connection wrote.
            written, waited = await self._direct.ask(_commit.by_digest(names, *arguments), _ON_DISK)
            if isinstance(written, NoScriptError):  # Redis was started anew
                written, waited = await self._direct.ask(_commit.whole(names, *arguments), _ON_DISK)
        except (RedisError, OSError) as error:
            raise JournalUnreachableError from error
        if isinstance(written, ResponseError) and str(written).startswith("LEASELOST"):
            raise LeaseLostError
        if isinstance(written, ResponseError) and str(written).startswith("CONFLICT"):
            raise VersionConflictError(frozenset(int(place) - 1 for place in str(written).split()[1:]))
        if isinstance(written, Exception) or isinstance(waited, Exception) or waited[0] < 1:
            raise JournalUnreachableError
        rows = sum(frame.rows for sealed in frames.values() for frame in sealed)
        _rows.inc(rows)
        _frames.inc(sum(len(sealed) for sealed in frames.values()))
        _flush_rows.observe(rows)
        _flush_seconds.observe(time.monotonic() - started)

    async def _flush_all(self) -> None:
        most = FRAME_ROWS * self.shards
        while self._waiting:
            if len(self._waiting) < self._enough:
                await self._gather()
            flush, self._waiting = self._waiting[:most], self._waiting[most:]
            self._enough = len(flush) if len(flush) >= _TOGETHER else 1
            while flush:
                flush = await self._flush(flush)

    async def _gather(self) -> None:
        """Waits till as many are there as in the last flush, or for a moment."""
        self._gathered.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(_TOGETHER_SECONDS):
                await self._gathered.wait()

    async def _flush(self, flush: list[_Waiting]) -> list[_Waiting]:
        """Commits what waits together and tells each of those who wait; gives back what must be tried again.

        A passed guard refuses the whole commit: whom it belongs to is told, the others go again without them.
        """
        by_shard: defaultdict[int, Entries] = defaultdict(Entries)
        for waiting in flush:
            by_shard[waiting.shard].add(waiting.entry)
        records = [waiting.record for waiting in flush if waiting.record is not None]
        guarded = [(waiting, guard) for waiting in flush for guard in waiting.guards]
        outcome: Exception | None = None
        again: list[_Waiting] = []
        try:
            frames = {shard: [seal(entries)] for shard, entries in by_shard.items()}
            await self.commit(frames, records, guards=[guard for _, guard in guarded])
        except VersionConflictError as error:
            refused = {id(guarded[place][0]) for place in error.places}
            again = [waiting for waiting in flush if id(waiting) not in refused]
            flush = [waiting for waiting in flush if id(waiting) in refused]
            outcome = error
        except Exception as error:  # whatever it is, each of those who wait must hear of it
            outcome = error
        for waiting in flush:
            if waiting.done.done():
                continue
            if outcome is None:
                waiting.done.set_result(None)
            else:
                waiting.done.set_exception(outcome)
        return again


def _script_arguments(
    frames: Mapping[int, Sequence[SealedFrame]],
    records: Sequence[Record],
    lease: Lease | None,
    guards: Sequence[Guard],
) -> tuple[list[str], list[Argument]]:
    """Lays keys and arguments out as `commit.lua` reads them."""
    names = [lease.key if lease else keys.REGISTRY_CHANNEL, *(guard.key for guard in guards)]
    arguments: list[Argument] = [lease.token if lease else b"", len(guards), _GUARD_SECONDS]
    for guard in guards:
        arguments += (guard.version, int(guard.claims))
    arguments.append(len(frames))
    for shard, sealed in frames.items():
        names += (keys.frames(shard), keys.index(shard), keys.queued(shard))
        arguments += (sum(frame.rows for frame in sealed), len(sealed))
        for frame in sealed:
            arguments += (frame.data, frame.index)
    for record in records:
        names.append(record.key)
        arguments += (record.seconds, len(record.fields))
        for name, value in record.fields.items():
            arguments += (name, value)
    return names, arguments
