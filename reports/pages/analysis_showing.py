"""How a hint's details and evidence become what a page shows: instants, names of operators, numbers of declarations."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from reports.checks.hints import Hint
from schemas import statements
from schemas.identity import number_of

_SQL = statements.load("reports", "hints")
#: Details that are instants, and those that are days.
_INSTANTS = ("control_at", "answered_at", "at")
_DAYS = ("contract_start", "due_on", "expires_on")


class Named(Struct, frozen=True):
    """An operator by its name, if it is known."""

    operator_id: UUID
    name: str


class Evidence(Struct, frozen=True):
    """One piece of evidence: declarations by id and number, when it happened, the days it is about."""

    declarations: list[tuple[str, str]]
    request: str | None
    at: datetime | None
    since: date | None
    until: date | None


async def details(pool: asyncpg.Pool, hint: Hint) -> list[tuple[str, Any]]:
    """Gives what a pattern says of its find, in the order in which it says it; what is not known is left out."""
    shown: list[tuple[str, Any]] = []
    for name, value in hint.details.items():
        if value is None or value == []:
            continue
        if name == "other_operators":
            rows = await pool.fetch(_SQL["operators_named"], [UUID(one) for one in value])
            value = [Named(row["operator_id"], row["name"]) for row in rows]
        elif name in _INSTANTS:
            value = datetime.fromisoformat(value)
        elif name in _DAYS:
            value = date.fromisoformat(value[:10])
        shown.append((name, value))
    return shown


def evidence(hint: Hint) -> list[Evidence]:
    """Gives the pieces of evidence of a hint, the newest first as it has them."""
    return [
        Evidence(
            [(one, number_of(UUID(one))) for one in _declarations(piece)],
            piece["id"] if piece["kind"] == "request" else None,
            datetime.fromisoformat(piece["at"]) if piece.get("at") else None,
            date.fromisoformat(piece["from"][:10]) if piece.get("from") else None,
            date.fromisoformat(piece["until"][:10]) if piece.get("until") else None,
        )
        for piece in hint.evidence
    ]


async def operator_named(pool: asyncpg.Pool, text: str) -> UUID | None:
    """Finds the operator with this id, licence number or whole name; None if there is none, or more than one."""
    found = await pool.fetch(_SQL["operator_named"], text)
    return found[0]["operator_id"] if len(found) == 1 else None


def _declarations(piece: dict[str, Any]) -> Iterator[str]:
    if piece["kind"] == "request":
        yield from piece.get("declarations") or ()
    else:
        yield piece["id"]
        if piece.get("other"):
            yield piece["other"]
