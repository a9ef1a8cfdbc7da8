"""Judging whole columns gives what judging one declaration after the other gives."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from reports.answer import PageKey
from reports.standing import Instant, Page, Place, stand
from reports.verdict import Counts

OPERATOR = UUID(int=1)
FLEETS = tuple(UUID(int=number << 64 | number) for number in (7, 8, 9))
PARIS = ZoneInfo("Europe/Paris")
AT = Instant(datetime(2026, 4, 1, 12, tzinfo=UTC), PARIS)
WHOLE = Page(None, 1_000)
_SCHEMA = pa.schema(
    [
        ("declaration_id", pa.uuid()),
        ("version", pa.int32()),
        ("fleet_id", pa.uuid()),
        ("withdrawn", pa.bool_()),
        ("accepted_at", pa.timestamp("us", "UTC")),
        ("submitted_at", pa.timestamp("us", "UTC")),
        ("start_date", pa.date32()),
        ("end_date", pa.date32()),
        ("file_no", pa.int32()),
    ]
)


@dataclass(frozen=True, slots=True)
class Row:
    """One version, as the lake has it."""

    declaration_id: UUID
    version: int
    fleet_id: UUID | None
    withdrawn: bool
    accepted_at: datetime
    submitted_at: datetime
    start_date: date
    end_date: date
    file_no: int


def _table(rows: list[Row]) -> pa.Table:
    columns = []
    for field in _SCHEMA:
        values = [getattr(row, field.name) for row in rows]
        values = [value.bytes if isinstance(value, UUID) else value for value in values]
        columns.append(pa.array(values, field.type))
    return pa.table(columns, schema=_SCHEMA)


def _days(first: int, last: int) -> st.SearchStrategy[timedelta]:
    return st.integers(first, last).map(lambda days: timedelta(days=days))


@st.composite
def _declarations(draw: st.DrawFn) -> list[Row]:
    rows = []
    for number in draw(st.lists(st.integers(1, (1 << 128) - 1), unique=True, max_size=8)):
        submitted = AT.at + draw(_days(-40, 3)) + timedelta(hours=draw(st.integers(-12, 12)))
        start = AT.day + draw(_days(-45, 10))
        accepted = submitted
        for version in range(1, draw(st.integers(1, 4)) + 1):
            fleet = draw(st.sampled_from((*FLEETS, None)))
            end = start + draw(_days(0, 60))
            withdrawn = draw(st.booleans()) and version > 1
            row = Row(UUID(int=number), version, fleet, withdrawn, accepted, submitted, start, end, version)
            rows.append(row)
            accepted += draw(_days(0, 30))
    return draw(st.permutations(rows))


def _naively(rows: list[Row], fleets: set[UUID], driven: set[UUID] | None) -> tuple[Counts, list[Place]]:
    """The decision tree (domain.md 6.1), declaration by declaration."""
    counts, places, day = Counts(), [], AT.day
    for declaration_id in {row.declaration_id for row in rows}:
        versions = sorted((row for row in rows if row.declaration_id == declaration_id), key=lambda row: row.version)
        known = [row for row in versions if row.accepted_at <= AT.at]
        own = driven is None or declaration_id in driven
        found = {"covering": 0}
        if known:
            row = known[-1]
            rank = 0 if own else 1
            if row.withdrawn:
                rank = 4
            elif row.end_date < day:
                rank = 3
            elif row.start_date > day:
                rank = 2
            in_force = rank < 2
            if row.fleet_id in fleets:
                found[("covering", "other_driver", "future", "expired", "withdrawn")[rank]] = 1
                late = in_force and own and row.submitted_at.astimezone(PARIS).date() > row.start_date
                found["begun_before"] = int(late)
                key = PageKey(rank, declaration_id)
                places.append(Place(OPERATOR, key, row.version, versions[-1].version, row.file_no))
            elif in_force:
                found["other_vehicles"] = 1
                found["driver_elsewhere"] = int(own and driven is not None)
                found["plate_removed"] = int(own and any(row.fleet_id in fleets for row in known))
        after = [
            row.accepted_at
            for row in versions
            if row.accepted_at > AT.at
            and row.fleet_id in fleets
            and not row.withdrawn
            and row.start_date <= day <= row.end_date
        ]
        counts += Counts(**found, declared_after=min(after, default=None) if not found["covering"] else None)
    return counts, sorted(places, key=lambda place: place.key.order)


@given(
    rows=_declarations(),
    fleets=st.sets(st.sampled_from(FLEETS)),
    pick=st.none() | st.sets(st.integers(0, 7), max_size=8),
)
def test_columns_are_judged_as_single_declarations_are(
    rows: list[Row], fleets: set[UUID], pick: set[int] | None
) -> None:
    ids = sorted({row.declaration_id for row in rows})
    driven = None if pick is None else {ids[place] for place in pick if place < len(ids)}
    assert stand(OPERATOR, _table(rows), fleets, driven, AT, WHOLE) == _naively(rows, fleets, driven)


@given(rows=_declarations(), size=st.integers(1, 4))
def test_pages_of_any_size_make_up_the_whole(rows: list[Row], size: int) -> None:
    fleets = set(FLEETS)
    _, whole = stand(OPERATOR, _table(rows), fleets, None, AT, WHOLE)
    pages: list[Place] = []
    while True:
        after = pages[-1].key if pages else None
        _, page = stand(OPERATOR, _table(rows), fleets, None, AT, Page(after, size))
        if not page:
            break
        pages += page
    assert pages == whole


def test_without_versions_there_is_nothing() -> None:
    assert stand(OPERATOR, _table([]), set(FLEETS), None, AT, WHOLE) == (Counts(), [])


def test_a_page_key_reads_as_it_is_written() -> None:
    key = PageKey(3, UUID(int=12))
    assert PageKey.parse(str(key)) == key
