"""Removal by the clock and on order, proven by looking for a name in every byte on disk."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import duckdb
import pytest
from redis.asyncio import Redis

from ingest.journal import Journal, seal
from rtpd.embedded.servers import EmbeddedServers
from store.drain import Drain
from store.publish import publish
from store.reconcile import Sides, compare, windows
from store.removal import DriverNamed, erase_driver, remove_ended
from tests.store.test_drain import entries, ids

SEEDED = "Przybyszewskaquux"
BORN = date(1971, 2, 3)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as redis:
        yield redis


async def _store(redis: Redis, pool: asyncpg.Pool, lake: Path, **changes: object) -> None:
    journal = Journal(redis, shards=1, limit=1000)
    await journal.commit({0: [seal(entries(*[(one, 1) for one in ids(5)], **changes))]})
    await Drain(0, redis, pool, lake).run(0)


def _anywhere(name: str, *folders: Path) -> list[Path]:
    """Finds the files that hold a name, unpacked or as Parquet's values."""
    sought = name.encode()
    return [path for folder in folders for path in folder.rglob("*") if path.is_file() and sought in path.read_bytes()]


async def _record(pool: asyncpg.Pool, name: str) -> None:
    """Has an operator keep a record of the driver, a request about it wait for approval, and checks name it."""
    operator_id = uuid4()
    await pool.execute("INSERT INTO operator (operator_id, name, country) VALUES ($1, 'Przewozy', 'PL')", operator_id)
    await pool.execute(
        """
        INSERT INTO driver (operator_id, driver_id, driver_first_name, driver_last_name, driver_birth_date,
            driver_licence_number, driver_document_type, driver_document_number, driver_document_country,
            driver_street, driver_city, driver_country, driver_contract_start, driver_applicable_law,
            created_at, updated_at)
        VALUES ($1, gen_random_uuid(), 'Jan', $2, $3, '54321/99/0001', 'IDCARD', 'ABC123456', 'PL', 'ul. Polna 4',
            'Poznan', 'PL', '2020-02-01', 'PL', now(), now())
        """,
        operator_id,
        name,
        BORN,
    )
    person_id = uuid4()
    await pool.execute(
        """
        INSERT INTO person (person_id, operator_id, email, name, role, password_hash, created_at)
        VALUES ($1, $2, 'ewa@example.com', 'Ewa', 'dispatcher', '', now())
        """,
        person_id,
        operator_id,
    )
    await pool.execute(
        """
        INSERT INTO approval (approval_id, operator_id, what, method, path, path_params, query, headers, body,
            asked_by, asked_at)
        VALUES (gen_random_uuid(), $1, 'submit', 'POST', '/declarations/submit', '{}', '', '{}', $2, $3, now())
        """,
        operator_id,
        f'{{"driverLatinLastName":"{name}","driverLicenseNumber":"54321/99/0001"}}'.encode(),
        person_id,
    )
    await pool.execute(
        """
        INSERT INTO hint (pattern, operator_id, host, subject_kind, subject, severity, weight, occurrences,
            first_on, last_on, details, evidence, found_at, confirmed_at)
        VALUES ('P06', $1, 'DE', 'driver', $2, 'medium', 4, 1, '2026-03-02', '2026-03-31', $3, '[]', now(), now())
        """,
        operator_id,
        f"54321990001 {BORN}",
        f'{{"name": "{name}"}}',
    )


async def _held_in_lake(connection: duckdb.DuckDBPyConnection, lake: Path, name: str) -> bool:
    """Says whether any Parquet file below the lake, old or new, has a driver of this name."""
    files = [str(path) for path in lake.rglob("*.parquet") if "declaration" in str(path)]
    if not files:
        return False
    found = await asyncio.to_thread(
        lambda: connection.execute(
            "SELECT count(*) FROM read_parquet($files, union_by_name = true) WHERE driver_last_name = $name",
            {"files": files, "name": name},
        ).fetchone()
    )
    return bool(found and found[0])


async def test_an_erased_driver_is_in_no_byte_on_disk(
    redis: Redis,
    pool: asyncpg.Pool,
    lake_writer: duckdb.DuckDBPyConnection,
    lake_path: Path,
    servers: EmbeddedServers,
    database_url: str,
    redis_url: str,
) -> None:
    named = {"driverLatinLastName": SEEDED, "driverDateOfBirth": str(BORN), "driverLicenseNumber": "54321/99/0001"}
    await _store(redis, pool, lake_path, **named)
    await _store(redis, pool, lake_path)
    await publish(pool, lake_writer, lake_path)
    await _record(pool, SEEDED)
    assert servers.postgres is not None
    assert _anywhere(SEEDED, servers.postgres.data)
    assert await _held_in_lake(lake_writer, lake_path, SEEDED)
    (certificate,) = await erase_driver(pool, lake_writer, lake_path, DriverNamed("54321/99/0001", BORN))
    assert (certificate.declarations, certificate.versions) == (5, 5)
    assert len(certificate.digest) == 64
    assert not _anywhere(SEEDED, servers.postgres.data)
    assert not await _held_in_lake(lake_writer, lake_path, SEEDED)
    sides = Sides(database_url, redis_url, str(lake_path), 1)
    outcome = compare(sides, await windows(database_url), None, complete=False, most=5, progress=lambda: None)
    assert (outcome.stored, outcome.published, outcome.differing) == (5, 5, 0)


async def test_what_ended_two_years_ago_goes_and_what_did_not_stays(
    redis: Redis, pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path
) -> None:
    start, end = datetime.now(UTC).date() + timedelta(days=1), datetime.now(UTC).date() + timedelta(days=90)
    assert start < end
    await _store(redis, pool, lake_path)
    await publish(pool, lake_writer, lake_path)
    assert await remove_ended(pool, lake_writer, lake_path, end + timedelta(days=700)) == []
    (certificate,) = await remove_ended(pool, lake_writer, lake_path, end + timedelta(days=800))
    assert certificate.declarations == 5
    assert await pool.fetchval("SELECT count(*) FROM declaration_version") == 0
    assert await pool.fetchval("SELECT count(*) FROM operator_span") == 0
    assert await pool.fetchval("SELECT count(*) FROM removal") == 1
