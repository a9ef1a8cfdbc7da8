"""Intake as it runs, on the session's real servers: the application, an operator with a key, and a drain."""

import hashlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest
from litestar.testing import AsyncTestClient
from redis.asyncio import Redis

from ingest.app import Options, create_app
from ingest.intake import Intake, open_intake, wall_clock
from store.drain import Drain

SHARDS = 2


@dataclass(slots=True)
class Caller:
    """An operator and the key that speaks for it."""

    operator_id: UUID
    api_key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"x-api-key": self.api_key, "x-operator-id": str(self.operator_id)}


def declaration(**changes: Any) -> dict[str, Any]:
    """A declaration that every rule accepts, with some members changed; None takes one out."""
    today = datetime.now(UTC).date()
    said: dict[str, Any] = {
        "declarationPostingCountry": "FR",
        "declarationStartDate": str(today + timedelta(days=1)),
        "declarationEndDate": str(today + timedelta(days=90)),
        "declarationOperationType": ["INTERNATIONAL_CARRIAGE"],
        "declarationTransportType": ["CARRIAGE_OF_GOODS"],
        "declarationVehiclePlateNumber": ["PO 1AB23", "WA12345"],
        "driverLatinFirstName": "Jan",
        "driverLatinLastName": "Nowak",
        "driverDateOfBirth": "1984-05-06",
        "driverLicenseNumber": "00123/04/1234",
        "driverDocumentType": "IDCARD",
        "driverDocumentNumber": "ABC123456",
        "driverDocumentIssuingCountry": "PL",
        "driverAddressStreet": "ul. Polna 4",
        "driverAddressPostCode": "60-535",
        "driverAddressCity": "Poznan",
        "driverAddressCountry": "PL",
        "driverContractStartDate": "2020-02-01",
        "driverApplicableLaw": "PL",
        "otherContactAsTransportManager": True,
    }
    return {name: value for name, value in (said | changes).items() if value is not None}


def ndjson(*declarations: dict[str, Any]) -> bytes:
    """Declarations as the lines of an upload."""
    return b"".join(msgspec.json.encode(one) + b"\n" for one in declarations)


async def make_caller(database_url: str, country: str = "PL") -> Caller:
    """An operator and its key, as the register has them."""
    caller = Caller(uuid4(), "rtpd_live_" + secrets.token_urlsafe(32))
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "INSERT INTO operator (operator_id, name, country) VALUES ($1, 'Spedycja Test', $2)",
            caller.operator_id,
            country,
        )
        await connection.execute(
            "INSERT INTO credential (credential_id, key_hash, operator_id, name) VALUES ($1, $2, $3, 'test')",
            uuid4(),
            hashlib.sha256(caller.api_key.encode()).digest(),
            caller.operator_id,
        )
    finally:
        await connection.close()
    return caller


@pytest.fixture
async def caller(database_url: str) -> Caller:
    """A Polish operator with a key."""
    return await make_caller(database_url)


class Clock:
    """The clock by which intake lives: the real one, so much ahead."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> int:
        return wall_clock() + self._ahead // timedelta(microseconds=1)

    @property
    def today(self) -> date:
        """The present day in UTC."""
        return (datetime.now(UTC) + self._ahead).date()

    def days_ahead(self, days: int) -> None:
        """Goes to some days after the real day, at the same hour."""
        self._ahead = timedelta(days=days)

    def go_to(self, day: date, hour: int) -> None:
        """Goes to an hour of a day in UTC."""
        self._ahead = datetime.combine(day, time(hour), UTC) - datetime.now(UTC)


@pytest.fixture
def clock() -> Clock:
    """A clock that the test can put ahead."""
    return Clock()


@pytest.fixture
async def client(database_url: str, redis_url: str, clock: Clock) -> AsyncIterator[AsyncTestClient[Any]]:
    """A client of intake."""
    app = create_app(Options(database_url, redis_url, SHARDS, queue_limit=1_000_000, now=clock))
    async with AsyncTestClient(app) as client:
        yield client


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections to the test's database."""
    async with asyncpg.create_pool(database_url, min_size=0, max_size=4) as pool:
        yield pool


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A connection to the test's Redis."""
    async with Redis.from_url(redis_url) as redis:
        yield redis


@dataclass(slots=True)
class Drains:
    """The drains of all shards."""

    drains: list[Drain]

    async def run(self) -> int:
        """Stores all that waits; returns the number of declarations."""
        return sum([await drain.run(0.0) for drain in self.drains])


@pytest.fixture
async def drains(pool: asyncpg.Pool, redis: Redis, lake: str) -> Drains:
    """Drains of all shards, run by the test."""
    return Drains([Drain(shard, redis, pool, Path(lake)) for shard in range(SHARDS)])


@pytest.fixture
async def intake(database_url: str, redis_url: str, clock: Clock) -> AsyncIterator[Intake]:
    """The parts of a process beside the client's, as the worker has them."""
    async with open_intake(Options(database_url, redis_url, SHARDS, queue_limit=1_000_000, now=clock)) as intake:
        yield intake
