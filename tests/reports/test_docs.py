"""docs/analysts.md is true: its snippets run, its tables name every column, pattern and member."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import msgspec
import pytest

import exchange.publishing
from reports.checks.catalogue import patterns
from reports.register_records import RECORDS
from reports.registers import load_register
from tests.reports.conftest import Roadside
from tests.store.lake_builder import Fleet, Version

PAGE = (Path(__file__).parents[2] / "docs" / "analysts.md").read_text("utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
async def attached(roadside: Roadside) -> AsyncIterator[duckdb.DuckDBPyConnection]:
    """A lake of both levels, attached as the page says."""
    await roadside.declare(Version(Fleet(uuid4(), ("PO 1AB23",))), Version(Fleet(uuid4(), ("WX 1",)), host="DE"))
    await roadside.publish()
    await roadside.compact()
    first = Version(Fleet(uuid4(), ("PO 1AB23",)))
    await roadside.declare(first, first.later(first.accepted_at, withdrawn=True))
    await roadside.publish()
    await exchange.publishing.publish(roadside.pool, roadside.writer)
    (code,) = blocks("python")
    names: dict[str, Any] = {"DATABASE_URL": roadside.app.state.options.database_url, "LAKE": roadside.lake}
    exec(code, names)
    yield names["lake"]
    names["lake"].close()


async def test_every_query_runs_on_the_lake_as_it_is_attached_there(attached: duckdb.DuckDBPyConnection):
    answers = {query: attached.execute(query).fetchall() for query in blocks("sql")}
    assert len(answers) > 10
    at_control = next(rows for query, rows in answers.items() if "PO1AB23" in query)
    assert len(at_control) == 2
    in_force = next(rows for query, rows in answers.items() if "in_force" in query)
    assert sorted(in_force) == [("DE", 1, 1), ("FR", 1, 1)]


def columns_of(heading: str) -> dict[str, str]:
    """The columns and types that a section explains."""
    section = PAGE.partition(f"`{heading}`\n")[2].partition("\n#")[0]
    return dict(re.findall(r"^\| `(\w+)` \| ([A-Z]+(?:\[\])?) \|", section, re.MULTILINE))


async def test_every_table_and_column_of_the_lake_is_explained(attached: duckdb.DuckDBPyConnection):
    tables = attached.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'lake'"
    ).fetchall()
    assert {name for schema, name in tables if schema == "exchange"} == set(exchange.publishing.TABLES)
    for schema, name in tables:
        rows = attached.execute(f"DESCRIBE lake.{schema}.{name}").fetchall()
        real = {column: kind.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ") for column, kind, *_ in rows}
        real.pop("bucket", None)
        heading = f"lake.exchange.{name}" if schema == "exchange" else name.removesuffix("_recent")
        assert columns_of(heading) == real, heading


def test_the_table_of_patterns_is_that_of_the_catalogue():
    for pattern in patterns().values():
        line = (
            f"| {pattern.code} | {pattern.title} | {pattern.severity}, {pattern.weight:g} | {pattern.needs or '–'} | "
            f"{pattern.legal_basis} |"
        )
        assert line in PAGE


async def test_the_register_s_example_loads_and_its_members_are_those_of_the_format(roadside: Roadside, tmp_path: Path):
    path = tmp_path / "register.ndjson"
    path.write_text(blocks("json")[0], "utf-8")
    async with roadside.pool.acquire() as connection:
        loaded = await load_register(connection, path)
    assert (loaded.refused, len(loaded.records)) == (0, len(RECORDS))
    for kind in RECORDS:
        (line,) = re.findall(rf"^\| `{kind.__struct_config__.tag}` \| (.*) \|$", PAGE, re.MULTILINE)
        named = dict(re.findall(r"`(\w+)`(\*?)", line))
        fields = {field.encode_name: field.required for field in msgspec.structs.fields(kind)}
        assert {name: star == "*" for name, star in named.items()} == fields
