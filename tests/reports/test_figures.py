"""Facts and figures, from a made-up history, from a real lake, and as the pages that show them."""

import xml.etree.ElementTree as ElementTree
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from loadtests.history import History, write_history
from reports import figures, scoreboard, sources
from reports.charts import Bar, bars, columns, month_marks
from reports.figures import Facts
from reports.nightly import nightly_jobs
from reports.scoreboard import Page
from reports.scoreboard_words import message
from store import postgres
from store.lake import create_lake
from tests.store.lake_builder import Fleet, Version, commit

YEAR = (date(2023, 1, 1), date(2023, 12, 31))
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    """Two years at a thousandth of Europe."""
    return write_history(tmp_path_factory.mktemp("history"), scale=0.001, whole=False, memory_mb=500)


@pytest.fixture(scope="module")
def facts(history: History) -> Facts:
    with sources.plain(memory_mb=500, threads=1) as connection:
        sources.over_files(connection, "declaration_version", [history.declaration_version])
        return figures.from_lake(connection, *YEAR, None)


def test_figures_are_those_of_the_declarations(history: History, facts: Facts):
    with sources.plain(memory_mb=500, threads=1) as connection:
        rows = connection.sql(
            f"""SELECT count(*) FILTER (year(submitted_at) = 2023), count(*),
                       count(DISTINCT operator_id) FILTER (year(submitted_at) = 2023), count(DISTINCT operator_id)
                FROM '{history.declaration_version}'"""
        ).fetchall()
    assert rows == [(facts.declarations, facts.declarations_total, facts.operators, facts.operators_total)]
    assert facts.first_day == date(2022, 2, 2)


def test_every_list_adds_up_to_no_more_than_all_and_to_all_when_nothing_is_hidden(facts: Facts):
    for name in ("origins", "hosts", "operations", "carriages", "weeks"):
        shown = [cell.declarations for cell in getattr(facts, name)]
        known = sum(count for count in shown if count is not None)
        assert known == facts.declarations if None not in shown else known < facts.declarations


def test_small_cells_are_hidden_with_their_operators(facts: Facts):
    assert any(pair.declarations is None for pair in facts.pairs)
    for cell in [*facts.origins, *facts.hosts, *facts.weeks]:
        assert (cell.declarations is None) == (cell.operators is None)
        assert cell.declarations is None or cell.declarations >= 5
        assert cell.operators is None or cell.operators >= 3


def test_a_hidden_bar_is_hatched_and_says_nothing_else():
    svg = bars("b", "T", "D", [Bar("<A>", None, "–"), Bar("B", 10, "10")])
    first, second = ElementTree.fromstring(svg).iter(f"{SVG}rect")
    assert first.get("fill") == "url(#b-hidden)"
    assert first.get("width") != second.get("width")
    assert "&lt;A&gt;: –" in svg


@pytest.mark.parametrize("values", [[], [0], [3], [9, 11], [999_999, None]])
def test_columns_stay_inside_the_picture(values: list[int | None]):
    svg = columns("c", "T", "D", [Bar(str(place), value, "x") for place, value in enumerate(values)], [])
    root = ElementTree.fromstring(svg)
    for rect in root.iter(f"{SVG}rect"):
        assert float(rect.get("y") or -1) >= 0
        assert float(rect.get("x") or -1) + float(rect.get("width") or 0) <= 420


def test_marks_name_months_without_crowding():
    weeks = [f"2023-{month:02}-{day:02}" for month in range(1, 13) for day in (2, 9, 16, 23)]
    marks = month_marks(weeks)
    assert len(marks) <= 6
    assert marks[0] == (0, "01/2023")


@pytest.fixture
async def books(database_url: str, lake: str) -> AsyncIterator[asyncpg.Connection]:
    await create_lake(database_url, lake)
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def declared(database_url: str, lake: str, year: int, count: int, host: str = "DE") -> None:
    """Commits declarations of as many operators, into the tail."""
    pool = await postgres.connect(database_url, largest=2)
    moment = datetime(year, 5, 4, 12, tzinfo=UTC)
    versions = [
        Version(Fleet(uuid4(), (f"WX{place}A",)), host=host, accepted_at=moment, licence_number=str(place))
        for place in range(count)
    ]
    later = replace(versions[0], version=2, accepted_at=datetime(year, 6, 1, tzinfo=UTC), submitted_at=moment)
    await commit(pool, Path(lake), [*versions, later], None)
    await pool.close()


async def test_facts_of_a_real_lake_are_computed_and_kept(books: asyncpg.Connection, database_url: str, lake: str):
    await declared(database_url, lake, 2023, 7)
    made = await figures.facts(database_url, lake, *YEAR)
    assert (made.declarations, made.operators, made.declarations_total) == (7, 7, 7)
    assert [(cell.key, cell.declarations) for cell in made.hosts] == [("DE", 7)]
    assert (made.authorities, made.officers, made.exchanges, made.alerts) == (0, 0, 0, 0)
    assert await figures.kept(books, *YEAR) == made
    assert await figures.kept(books, date(2023, 1, 1), date(2023, 1, 31)) is None


async def test_a_year_that_was_reckoned_counts_when_its_declarations_are_gone(
    books: asyncpg.Connection, database_url: str, lake: str
):
    await declared(database_url, lake, 2023, 6)
    past = await figures.facts(database_url, lake, *YEAR)
    gone = msgspec.structs.replace(past, declarations=18_000_000)
    document = msgspec.json.encode(gone).decode()
    await books.execute("UPDATE facts SET document = $1::text::jsonb", document)
    await declared(database_url, lake, 2024, 8)
    made = await figures.facts(database_url, lake, date(2024, 1, 1), date(2024, 12, 31))
    assert (made.declarations, made.declarations_total) == (8, 18_000_008)


async def test_the_statistics_of_one_host_count_its_postings_and_drivers_only(
    books: asyncpg.Connection, database_url: str, lake: str
):
    await declared(database_url, lake, 2023, 6)
    await declared(database_url, lake, 2023, 9, host="FR")
    made = await figures.facts(database_url, lake, *YEAR, "FR")
    assert (made.declarations, made.drivers, made.declarations_total) == (9, 9, 9)
    assert (made.authorities, [cell.key for cell in made.hosts]) == (None, ["FR"])
    assert "authorities" not in scoreboard.write(Page(made), "text").decode()
    assert (await figures.kept(books, *YEAR, "FR")) == made


async def test_at_night_this_year_is_reckoned_and_the_last_one_until_it_is_final(
    books: asyncpg.Connection, database_url: str, lake: str
):
    year = datetime.now(UTC).year
    context = {"database_url": database_url, "lake": lake}
    await figures.keep_facts(context)
    last = await figures.kept(books, date(year - 1, 1, 1), date(year - 1, 12, 31))
    this = await figures.kept(books, date(year, 1, 1), date(year, 12, 31))
    assert last is not None
    assert this is not None
    await figures.keep_facts(context)
    again = await figures.kept(books, date(year, 1, 1), date(year, 12, 31))
    assert again is not None
    assert again.made_at > this.made_at
    settled = last.made_at.date() >= date(year, 1, 8)
    assert (await figures.kept(books, date(year - 1, 1, 1), date(year - 1, 12, 31)) == last) is settled


def test_the_lake_worker_takes_the_nightly_jobs():
    names = {job.name for job in nightly_jobs()}
    assert names == {"cron:check_repository", "cron:keep_facts", "cron:meet_demands"}
    assert all(job.timeout_s and job.timeout_s >= 3600 for job in nightly_jobs())


@pytest.mark.bench
def test_two_years_of_europe_print_what_the_scoreboard_of_2023_did(tmp_path: Path):
    made = write_history(tmp_path, whole=False)
    with sources.plain(memory_mb=1_000) as connection:
        sources.over_files(connection, "declaration_version", [made.declaration_version])
        europe = figures.from_lake(connection, *YEAR, None)
    said = message(europe)
    assert "more than 1 million road transport operators submitted 18 million" in said
    assert "total number of declarations submitted to 32 million" in said
