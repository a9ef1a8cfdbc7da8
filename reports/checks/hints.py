"""The worklist of hints: what the checks found, kept in Postgres until somebody has looked at it.

A hint says where to look, never what somebody did: no decision on a person follows from it alone (Regulation (EU)
2016/679, Article 22).
"""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
import pyarrow as pa
from msgspec import Struct

from reports.checks.catalogue import Severity, patterns
from reports.checks.runner import Found
from reports.checks.scope import number_key
from schemas import statements
from schemas.cells import unarmed
from store.operators import Connection
from validate.plates import plate_key

_SQL = statements.load("reports", "hints")
_ROWS_AT_ONCE = 10_000
_PAGE = 1_000

State = Literal["open", "seen", "closed"]
Format = Literal["ndjson", "csv"]


class HintUnknownError(LookupError):
    """There is no such hint, or it is not of this host state."""


class Hint(Struct, frozen=True, rename="camel"):
    """One hint. `evidence` names at most the twenty newest of its `occurrences`, all of the hint's own host state."""

    hint_id: int
    pattern: str
    operator_id: UUID
    operator_name: str | None
    operator_country: str | None
    host: str
    subject_kind: str
    subject: str
    severity: Severity
    weight: float
    occurrences: int
    first_on: date
    last_on: date
    details: dict[str, Any]
    evidence: list[dict[str, Any]]
    state: State
    note: str | None
    changed_at: datetime | None
    found_at: datetime
    confirmed_at: datetime


class Wanted(Struct, frozen=True):
    """Which hints of a worklist; None for all.

    `operator` is part of a name, or a licence number; `driver` the number of a driving licence, `plate` a plate: hints
    about them, and about controls of them. `confirmed_since` is for what was found, or found again, since then.
    """

    host: str | None = None
    state: State | None = None
    pattern: str | None = None
    operator_id: UUID | None = None
    severities: list[Severity] | None = None
    operator: str | None = None
    driver: str | None = None
    plate: str | None = None
    confirmed_since: datetime | None = None

    def parameters(self) -> tuple[Any, ...]:
        """Gives the values that the statement `worklist` takes first, numbers and plates as their keys."""
        keys = (self.operator, self.driver and number_key(self.driver), self.plate and plate_key(self.plate).key)
        return (self.host, self.state, self.pattern, self.operator_id, self.severities, *keys, self.confirmed_since)


class Place(Struct, frozen=True):
    """Where a page of a worklist ended."""

    weight: float
    hint_id: int


class Tally(Struct, frozen=True, rename="camel"):
    """How many hints of one pattern are in one state."""

    pattern: str
    severity: Severity
    state: State
    hints: int
    occurrences: int


class Outcome(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """What one pattern gave in a run; `needs` is the register without which it stayed unknown."""

    pattern: str
    status: Literal["done", "unknown"]
    hints: int
    seconds: float
    needs: str | None = None


class Run(Struct, frozen=True, rename="camel"):
    """One run of the checks over everything."""

    run_id: int
    started_at: datetime
    finished_at: datetime
    results: list[Outcome]


def outcome_of(found: Found) -> Outcome:
    """Sums up what a pattern gave."""
    rows = 0 if found.hints is None else found.hints.num_rows
    needs = found.pattern.needs if found.hints is None else None
    return Outcome(found.pattern.code, found.status, rows, round(found.seconds, 3), needs)


async def keep(connection: Connection, found: Found, started_at: datetime, *, whole: bool) -> None:
    """Enters what a pattern found, or brings it up to date; `whole` runs also take away what is no longer found.

    A run over a part says nothing of the rest, so it lets stand what a larger one found more of.
    """
    if found.hints is None:
        return
    async with connection.transaction():
        await connection.execute(_SQL["incoming"])
        for batch in found.hints.to_batches(max_chunksize=_ROWS_AT_ONCE):
            await connection.copy_records_to_table("hint_incoming", records=_rows(batch), columns=batch.schema.names)
        await connection.execute(_SQL["keep"], started_at, whole)
        if not whole:
            await connection.execute(_SQL["confirm"], started_at)
        if whole:
            for name in ("drop_stale", "close_stale"):
                await connection.execute(_SQL[name], found.pattern.code, started_at)


async def record_run(connection: Connection, started_at: datetime, scope: Struct, outcomes: Sequence[Outcome]) -> int:
    """Records that a run ended and what it gave; returns its number."""
    encoded = [msgspec.json.encode(value).decode() for value in (scope, outcomes)]
    run_id: int = await connection.fetchval(_SQL["record_run"], started_at, *encoded)
    return run_id


async def last_run(connection: Connection) -> Run | None:
    """Gives the last run of all patterns over everything, None before the first."""
    row = await connection.fetchrow(_SQL["last_run"], len(patterns()))
    if row is None:
        return None
    results = msgspec.json.decode(row["results"], type=list[Outcome])
    return Run(row["run_id"], row["started_at"], row["finished_at"], results)


async def forget(connection: Connection, today: date) -> int:
    """Deletes hints whose last evidence is older than declarations are kept (domain.md 1.5); gives how many."""
    return int((await connection.execute(_SQL["forget"], today)).removeprefix("DELETE "))


async def worklist(connection: Connection, wanted: Wanted, after: Place | None = None, limit: int = 50) -> list[Hint]:
    """Gives a page of hints, the heaviest first."""
    weight, hint_id = (after.weight, after.hint_id) if after else (None, None)
    rows = await connection.fetch(_SQL["worklist"], *wanted.parameters(), weight, hint_id, limit)
    return [_hint(row) for row in rows]


async def tallies(connection: Connection, host: str | None) -> list[Tally]:
    """Counts the hints of a host state, or of all, by pattern and state."""
    return [Tally(**row) for row in await connection.fetch(_SQL["count"], host)]


async def hint_of(connection: Connection, hint_id: int, host: str | None) -> Hint:
    """Gives one hint. Raises `HintUnknownError`, also if it is of another host state than `host`."""
    row = await connection.fetchrow(_SQL["hint"], hint_id, host)
    if row is None:
        raise HintUnknownError(f"there is no hint {hint_id}")
    return _hint(row)


async def change(
    connection: Connection, hint_id: int, host: str | None, state: State, note: str | None, officer_id: UUID | None
) -> Hint:
    """Sets the state of a hint and the note to it. Raises `HintUnknownError`."""
    await connection.fetchval(_SQL["change"], hint_id, host, state, note, officer_id)
    return await hint_of(connection, hint_id, host)


async def export(connection: Connection, wanted: Wanted, form: Format) -> AsyncIterator[bytes]:
    """Gives all wanted hints as NDJSON or CSV, page by page; details and evidence are JSON in CSV."""
    if form == "csv":
        yield _csv_line(Hint.__struct_fields__)
    after = None
    while page := await worklist(connection, wanted, after, _PAGE):
        if form == "csv":
            yield b"".join(_csv_line(_cells(hint)) for hint in page)
        else:
            yield b"".join(msgspec.json.encode(hint) + b"\n" for hint in page)
        after = Place(page[-1].weight, page[-1].hint_id)


def _rows(batch: pa.RecordBatch) -> list[tuple[Any, ...]]:
    columns = [column.to_pylist() for column in batch.columns]
    place = batch.schema.names.index("operator_id")
    columns[place] = [UUID(text) for text in columns[place]]
    return list(zip(*columns, strict=True))


def _hint(row: Any) -> Hint:
    values = dict(row)
    for name in ("details", "evidence"):
        values[name] = msgspec.json.decode(values[name])
    return Hint(**values)


def _cells(hint: Hint) -> list[object]:
    return [
        msgspec.json.encode(value).decode() if isinstance(value, (dict, list)) else unarmed(value)
        for value in msgspec.structs.astuple(hint)
    ]


def _csv_line(cells: Sequence[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()
