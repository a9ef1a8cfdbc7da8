"""A simulated year: the same for one seed, by the rules, between all states, and good to count on."""

from datetime import UTC, date, datetime

import pytest

from exchange.authorities import DEMO, load_authorities, read_authorities
from exchange.procedures import procedures
from exchange.simulation import Simulated, ask_today, load, officer_of, simulate
from tests.exchange.conftest import World

SINCE, UNTIL = date(2025, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)

with DEMO.open("rb") as _lines:
    AUTHORITIES = read_authorities(_lines)


def year(seed: int = 1, count: int = 800) -> Simulated:
    return simulate(AUTHORITIES, seed=seed, count=count, since=SINCE, until=UNTIL)


@pytest.fixture(scope="module")
def simulated() -> Simulated:
    return year()


def test_one_seed_gives_one_year(simulated):
    assert year() == simulated
    assert year(seed=2) != simulated


def test_all_states_take_part(simulated):
    states = {one.requesting_country for one in simulated.exchanges}
    states |= {one.replying_country for one in simulated.exchanges}
    assert len(states) >= 28


def test_every_move_and_most_states_happen(simulated):
    made = {event.move for event in simulated.events}
    known = {name for procedure in procedures().values() for name in procedure.moves}
    assert known - made <= {"draft", "send_late", "propose_date", "settle_reopen"}
    assert {one.state for one in simulated.exchanges} >= {"OPEN", "ESCALATED", "ACCEPTED", "CLOSED", "WITHDRAWN"}


def test_events_lead_to_the_record_and_nothing_happens_after_the_end(simulated):
    last = {}
    for event in simulated.events:
        assert event.sequence == (last[event.exchange_id].sequence if event.exchange_id in last else 0) + 1
        assert event.at <= UNTIL
        last[event.exchange_id] = event
    for exchange in simulated.exchanges:
        assert last[exchange.exchange_id].state == exchange.state
        assert exchange.revision == last[exchange.exchange_id].sequence
        assert exchange.requesting_country != exchange.replying_country


def test_who_asks_most_and_is_asked_most_is_as_known(simulated):
    requests = [one for one in simulated.exchanges if one.procedure == "document_request"]
    asking = [one.requesting_country for one in requests]
    asked = [one.replying_country for one in requests]
    assert {"DK", "FR", "AT"} & set(sorted(set(asking), key=asking.count)[-3:])
    assert {"RO", "PL"} <= set(sorted(set(asked), key=asked.count)[-4:])


async def test_a_year_is_entered_and_counted(world: World, simulated):
    async with world.pool.acquire() as connection:
        await load_authorities(connection, AUTHORITIES)
        await load(connection, simulated, AUTHORITIES)
    assert await world.pool.fetchval("SELECT count(*) FROM exchange") == len(simulated.exchanges)
    assert await world.pool.fetchval("SELECT count(*) FROM exchange_event") == len(simulated.events)
    assert await world.pool.fetchval("SELECT count(*) FROM alert") == len(simulated.alerts)
    orphans = "SELECT count(*) FROM exchange WHERE parent_id IS NOT NULL AND procedure = 'mutual_assistance'"
    assert await world.pool.fetchval(orphans) > 0
    assert await ask_today(world.pool, 5, datetime.now(UTC)) == 1  # one operator has declarations
    asked = await world.pool.fetchrow("SELECT * FROM exchange ORDER BY number DESC LIMIT 1")
    assert asked["operator_id"] == world.operator.operator_id
    assert await world.pool.fetchval("SELECT count(*) FROM notice WHERE operator_id IS NOT NULL") == 1
    assert officer_of(asked["requesting_authority"])
