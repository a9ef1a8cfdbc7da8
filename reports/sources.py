"""What the analyses read, in one DuckDB: the lake with its tail as of one moment, and Postgres as `books`.

An analysis takes minutes where a look-up takes milliseconds, so it has a connection of its own, with its own bounds
on memory and threads, and a folder to spill to.
"""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from schemas import statements
from store.lake import TABLES, open_lake

_SQL = statements.load("reports", "sources")

#: What an analysis may take, unless it is told otherwise; the process takes up to twice the memory.
MEMORY_MB = 1_000
THREADS = 2


@contextmanager
def sources(
    database_url: str, lake: str | Path, *, memory_mb: int = MEMORY_MB, threads: int = THREADS
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Opens the lake and Postgres to read; `declaration_version` and `fleet_plate` are the lake as it is now.

    Raises `duckdb.Error` if Postgres or the lake cannot be reached.
    """
    with open_lake(database_url, lake, memory_mb=memory_mb, threads=threads, read_only=True) as connection:
        connection.execute(_SQL["settings"])
        attach_books(connection, database_url)
        to_present(connection, lake)
        yield connection


@contextmanager
def plain(*, memory_mb: int = MEMORY_MB, threads: int = THREADS) -> Iterator[duckdb.DuckDBPyConnection]:
    """Opens DuckDB within the same bounds but without lake and Postgres, for `over_files`."""
    with tempfile.TemporaryDirectory(prefix="openrtpd-duckdb-") as spill:
        bounds = {"memory_limit": f"{memory_mb}MB", "threads": str(threads), "temp_directory": spill}
        with duckdb.connect(config=dict(bounds)) as connection:
            connection.execute(_SQL["settings"])
            yield connection


def to_present(connection: duckdb.DuckDBPyConnection, lake: str | Path) -> None:
    """Moves `declaration_version` and `fleet_plate` to the lake's present state.

    Files that no snapshot names are deleted some minutes later, so long runs come back here from time to time.
    """
    rows = connection.execute("FROM postgres_query('books', ?)", [_SQL["state"]]).fetchall()
    for table in TABLES:
        tail = [str(Path(lake).absolute() / path) for _, lake_table, path in rows if lake_table == table]
        name = "at_snapshot_with_tail" if tail else "at_snapshot"
        connection.execute(_SQL[name].format(table=table, snapshot=rows[0][0], files=_list(tail)))


def attach_books(connection: duckdb.DuckDBPyConnection, database_url: str) -> None:
    """Attaches Postgres, to read, as `books`."""
    connection.execute(_SQL["attach_books"].format(address=database_url.replace("'", "''")))


def over_files(connection: duckdb.DuckDBPyConnection, table: str, files: Iterable[str | Path]) -> None:
    """Makes a table of the lake from Parquet files that lie in no lake."""
    connection.execute(_SQL["over_files"].format(table=table, files=_list(map(str, files))))


def _list(files: Iterable[str]) -> str:
    quoted = (file.replace("'", "''") for file in files)
    return "[" + ", ".join(f"'{file}'" for file in quoted) + "]"
