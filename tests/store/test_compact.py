"""Compaction: rows move on and files grow, and every row stays once."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.buckets import BUCKETS, bucket_of, buckets_of
from store.compact import LakeFile, LakeFiles, Limits, Run, Step, compact, joinable, lake_files, next_step
from store.lake import open_lake, sole_writer
from store.publish import publish
from tests.store.lake_builder import Fleet, Version, commit

MOVE_ALL = Limits(recent_rows_when_calm=1, calm_rows=1_000_000)


def _files(*rows: int) -> list[LakeFile]:
    return [LakeFile(f"{place}.parquet", count) for place, count in enumerate(rows)]


def _runs(*rows: int, bucket: int = 0) -> list[Run]:
    return [(LakeFile(f"{bucket}-{place}.parquet", count, bucket),) for place, count in enumerate(rows)]


def _sizes(runs: Sequence[Run]) -> list[int]:
    return [sum(file.rows for file in run) for run in runs]


def _step(held: dict[str, LakeFiles], limits: Limits | None = None) -> Step:
    step = next_step(held, limits or Limits(), calm=True)
    assert step is not None
    return step


def _held(recent: Sequence[LakeFile] = (), **buckets: tuple[int, ...]) -> dict[str, LakeFiles]:
    numbers = {int(name.removeprefix("b")): rows for name, rows in buckets.items()}
    levels = LakeFiles(list(recent), {bucket: _runs(*rows, bucket=bucket) for bucket, rows in numbers.items()})
    return {"declaration_version": levels, "fleet_plate": LakeFiles()}


async def _declared(
    pool: asyncpg.Pool, writer: duckdb.DuckDBPyConnection, lake: Path, batches: int, operators: int = 4
) -> list[UUID]:
    fleets = [Fleet(uuid4(), (f"PO {number}", f"WA {number}")) for number in range(operators)]
    ids = []
    for batch in range(batches):
        versions = [Version(fleet, host=("FR", "DE")[batch % 2]) for fleet in fleets]
        await commit(pool, lake, versions, fleets if batch == 0 else [])
        ids += [version.declaration_id for version in versions]
    await publish(pool, writer, lake)
    return sorted(ids)


async def _compact_all(
    pool: asyncpg.Pool, writer: duckdb.DuckDBPyConnection, lake: Path, limits: Limits = MOVE_ALL
) -> list[Step]:
    steps: list[Step] = []
    while (step := await compact(pool, writer, lake, limits)) is not None:
        steps.append(step)
        assert len(steps) < 1_000
    return steps


def _ids(writer: duckdb.DuckDBPyConnection, table: str = "declaration_version") -> list[UUID]:
    return [row[0] for row in writer.execute(f"SELECT declaration_id FROM lake.{table} ORDER BY 1").fetchall()]


async def test_level_0_moves_into_sorted_buckets_and_nothing_is_lost(
    pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path
) -> None:
    ids = await _declared(pool, lake_writer, lake_path, 6)
    await _compact_all(pool, lake_writer, lake_path)
    assert _ids(lake_writer) == ids
    assert _ids(lake_writer, "declaration_version_recent") == []
    for bucket, runs in (await lake_files(pool))["declaration_version"].buckets.items():
        ((file,),) = runs
        rows = lake_writer.execute(
            "SELECT operator_id, posting_country, declaration_id FROM read_parquet($1)", [str(lake_path / file.path)]
        ).fetchall()
        assert rows == sorted(rows, key=lambda row: (row[0].int, row[1], row[2].int))
        assert {bucket_of(str(row[0])) for row in rows} == {bucket}


async def test_no_delete_files_remain(
    pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path
) -> None:
    for _ in range(3):
        await _declared(pool, lake_writer, lake_path, 2)
        await _compact_all(pool, lake_writer, lake_path)
    assert await pool.fetchval("SELECT count(*) FROM ducklake.ducklake_delete_file") == 0


async def test_a_bucket_ends_with_one_file(
    pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path
) -> None:
    fleet = Fleet(uuid4(), ("PO 1AB23",))
    for _ in range(4):
        await commit(pool, lake_path, [Version(fleet)], [])
        await publish(pool, lake_writer, lake_path)
        await compact(pool, lake_writer, lake_path, MOVE_ALL)
    bucket = bucket_of(str(fleet.operator_id))
    assert len((await lake_files(pool))["declaration_version"].buckets[bucket]) > 1
    await _compact_all(pool, lake_writer, lake_path)
    assert _sizes((await lake_files(pool))["declaration_version"].buckets[bucket]) == [4]


async def test_many_small_files_of_level_0_become_one(
    pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path
) -> None:
    ids = await _declared(pool, lake_writer, lake_path, 12)
    steps = await _compact_all(pool, lake_writer, lake_path, Limits(recent_files=8))
    assert [(step.statement, len(step.files)) for step in steps] == [("join", 12)]
    assert [file.rows for file in (await lake_files(pool))["declaration_version"].recent] == [48]
    assert _ids(lake_writer, "declaration_version_recent") == ids


@pytest.mark.parametrize("point", ["insert", "drop"])
async def test_a_crash_in_the_middle_of_a_step_leaves_everything_as_it_was(
    pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path, database_url: str, point: str
) -> None:
    ids = await _declared(pool, lake_writer, lake_path, 3)
    files = [str(lake_path / file.path) for file in (await lake_files(pool))["declaration_version"].recent]
    with open_lake(database_url, lake_path) as crashing:
        crashing.begin()
        crashing.execute(
            "INSERT INTO lake.declaration_version BY NAME SELECT 0 AS bucket, * FROM read_parquet($1)", [files]
        )
        if point == "drop":
            crashing.execute("DELETE FROM lake.declaration_version_recent")
    assert _ids(lake_writer, "declaration_version_recent") == ids
    await _compact_all(pool, lake_writer, lake_path)
    assert _ids(lake_writer) == ids


async def test_what_a_publisher_left_unmarked_is_not_published_twice(
    pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path
) -> None:
    ids = await _declared(pool, lake_writer, lake_path, 2)
    await pool.execute("UPDATE batch SET published_at = NULL")
    await _compact_all(pool, lake_writer, lake_path)
    assert await publish(pool, lake_writer, lake_path) == 0
    assert _ids(lake_writer) == ids


async def test_while_another_changes_the_lake_nothing_is_compacted(
    pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path
) -> None:
    await _declared(pool, lake_writer, lake_path, 2)
    async with sole_writer(pool) as allowed:
        assert allowed
        assert await compact(pool, lake_writer, lake_path, MOVE_ALL) is None


def test_while_much_arrives_only_what_must_be_is_done() -> None:
    limits = Limits()
    held = _held(_files(600_000, 500_000), b3=(10, 10, 10))
    assert next_step(held, limits, calm=False) is None
    step = next_step(held, limits, calm=True)
    assert step is not None
    assert (step.statement, step.table) == ("move", "declaration_version")


def test_a_step_takes_no_more_than_its_portion() -> None:
    step = next_step(_held(_files(*[300_000] * 10)), Limits(), calm=False)
    assert step is not None
    assert sum(file.rows for file in step.files) == 600_000


def test_a_file_larger_than_a_portion_moves_alone() -> None:
    step = next_step(_held(_files(3_000_000, 10)), Limits(), calm=False)
    assert step is not None
    assert [file.rows for file in step.files] == [3_000_000]


def test_the_fullest_buckets_are_joined_first_as_many_as_a_portion_has_room_for() -> None:
    held = _held(b1=(5, 5), b2=(5, 5, 5), b3=(5, 5))
    assert [len(_step(held, Limits(portion=rows)).files) for rows in (1, 15, 24, 25, 35)] == [3, 3, 3, 5, 7]


def test_a_full_bucket_that_is_not_worth_it_keeps_no_other_from_being_joined() -> None:
    assert [file.rows for file in _step(_held(b1=(90, 9, 2), b2=(5, 6))).files] == [6, 5]


def test_a_large_file_waits_until_the_small_ones_are_worth_it() -> None:
    assert _sizes(joinable(_runs(1_000, 10, 10), 4)) == [10, 10]
    assert _sizes(joinable(_runs(80, 10, 10), 4)) == [80, 10, 10]
    assert joinable(_runs(1_000, 10), 4) == ()


def test_a_large_bucket_is_split_into_parts() -> None:
    held = _held(b1=(90_000, 30_000), b2=(5, 5))
    step = _step(held)
    assert (step.statement, step.depths) == ("split", {1: 2})
    assert len(step.files) == 4


def test_the_parts_of_one_step_are_joined_with_newer_files_as_one_file_would_be() -> None:
    parts = tuple(LakeFile(f"{part}.parquet", 30_000, bucket_of(str(part), 2)) for part in range(4))
    levels = LakeFiles([], {1: [parts, *_runs(20_000, bucket=1)]})
    assert next_step({"declaration_version": levels, "fleet_plate": LakeFiles()}, Limits(), calm=True) is None
    levels.buckets[1] += _runs(20_000, bucket=1)
    step = _step({"declaration_version": levels, "fleet_plate": LakeFiles()})
    assert len(step.files) == 6


def test_a_large_file_of_an_older_release_is_split() -> None:
    step = _step(_held(b1=(300_000,), b2=(70_000,)))
    assert (step.statement, step.depths) == ("split", {1: 3})
    assert [file.rows for file in step.files] == [300_000]


def test_what_cannot_be_split_any_further_is_left() -> None:
    part = LakeFile("large.parquet", 300_000, bucket_of("one operator", 3))
    held = {"declaration_version": LakeFiles([], {1: [(part,)]}), "fleet_plate": LakeFiles()}
    assert next_step(held, Limits(), calm=True) is None


async def test_split_buckets_hold_every_row_once_where_a_look_up_seeks_it(
    pool: asyncpg.Pool, lake_writer: duckdb.DuckDBPyConnection, lake_path: Path
) -> None:
    limits = Limits(recent_rows_when_calm=1, calm_rows=1_000_000, file_rows=2)
    ids = await _declared(pool, lake_writer, lake_path, 6, operators=40)
    steps = await _compact_all(pool, lake_writer, lake_path, limits)
    ids = sorted(ids + await _declared(pool, lake_writer, lake_path, 6, operators=40))
    steps += await _compact_all(pool, lake_writer, lake_path, limits)
    assert "split" in {step.statement for step in steps}
    assert _ids(lake_writer) == ids
    tables = await lake_files(pool)
    parts = [file for runs in tables["declaration_version"].buckets.values() for run in runs for file in run]
    assert any(file.bucket is not None and file.bucket >= BUCKETS for file in parts)
    for file in parts:
        rows = lake_writer.execute(
            "SELECT operator_id, posting_country, declaration_id, bucket FROM read_parquet($1)",
            [str(lake_path / file.path)],
        ).fetchall()
        assert {row[3] for row in rows} == {file.bucket}
        assert all(file.bucket in buckets_of(str(row[0])) for row in rows)
        assert rows == sorted(rows, key=lambda row: (row[0].int, row[1], row[2].int))


@given(st.lists(st.integers(1, 2_000), min_size=1, max_size=60))
def test_joining_ends_and_leaves_few_files(rows: list[int]) -> None:
    runs = _runs(*rows)
    for _ in range(200):
        chosen = joinable(runs, 4)
        if len(chosen) < 2:
            break
        runs = [run for run in runs if run not in chosen]
        runs.append((LakeFile("joined.parquet", sum(_sizes(chosen))),))
    assert len(runs) <= 8
    assert sum(_sizes(runs)) == sum(rows)
