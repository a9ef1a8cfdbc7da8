"""Whole tables of the lake with its tail, for what no bucket leads to: a driver's licence, a day of birth."""

from collections.abc import Iterable

from reports.files import TableFiles
from schemas import statements

_SQL = statements.load("reports", "roadside")


def all_rows(table: TableFiles, buckets: Iterable[int] | None = None) -> str | None:
    """Gives the rows of all files of a table, or of those of some buckets and all of level 0, as a FROM; None if none.

    In level 0 rows that were erased may still stand: what is found is read again from the system of record.
    """
    return _from(table, [*table.recent.held.values(), *table.recent.unheld], buckets)


def large_rows(table: TableFiles, buckets: Iterable[int]) -> str | None:
    """Gives the rows of some buckets that are not in memory, as a FROM; None if there are none."""
    return _from(table, list(table.recent.unheld), buckets)


def _from(table: TableFiles, files: list[str], buckets: Iterable[int] | None) -> str | None:
    if table.has_deletes:
        template = _SQL["whole_catalog_and_files" if files else "whole_catalog"]
        return template.format(table=table.table, snapshot=table.snapshot, files=_literal(files))
    wanted = table.buckets if buckets is None else set(buckets)
    files += [path for bucket in wanted for path in table.buckets.get(bucket, ())]
    return _SQL["whole_files"].format(files=_literal(files)) if files else None


def _literal(files: Iterable[str]) -> str:
    quoted = ("'" + file.replace("'", "''") + "'" for file in files)
    return f"[{', '.join(quoted)}]"
