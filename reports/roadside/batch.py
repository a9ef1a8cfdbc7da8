"""Many plates at once, as cameras read them: one verdict each, by two statements over whole sets.

The verdicts are those of the look-up. Near misses are found the same way: keys that differ from a misread one only by
letters and digits that look alike, asked together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
from msgspec import Meta, Struct

from reports.files import LakeState
from reports.roadside.whole import large_rows
from reports.standing import Instant
from reports.verdict import Counts, Verdict, VerdictCode, judge
from reports.wording import Notice, notice
from schemas import statements
from schemas.codes import COUNTRIES
from validate.plates import near_keys, plate_key

if TYPE_CHECKING:
    from reports.app import Parts

_SQL = statements.load("reports", "roadside_batch")
_HITS = "roadside_hits"
#: No posting is longer than six months, so what covers a day began within so many days before it.
_LONGEST = 400
_MOST_NEAR = 64
_MOST_SUGGESTED = 5


class PlatesAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /lookups."""

    plates: Annotated[list[Annotated[str, Meta(min_length=1, max_length=40)]], Meta(min_length=1, max_length=10_000)]
    at: Annotated[datetime, Meta(tz=True)] | None = None
    purpose: Annotated[str, Meta(max_length=500)] | None = None


class PlateVerdict(Struct, frozen=True, rename="camel"):
    """One plate's verdict; `reasons` are codes of GET /lookup's reasons."""

    plate: str
    plate_key: str
    verdict: VerdictCode
    reasons: tuple[str, ...]
    declarations: int


class Verdicts(Struct, frozen=True, rename="camel"):
    """The verdicts in the order of the plates asked."""

    host: str
    at: datetime
    notice: Notice
    verdicts: tuple[PlateVerdict, ...]


class Suggestion(Struct, frozen=True, rename="camel"):
    """A vehicle that is declared under a plate that is easily misread as the one asked; never a verdict on it."""

    plate: str
    plate_key: str
    verdict: VerdictCode


class Suggestions(Struct, frozen=True, rename="camel"):
    """Near misses of one plate, those in force first."""

    plate: str
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class _Judged:
    """What one plate's declarations are worth, and how its operators write it."""

    verdict: Verdict
    counts: Counts
    display: str


async def verdicts(parts: "Parts", plates: Sequence[str], host: str, at: datetime, language: str) -> Verdicts:
    """Judges plates in any spelling; `language` is that of the notice.

    Raises `duckdb.Error` if a file cannot be read, `LakeUnreadError`.
    """
    keys = [plate_key(plate).key for plate in plates]
    judged = await _judge(parts, set(keys), host, at)
    unknown = _verdict(Counts(), plate_known=False)
    answers = []
    for plate, key in zip(plates, keys, strict=True):
        found = judged.get(key)
        verdict, listed = (found.verdict, found.counts.listed) if found else (unknown, 0)
        answers.append(PlateVerdict(plate, key, verdict.code, verdict.reasons, listed))
    return Verdicts(host, at, notice(language), tuple(answers))


async def near_misses(parts: "Parts", plate: str, host: str, at: datetime) -> Suggestions:
    """Gives plates declared for the host that are easily misread as this one. Raises what `verdicts` raises."""
    judged = await _judge(parts, near_keys(plate_key(plate).key, _MOST_NEAR), host, at)
    found = [(key, one) for key, one in judged.items() if one.counts.listed]
    found.sort(key=lambda pair: (pair[1].verdict.code != "GREEN", pair[0]))
    near = (Suggestion(one.display, key, one.verdict.code) for key, one in found[:_MOST_SUGGESTED])
    return Suggestions(plate, tuple(near))


async def _judge(parts: "Parts", keys: Iterable[str], host: str, at: datetime) -> dict[str, _Judged]:
    state, wanted = parts.files.state, list(keys)
    if not wanted:
        return {}
    return await parts.readers.run(lambda cursor: _judged(cursor, state, wanted, host, at))


def _judged(
    cursor: duckdb.DuckDBPyConnection, state: LakeState, keys: list[str], host: str, at: datetime
) -> dict[str, _Judged]:
    """Runs both statements in a reader's thread."""
    plates, declarations = state.plates, state.declarations
    rows = large_rows(plates, keys) or plates.no_rows
    statement = _SQL["hits"].format(rows=rows, recent=plates.recent.table)
    hits = cursor.execute(statement, {"keys": keys}).to_arrow_table()
    if not hits.num_rows:
        return {}
    rows = large_rows(declarations, _operators(hits)) or declarations.no_rows
    cursor.register(_HITS, hits)
    try:
        statement = _SQL["counts"].format(rows=rows, recent=declarations.recent.table, hits=_HITS)
        found = cursor.execute(statement, _asked(host, at)).fetchall()
        columns = [name for name, *_ in cursor.description or ()][1:]
    finally:
        cursor.unregister(_HITS)
    displays = dict(zip(hits.column("plate_key").to_pylist(), hits.column("plate").to_pylist(), strict=True))
    judged = {}
    for key, *values in found:
        counts = Counts(**dict(zip(columns, values, strict=True)))
        judged[key] = _Judged(_verdict(counts, plate_known=True), counts, displays[key])
    return judged


def _asked(host: str, at: datetime) -> dict[str, object]:
    instant = Instant(at, ZoneInfo(COUNTRIES[host].zone))
    days, ends = _days(instant)
    return {"host": host, "at": at, "day": instant.day, "days": days, "ends": ends}


def _days(instant: Instant) -> tuple[list[date], list[datetime]]:
    """Gives the days on which what covers the instant's day may have begun, and when each was over."""
    days = [instant.day - timedelta(days=back) for back in range(_LONGEST)]
    return days, [instant.begins(one + timedelta(days=1)) for one in days]


def _operators(hits: pa.Table) -> list[str]:
    operators = hits.column("operator_id").combine_chunks()
    stored = operators.storage if isinstance(operators, pa.ExtensionArray) else operators
    return [str(UUID(bytes=one)) for one in stored.unique().to_pylist()]


@lru_cache(maxsize=4_096)
def _verdict(counts: Counts, *, plate_known: bool) -> Verdict:
    return judge(counts, plate_known=plate_known)
