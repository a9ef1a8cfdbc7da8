"""The driver's access report: who read what about one driver in the officer's state, from the log of look-ups.

Source: Regulation (EU) 2016/679, Article 15(1). Look-ups of a plate are in it from when on a declaration of the driver
named the vehicle: they may have shown it. Officers stand behind their authority, whose reading it was.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from reports.roadside.asking import Asked
from reports.roadside.controls import same_person
from reports.roadside.whole import all_rows
from schemas import statements
from schemas.identity import number_of
from validate.plates import plate_key

if TYPE_CHECKING:
    from reports.app import Parts

_SQL = statements.load("reports", "roadside_accesses")
_ROADSIDE = statements.load("reports", "roadside")
_LAST_ID = UUID(int=(1 << 128) - 1)
_MOST = 100_000
_READ_OUT = str.maketrans("OIL", "011")


class DriverNamed(Struct, frozen=True, forbid_unknown_fields=True):
    """The query of GET /drivers/accesses: the driving licence; with name and day of birth, readings by those too."""

    licence: Annotated[str, Meta(min_length=3, max_length=50)]
    name: Annotated[str, Meta(max_length=255)] | None = None
    born: date | None = None


class Access(Struct, frozen=True, rename="camel"):
    """One reading: what was sought, why, what came out, and for which authority."""

    at: datetime
    kind: str
    sought: str
    purpose: str | None
    verdict: str
    authority: str | None


class AccessReport(Struct, frozen=True, rename="camel"):
    """All readings that concern a driver, oldest first, and how many declarations of the driver the state has."""

    host: str
    declarations: int
    accesses: tuple[Access, ...]


async def access_report(who: Asked, driver: DriverNamed) -> AccessReport:
    """Makes the report for the officer's state. Raises `duckdb.Error` if a file cannot be read, asyncpg's errors."""
    licence = _plain(driver.licence)
    ids = await _declarations(who.parts, who.host, licence)
    rows = await who.parts.pool.fetch(_SQL["declared"], ids, who.host)
    since: dict[str, datetime] = {}
    for row in rows:
        for key in row["plate_keys"] or ():
            since[key] = min(row["accepted_at"], since.get(key, row["accepted_at"]))
    numbers = {name for one in ids for name in (_read_out(number_of(one)), _read_out(one.hex))}
    candidates = await who.parts.pool.fetch(
        _SQL["candidates"], who.host, licence, str(driver.born or ""), list(numbers), list(since)
    )
    found = tuple(_access(row) for row in candidates if _concerns(row, licence, driver, since))
    return AccessReport(who.host, len(ids), found)


async def _declarations(parts: "Parts", host: str, licence: str) -> list[UUID]:
    rows = all_rows(parts.files.state.declarations)
    if rows is None:
        return []
    asked = {"host": host, "before": _LAST_ID, "licence": licence, "most": _MOST}
    return [one for (one,) in await parts.readers.scan(_ROADSIDE["by_licence"].format(rows=rows), asked)]


def _concerns(row: Mapping[str, Any], licence: str, driver: DriverNamed, since: Mapping[str, datetime]) -> bool:
    sought = row["sought"]
    if row["kind"] == "plate":
        key = plate_key(sought).key
        return key in since and since[key] <= row["at"]
    if row["kind"] == "driver" and _plain(sought) != licence:
        return driver.name is not None and same_person(driver.name, sought.rpartition(",")[0])
    return True


def _access(row: Mapping[str, Any]) -> Access:
    return Access(**{name: row[name] for name in Access.__struct_fields__})


def _plain(text: str) -> str:
    return re.sub("[^A-Z0-9]", "", text.upper())


def _read_out(text: str) -> str:
    """Spells a number as it is compared: letters that are read as digits are digits."""
    return _plain(text).translate(_READ_OUT)
