"""Reading an operator's declarations: drafts, stored versions and those that wait, the newest of each.

The journal is read before Postgres: what it gives up in between is in Postgres by then, never in neither.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from redis.exceptions import RedisError

from ingest.declarations.filters import Filters
from ingest.intake import Intake
from ingest.journal import JournalUnreachableError
from schemas import keys, statements
from schemas.codes import DeclarationStatus
from schemas.identity import submission_of
from store.pending import GREATEST_ID, LEAST_ID, Row, Waiting, pending_of_operator, rows_of

_SQL = statements.load("ingest", "declarations")
_CHUNK = 1_000


class Version(NamedTuple):
    """One version of a declaration: its row (columns of DECLARATION_VERSION; a draft is version 0) and its plates."""

    row: Row
    plates: Sequence[str] = ()
    weights: Sequence[str] = ()

    @property
    def declaration_id(self) -> UUID:
        """The declaration's id."""
        found: UUID = self.row["declaration_id"]
        return found

    @property
    def number(self) -> int:
        """The number of the version, 0 for a draft."""
        found: int = self.row["version"]
        return found

    def state(self, today: date) -> DeclarationStatus:
        """Gives RTPD's status: DRAFT, SUBMITTED, WITHDRAWN or, by date alone, EXPIRED (domain.md 3.5)."""
        if not self.number:
            return "DRAFT"
        if self.row["withdrawn"]:
            return "WITHDRAWN"
        return "EXPIRED" if self.row["end_date"] < today else "SUBMITTED"

    def etag(self, today: date) -> str:
        """Gives the entity tag, which changes with the version and with the state."""
        return f'"{self.state(today).lower()}-{self.number or self.row["revision"]}"'


async def waiting_of(
    intake: Intake, operator_id: UUID, first_id: UUID = LEAST_ID, last_id: UUID = GREATEST_ID
) -> Waiting:
    """Finds what waits in the journal of an operator. Raises `JournalUnreachableError`."""
    shard = keys.shard_of(operator_id.bytes, intake.journal.shards)
    try:
        return await pending_of_operator(intake.journal.redis, shard, operator_id, first_id, last_id)
    except (RedisError, OSError) as error:
        raise JournalUnreachableError from error


async def newest_version(intake: Intake, operator_id: UUID, declaration_id: UUID) -> Version | None:
    """Finds the newest version of a submitted declaration, with its plates."""
    waiting = await waiting_of(intake, operator_id, declaration_id, declaration_id)
    row = next(iter(rows_of(waiting.versions)), None)
    stored = await intake.pool.fetchrow(_SQL["newest"], declaration_id, operator_id)
    if stored is not None and (row is None or stored["version"] >= row["version"]):
        row = dict(stored)
    return (await with_plates(intake, operator_id, [row], waiting))[0] if row else None


async def history_of(intake: Intake, operator_id: UUID, newest: Sequence[Version]) -> list[Version]:
    """Finds what was declared when: of some declarations, all stored versions and then the newest, by id."""
    submitted = [version for version in newest if version.number]
    ids = [version.declaration_id for version in submitted]
    waiting = await waiting_of(intake, operator_id, min(ids, default=LEAST_ID), max(ids, default=LEAST_ID))
    rows = {
        (row["declaration_id"], row["version"]): dict(row)
        for row in await intake.pool.fetch(_SQL["histories"], operator_id, ids)
    }
    rows |= {(version.declaration_id, version.number): version.row for version in submitted}
    return await with_plates(intake, operator_id, [rows[key] for key in sorted(rows)], waiting)


async def draft(intake: Intake, operator_id: UUID, declaration_id: UUID) -> Version | None:
    """Finds a draft; one that is submitted already may still be found."""
    row = await intake.pool.fetchrow(_SQL["draft"], operator_id, declaration_id)
    return _of_draft(dict(row)) if row else None


async def with_plates(intake: Intake, operator_id: UUID, rows: Iterable[Row], waiting: Waiting) -> list[Version]:
    """Joins rows to the plates of their fleets, each fleet read once."""
    rows = list(rows)
    wanted = {row["fleet_id"] for row in rows if row["fleet_id"] is not None and "plates" not in row}
    fleets = {fleet_id: found for fleet_id in wanted if (found := waiting.plates(fleet_id)) is not None}
    if missing := wanted - fleets.keys():
        stored = await intake.pool.fetch(_SQL["fleets"], operator_id, list(missing))
        fleets |= {row["fleet_id"]: (row["plates"], row["weights"]) for row in stored}
    return [_of_draft(row) if "plates" in row else Version(row, *fleets.get(row["fleet_id"], ((), ()))) for row in rows]


async def page_of_versions(
    intake: Intake, operator_id: UUID, filters: Filters, after: UUID, limit: int, *, full: bool
) -> tuple[list[Version], UUID | None]:
    """Finds up to `limit` declarations after an id, in the order of ids, and the last id if there are more.

    Plates are read if `full`. Raises `JournalUnreachableError`.
    """
    found: list[Row] = []
    listing = Listing(intake, operator_id, filters)
    async for rows in listing.rows(after, limit + 1):
        found += rows
        if len(found) > limit:
            break
    last = found[limit - 1]["declaration_id"] if len(found) > limit else None
    found = found[:limit]
    if full:
        return await with_plates(intake, operator_id, found, listing.waiting), last
    return [Version(row) for row in found], last


async def every_version(
    intake: Intake, operator_id: UUID, filters: Filters, *, plates: bool = True
) -> AsyncIterator[list[Version]]:
    """Yields all declarations that the filters let through, a thousand at a time, in the order of ids."""
    listing = Listing(intake, operator_id, filters)
    async for rows in listing.rows(LEAST_ID, _CHUNK):
        if plates:
            yield await with_plates(intake, operator_id, rows, listing.waiting)
        else:
            yield [Version(row) for row in rows]


class Listing:
    """One pass over an operator's declarations; `waiting` is what the journal held when it began."""

    waiting: Waiting

    def __init__(self, intake: Intake, operator_id: UUID, filters: Filters) -> None:
        self._intake = intake
        self._operator_id = operator_id
        self._filters = filters

    async def rows(self, after: UUID, chunk: int) -> AsyncIterator[list[Row]]:
        """Yields rows after an id, about `chunk` at a time, until there are no more."""
        filters = self._filters
        after = max(after, UUID(int=max(0, filters.first_id.int - 1)))
        self.waiting = await waiting_of(self._intake, self._operator_id, filters.first_id, filters.last_id)
        fleet_ids = await self._fleets_with_plate()
        versions = self.waiting.versions
        newest = dict(zip(_ids(versions["declaration_id"].to_pylist()), versions["version"].to_pylist(), strict=True))
        matching = filters.of_waiting(versions if filters.submitted else versions[:0], self.waiting.fleets, fleet_ids)
        matching_ids = _ids(matching["declaration_id"].to_pylist())
        place = sum(found <= after for found in matching_ids)
        while True:
            stored = await self._stored(after, chunk, fleet_ids)
            drafts = await self._drafts(after, chunk)
            ends = [rows[-1]["declaration_id"] for rows in (stored, drafts) if len(rows) == chunk]
            if place + chunk <= len(matching_ids):
                ends.append(matching_ids[place + chunk - 1])
            end = min(ends, default=GREATEST_ID)
            begin = place
            while place < len(matching_ids) and matching_ids[place] <= end:
                place += 1
            merged = {row["declaration_id"]: row for row in drafts if row["declaration_id"] not in newest}
            merged |= {row["declaration_id"]: row for row in rows_of(matching.slice(begin, place - begin))}
            for row in stored:
                if row["version"] >= newest.get(row["declaration_id"], 0):
                    merged[row["declaration_id"]] = row
            yield [merged[found] for found in sorted(merged) if found <= end]
            if end == GREATEST_ID:
                return
            after = end

    async def _fleets_with_plate(self) -> list[UUID] | None:
        if self._filters.plate is None:
            return None
        rows = await self._intake.pool.fetch(_SQL["fleets_with_plate"], self._operator_id, self._filters.plate)
        return [row["fleet_id"] for row in rows]

    async def _stored(self, after: UUID, chunk: int, fleet_ids: list[UUID] | None) -> list[Row]:
        if not self._filters.submitted:
            return []
        found = await self._intake.pool.fetch(
            _SQL["page"],
            self._operator_id,
            after,
            submission_of(after),
            self._filters.last_id,
            chunk,
            *self._filters.of_stored(fleet_ids),
        )
        return [dict(row) for row in found]

    async def _drafts(self, after: UUID, chunk: int) -> list[Row]:
        if not self._filters.drafts:
            return []
        arguments = self._filters.of_drafts()
        found = await self._intake.pool.fetch(_SQL["drafts"], self._operator_id, after, chunk, *arguments)
        return [dict(row) for row in found]


def _of_draft(row: Row) -> Version:
    return Version(row, row["plates"] or (), row["weights"] or ())


def _ids(found: list[bytes]) -> list[UUID]:
    return [UUID(bytes=one) for one in found]
