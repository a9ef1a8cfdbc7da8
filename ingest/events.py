"""GET /events: what happened to an operator's declarations and records, in order, at least once, from any point on.

The order is that of transactions; what a slower, earlier one may still add to is held back until it has ended, so a
reader who goes on from a cursor misses nothing. Events of declarations are written by the drain with the
declarations themselves: what an event tells of can be read.
"""

import base64
import binascii
import struct
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import msgspec

from ingest.http import RefusedError, Request
from ingest.intake import Intake
from ingest.paging import MOST, page_of
from schemas import statements
from schemas.event import Event, EventPage
from schemas.identity import submission_of

_SQL = statements.load("ingest", "events")
Connection: TypeAlias = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
_encode = msgspec.json.Encoder().encode
_CURSOR = struct.Struct(">QQ")
_BEGINNING = (0, 0)
_DECLARATION = "declaration."
#: How long events are kept.
KEEP_DAYS = 90


async def list_events(intake: Intake, request: Request) -> None:
    """Handles GET /events: those after `after`; `after=latest` gives none, but a cursor to go on from."""
    operator_id = UUID(bytes=(await intake.operator(request, "read")).operator_id)
    asked = request.parameters()
    limit, after = page_of(asked, default=MOST).limit, asked.get("after", "")
    if after == "latest":
        row = await intake.pool.fetchrow(_SQL["latest"], operator_id)
        cursor = cursor_of(row["transaction"], row["event_id"]) if row else cursor_of(*_BEGINNING)
        await request.answer(200, _encode(EventPage(0, [], cursor, more=False)))
        return
    events = await events_after(intake.pool, operator_id, after, limit + 1)
    shown = events[:limit]
    cursor = shown[-1].event_id if shown else after or cursor_of(*_BEGINNING)
    await request.answer(200, _encode(EventPage(len(shown), shown, cursor, more=len(events) > limit)))


async def events_after(pool: asyncpg.Pool, operator_id: UUID, cursor: str, limit: int) -> list[Event]:
    """Reads up to `limit` events of an operator after a cursor, from the oldest kept if it is empty.

    Raises `RefusedError`, a 400, if it is no cursor.
    """
    position = _position(cursor) if cursor else _BEGINNING
    return [event_of(row) for row in await pool.fetch(_SQL["after"], operator_id, *position, limit)]


async def note(
    connection: Connection,
    operator_id: UUID,
    kind: str,
    happened_at: datetime,
    record_id: UUID,
    details: dict[str, Any] | None = None,
) -> None:
    """Notes what happened to a record, in the transaction in which it happens."""
    text = _encode(details).decode() if details else None
    await connection.execute(_SQL["note"], operator_id, kind, happened_at, record_id, text)


async def forget_old(intake: Intake, before: datetime, most: int) -> int:
    """Takes out up to `most` events that happened before an instant; gives how many."""
    done = await intake.pool.execute(_SQL["forget"], before, most)
    return int(done.split()[-1])


def event_of(row: Mapping[str, Any]) -> Event:
    """Makes an event of its row."""
    happened_at = row["happened_at"].astimezone(UTC)
    event = Event(
        event_id=cursor_of(row["transaction"], row["event_id"]),
        event_type=row["kind"],
        happened_at=happened_at,
        count=row["rows"],
        details=msgspec.json.decode(row["details"]) if row["details"] else None,
    )
    if not row["kind"].startswith(_DECLARATION):
        event.record_id = str(row["first_id"])
    elif row["rows"] == 1:
        event.declaration_id = str(row["first_id"])
        event.href = f"/declarations/{row['first_id']}"
    else:
        event.submission_id = str(submission_of(row["first_id"]))
        at = happened_at.isoformat(timespec="microseconds").replace("+00:00", "Z")
        event.href = f"/declarations?submissionId={event.submission_id}&updatedSince={at}&limit={MOST}"
    return event


def cursor_of(transaction: int, event_id: int) -> str:
    """Writes a place in the log so that nobody is led to count with it."""
    return base64.urlsafe_b64encode(_CURSOR.pack(transaction, event_id)).decode().rstrip("=")


def _position(cursor: str) -> tuple[int, int]:
    try:
        transaction, event_id = _CURSOR.unpack(base64.urlsafe_b64decode(cursor + "=="))
    except (binascii.Error, struct.error, ValueError) as error:
        raise RefusedError("parameter_wrong", name="after", reason="send a cursor as you were given it") from error
    if max(transaction, event_id) >= 1 << 63:
        raise RefusedError("parameter_wrong", name="after", reason="send a cursor as you were given it")
    return transaction, event_id
