"""What does not fit into the memory goes to disk, or is done in parts; the hints are the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import duckdb
import pytest

from loadtests.history import History, write_history
from reports import sources
from reports.checks import runner
from reports.checks.catalogue import pattern_of
from reports.checks.scope import Scope
from tests.reports.small_lake import _scanner

#: Patterns that compare drivers and plates across operators, and declarations with one another: the hungriest.
HUNGRY = ("P06", "P08", "P22")
LITTLE_MB, MUCH_MB = 40, 500


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    """Two years at a hundredth of Europe: 320 000 declarations."""
    return write_history(tmp_path_factory.mktemp("history"), scale=0.01, memory_mb=500)


@contextmanager
def bounded(history: History, database_url: str, memory_mb: int) -> Iterator[duckdb.DuckDBPyConnection]:
    with sources.plain(memory_mb=memory_mb, threads=1) as connection:
        connection.execute(f"LOAD '{_scanner()}'")
        sources.over_files(connection, "declaration_version", [history.declaration_version])
        sources.over_files(connection, "fleet_plate", [history.fleet_plate])
        sources.attach_books(connection, database_url)
        yield connection


def hints(connection: duckdb.DuckDBPyConnection) -> dict[str, list[Any]]:
    wanted = [pattern_of(code) for code in HUNGRY]
    found = runner.run(connection, wanted, Scope(), date(2023, 12, 31))
    return {each.pattern.code: sorted(each.hints.to_pylist(), key=str) for each in found if each.hints is not None}


async def test_with_little_memory_a_run_finds_what_it_finds_with_much(history: History, database_url: str):
    with bounded(history, database_url, MUCH_MB) as connection:
        much = hints(connection)
    with bounded(history, database_url, LITTLE_MB) as connection:
        assert hints(connection) == much
    assert any(much.values())


async def test_so_little_memory_is_not_enough_without_disk_and_parts(
    history: History, database_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(runner, "_PARTS", (1,))
    with bounded(history, database_url, LITTLE_MB) as connection:
        connection.execute("SET max_temp_directory_size = '0MB'")
        with pytest.raises(duckdb.OutOfMemoryException):
            hints(connection)
