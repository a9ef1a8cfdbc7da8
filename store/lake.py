"""The lake: Parquet files that DuckLake keeps account of, its catalog in the same Postgres (DESIGN.md, steps 4 and 5).

Two tables, each in two levels. Level 0 (`*_recent`) takes the drains' files as they are. Level 1 is partitioned by
`bucket` (store/buckets.py) and sorted, so that a reader who knows a key opens few files and reads one row group of
each. The bucket is a column of its own, not DuckLake's transform.
"""

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar
from uuid import uuid4

import asyncpg
import duckdb
import pyarrow as pa

from schemas import statements
from schemas.rows import DECLARATION_VERSION, FLEET_PLATE, in_lake

_SQL = statements.load("store", "lake")
_QUOTED = re.compile(r"""["'].*["']|["'].*""")
_CATALOG = statements.load("store", "lake_catalog")
_EXTENSIONS = ("postgres_scanner", "ducklake")

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class LakeTable:
    """A table of the lake: what its bucket is computed from (SQL), how level 1 is sorted, rows of a row group."""

    name: str
    shape: pa.Schema
    bucket_key: str
    sorted_by: str
    row_group: int


#: Level 1 is sorted so that all versions of an operator's declarations for one host lie together.
TABLES = {
    table.name: table
    for table in (
        LakeTable(
            "declaration_version",
            in_lake(DECLARATION_VERSION),
            "operator_id::VARCHAR",
            "bucket, operator_id, posting_country, declaration_id, version",
            16_384,
        ),
        LakeTable("fleet_plate", in_lake(FLEET_PLATE), "plate_key", "bucket, plate_key, operator_id, fleet_id", 8_192),
    )
}


def open_lake(
    database_url: str,
    lake: str | Path,
    *,
    memory_mb: int = 180,
    threads: int = 1,
    read_only: bool = False,
) -> duckdb.DuckDBPyConnection:
    """Opens an in-memory DuckDB with the lake attached as `lake`.

    The extensions come from their wheels by path; nothing is downloaded or copied. `memory_mb` bounds what DuckDB
    allocates; the process takes some 100 MB more.

    Raises `duckdb.Error` if Postgres cannot be reached.
    """
    folder = _folder(lake)
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": f"{memory_mb}MB",
            "threads": str(threads),
            # One for each connection: two processes in one folder would overwrite each other's spilled blocks.
            "temp_directory": str(Path(tempfile.gettempdir()) / f"openrtpd-duckdb-{uuid4().hex}"),
            # One bucket after the other is written, so few rows need to be held.
            "partitioned_write_max_open_files": "1",
            "partitioned_write_flush_threshold": "16384",
            "allocator_flush_threshold": "16MB",
            # The system keeps what was read of the lake's files; a second copy only takes memory.
            "enable_external_file_cache": "false",
        }
    )
    connection.execute(_SQL["clock"])
    for name in _EXTENSIONS:
        connection.execute(f"LOAD '{_quoted(_extension(name))}'")
    attach = _SQL["attach_read_only" if read_only else "attach"]
    connection.execute(attach.format(catalog=_quoted(database_url), folder=_quoted(folder)))
    return connection


def lock_down(connection: duckdb.DuckDBPyConnection, lake: str | Path) -> None:
    """Lets a DuckDB read the lake's folder and nothing else from here on, with the settings that it has."""
    connection.execute(_SQL["lock_down"].format(folder=_quoted(_folder(lake))))


async def create_lake(database_url: str, lake: str | Path) -> None:
    """Makes the lake's catalog, tables and columns where they are missing; callers at once wait for one another."""
    Path(_folder(lake)).mkdir(parents=True, exist_ok=True)
    register = await asyncpg.connect(database_url)
    try:
        await register.execute(_CATALOG["lock_creation"])
        if not await _is_complete(register):
            await asyncio.to_thread(_create, database_url, lake)
            await register.execute(_CATALOG["file_once"])
        await register.execute(_CATALOG["unlock_creation"])
    finally:
        await register.close()


@asynccontextmanager
async def sole_writer(pool: asyncpg.Pool) -> AsyncIterator[bool]:
    """Holds the right to change the lake; gives False at once if another process has it."""
    async with pool.acquire() as connection:
        if not await connection.fetchval(_CATALOG["lock_writer"]):
            yield False
            return
        try:
            yield True
        finally:
            if not connection.is_closed():
                await connection.execute(_CATALOG["unlock_writer"])


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commits what happens inside as one change of the lake, or nothing of it."""
    connection.begin()
    try:
        yield
        connection.commit()
    except BaseException:
        with suppress(duckdb.Error):  # a commit that failed has ended its transaction
            connection.rollback()
        raise


async def in_thread(
    work: Callable[Concatenate[duckdb.DuckDBPyConnection, P], R],
    connection: duckdb.DuckDBPyConnection,
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    """Runs DuckDB work in a thread, on a cursor of its own; when cancelled it stops the work and waits for its end."""
    with connection.cursor() as cursor:
        running = asyncio.ensure_future(asyncio.to_thread(work, cursor, *args, **kwargs))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            cursor.interrupt()
            await asyncio.wait([running])
            raise


def reason(error: BaseException) -> str:
    """Gives an error's first line for the log, without what it quotes: values of rows, which no log may have.

    What concerns files and connections keeps its quotes: they name what is missing.
    """
    line = str(error).partition("\n")[0][:200]
    if isinstance(error, (OSError, duckdb.IOException, asyncpg.PostgresConnectionError, asyncpg.InterfaceError)):
        return line
    return _QUOTED.sub("…", line)


async def _is_complete(register: asyncpg.Connection) -> bool:
    """Asks the catalog whether both levels of every table have all columns, without opening the lake."""
    if not await register.fetchval(_CATALOG["has_catalog"]):
        return False
    found = {row["table_name"]: set(row["columns"]) for row in await register.fetch(_CATALOG["columns"])}
    return all(
        found.get(f"{table.name}{level}", set()) >= set(table.shape.names)
        for table in TABLES.values()
        for level in ("", "_recent")
    )


def _create(database_url: str, lake: str | Path) -> None:
    with open_lake(database_url, lake) as connection:
        for table in TABLES.values():
            with transaction(connection):
                make_table(connection, table)
            connection.execute(_SQL["row_group"].format(table=table.name, rows=table.row_group))
        connection.execute(_SQL["compression"])


def make_table(connection: duckdb.DuckDBPyConnection, table: LakeTable) -> None:
    """Makes both levels of a table, or adds the columns that they lack: those of a newer release."""
    connection.register("shape", table.shape.empty_table())
    if not connection.execute(_SQL["has_table"], [table.name]).fetchone():
        connection.execute(_SQL["create_recent"].format(table=table.name))
        connection.execute(_SQL["create"].format(table=table.name))
        connection.execute(_SQL["partition"].format(table=table.name))
        connection.execute(_SQL["sort"].format(table=table.name, columns=table.sorted_by))
        return
    for name in (table.name, f"{table.name}_recent"):
        for column, kind in connection.execute(_SQL["lacking"], [name]).fetchall():
            connection.execute(_SQL["add_column"].format(table=name, column=column, kind=kind))


def _folder(lake: str | Path) -> str:
    return f"{Path(lake).absolute()}/"


def _extension(name: str) -> str:
    folder = files(f"duckdb_extension_{name}") / "extensions" / f"v{duckdb.__version__}"
    return str(folder / f"{name}.duckdb_extension")


def _quoted(text: str) -> str:
    return text.replace("'", "''")
