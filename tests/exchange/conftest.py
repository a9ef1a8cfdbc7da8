"""An exchange as it runs: authorities of the demo, officers, an operator, declarations that are stored."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from exchange.authorities import DEMO, load_authorities, read_authorities
from exchange.desk import Desk, NewExchange
from exchange.people import DeskOfficer, OperatorCaller, desk_officer
from exchange.record import Asked, Content, Exchange, Subject, Words
from schemas.identity import SerialClock, declaration_id, submission_id
from schemas.operator import Operator
from store import officers, operators

#: A Wednesday on which nothing is closed anywhere; eight weeks end on 29 July (domain.md 5.9).
ASKED_AT = datetime(2026, 6, 3, 8, tzinfo=UTC)
_clock = SerialClock(7)

with DEMO.open("rb") as _lines:
    AUTHORITIES = [one for one in read_authorities(_lines) if one.country in ("DE", "DK", "FR", "LT", "PL")]


@dataclass(slots=True)
class World:
    """Everything that a test of the exchange starts from."""

    pool: asyncpg.Pool
    desk: Desk
    operator: OperatorCaller
    declarations: list[UUID]

    async def officer(self, authority: str, role: officers.Role = "desk", language: str | None = None) -> DeskOfficer:
        """A fresh officer of an authority."""
        async with self.pool.acquire() as connection:
            made = await officers.create_officer(
                connection,
                f"Officer of {authority}",
                authority[:2],
                role=role,
                authority=authority,
                language=language,
                email=f"{role}@{authority.lower()}.example",
            )
            return await desk_officer(connection, made.officer_id)

    async def request(self, officer: DeskOfficer, at: datetime = ASKED_AT, **content: object) -> Exchange:
        """A request for two documents to the operator."""
        asked = {
            "subject": Subject(declarations=self.declarations[:1]),
            "document_types": ["consignment_note", "remuneration"],
            "text": Words("Bitte senden Sie die Unterlagen.", "de"),
        }
        new = NewExchange("document_request", "posting", "open", Content(**asked | content))
        return await self.desk.begin(officer, new, at)

    async def assistance(self, officer: DeskOfficer, at: datetime = ASKED_AT, **content: object) -> Exchange:
        """A question to the Polish labour inspectorate."""
        asked = {
            "authority": "PL-GIP",
            "subject": Subject(declarations=self.declarations[:1]),
            "questions": [Asked("P003"), Asked("P010")],
        }
        new = NewExchange("mutual_assistance", "posting", "send", Content(**asked | content))
        return await self.desk.begin(officer, new, at)


async def store_declaration(connection: asyncpg.Connection, operator_id: UUID, host: str, country: str) -> UUID:
    """A declaration as a drain would have stored it."""
    secret = await connection.fetchval("SELECT value FROM service_key WHERE name = 'number'")
    made, now = declaration_id(submission_id(_clock.next(), secret), 1), datetime(2026, 5, 1, tzinfo=UTC)
    row = {
        "declaration_id": made,
        "version": 1,
        "operator_id": operator_id,
        "operator_country": country,
        "withdrawn": False,
        "accepted_at": now,
        "submitted_at": now,
        "posting_country": host,
        "start_date": date(2026, 5, 2),
        "end_date": date(2026, 10, 31),
        "cabotage": True,
        "international": True,
        "goods": True,
        "passengers": False,
        "driver_first_name": "Jan",
        "driver_last_name": "Nowak",
        "driver_birth_date": date(1984, 5, 6),
        "driver_licence_number": "00123/04/1234",
        "contact_is_transport_manager": True,
    }
    columns, marks = ", ".join(row), ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await connection.execute(f"INSERT INTO declaration_version ({columns}) VALUES ({marks})", *row.values())
    return made


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """The demo's authorities, a Polish operator and its three declarations for France."""
    async with asyncpg.create_pool(database_url, min_size=0, max_size=6) as pool:
        async with pool.acquire() as connection:
            await load_authorities(connection, AUTHORITIES)
            operator = Operator(
                name="Spedycja Test",
                country="PL",
                licence_number="EU-TM/0012345",
                email="biuro@spedycja.example",
                manager_email="manager@spedycja.example",
            )
            operator_id = await operators.create_operator(connection, operator)
            declarations = [await store_declaration(connection, operator_id, "FR", "PL") for _ in range(3)]
        yield World(pool, Desk(pool), OperatorCaller(operator_id, "PL", uuid4()), declarations)


@pytest.fixture
def documents(tmp_path: Path) -> str:
    """An empty folder for the files of exchanges."""
    folder = tmp_path / "documents"
    folder.mkdir()
    return str(folder)
