"""How one operator's declarations for one host stood at an instant: whole columns at a time, no object a declaration.

A declaration is its versions. The one that stood is the newest of those that the store had at the instant; it covers
the vehicle if it names a fleet with its plate, was not withdrawn, and its period has the day (domain.md 6.1).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from reports.answer import PageKey
from reports.verdict import Counts

#: Standings in the order in which declarations are shown; in force stands twice, the driver's own first.
STANDINGS = ("IN_FORCE", "IN_FORCE", "FUTURE", "EXPIRED", "WITHDRAWN")
_OWN, _OTHERS, _FUTURE, _EXPIRED, _WITHDRAWN = range(5)
_EPOCH = date(1970, 1, 1)

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Instant:
    """The instant of a control, and the day that it is in the host's civil time."""

    at: datetime
    zone: ZoneInfo

    @property
    def day(self) -> date:
        """The day by the host's clocks."""
        return self.at.astimezone(self.zone).date()

    def begins(self, day: date) -> datetime:
        """The first moment of a day by the host's clocks."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a declaration comes in the answer, the version that stood, and the file in memory that has it (0: none)."""

    operator: UUID
    key: PageKey
    version: int
    newest_version: int
    file_no: int

    @property
    def standing(self) -> str:
        """What the declaration was worth at the instant."""
        return STANDINGS[self.key.rank]


@dataclass(frozen=True, slots=True)
class Page:
    """Which places are wanted: those after a key, at most `most`."""

    after: PageKey | None
    most: int


def stand(
    operator: UUID,
    versions: pa.Table,
    fleets: Collection[UUID],
    driven: Collection[UUID] | None,
    instant: Instant,
    page: Page,
) -> tuple[Counts, list[Place]]:
    """Judges versions (columns of the look-up's `versions` statement), in any order.

    `fleets` are those that name the vehicle, `driven` the declarations of the driver asked about, None if none was.
    """
    if not versions.num_rows:
        return Counts(), []
    table = _sorted(versions.combine_chunks())
    first, last = _runs(table)
    known = table.accepted_at <= _micros(instant.at)
    stood = _last_known(known, first)
    at = stood[stood >= 0]
    newest = table.version[last][stood >= 0]
    listed = _are_in(table.fleets, fleets)
    driven_by = np.ones(len(table.version), bool) if driven is None else _are_in(table.ids, driven)
    day = (instant.day - _EPOCH).days
    rank = _ranks(table, at, day, driven_by[at])
    named, own = listed[at], driven_by[at]
    covering = named & (rank == _OWN)
    once = np.logical_or.reduceat(listed & known, first)[stood >= 0]
    elsewhere = ~named & (rank <= _OTHERS)
    covered = np.zeros(len(first), bool)
    covered[stood >= 0] = covering
    lengths = last - first + 1
    late = listed & ~known & ~table.withdrawn & (table.start <= day) & (day <= table.end) & ~np.repeat(covered, lengths)
    counts = Counts(
        covering=int(covering.sum()),
        other_driver=int((named & (rank == _OTHERS)).sum()),
        future=int((named & (rank == _FUTURE)).sum()),
        expired=int((named & (rank == _EXPIRED)).sum()),
        withdrawn=int((named & (rank == _WITHDRAWN)).sum()),
        begun_before=_begun_before(table, at[covering], instant),
        plate_removed=int((elsewhere & once & own).sum()),
        driver_elsewhere=0 if driven is None else int((elsewhere & own).sum()),
        other_vehicles=int(elsewhere.sum()),
        declared_after=_instant_of(table.accepted_at[late].min()) if late.any() else None,
    )
    order = _order(table, at[named], rank[named], page)
    shown = (at[named][order], rank[named][order], newest[named][order])
    return counts, [_place(operator, table, *map(int, numbers)) for numbers in zip(*shown, strict=True)]


@dataclass(frozen=True, slots=True)
class _Versions:
    """Versions by declaration, oldest first: ids as Arrow and as two halves, the rest as numbers."""

    ids: pa.Array
    high: NDArray[np.uint64]
    low: NDArray[np.uint64]
    fleets: pa.Array
    version: Numbers
    withdrawn: Flags
    accepted_at: Numbers
    submitted_at: Numbers
    start: Numbers
    end: Numbers
    file_no: Numbers


def _sorted(versions: pa.Table) -> _Versions:
    ids, fleets = (_storage(versions.column(name)) for name in ("declaration_id", "fleet_id"))
    high, low = _halves(ids)
    version = _numbers(versions, "version")
    order = np.lexsort((version, low, high))
    places = pa.array(order)
    return _Versions(
        ids.take(places),
        high[order],
        low[order],
        fleets.take(places),
        version[order],
        versions.column("withdrawn").to_numpy().astype(bool)[order],
        *(_numbers(versions, name)[order] for name in ("accepted_at", "submitted_at")),
        *(_numbers(versions, name)[order] for name in ("start_date", "end_date", "file_no")),
    )


def _runs(table: _Versions) -> tuple[Numbers, Numbers]:
    """Gives the places of each declaration's first and last version."""
    changes = (table.high[1:] != table.high[:-1]) | (table.low[1:] != table.low[:-1])
    first = np.concatenate(([0], np.flatnonzero(changes) + 1))
    return first, np.append(first[1:], len(table.version)) - 1


def _last_known(known: Flags, first: Numbers) -> Numbers:
    """Gives the place of each declaration's newest known version, -1 if it has none."""
    return np.maximum.reduceat(np.where(known, np.arange(len(known)), -1), first)


def _ranks(table: _Versions, at: Numbers, day: int, driven: Flags) -> Numbers:
    in_force = np.where(driven, _OWN, _OTHERS)
    states = [table.withdrawn[at], table.end[at] < day, table.start[at] > day]
    return np.select(states, [_WITHDRAWN, _EXPIRED, _FUTURE], in_force).astype(np.int64)


def _begun_before(table: _Versions, at: Numbers, instant: Instant) -> int:
    """Counts declarations that came after the day on which their posting began."""
    starts, which = np.unique(table.start[at], return_inverse=True)
    next_days = [_micros(instant.begins(_EPOCH + timedelta(days=int(start) + 1))) for start in starts]
    return int((table.submitted_at[at] >= np.array(next_days, np.int64)[which]).sum())


def _order(table: _Versions, at: Numbers, rank: Numbers, page: Page) -> Numbers:
    """Gives what the page shows, in order: by rank, then newest id first."""
    order = np.lexsort((~table.low[at], ~table.high[at], rank))
    if page.after is not None:
        high, low = page.after.declaration_id.int >> 64, page.after.declaration_id.int & (1 << 64) - 1
        ids_high, ids_low, ranks = table.high[at][order], table.low[at][order], rank[order]
        older = (ids_high < high) | ((ids_high == high) & (ids_low < low))
        order = order[(ranks > page.after.rank) | ((ranks == page.after.rank) & older)]
    return order[: page.most]


def _place(operator: UUID, table: _Versions, at: int, rank: int, newest: int) -> Place:
    declaration_id = UUID(int=int(table.high[at]) << 64 | int(table.low[at]))
    return Place(operator, PageKey(rank, declaration_id), int(table.version[at]), newest, int(table.file_no[at]))


def _storage(column: pa.ChunkedArray) -> pa.Array:
    chunk = column.chunk(0)
    return chunk.storage if isinstance(chunk, pa.ExtensionArray) else chunk


def _halves(ids: pa.Array) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    words = np.frombuffer(ids.buffers()[1], ">u8")[ids.offset * 2 : (ids.offset + len(ids)) * 2].reshape(-1, 2)
    return words[:, 0].astype(np.uint64), words[:, 1].astype(np.uint64)


def is_in(ids: pa.ChunkedArray, wanted: Collection[UUID]) -> Flags:
    """Tells of each id of a column in one piece whether it is among the wanted ones."""
    return _are_in(_storage(ids), wanted)


def _are_in(ids: pa.Array, wanted: Collection[UUID]) -> Flags:
    values = pa.array([one.bytes for one in wanted], ids.type)
    found: Flags = pc.is_in(ids, value_set=values, skip_nulls=True).to_numpy(zero_copy_only=False)
    return found


def _numbers(versions: pa.Table, name: str) -> Numbers:
    column = versions.column(name)
    whole = column.cast(pa.int32()) if pa.types.is_date32(column.type) else column
    numbers: Numbers = whole.cast(pa.int64()).to_numpy().astype(np.int64)
    return numbers


def _micros(instant: datetime) -> int:
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _instant_of(micros: Any) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(micros))
