"""Whole tables of the lake with its tail, for what no bucket leads to: a driver's licence, a day of birth."""

from collections.abc import Iterable, Sequence
from itertools import chain

from reports.files import TableFiles
from reports.literals import literals
from schemas import statements

_SQL = statements.load("reports", "roadside")


def all_rows(table: TableFiles) -> str | None:
    """Gives the rows of all files of a table, as a FROM; None if none.

    In level 0 rows that were erased may still stand: what is found is read again from the system of record.
    """
    large = chain.from_iterable(table.buckets.values())
    return _from(table, [*table.recent.held.values(), *table.recent.unheld], large)


def large_rows(table: TableFiles, keys: Iterable[str]) -> str | None:
    """Gives the rows of some keys' buckets that are not in memory, as a FROM; None if there are none."""
    return _from(table, table.recent.unheld, table.large(keys))


def _from(table: TableFiles, recent: Sequence[str], large: Iterable[str]) -> str | None:
    if table.has_deletes:
        template = _SQL["whole_catalog_and_files" if recent else "whole_catalog"]
        return template.format(table=table.table, snapshot=table.snapshot, files=literals(recent))
    files = [*recent, *large]
    return _SQL["whole_files"].format(files=literals(files)) if files else None
