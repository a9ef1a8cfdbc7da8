"""What the tests put into a lake: batches as a drain commits them, declarations and fleets of one line each."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pyarrow as pa

from schemas.identity import SerialClock, declaration_id, submission_id
from schemas.rows import DECLARATION_VERSION, FLEET_PLATE
from store.batch import LakeFile, write_lake_file
from validate.plates import plate_key

_clock = SerialClock(7)


def new_declaration_id(line: int = 1) -> UUID:
    """Makes the id of a declaration of a submission of its own."""
    return declaration_id(submission_id(_clock.next(), b"0" * 32), line)


@dataclass(slots=True, frozen=True)
class Fleet:
    """A plate list of one operator."""

    operator_id: UUID
    plates: tuple[str, ...]
    fleet_id: UUID = field(default_factory=uuid4)

    def rows(self) -> list[dict[str, Any]]:
        """Gives the fleet plate by plate, as `FLEET_PLATE` has it."""
        ids = {"operator_id": self.operator_id.bytes, "fleet_id": self.fleet_id.bytes}
        declared = {"declared_at": datetime(2026, 1, 1, tzinfo=UTC), "weight": "HEAVY"}
        return [{"plate_key": plate_key(plate).key, "plate": plate} | ids | declared for plate in self.plates]


@dataclass(slots=True, frozen=True)
class Version:
    """One version of a declaration, with the values that tests care about."""

    fleet: Fleet
    host: str = "FR"
    start: date = date(2026, 3, 1)
    end: date = date(2026, 8, 31)
    accepted_at: datetime = datetime(2026, 2, 20, 9, 0, tzinfo=UTC)
    submitted_at: datetime | None = None
    declaration_id: UUID = field(default_factory=new_declaration_id)
    version: int = 1
    withdrawn: bool = False
    first_name: str = "Jan"
    last_name: str = "Nowak"
    licence_number: str = "00123/04/1234"

    def later(self, accepted_at: datetime, **changes: Any) -> "Version":
        """Gives the next version of the same declaration."""
        submitted = self.submitted_at or self.accepted_at
        changed = {"version": self.version + 1, "accepted_at": accepted_at, "submitted_at": submitted} | changes
        return replace(self, **changed)

    def row(self) -> dict[str, Any]:
        """Gives the version as `DECLARATION_VERSION` has it."""
        return {
            "declaration_id": self.declaration_id.bytes,
            "version": self.version,
            "operator_id": self.fleet.operator_id.bytes,
            "operator_country": "PL",
            "withdrawn": self.withdrawn,
            "accepted_at": self.accepted_at,
            "submitted_at": self.submitted_at or self.accepted_at,
            "posting_country": self.host,
            "start_date": self.start,
            "end_date": self.end,
            "cabotage": True,
            "international": True,
            "goods": True,
            "passengers": False,
            "fleet_id": self.fleet.fleet_id.bytes,
            "driver_first_name": self.first_name,
            "driver_last_name": self.last_name,
            "driver_birth_date": date(1984, 5, 6),
            "driver_licence_number": self.licence_number,
            "driver_country": "PL",
            "contact_is_transport_manager": True,
        }


async def commit(
    pool: asyncpg.Pool, lake: str | Path, versions: Sequence[Version], fleets: Sequence[Fleet] | None = None
) -> list[LakeFile]:
    """Commits a batch as a drain does: Parquet files first, then batch and file names in one transaction.

    Without `fleets` those of the versions go along.
    """
    if fleets is None:
        fleets = list({version.fleet.fleet_id: version.fleet for version in versions}.values())
    declared = pa.RecordBatch.from_pylist([version.row() for version in versions], DECLARATION_VERSION)
    plates = pa.RecordBatch.from_pylist([row for fleet in fleets for row in fleet.rows()], FLEET_PLATE)
    files = [
        write_lake_file(Path(lake), name, rows)
        for name, rows in (("declaration_version", declared), ("fleet_plate", plates))
        if rows.num_rows
    ]
    async with pool.acquire() as connection, connection.transaction():
        batch_id = await connection.fetchval(
            "INSERT INTO batch (shard, rows) VALUES (0, $1) RETURNING batch_id", len(versions)
        )
        for file in files:
            await connection.execute(
                "INSERT INTO lake_file VALUES ($1, $2, $3, $4, $5)",
                file.path,
                file.lake_table,
                batch_id,
                file.rows,
                file.size,
            )
    return files
