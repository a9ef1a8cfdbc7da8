"""What is too new to be in a large file, held in memory: only the columns that find and judge.

Opening a small file costs a look-up more than reading it, so each is loaded once. When files leave (compaction moved
their rows on), a new generation of the table takes what stays; a look-up that has begun goes on with the old one.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np

from reports.keys import Numbers, key_number, numbers_in
from schemas import statements

_SQL = statements.load("reports", "recent")
#: No look-up takes as long as an old generation is kept.
_KEPT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class DataFile:
    """A Parquet file; `bucket` is None in level 0, `deletes` names the newest list of its deleted rows."""

    path: str
    rows: int
    bucket: int | None = None
    deletes: int | None = None


@dataclass(frozen=True, slots=True)
class RecentState:
    """The memory table as a FROM, its files by number, and the files that were too large to be held.

    Files join a table while look-ups read it: one that began before does not see them. `keys` are the numbers of its
    keys (reports/keys.py), sorted; None if they were not read, as nobody `asked` for one.
    """

    table: str
    held: Mapping[int, str]
    unheld: tuple[str, ...]
    keys: Numbers | None
    asked: "Asked"

    def rows(self, key: str) -> str | None:
        """Gives the table if it may have rows of a key; most keys are not there, which needs no statement."""
        self.asked.meanwhile = True
        if self.keys is None:
            return self.table
        number = np.uint64(key_number(key))
        place = self.keys.searchsorted(number)
        return self.table if place < len(self.keys) and self.keys[place] == number else None


@dataclass(slots=True)
class Asked:
    """Whether a look-up asked for a key since the table changed: if none does, its keys need not be read."""

    meanwhile: bool = False


class Recent:
    """The memory table of one table of the lake, bounded to `most_rows`."""

    def __init__(self, table: str, most_rows: int) -> None:
        self._table = table
        self._most_rows = most_rows
        self._numbers: dict[DataFile, int] = {}
        self._generation = 0
        self._next_number = 1
        self._keys: Numbers | None = np.empty(0, np.uint64)
        self._asked = Asked()
        self._superseded: list[tuple[int, float]] = []

    @property
    def rows(self) -> int:
        """Rows held."""
        return sum(file.rows for file in self._numbers)

    @property
    def wants_keys(self) -> bool:
        """Says whether look-ups ask for keys that were not read."""
        return self._keys is None and self._asked.meanwhile

    def take_over(self, cursor: duckdb.DuckDBPyConnection, files: Sequence[DataFile], snapshot: int) -> RecentState:
        """Loads the files that are new and lets go of those that left. Raises `duckdb.Error`; then nothing changed."""
        held = self._choose(files)
        staying = {file: number for file, number in self._numbers.items() if file in held}
        joining = [file for file in held if file not in staying]
        generation, keys, since = self._generation, self._keys, self._next_number
        cursor.begin()
        try:
            if not generation or len(staying) < len(self._numbers):
                generation, keys, since = generation + 1, None, 0
                self._create(cursor, generation, staying.values())
            numbers = staying | self._load(cursor, generation, joining, snapshot)
            keys = self._with_keys(cursor, keys, generation, since) if self._asked.meanwhile else None
            cursor.commit()
        except BaseException:
            cursor.rollback()
            raise
        if generation > self._generation > 0:
            self._superseded.append((self._generation, time.monotonic()))
        self._generation, self._numbers, self._keys, self._asked.meanwhile = generation, numbers, keys, False
        self._drop_superseded(cursor)
        unheld = tuple(file.path for file in files if file not in held)
        table = _SQL["as_of"].format(table=self._table, n=generation, newest=self._next_number - 1)
        return RecentState(table, {number: file.path for file, number in numbers.items()}, unheld, keys, self._asked)

    def _choose(self, files: Sequence[DataFile]) -> dict[DataFile, None]:
        """Gives the files to hold: those held already, those with deleted rows, then the smallest that fit."""
        held, total = dict[DataFile, None](), 0
        for file in sorted(files, key=lambda file: (file not in self._numbers, file.deletes is None, file.rows)):
            if total + file.rows <= self._most_rows or file in self._numbers or file.deletes is not None:
                held[file] = None
                total += file.rows
        return held

    def _create(self, cursor: duckdb.DuckDBPyConnection, generation: int, live: Iterable[int]) -> None:
        cursor.execute(_SQL[f"create_{self._table}"].format(n=generation))
        if numbers := list(live):
            names = {"table": self._table, "n": generation, "old": self._generation}
            cursor.execute(_SQL["carry_over"].format(**names), {"live": numbers})

    def _load(
        self, cursor: duckdb.DuckDBPyConnection, generation: int, files: Iterable[DataFile], snapshot: int
    ) -> dict[DataFile, int]:
        load = _SQL[f"load_{self._table}"]
        whole = [file for file in files if file.deletes is None]
        numbers = {file: self._next_number + place for place, file in enumerate(whole)}
        if whole:
            statement = load.format(n=generation, file_no=f"{self._next_number} + file_index", rows=_SQL["from_files"])
            cursor.execute(statement, {"files": [file.path for file in whole]})
            self._next_number += len(whole)
        rows = _SQL["from_catalog"].format(table=self._table, snapshot=snapshot)
        for file in files:
            if file.deletes is not None:
                numbers[file] = self._next_number
                cursor.execute(load.format(n=generation, file_no=self._next_number, rows=rows), {"file": file.path})
                self._next_number += 1
        return numbers

    def _with_keys(
        self, cursor: duckdb.DuckDBPyConnection, keys: Numbers | None, generation: int, since: int
    ) -> Numbers:
        """Adds the keys of the files from one on, of all files if there are none yet."""
        if keys is None:
            keys, since = np.empty(0, np.uint64), 0
        rows = _SQL["since"].format(table=self._table, n=generation, since=since)
        added = numbers_in(cursor, self._table, rows)
        return np.sort(np.concatenate((keys, added)), kind="stable") if len(added) else keys

    def _drop_superseded(self, cursor: duckdb.DuckDBPyConnection) -> None:
        before = time.monotonic() - _KEPT_SECONDS
        while self._superseded and self._superseded[0][1] < before:
            generation, _ = self._superseded.pop(0)
            cursor.execute(_SQL["drop"].format(table=self._table, n=generation))
