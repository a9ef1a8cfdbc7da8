"""Analyses on demand: asked for by an officer, met by the lake worker, once each."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from reports import figures
from reports.checks.scope import Scope
from reports.demands import FactsScope, ask, is_unmet, meet_demands, standing
from tests.reports.conftest import Roadside
from tests.store.lake_builder import Fleet, Version

LATE = datetime(2026, 3, 9, 9, tzinfo=UTC)


def context(roadside: Roadside) -> dict[str, Any]:
    """What the lake worker hands its jobs."""
    return {"pool": roadside.pool, "database_url": roadside.app.state.options.database_url, "lake": roadside.lake}


async def ask_for(roadside: Roadside, scope: Scope | FactsScope) -> int:
    officer = await roadside.app.state.parts.officers.identify(f"Bearer {roadside.token}")
    async with roadside.pool.acquire() as connection:
        return await ask(connection, officer.host, officer.officer_id, scope)


async def test_a_run_over_one_plate_is_asked_for_once_and_met(roadside: Roadside):
    late = Version(Fleet(uuid4(), ("WX 1234A",)), accepted_at=LATE, submitted_at=LATE)
    other = Version(Fleet(uuid4(), ("WX 9",)), accepted_at=LATE, submitted_at=LATE)
    await roadside.declare(late, other)
    scope = Scope(plate="WX 1234A")
    first = await ask_for(roadside, scope)
    assert await ask_for(roadside, scope) == first
    async with roadside.pool.acquire() as connection:
        assert await is_unmet(connection, "FR", scope)
        assert await meet_demands(context(roadside)) == 1
        met = await standing(connection, first, "FR")
        assert await standing(connection, first, "DE") is None
        assert not await is_unmet(connection, "FR", scope)
        operators = await connection.fetch("SELECT DISTINCT operator_id FROM hint")
    assert met is not None
    assert (met.ended_at is not None, met.failed, (met.found or 0) > 0) == (True, False, True)
    assert [row["operator_id"] for row in operators] == [late.fleet.operator_id]
    assert await meet_demands(context(roadside)) == 0


async def test_facts_that_are_asked_for_are_kept(roadside: Roadside):
    period = (date(2025, 1, 1), date(2025, 12, 31))
    await ask_for(roadside, FactsScope(*period, "FR"))
    await meet_demands(context(roadside))
    async with roadside.pool.acquire() as connection:
        assert await figures.kept(connection, *period, "FR") is not None


async def test_a_demand_over_which_workers_die_is_given_up(roadside: Roadside):
    demand_id = await ask_for(roadside, Scope(host="FR"))
    await roadside.pool.execute("UPDATE demand SET tries = 3")
    assert await meet_demands(context(roadside)) == 0
    async with roadside.pool.acquire() as connection:
        given_up = await standing(connection, demand_id, "FR")
    assert given_up is not None
    assert given_up.failed


async def test_a_demand_goes_some_days_after_it_was_met(roadside: Roadside):
    await ask_for(roadside, FactsScope(date(2025, 1, 1), date(2025, 1, 31)))
    await meet_demands(context(roadside))
    await roadside.pool.execute("UPDATE demand SET ended_at = ended_at - interval '8 days'")
    await meet_demands(context(roadside))
    assert await roadside.pool.fetchval("SELECT count(*) FROM demand") == 0
