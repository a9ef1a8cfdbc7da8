"""Declarations by number, driver and operator, within the officer's host state.

The lake says which they are; their rows come by primary key from the system of record, where the newest stands.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from msgspec import Struct

from reports.answer import OperatorName
from reports.roadside import controls
from reports.roadside.controls import same_person
from reports.roadside.history import DeclarationTold, OperatorContact, Standing, standing, told
from reports.roadside.whole import all_rows
from schemas import statements
from schemas.declaration import WIRE_NAMES
from schemas.identity import number_of

if TYPE_CHECKING:
    from reports.app import Parts

_SQL = statements.load("reports", "roadside")
_LAST_ID = UUID(int=(1 << 128) - 1)


_NAMES = WIRE_NAMES | {
    "declaration_id": "declarationId",
    "declaration_number": "declarationNumber",
    "submitted_at": "submittedAt",
    "last_update": "declarationLastUpdate",
    "operator_country": "operatorCountry",
    "plate_count": "plateCount",
}


class Listed(Struct, frozen=True, kw_only=True, rename=_NAMES, omit_defaults=True):
    """A declaration in a list, in its newest version; `standing` is what it is worth now."""

    declaration_id: UUID
    declaration_number: str
    version: int
    standing: Standing
    submitted_at: datetime
    last_update: datetime
    start_date: date
    end_date: date
    operator_id: UUID
    operator_country: str
    operator: OperatorName | None = None
    driver_first_name: str | None = None
    driver_last_name: str | None = None
    driver_birth_date: date | None = None
    driver_licence_number: str | None = None
    plate_count: int


class DeclarationList(Struct, frozen=True, rename="camel"):
    """A page of declarations, newest first; `next_key` goes back as startKey."""

    declarations: tuple[Listed, ...]
    next_key: UUID | None = None


async def declaration(parts: "Parts", declaration_id: UUID, host: str, at: datetime) -> DeclarationTold | None:
    """Tells a declaration with its history; None if `host` has none of this id. Raises asyncpg's errors."""
    versions = await parts.pool.fetch(_SQL["versions"], [declaration_id], host)
    if not versions:
        return None
    found = await parts.pool.fetchrow(_SQL["operator"], versions[-1]["operator_id"])
    operator = OperatorContact(**found) if found else None
    return told(versions, at, operator, await controls.concerning(parts.pool, versions))


async def of_licence(parts: "Parts", host: str, licence: str, limit: int, after: UUID | None) -> DeclarationList:
    """Lists the declarations of who holds a driving licence. Raises `duckdb.Error` if a file cannot be read."""
    rows = all_rows(parts.files.state.declarations)
    if rows is None:
        return DeclarationList(())
    asked = {"host": host, "before": after or _LAST_ID, "licence": _plain(licence), "most": limit + 1}
    found = await parts.readers.scan(_SQL["by_licence"].format(rows=rows), asked)
    return await _listed(parts, [declaration_id for (declaration_id,) in found], host, limit)


async def of_person(
    parts: "Parts", host: str, name: str, born: date, limit: int, after: UUID | None
) -> DeclarationList:
    """Lists a driver's declarations by name, in any order and spelling, and day of birth. Raises `duckdb.Error`."""
    rows = all_rows(parts.files.state.declarations)
    if rows is None:
        return DeclarationList(())
    asked = {"host": host, "before": after or _LAST_ID, "born": born}
    found = await parts.readers.scan(_SQL["by_birth_date"].format(rows=rows), asked)
    ids = [one for one, first, last in found if same_person(name, f"{first or ''} {last or ''}")]
    return await _listed(parts, list(dict.fromkeys(ids))[: limit + 1], host, limit)


async def of_operator(parts: "Parts", host: str, operator: UUID, limit: int, after: UUID | None) -> DeclarationList:
    """Lists an operator's declarations for the host. Raises `duckdb.Error` if a file cannot be read."""
    table = parts.files.state.declarations
    rows = table.rows(str(operator)) or table.no_rows
    statement = _SQL["by_operator"].format(rows=rows, recent=table.recent.table)
    asked = {"operator": operator, "host": host, "before": after or _LAST_ID, "most": limit + 1}
    found = await parts.readers.fetch(statement, **asked)
    return await _listed(parts, [declaration_id for (declaration_id,) in found], host, limit)


async def _listed(parts: "Parts", ids: Sequence[UUID], host: str, limit: int) -> DeclarationList:
    page = list(ids[:limit])
    rows = await parts.pool.fetch(_SQL["newest"], page, host)
    names = await parts.operators.named(list({row["operator_id"] for row in rows}))
    now = datetime.now(UTC)
    listed = tuple(_one(row, names.get(row["operator_id"]), now) for row in rows)
    return DeclarationList(listed, page[-1] if len(ids) > limit else None)


def _one(row: Any, operator: OperatorName | None, now: datetime) -> Listed:
    same = {name: row[name] for name in Listed.__struct_fields__ if name in row}
    return Listed(
        **same,
        declaration_number=number_of(row["declaration_id"]),
        standing=standing(row, now),
        last_update=row["accepted_at"],
        operator=operator,
    )


def _plain(licence: str) -> str:
    apart = unicodedata.normalize("NFD", licence.upper())
    return re.sub("[^A-Z0-9]", "", apart)
