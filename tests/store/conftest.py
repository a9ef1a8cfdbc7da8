"""A lake of the test's own, and the connections that its writers use."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import duckdb
import pytest

from store import postgres
from store.lake import create_lake, open_lake


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections to the test's database."""
    pool = await postgres.connect(database_url, largest=5)
    yield pool
    await pool.close()


@pytest.fixture
async def lake_writer(database_url: str, lake: str) -> AsyncIterator[duckdb.DuckDBPyConnection]:
    """The DuckDB of a lake worker, with an empty lake attached."""
    await create_lake(database_url, lake)
    with open_lake(database_url, lake) as connection:
        yield connection


@pytest.fixture
def lake_path(lake: str) -> Path:
    """The lake's folder."""
    return Path(lake)
