"""Compaction, one bounded step after another: level 0 moves into level 1, small files are joined, large buckets split.

Each step is one DuckLake transaction that adds rows and drops whole files, so that no delete files remain. While
much arrives only what must be is done; the rest waits for a calm hour. What is to be done next is decided by a pure
function over the catalog's list of files.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import asyncpg
import duckdb

from schemas import statements
from schemas.failpoints import failpoint
from store.buckets import BUCKETS, depth_for, whole_bucket
from store.lake import TABLES, in_thread, sole_writer, transaction
from store.publish import mark_published

_CATALOG = statements.load("store", "lake_catalog")
_WHOLE = range(BUCKETS)
_CHANGE = statements.load("store", "lake_change")


@dataclass(frozen=True, slots=True)
class Limits:
    """When compaction acts, in rows and files. Calm is when fewer than `calm_rows` came in `calm_seconds`.

    What level 0 keeps when it is calm fits into the memory of reports (`held_rows` in reports/app.py).

    `portion` bounds the rows that one step sorts, and with them its time and its memory: what the worker's DuckDB
    cannot hold (850 bytes a row) it writes to disk and reads again, and takes twice as long. A file is joined with
    newer, smaller ones once it has no more than `ratio` times their rows; so files grow by steps and stay few. A bucket
    is split so that its files have about `file_rows`: a look-up takes the longer the more row groups a file has.
    """

    calm_rows: int = 20_000
    calm_seconds: float = 10.0
    recent_rows: int = 2_000_000
    recent_rows_when_calm: int = 250_000
    recent_files: int = 64
    bucket_files: int = 48
    bucket_files_when_calm: int = 1
    portion: int = 600_000
    small: int = 50_000
    ratio: int = 4
    file_rows: int = 40_000


@dataclass(frozen=True, slots=True)
class LakeFile:
    """A data file of the lake's last snapshot; `path` is absolute or below the lake's folder."""

    path: str
    rows: int
    bucket: int | None = None


#: The files of one bucket that one step wrote: one if it is whole, else one for each part.
Run = tuple[LakeFile, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One change: the rows of `files` are written anew by `statement` into `table`, then the files leave `source`.

    `depths` are those of buckets that are split by it.
    """

    statement: str
    source: str
    table: str
    files: tuple[LakeFile, ...]
    depths: Mapping[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class LakeFiles:
    """The files of one table at the last snapshot: level 0, and the runs of level 1 by bucket, each oldest first."""

    recent: list[LakeFile] = field(default_factory=list)
    buckets: dict[int, list[Run]] = field(default_factory=dict)


async def compact(
    pool: asyncpg.Pool, connection: duckdb.DuckDBPyConnection, lake: Path, limits: Limits | None = None
) -> Step | None:
    """Does the next step; returns it, or None if there is nothing to do or another process changes the lake.

    Raises `duckdb.Error` and asyncpg's errors if the catalog is out of reach; then nothing is changed.
    """
    limits = limits or Limits()
    async with sole_writer(pool) as allowed:
        if not allowed:
            return None
        await mark_published(pool)  # what a publisher left undone must not be lost with its files
        _, calm = await standing(pool, limits)
        held = await lake_files(pool)
        step = next_step(held, limits, calm=calm)
        return None if step is None else await in_thread(_take, connection, lake, step)


async def standing(pool: asyncpg.Pool, limits: Limits | None = None) -> tuple[int, bool]:
    """Gives what the next step depends on: the lake's last snapshot, and whether it is calm."""
    limits = limits or Limits()
    row = await pool.fetchrow(_CATALOG["arrived"], limits.calm_seconds)
    return row["snapshot"], row["rows"] < limits.calm_rows


async def lake_files(pool: asyncpg.Pool) -> dict[str, LakeFiles]:
    """Reads the files of the last snapshot, by table."""
    held = {name: LakeFiles() for name in TABLES}
    runs: dict[tuple[str, int, object], Run] = {}
    for name, path, rows, bucket, written_at in await pool.fetch(_CATALOG["files"]):
        file = LakeFile(path, rows, bucket)
        if bucket is None:
            held[name.removesuffix("_recent")].recent.append(file)
        else:
            run = name, whole_bucket(bucket), path if bucket in _WHOLE else written_at
            runs[run] = (*runs.get(run, ()), file)
    for (name, bucket, _), files in runs.items():
        held[name].buckets.setdefault(bucket, []).append(files)
    return held


def next_step(held: dict[str, LakeFiles], limits: Limits, *, calm: bool) -> Step | None:
    """Decides what compaction does next: first what look-ups need most."""
    most_recent = limits.recent_rows_when_calm if calm else limits.recent_rows
    most_in_bucket = limits.bucket_files_when_calm if calm else limits.bucket_files
    for name, table in held.items():
        recent = f"{name}_recent"
        if sum(file.rows for file in table.recent) >= most_recent:
            return Step("move", recent, name, _portion(_each(table.recent), limits.portion))
        small = list(_each(file for file in table.recent if file.rows < limits.small))
        if len(small) > limits.recent_files:
            return Step("join", recent, recent, _portion(joinable(small, limits.ratio), limits.portion))
        buckets = sorted(table.buckets.values(), key=len, reverse=True)
        # A step costs as much as ten thousand rows: it joins the runs of many buckets, each bucket's into one.
        if files := _portion((_worth_it(runs, most_in_bucket, limits) for runs in buckets), limits.portion):
            return _joining(name, files, limits)
    return None


def _worth_it(runs: Sequence[Run], most: int, limits: Limits) -> tuple[LakeFile, ...]:
    """Gives the files of a bucket that are worth writing anew: if it has more than `most` runs, or is to be split."""
    joined = joinable(runs, limits.ratio) if len(runs) > most else ()
    if len(joined) > 1:
        return tuple(chain.from_iterable(joined))
    return tuple(file for run in runs for file in run if file.bucket in _WHOLE and file.rows > 2 * limits.file_rows)


def joinable(runs: Iterable[Run], ratio: int) -> tuple[Run, ...]:
    """Gives the runs that are worth joining: from the first that is not far larger than all smaller ones."""
    ordered = sorted(runs, key=_rows, reverse=True)
    smaller = sum(map(_rows, ordered))
    for place, run in enumerate(ordered):
        smaller -= _rows(run)
        if _rows(run) <= ratio * smaller:
            return tuple(ordered[place:])
    return ()


def _joining(name: str, files: tuple[LakeFile, ...], limits: Limits) -> Step:
    """Makes the step that joins files of some buckets, each bucket's into one or, where they are large, into parts."""
    rows: Counter[int] = Counter()
    for file in files:
        assert file.bucket is not None
        rows[whole_bucket(file.bucket)] += file.rows
    depths = {bucket: depth for bucket, held in rows.items() if (depth := depth_for(held, limits.file_rows))}
    return Step("split" if depths else "join", name, name, files, depths)


def _rows(files: Run) -> int:
    return sum(file.rows for file in files)


def _each(files: Iterable[LakeFile]) -> Iterable[Run]:
    return ((file,) for file in files)


def _portion(groups: Iterable[Run], rows: int) -> tuple[LakeFile, ...]:
    """Takes groups of files, whole ones, as long as they have no more rows; the first in any case."""
    taken: list[LakeFile] = []
    total = 0
    for group in groups:
        total += _rows(group)
        if taken and total > rows:
            break
        taken += group
    return tuple(taken)


def _take(connection: duckdb.DuckDBPyConnection, lake: Path, step: Step) -> Step:
    """Takes a step, or as much of it as memory allows; gives what was done."""
    while True:
        try:
            _change(connection, lake, step)
            return step
        except duckdb.OutOfMemoryException:
            least = 1 if step.statement == "move" else 2
            if len(step.files) // 2 < least:
                raise
            step = replace(step, files=step.files[len(step.files) // 2 :])


def _change(connection: duckdb.DuckDBPyConnection, lake: Path, step: Step) -> None:
    names = {"files": [str(lake / file.path) for file in step.files]}
    depths = {"depths": [step.depths.get(bucket, 0) for bucket in _WHOLE]} if step.statement == "split" else {}
    key = TABLES[step.table.removesuffix("_recent")].bucket_key
    with transaction(connection):
        connection.execute(_CHANGE[step.statement].format(table=step.table, key=key, buckets=BUCKETS), names | depths)
        failpoint("compact.before_drop")
        connection.execute(_CHANGE["drop_files"].format(table=step.source), names)
        failpoint("compact.before_commit")
