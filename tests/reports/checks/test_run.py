"""A run over a real lake: level 1, level 0 and the tail; and what becomes of its hints."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from reports.checks import hints
from reports.checks.catalogue import pattern_of, patterns
from reports.checks.hints import HintUnknownError, Outcome, Place, Wanted
from reports.checks.nightly import check, check_repository
from reports.checks.scope import Scope
from store import postgres
from store.compact import Limits, compact
from store.lake import create_lake, open_lake
from store.publish import publish
from tests.store.lake_builder import Fleet, Version, commit

LATE = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
TODAY = date(2026, 4, 1)
PL, LT = uuid4(), uuid4()


@dataclass(slots=True)
class Repository:
    pool: asyncpg.Pool
    database_url: str
    lake: Path

    async def commit(self, *versions: Version, move: bool = False) -> None:
        """Commits versions into the tail, or further on into level 1."""
        await commit(self.pool, self.lake, versions, None)
        if move:
            with open_lake(self.database_url, self.lake) as writer:
                await publish(self.pool, writer, self.lake)
                limits = Limits(recent_rows_when_calm=1, calm_rows=1_000_000)
                while await compact(self.pool, writer, self.lake, limits) is not None:
                    pass

    async def check(self, *codes: str, scope: Scope | None = None) -> list[Outcome]:
        wanted = [pattern_of(code) for code in codes] or list(patterns().values())
        return await check(self.database_url, self.lake, scope or Scope(), wanted, TODAY, memory_mb=200, threads=1)

    async def worklist(self, **wanted: object) -> list[hints.Hint]:
        async with self.pool.acquire() as connection:
            return await hints.worklist(connection, Wanted(**wanted))


@pytest.fixture
async def repository(database_url: str, lake: str) -> AsyncIterator[Repository]:
    await create_lake(database_url, lake)
    pool = await postgres.connect(database_url, largest=4)
    yield Repository(pool, database_url, Path(lake))
    await pool.close()


def late(operator_id: UUID = PL, host: str = "DE", **values: object) -> Version:
    return Version(Fleet(operator_id, ("WX1234A",)), host=host, accepted_at=LATE, submitted_at=LATE, **values)


async def test_a_run_reads_both_levels_and_the_tail(repository: Repository):
    await repository.commit(late(), move=True)
    await repository.commit(late())
    outcomes = await repository.check("P01")
    assert [(outcome.pattern, outcome.status, outcome.hints) for outcome in outcomes] == [("P01", "done", 1)]
    (hint,) = await repository.worklist()
    assert (hint.operator_id, hint.host, hint.occurrences, hint.state) == (PL, "DE", 2, "open")


async def test_a_whole_run_judges_every_pattern_and_says_what_stays_unknown(repository: Repository):
    await repository.commit(late(), late(LT))
    found = await check_repository({"database_url": repository.database_url, "lake": repository.lake})
    await repository.check("P01")
    async with repository.pool.acquire() as connection:
        run = await hints.last_run(connection)
    assert run is not None, "a run of one pattern alone is no run over everything"
    assert [outcome.pattern for outcome in run.results] == list(patterns())
    unknown = {outcome.pattern: outcome.needs for outcome in run.results if outcome.status == "unknown"}
    assert unknown == {"P10": "licence", "P11": "licence", "P12": "manager", "P15": "vehicle", "P24": "document"}
    assert sum(outcome.hints for outcome in run.results) == found > 0


async def test_hints_of_a_narrow_scope_are_those_of_a_whole_run(repository: Repository):
    third = uuid4()
    await repository.commit(late(), late(LT), late(third, "FR", licence_number="9"), move=True)
    await repository.check()
    whole = {(hint.pattern, hint.subject) for hint in await repository.worklist(operator_id=PL)}
    async with repository.pool.acquire() as connection:
        await connection.execute("TRUNCATE hint")
    await repository.check(scope=Scope(operator_id=PL))
    assert {(hint.pattern, hint.subject) for hint in await repository.worklist()} == whole
    assert {"P01", "P06", "P08"} <= {pattern for pattern, _ in whole}


@pytest.mark.parametrize(
    "scope",
    [Scope(driver="00123 04 1234"), Scope(plate="wx-1234a"), Scope(host="DE"), Scope(since=LATE)],
    ids=["driver", "plate", "host", "since"],
)
async def test_each_bound_of_a_scope_lets_in_what_is_inside_and_nothing_else(repository: Repository, scope: Scope):
    outside = Version(
        Fleet(LT, ("WX9999A",)),
        host="FR",
        start=date(2026, 1, 1),
        accepted_at=LATE - timedelta(days=1),
        licence_number="7",
    )
    await repository.commit(late(), outside)
    await repository.check("P01", scope=scope)
    assert [hint.operator_id for hint in await repository.worklist()] == [PL]


async def test_what_is_no_longer_found_goes_unless_somebody_noted_something(repository: Repository):
    first, second = late(), late(LT)
    await repository.commit(first, second)
    await repository.check("P01")
    (noted,) = await repository.worklist(operator_id=LT)
    async with repository.pool.acquire() as connection:
        await hints.change(connection, noted.hint_id, "DE", "seen", "asked the operator", None)
    await repository.commit(*(each.later(LATE, withdrawn=True) for each in (first, second)))
    await repository.check("P01")
    (kept,) = await repository.worklist()
    assert (kept.operator_id, kept.state, kept.note) == (LT, "closed", "asked the operator")


async def test_a_closed_hint_opens_again_only_when_more_has_come(repository: Repository):
    await repository.commit(late())
    await repository.check("P01")
    (hint,) = await repository.worklist()
    async with repository.pool.acquire() as connection:
        await hints.change(connection, hint.hint_id, "DE", "closed", None, None)
    await repository.check("P01")
    assert [hint.state for hint in await repository.worklist()] == ["closed"]
    await repository.commit(late())
    await repository.check("P01")
    assert [hint.state for hint in await repository.worklist()] == ["open"]


async def test_a_run_over_a_part_takes_nothing_from_what_a_larger_one_found(repository: Repository):
    await repository.commit(late(), late(licence_number="9"))
    await repository.check("P01")
    async with repository.pool.acquire() as connection:
        (hint,) = await repository.worklist()
        await hints.change(connection, hint.hint_id, "DE", "closed", None, None)
    await repository.check("P01", scope=Scope(driver="9"))
    await repository.check("P01")
    (hint,) = await repository.worklist()
    assert (hint.occurrences, hint.state) == (2, "closed"), "nothing new has come"
    found_again = hint.confirmed_at
    await repository.check("P01", scope=Scope(driver="9"))
    assert [each.occurrences for each in await repository.worklist(confirmed_since=found_again)] == [2]
    (hint,) = await repository.worklist()
    assert hint.confirmed_at > found_again


async def test_a_worklist_is_narrowed_by_operator_driver_and_plate(repository: Repository):
    async with repository.pool.acquire() as connection:
        await connection.execute(
            "INSERT INTO operator (operator_id, name, country, licence_number) VALUES ($1, 'Nowak', 'PL', 'PL-1/7')", PL
        )
    await repository.commit(late(), late(LT))
    await repository.check("P01", "P06", "P08")

    async def found(**wanted: object) -> set[tuple[str, UUID]]:
        return {(hint.pattern, hint.operator_id) for hint in await repository.worklist(**wanted)}

    assert await found(operator="nowa") == {("P01", PL), ("P06", PL), ("P08", PL)}
    assert await found(operator="pl 17") == await found(operator="nowa")
    assert await found(driver="00123-04-1234") == {("P06", PL), ("P06", LT)}
    assert await found(plate="wx 1234a") == {("P08", PL), ("P08", LT)}
    assert await found(plate="WX 1") == set()


async def test_a_hint_is_not_there_for_another_host_state(repository: Repository):
    await repository.commit(late())
    await repository.check("P01")
    (hint,) = await repository.worklist()
    assert await repository.worklist(host="FR") == []
    async with repository.pool.acquire() as connection:
        with pytest.raises(HintUnknownError):
            await hints.change(connection, hint.hint_id, "FR", "seen", None, None)
        assert (await hints.hint_of(connection, hint.hint_id, "DE")).state == "open"


async def test_pages_of_the_worklist_join_without_gap_or_double(repository: Repository):
    await repository.commit(*(late(uuid4()) for _ in range(7)))
    await repository.check("P01")
    seen: list[int] = []
    after = None
    async with repository.pool.acquire() as connection:
        while page := await hints.worklist(connection, Wanted(), after, 3):
            seen += [hint.hint_id for hint in page]
            after = Place(page[-1].weight, page[-1].hint_id)
    assert len(seen) == len(set(seen)) == 7


async def test_an_export_holds_every_hint_and_no_formula(repository: Repository):
    await repository.commit(late(), late(LT))
    async with repository.pool.acquire() as connection:
        await connection.execute(
            "INSERT INTO operator (operator_id, name, country) VALUES ($1, '=HYPERLINK(1)', 'PL')", PL
        )
    await repository.check("P01", "P06")
    async with repository.pool.acquire() as connection:
        lines = b"".join([piece async for piece in hints.export(connection, Wanted(), "ndjson")])
        table = b"".join([piece async for piece in hints.export(connection, Wanted(), "csv")]).decode()
    decoded = [msgspec.json.decode(line, type=hints.Hint) for line in lines.splitlines()]
    rows = list(csv.DictReader(io.StringIO(table)))
    assert len(decoded) == len(rows) == 4
    assert {row["operator_name"] for row in rows} == {"'=HYPERLINK(1)", ""}
    assert msgspec.json.decode(rows[0]["evidence"])


async def test_hints_are_forgotten_with_the_declarations(repository: Repository):
    await repository.commit(late())
    await repository.check("P01")
    async with repository.pool.acquire() as connection:
        assert await hints.forget(connection, date(2028, 3, 1)) == 0
        assert await hints.forget(connection, date(2028, 3, 2)) == 1
