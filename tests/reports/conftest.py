"""A lake with its writer, and the officers' application over it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import asyncpg
import duckdb
import pytest
from httpx import ASGITransport, AsyncClient, Response
from litestar import Litestar

from reports.app import Options, create_app
from reports.files import LakeFiles
from rtpd.printing import copy_printer
from store import postgres
from store.compact import Limits, compact
from store.lake import create_lake, open_lake
from store.officers import create_officer
from store.publish import publish
from tests.conftest import fresh_database
from tests.store.lake_builder import Fleet, Version, commit

#: The instant of the control in most tests: the declarations of `Version` are in force.
CONTROL = datetime(2026, 4, 1, 14, 5, tzinfo=UTC)
MOVE_ALL = Limits(recent_rows_when_calm=1, calm_rows=1_000_000)


@dataclass
class Roadside:
    """An officer of France before a lake that the test fills."""

    app: Litestar
    client: AsyncClient
    pool: asyncpg.Pool
    lake: Path
    token: str
    opened: ExitStack = field(default_factory=ExitStack)

    @cached_property
    def writer(self) -> duckdb.DuckDBPyConnection:
        """The DuckDB of a lake worker, opened for those who need it."""
        options: Options = self.app.state.options
        return self.opened.enter_context(open_lake(options.database_url, self.lake))

    @property
    def files(self) -> LakeFiles:
        """The application's view of the lake."""
        files: LakeFiles = self.app.state.parts.files
        return files

    async def declare(self, *versions: Version, fleets: Sequence[Fleet] | None = None) -> None:
        """Commits versions as a drain does; they are in the tail, not yet published."""
        await commit(self.pool, self.lake, versions, fleets)
        await self.files.refresh()

    async def publish(self) -> None:
        """Publishes the tail into level 0."""
        await publish(self.pool, self.writer, self.lake)
        await self.files.refresh()

    async def compact(self) -> None:
        """Moves level 0 into level 1."""
        while await compact(self.pool, self.writer, self.lake, MOVE_ALL) is not None:
            pass
        await self.files.refresh()

    async def ask(self, plate: str, headers: Mapping[str, str] | None = None, **parameters: object) -> Response:
        """Looks a plate up for France at the control, as the officer."""
        asked = {"plate": plate, "host": "FR", "at": CONTROL.isoformat()} | parameters
        query = {name: str(value) for name, value in asked.items() if value is not None}
        if headers is None:
            headers = {"authorization": f"Bearer {self.token}"}
        return await self.client.get("/lookup", params=query, headers=dict(headers))

    async def look_up(self, plate: str, **parameters: object) -> dict[str, Any]:
        """Looks a plate up and gives the answer, which has to be one."""
        answer = await self.ask(plate, **parameters)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@asynccontextmanager
async def living(app: Litestar) -> AsyncIterator[None]:
    """Starts and stops an application in one task of its own, as its cancel scopes need."""
    alive, end = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            alive.set()
            await end.wait()

    life = asyncio.create_task(live())
    started = asyncio.create_task(alive.wait())
    await asyncio.wait([life, started], return_when=asyncio.FIRST_COMPLETED)
    try:
        yield
    finally:
        end.set()
        await life


@asynccontextmanager
async def roadside_over(database_url: str, lake: str) -> AsyncIterator[Roadside]:
    """The officers' application over an empty lake, with an officer of France."""
    await create_lake(database_url, lake)
    pool = await postgres.connect(database_url, largest=5)
    async with pool.acquire() as connection:
        officer = await create_officer(connection, "Agent Test", "FR")
    options = Options(
        database_url,
        lake,
        held_rows=1_000,
        memory_mb=100,
        threads=2,
        print_copy=copy_printer("https://posting.example.eu"),
    )
    app = create_app(options)
    transport = ASGITransport(app)  # type: ignore[arg-type]
    async with living(app), AsyncClient(transport=transport, base_url="http://reports") as client:
        roadside = Roadside(app, client, pool, Path(lake), officer.token)
        with roadside.opened:
            yield roadside
    await pool.close()


@pytest.fixture
async def roadside(database_url: str, lake: str) -> AsyncIterator[Roadside]:
    """The officers' application over an empty lake of the test's own."""
    async with roadside_over(database_url, lake) as roadside:
        yield roadside


@pytest.fixture(scope="module")
async def unfilled(template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Roadside]:
    """The officers' application over a lake that stays empty, for the tests of a file that ask and change nothing."""
    lake = str(tmp_path_factory.mktemp("lake"))
    async with fresh_database(template) as database_url, roadside_over(database_url, lake) as roadside:
        yield roadside
