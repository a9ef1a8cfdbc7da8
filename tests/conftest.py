"""The real servers that tests use: one PostgreSQL and one Valkey a session, a fresh database a test."""

import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import duckdb
import pytest
from redis.asyncio import Redis

from rtpd.addresses import Addresses
from rtpd.embedded.servers import EmbeddedServers
from rtpd.settings import read_settings
from store.lake import create_lake
from store.migrate import migrate
from tests.running_system import RunningSystem, environment_for, running_system

_numbers = itertools.count(1)


@pytest.fixture(scope="session", autouse=True)
def extensions_unverified() -> Iterator[None]:
    """DuckDB does not hash its extensions, which takes a quarter of a second at each opening; `rtpd up` still does."""
    connect = duckdb.connect

    def connect_unverified(
        database: str = ":memory:", *, config: Mapping[str, str] | None = None
    ) -> duckdb.DuckDBPyConnection:
        return connect(database, config={**(config or {}), "allow_unsigned_extensions": "true"})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duckdb, "connect", connect_unverified)
        yield


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """A folder for the session's servers, with a path short enough for their sockets."""
    folder = Path(tempfile.mkdtemp(prefix="rtpd-tests-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def servers(home: Path) -> Iterator[EmbeddedServers]:
    """The session's embedded servers; a test that kills one starts it again."""
    servers = EmbeddedServers(read_settings({"RTPD_HOME": str(home), "RTPD_SHARED_BUFFERS_MB": "64"}))
    servers.start()
    yield servers
    servers.stop()


@pytest.fixture(scope="session")
def addresses(servers: EmbeddedServers) -> Addresses:
    """Where the session's servers are."""
    return servers.addresses


@pytest.fixture(scope="session")
async def template(addresses: Addresses) -> str:
    """A migrated database with an empty lake that the tests' databases are copies of."""
    url = _with_database(addresses.database_url, "template_rtpd")
    await migrate(url)
    await create_lake(url, addresses.lake)
    server = await asyncpg.connect(url)
    try:  # a killed server keeps what it wrote, synced or not; making and dropping databases syncs a lot
        await server.execute("ALTER SYSTEM SET fsync = off")
        await server.execute("SELECT pg_reload_conf()")
    finally:
        await server.close()
    return url


@asynccontextmanager
async def fresh_database(template: str) -> AsyncIterator[str]:
    """A migrated database of somebody's own, dropped afterwards."""
    name = f"test_{next(_numbers)}"
    server = await asyncpg.connect(template, database="postgres")
    try:
        await server.execute(f"CREATE DATABASE {name} TEMPLATE template_rtpd STRATEGY file_copy")
        yield _with_database(template, name)
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await server.close()


@pytest.fixture
async def database_url(template: str) -> AsyncIterator[str]:
    """A fresh migrated database of the test's own, dropped after it."""
    async with fresh_database(template) as url:
        yield url


@pytest.fixture
async def redis_url(addresses: Addresses) -> str:
    """An empty database of the session's Valkey, of the test's own."""
    number = 1 + next(_numbers) % 63
    url = addresses.redis_url.replace("db=0", f"db={number}")
    async with Redis.from_url(url) as redis:
        await redis.flushdb()
    return url


@pytest.fixture
def lake(tmp_path: Path) -> str:
    """An empty folder for a lake's files."""
    folder = tmp_path / "lake"
    folder.mkdir()
    return str(folder)


@pytest.fixture(scope="session")
def system(home: Path) -> Iterator[RunningSystem]:
    """The whole system as `rtpd up` starts it, with a Polish operator and a French officer."""
    with running_system(environment_for(home / "system")) as system:
        names = ("--name", "Przewozy Testowe", "--country", "PL", "--licence", "PL-1")
        system.operator = system.rtpd_json("operator", "create", *names)
        system.officer = system.rtpd_json("officer", "create", "--name", "Agent Test", "--host", "FR")
        yield system


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
