"""The look-up at the roadside: is this vehicle covered, here, at this instant? (domain.md 3.8, 6.1)

Plate to fleets, fleets to their operators' declarations for the host, each in the version that stood at the instant.
What was declared is judged in DuckDB; the rows of one page are read whole after that.
"""

import asyncio
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from reports.answer import Found, LookupAnswer, PageKey, Plate, found_declaration
from reports.files import LakeFiles, LakeState, Source, TableFiles
from reports.operators import Operators
from reports.readers import Readers
from reports.verdict import NOTICE, Counts, Verdict, judge
from schemas import statements
from schemas.codes import COUNTRIES
from schemas.rows import DECLARATION_VERSION
from store.lake import bucket_of
from validate.names import latin_spelling
from validate.plates import PlateKey, pattern_fits

_SQL = statements.load("reports", "lookup")
_COLUMNS = ", ".join(DECLARATION_VERSION.names)
_COUNTS = tuple(name for name in Counts.__struct_fields__)

#: The operators whose declarations are looked at; a plate is named by a handful at most, unless someone tries.
MOST_OPERATORS = 200


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
    def day(self) -> date:
        """The day of the instant, as the host's clocks have it."""
        return self.at.astimezone(ZoneInfo(self.zone)).date()

    @property
    def zone(self) -> str:
        """The civil time of the host state."""
        return COUNTRIES[self.host].zone


@dataclass(frozen=True, slots=True)
class _Fleets:
    """The fleets of one operator that name the plate."""

    operator: UUID
    fleets: list[UUID]
    plates: dict[UUID, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a declaration stands in the answer, and where its row is to be found."""

    key: PageKey
    operator: UUID
    version: int
    newest_version: int
    standing: str
    file_no: int | None


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
        counts, places = Counts(), list[_Place]()
        for named in fleets[:MOST_OPERATORS]:
            of_operator, page = await self._standing(state, question, named)
            counts += of_operator
            places += page
        unusual = question.country and not pattern_fits(question.plate.key, question.country)
        verdict = judge(counts, plate_known=bool(fleets), unusual_for=question.country if unusual else None)
        places.sort(key=lambda place: place.key.order)
        return Judgement(state, question, fleets, counts, places, verdict)

    async def answer(self, judgement: "Judgement") -> LookupAnswer:
        """Reads the declarations of the page and says everything. Raises what `judge` raises."""
        question, page = judgement.question, judgement.places[: judgement.question.limit]
        operators = list(dict.fromkeys(place.operator for place in page))
        names, *found = await asyncio.gather(
            self._operators.named(operators),
            *(self._rows(judgement, operator, [p for p in page if p.operator == operator]) for operator in operators),
        )
        rows = {key: row for rows in found for key, row in rows.items()}
        plates = {fleet: plate for named in judgement.fleets for fleet, plate in named.plates.items()}
        declarations = []
        for place in page:
            row = rows[place.key.declaration_id, place.version]
            plate, weight = plates[row["fleet_id"]]
            found_as = Found(place.standing, place.newest_version, Plate(plate, weight))
            declarations.append(found_declaration(row, found_as, names.get(place.operator)))
        more = len(judgement.places) > len(page)
        return LookupAnswer(
            plate=question.plate.display,
            plate_key=question.plate.key,
            country=question.country,
            host=question.host,
            at=question.at,
            verdict=judgement.verdict.code,
            title=judgement.verdict.title,
            reasons=judgement.verdict.reasons,
            notice=NOTICE,
            counts=judgement.counts,
            total=judgement.counts.listed,
            declarations=tuple(declarations),
            next_key=str(page[-1].key) if more else None,
        )

    async def _fleets(self, state: LakeState, question: Question) -> list[_Fleets]:
        key = question.plate.key
        table = state.plates
        source = table.source(bucket_of(key)) or table.nothing
        statement = _SQL["fleets"].format(rows=source.rows, recent=table.recent.table)
        named: dict[UUID, _Fleets] = {}
        for operator, fleet, plate, weight in await self._fetch(statement, source, plate_key=key):
            of_operator = named.setdefault(operator, _Fleets(operator, [], {}))
            of_operator.fleets.append(fleet)
            of_operator.plates[fleet] = (plate, weight)
        return list(named.values())

    async def _standing(self, state: LakeState, question: Question, named: _Fleets) -> tuple[Counts, list[_Place]]:
        """Judges one operator's declarations for the host; gives counts and the first of the page, one to spare."""
        table, operator = state.declarations, named.operator
        source = table.source(bucket_of(str(operator))) or table.nothing
        statement = _SQL["standing"].format(rows=source.rows, recent=table.recent.table)
        after = question.after
        ((*counts, page),) = await self._fetch(
            statement,
            source,
            operator=operator,
            host=question.host,
            fleets=named.fleets,
            at=question.at,
            day=question.day,
            zone=question.zone,
            driven=await self._driven(table, question, operator),
            after_rank=after and after.rank,
            after_id=after and after.declaration_id,
            most=question.limit + 1,
        )
        places = [
            _Place(
                PageKey(row["rank"], row["declaration_id"]),
                operator,
                row["version"],
                row["newest_version"],
                row["standing"],
                row["file_no"],
            )
            for row in page or ()
        ]
        return Counts(**dict(zip(_COUNTS, counts, strict=True))), places

    async def _driven(self, table: TableFiles, question: Question, operator: UUID) -> list[UUID] | None:
        """Gives the operator's declarations of the driver asked about, None if none was."""
        if question.driver is None:
            return None
        asked = {"operator": operator, "host": question.host}
        held = await self._readers.fetch(_SQL["recent_files"].format(recent=table.recent.table), asked)
        source = table.source(bucket_of(str(operator)), [number for (number,) in held])
        if source is None:
            return []
        text = _folded(question.driver)
        found = await self._fetch(
            _SQL["driven"].format(rows=source.rows),
            source,
            **asked,
            licence=re.sub("[^A-Z0-9]", "", text),
            names=sorted(re.split("[^A-Z0-9]+", text)),
        )
        return [declaration_id for (declaration_id,) in found]

    async def _rows(
        self, judgement: "Judgement", operator: UUID, places: Iterable[_Place]
    ) -> dict[tuple[UUID, int], dict[str, Any]]:
        """Reads one operator's rows of the page, by declaration and version."""
        table = judgement.state.declarations
        places = list(places)
        held = {place.file_no for place in places if place.file_no is not None}
        in_files = any(place.file_no is None for place in places)
        source = table.source(bucket_of(str(operator)), sorted(held)) if in_files else table.held_source(sorted(held))
        assert source is not None
        found = await self._fetch(
            _SQL["declarations"].format(rows=source.rows, columns=_COLUMNS),
            source,
            operator=operator,
            host=judgement.question.host,
            ids=[place.key.declaration_id for place in places],
        )
        rows = (dict(zip(DECLARATION_VERSION.names, row, strict=True)) for row in found)
        return {(row["declaration_id"], row["version"]): row for row in rows}

    async def _fetch(self, statement: str, source: Source, **parameters: Any) -> list[tuple[Any, ...]]:
        return await self._readers.fetch(statement, {**source.parameters, **parameters})


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a look-up found, before the page's declarations are read; the verdict is certain already."""

    state: LakeState
    question: Question
    fleets: list[_Fleets]
    counts: Counts
    places: list[_Place]
    verdict: Verdict


def _folded(driver: str) -> str:
    """Spells what an officer typed in Latin capitals without marks."""
    latin = latin_spelling(driver) or driver.upper()
    apart = unicodedata.normalize("NFD", latin.upper())
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).strip()


def present() -> datetime:
    """The instant at which a look-up is made."""
    return datetime.now(UTC)
