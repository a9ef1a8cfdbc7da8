"""A lake of a few declarations, said in as few words as a test needs, over Parquet files and a real Postgres."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from reports import sources
from reports.checks.catalogue import pattern_of
from reports.checks.runner import run
from reports.checks.scope import Scope
from schemas.rows import DECLARATION_VERSION, FLEET_PLATE, in_lake

TODAY = date(2026, 3, 2)
PL, LT = UUID(int=1), UUID(int=2)


def at(day: date, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour), UTC)


@dataclass
class SmallLake:
    """Declarations and fleets wait in memory until they are read; what authorities know goes straight to Postgres."""

    books: asyncpg.Connection
    database_url: str
    folder: Path
    versions: list[dict[str, Any]] = field(default_factory=list)
    plates: list[dict[str, Any]] = field(default_factory=list)

    def fleet(self, *plates: str, operator: UUID = PL, weight: str = "HEAVY") -> UUID:
        fleet_id = UUID(int=1000 + len(self.plates))
        self.plates += [
            {
                "plate_key": plate,
                "plate": plate,
                "weight": weight,
                "operator_id": operator,
                "fleet_id": fleet_id,
                "declared_at": at(TODAY),
            }
            for plate in plates
        ]
        return fleet_id

    def declare(self, **values: Any) -> dict[str, Any]:
        """Adds a declaration in good order: Polish operator, one driver, to Germany, from tomorrow for a month."""
        operator = values.get("operator_id", PL)
        start = values.get("start_date", TODAY + timedelta(1))
        submitted = values.get("submitted_at", at(start - timedelta(1)))
        row = {
            "declaration_id": UUID(int=(1 << 96) + len(self.versions) + 1),
            "version": 1,
            "operator_id": operator,
            "operator_country": "PL" if operator == PL else "LT",
            "withdrawn": False,
            "accepted_at": submitted,
            "submitted_at": submitted,
            "posting_country": "DE",
            "start_date": start,
            "end_date": start + timedelta(29),
            "cabotage": False,
            "international": True,
            "goods": True,
            "passengers": False,
            "driver_licence_number": "00123/04/1234",
            "driver_birth_date": date(1980, 5, 17),
            "driver_document_type": "IDCARD",
            "driver_document_number": "ABC 123456",
            "driver_document_country": "PL",
            "driver_street": "ul. Polna 7",
            "driver_city": "Radom",
            "driver_country": "PL",
            "driver_contract_start": date(2020, 1, 1),
            "driver_applicable_law": "PL",
            "contact_is_transport_manager": True,
        } | values
        self.versions.append(row)
        return row

    def amend(self, row: dict[str, Any], when: datetime, **values: Any) -> dict[str, Any]:
        """Adds a version that changes `values`."""
        self.versions.append(row | {"version": row["version"] + 1, "accepted_at": when} | values)
        return self.versions[-1]

    async def add(self, table: str, **values: Any) -> None:
        """Adds a row to a table of Postgres."""
        await self.books.copy_records_to_table(table, records=[tuple(values.values())], columns=list(values))

    async def control(self, **values: Any) -> UUID:
        """Adds a control in Germany, today at nine."""
        officer_id = uuid4()
        await self.add("officer", officer_id=officer_id, name="Prüfer", host="DE", token_hash=officer_id.bytes)
        row = {"control_id": uuid4(), "officer_id": officer_id, "host": "DE", "at": at(TODAY), "outcome": "in_order"}
        await self.add("control", **row | values)
        return (row | values)["control_id"]

    async def request(self, *declarations: dict[str, Any], **values: Any) -> UUID:
        """Adds a request for documents from Germany, sent today, about declarations."""
        await self.books.execute(
            """INSERT INTO authority (code, country, level, names, place, competences, languages)
               VALUES ('DE-1', 'DE', 'national', '{}', 'Köln', '{posting}', '{de}') ON CONFLICT DO NOTHING"""
        )
        exchange_id = uuid4()
        sent = at(TODAY)
        row = {
            "exchange_id": exchange_id,
            "procedure": "document_request",
            "module": "posting",
            "state": "OPEN",
            "ball": "replying",
            "round": 1,
            "requesting_country": "DE",
            "requesting_authority": "DE-1",
            "replying_country": "PL",
            "operator_id": PL,
            "urgent": False,
            "subject": "{}",
            "asking": "{}",
            "answering": "{}",
            "opened_at": sent,
            "sent_at": sent,
            "legal_due": TODAY + timedelta(56),
            "revision": 1,
        }
        await self.add("exchange", **row | values)
        for declaration in declarations:
            await self.add(
                "exchange_declaration",
                exchange_id=exchange_id,
                declaration_id=declaration["declaration_id"],
                operator_id=declaration["operator_id"],
            )
        return exchange_id

    def read(self) -> duckdb.DuckDBPyConnection:
        """Opens DuckDB over what there is."""
        connection = duckdb.connect()
        connection.execute(f"LOAD '{_scanner()}'")
        for table, shape, rows in (
            ("declaration_version", DECLARATION_VERSION, self.versions),
            ("fleet_plate", FLEET_PLATE, self.plates),
        ):
            path = self.folder / f"{table}.parquet"
            pq.write_table(_table(shape, rows), path)
            sources.over_files(connection, table, [path])
        sources.attach_books(connection, self.database_url)
        return connection

    def hints(self, code: str, scope: Scope | None = None, as_of: date = TODAY) -> list[dict[str, Any]]:
        """Gives what one pattern finds; fails if it is UNKNOWN."""
        with self.read() as connection:
            (found,) = run(connection, [pattern_of(code)], scope or Scope(), as_of)
        assert found.hints is not None
        return [
            row
            | {"operator_id": UUID(row["operator_id"])}
            | {name: msgspec.json.decode(row[name]) for name in ("details", "evidence")}
            for row in found.hints.to_pylist()
        ]

    def status(self, code: str) -> str:
        """Gives whether one pattern could be judged."""
        with self.read() as connection:
            (found,) = run(connection, [pattern_of(code)], Scope(), TODAY)
        return found.status


@asynccontextmanager
async def small_lake_with_operators(database_url: str, folder: Path) -> AsyncIterator[SmallLake]:
    """Makes a lake without declarations; a Polish and a Lithuanian operator are known."""
    books = await asyncpg.connect(database_url)
    lake = SmallLake(books, database_url, folder)
    for operator_id, country in ((PL, "PL"), (LT, "LT")):
        await lake.add(
            "operator",
            operator_id=operator_id,
            name=f"Trans {country}",
            country=country,
            licence_number=f"{country}/TM 1",
            street="ul. Wolska 1",
            city="Warszawa",
        )
    yield lake
    await books.close()


def _scanner() -> str:
    from store.lake import _extension

    return _extension("postgres_scanner")


def _table(shape: pa.Schema, rows: list[dict[str, Any]]) -> pa.Table:
    written = [{name: value.bytes if isinstance(value, UUID) else value for name, value in row.items()} for row in rows]
    return pa.Table.from_pylist(written, shape).cast(in_lake(shape))
