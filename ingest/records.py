"""What a declaration names by its id, a recorded driver or a kept fleet, spelled out on it.

A version holds the driver's details and the plates as they were declared, whatever becomes of the record. What is
read here may change before the declaration is in the journal: the guards say which revision was read, and the
commit is refused if there is a newer one, so that no declaration slips past a change that flows into all of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
from msgspec import Raw

from ingest.declarations.lines import raw_list
from ingest.journal import Guard
from schemas import keys, statements
from schemas.declaration import WIRE_NAMES, DeclarationLine
from schemas.operator import OperatorCard
from validate.driver import REQUIRED
from validate.problems import NOTHING, Found, problem

_SQL = statements.load("ingest", "records")
_EMPTY = b"[]"
_PLATE_LISTS = ("plates", "plates_light", "plates_heavy")
#: The driver's fields on a declaration that come from the record; the e-mail address only where none is sent.
DRIVER_FIELDS = (*REQUIRED, "driver_post_code")


class _Name(NamedTuple):
    """A record's whole name: the operator's id (16 bytes) and what the declaration says."""

    operator_id: bytes
    said: str


@dataclass(frozen=True, slots=True)
class _Driver:
    driver_id: str
    fields: dict[str, Any]
    email: str | None
    guard: Guard


@dataclass(frozen=True, slots=True)
class _Fleet:
    named_fleet_id: str
    lists: tuple[Raw, Raw, Raw]
    guard: Guard


class Records:
    """The records that the lines of one request name, each read once."""

    def __init__(self, pool: asyncpg.Pool, shards: int) -> None:
        self._pool = pool
        self._shards = shards
        self._drivers: dict[_Name, _Driver | None] = {}
        self._fleets: dict[_Name, _Fleet | None] = {}
        self._used: dict[str, Guard] = {}

    async def load(self, lines: Sequence[DeclarationLine], cards: Iterable[OperatorCard | None]) -> bool:
        """Reads what some lines name and is not read yet, a query for each kind; says whether any names something."""
        if not any([line.driver_id or line.named_fleet_id for line in lines]):  # noqa: C419 - half the time
            return False
        drivers, fleets = set(), set()
        for line, card in zip(lines, cards, strict=True):
            if card is not None:
                if line.driver_id:
                    drivers.add(_Name(card.operator_id, line.driver_id))
                if line.named_fleet_id:
                    fleets.add(_Name(card.operator_id, line.named_fleet_id))
        for name, row in await self._read("drivers", "driver_id", drivers - self._drivers.keys()):
            self._drivers[name] = row and self._driver(name, row)
        for name, row in await self._read("fleets", "named_fleet_id", fleets - self._fleets.keys()):
            self._fleets[name] = row and self._fleet(name, row)
        return True

    def spell_out(self, line: DeclarationLine, card: OperatorCard) -> Found:
        """Writes out on a line what it names, and gives the problems that this has. The lines were loaded before."""
        found = NOTHING
        if line.driver_id:
            found += self._spell_out_driver(line, card)
        if line.named_fleet_id:
            found += self.spell_out_fleet(line, card)
        return found

    def guards(self) -> list[Guard]:
        """Gives what must not have changed, of all that was spelled out since the last call."""
        used, self._used = list(self._used.values()), {}
        return used

    def _spell_out_driver(self, line: DeclarationLine, card: OperatorCard) -> Found:
        assert line.driver_id is not None
        for name in REQUIRED:
            if getattr(line, name):
                return (problem("driver_given_twice", "/" + WIRE_NAMES[name]),)
        if _uuid(line.driver_id) is None:
            return (problem("not_a_uuid", "/driverId", value=line.driver_id),)
        driver = self._drivers[_Name(card.operator_id, line.driver_id)]
        if driver is None:
            return (problem("driver_unknown", "/driverId"),)
        self._used[driver.guard.key] = driver.guard
        line.driver_id = driver.driver_id
        for name, value in driver.fields.items():
            setattr(line, name, value)
        line.driver_email = line.driver_email or driver.email
        return NOTHING

    def spell_out_fleet(self, line: DeclarationLine, card: OperatorCard) -> Found:
        """Writes out the plates of the fleet that a line names, and gives the problems that this has."""
        assert line.named_fleet_id is not None
        for name in _PLATE_LISTS:
            if bytes(getattr(line, name)) != _EMPTY:
                return (problem("fleet_given_twice", "/" + WIRE_NAMES[name]),)
        if _uuid(line.named_fleet_id) is None:
            return (problem("not_a_uuid", "/fleetId", value=line.named_fleet_id),)
        fleet = self._fleets[_Name(card.operator_id, line.named_fleet_id)]
        if fleet is None:
            return (problem("fleet_unknown", "/fleetId"),)
        self._used[fleet.guard.key] = fleet.guard
        line.named_fleet_id = fleet.named_fleet_id
        line.plates, line.plates_light, line.plates_heavy = fleet.lists
        return NOTHING

    async def _read(self, statement: str, key: str, names: set[_Name]) -> list[tuple[_Name, asyncpg.Record | None]]:
        asked = {name: (UUID(bytes=name.operator_id), known) for name in names if (known := _uuid(name.said))}
        if not asked:
            return []
        operators, ids = zip(*asked.values(), strict=True)
        found = await self._pool.fetch(_SQL[statement], operators, ids)
        rows = {(row["operator_id"], row[key]): row for row in found}
        return [(name, rows.get(whole)) for name, whole in asked.items()]

    def _driver(self, name: _Name, row: asyncpg.Record) -> _Driver:
        fields = {field: row[field] for field in DRIVER_FIELDS}
        return _Driver(str(row["driver_id"]), fields, row["driver_email"], self._guard(name, row["driver_id"], row))

    def _fleet(self, name: _Name, row: asyncpg.Record) -> _Fleet:
        plates, light, heavy = (raw_list(*row[column]) for column in _PLATE_LISTS)
        guard = self._guard(name, row["named_fleet_id"], row)
        return _Fleet(str(row["named_fleet_id"]), (plates, light, heavy), guard)

    def _guard(self, name: _Name, record_id: UUID, row: asyncpg.Record) -> Guard:
        shard = keys.shard_of(name.operator_id, self._shards)
        return Guard(keys.revision(shard, record_id), row["revision"] + 1, claims=False)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
