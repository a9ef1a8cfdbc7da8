"""The look-up at the roadside: is this vehicle covered, here, at this instant? (domain.md 3.8, 6.1)

Plate to fleets, fleets to their operators' declarations for the host, each in the version that stood at the instant.
Of what is in memory, the rows of one page are read whole after that.
"""

import asyncio
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pyarrow as pa

from reports.answer import COLUMNS, Found, FoundDeclaration, LookupAnswer, PageKey, Plate, found_declaration
from reports.files import LakeFiles, LakeState, TableFiles
from reports.literals import literal
from reports.operators import Operators
from reports.readers import Readers
from reports.standing import Instant, Page, Place, is_in, stand
from reports.verdict import Counts, Verdict, judge
from reports.wording import notice, reasons, title
from schemas import statements
from schemas.codes import COUNTRIES
from schemas.languages import SOURCE
from validate.names import latin_spelling
from validate.plates import PlateKey, pattern_fits

_SQL = statements.load("reports", "lookup")
#: The columns that are read of a version: whole, or what it is judged by (reports/standing.py).
_JUDGED_BY = "declaration_id, version, fleet_id, withdrawn, accepted_at, submitted_at, start_date, end_date"
_WHOLE = ", ".join(dict.fromkeys([*_JUDGED_BY.split(", "), *COLUMNS, "0 AS file_no"]))
_JUDGED = f"{_JUDGED_BY}, file_no"


@dataclass(frozen=True, slots=True)
class Question:
    """What an officer asks: `host` is the officer's own state, `driver` a licence number or a name."""

    plate: PlateKey
    host: str
    at: datetime
    limit: int
    country: str | None = None
    driver: str | None = None
    after: PageKey | None = None

    @property
    def instant(self) -> Instant:
        """The instant of the control by the host's clocks."""
        return Instant(self.at, ZoneInfo(COUNTRIES[self.host].zone))

    @property
    def page(self) -> Page:
        """The page that is asked for, and one more to see whether there is another."""
        return Page(self.after, self.limit + 1)


@dataclass(frozen=True, slots=True)
class _Fleets:
    """The fleets of one operator that name the vehicle, each with the plate as written."""

    operator: UUID
    plates: dict[UUID, Plate]


@dataclass(frozen=True, slots=True)
class _Stood:
    """How one operator's declarations stood: those of the page, and the `versions` that were read."""

    counts: Counts
    page: list[Place]
    versions: pa.Table


class Lookup:
    """Answers look-ups from the lake and what is in memory."""

    def __init__(self, files: LakeFiles, readers: Readers, operators: Operators) -> None:
        self._files = files
        self._readers = readers
        self._operators = operators

    async def judge(self, question: Question) -> "Judgement":
        """Finds and judges. Raises `LakeUnreadError`, or `duckdb.Error` if a file cannot be read."""
        state = self._files.state
        fleets = await self._fleets(state, question)
        stood = await asyncio.gather(*(self._standing(state, question, named) for named in fleets)) if fleets else []
        counts = sum((one.counts for one in stood), Counts())
        places = sorted((place for one in stood for place in one.page), key=lambda place: place.key.order)
        versions = {named.operator: one.versions for named, one in zip(fleets, stood, strict=True)}
        unusual = question.country is not None and not pattern_fits(question.plate.key, question.country)
        verdict = judge(counts, plate_known=bool(fleets), plate_unusual=unusual)
        return Judgement(state, question, fleets, counts, places, versions, verdict)

    async def answer(self, judgement: "Judgement", language: str = SOURCE) -> LookupAnswer:
        """Reads the declarations of the page and says everything in a language. Raises what `judge` raises."""
        page = judgement.places[: judgement.question.limit]
        by_operator: dict[UUID, list[Place]] = {}
        for place in page:
            by_operator.setdefault(place.operator, []).append(place)
        if not page:
            return self._worded(judgement, (), language)
        names, *found = await asyncio.gather(
            self._operators.named(list(by_operator)),
            *(self._rows(judgement, places) for places in by_operator.values()),
        )
        rows = {key: row for rows in found for key, row in rows.items()}
        plates = {fleet: plate for named in judgement.fleets for fleet, plate in named.plates.items()}
        declarations = []
        for place in page:
            row = rows[place.key.declaration_id, place.version]
            found_as = Found(place.standing, place.newest_version, plates[row["fleet_id"]])
            declarations.append(found_declaration(row, found_as, names.get(place.operator)))
        return self._worded(judgement, tuple(declarations), language)

    def _worded(
        self, judgement: "Judgement", declarations: tuple[FoundDeclaration, ...], language: str
    ) -> LookupAnswer:
        question, more = judgement.question, len(judgement.places) > len(declarations)
        last = judgement.places[len(declarations) - 1] if more else None
        return LookupAnswer(
            plate=question.plate.display,
            plate_key=question.plate.key,
            country=question.country,
            host=question.host,
            at=question.at,
            verdict=judgement.verdict.code,
            title=title(judgement.verdict.code, language),
            reasons=reasons(judgement.verdict, judgement.counts, question.host, language, question.country),
            notice=notice(language),
            counts=judgement.counts,
            total=judgement.counts.listed,
            declarations=declarations,
            next_key=str(last.key) if last else None,
        )

    async def _fleets(self, state: LakeState, question: Question) -> list[_Fleets]:
        key, table = question.plate.key, state.plates
        sources = [table.rows(key), table.recent.rows(key)]
        statements = [_SQL["fleets"].format(rows=rows, plate_key=literal(key)) for rows in sources if rows]
        named: dict[UUID, _Fleets] = {}
        for operator, fleet, plate, weight in await self._readers.fetch(*statements):
            named.setdefault(operator, _Fleets(operator, {})).plates.setdefault(fleet, Plate(plate, weight))
        return list(named.values())

    async def _standing(self, state: LakeState, question: Question, named: _Fleets) -> _Stood:
        """Judges one operator's declarations for the host."""
        table, key = state.declarations, str(named.operator)
        asked = {"operator": named.operator, "host": question.host}
        driven = None if question.driver is None else await self._driven(table, question.driver, asked)
        where = {"operator": literal(key), "host": literal(question.host)}
        sources = {_WHOLE: table.rows(key), _JUDGED: table.recent.rows(key)}
        statements = [
            _SQL["versions"].format(columns=columns, rows=rows, **where) for columns, rows in sources.items() if rows
        ]
        read = await self._readers.fetch_tables(*statements)
        versions = pa.concat_tables(read, promote_options="default").combine_chunks() if read else pa.table({})
        counts, page = stand(named.operator, versions, named.plates, driven, question.instant, question.page)
        return _Stood(counts, page, versions)

    async def _driven(self, table: TableFiles, driver: str, asked: Mapping[str, Any]) -> set[UUID]:
        """Gives an operator's declarations for the host that are of one driver."""
        key = str(asked["operator"])
        recent = table.recent.rows(key)
        held = await self._readers.fetch(_SQL["recent_files"].format(rows=recent), **asked) if recent else []
        rows = table.rows(key, [number for (number,) in held])
        if rows is None:
            return set()
        text = _folded(driver)
        named = {"licence": re.sub("[^A-Z0-9]", "", text), "names": sorted(re.split("[^A-Z0-9]+", text))}
        found = await self._readers.fetch(_SQL["driven"].format(rows=rows), **asked, **named)
        return {declaration_id for (declaration_id,) in found}

    async def _rows(self, judgement: "Judgement", places: Sequence[Place]) -> dict[tuple[UUID, int], dict[str, Any]]:
        """Gives the rows of one operator's declarations on the page, by declaration and version."""
        operator, ids = places[0].operator, [place.key.declaration_id for place in places]
        versions = judgement.versions[operator]
        read = versions.filter(pa.array(is_in(versions.column("declaration_id"), ids))).to_pylist()
        if held := sorted({place.file_no for place in places if place.file_no}):
            rows = judgement.state.declarations.held_rows(held)
            statement = _SQL["declarations"].format(rows=rows, columns=", ".join(COLUMNS))
            found = await self._readers.fetch(statement, operator=operator, host=judgement.question.host, ids=ids)
            read += [dict(zip(COLUMNS, row, strict=True)) for row in found]
        return {(row["declaration_id"], row["version"]): row for row in read}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a look-up found, before the page's declarations are read; the verdict is certain already.

    `versions` are those read of each operator.
    """

    state: LakeState
    question: Question
    fleets: list[_Fleets]
    counts: Counts
    places: list[Place]
    versions: Mapping[UUID, pa.Table]
    verdict: Verdict


def _folded(driver: str) -> str:
    """Spells what an officer typed in Latin capitals without marks."""
    latin = latin_spelling(driver) or driver.upper()
    apart = unicodedata.normalize("NFD", latin.upper())
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).strip()


def present() -> datetime:
    """The instant at which a look-up is made."""
    return datetime.now(UTC)
