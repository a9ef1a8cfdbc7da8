"""GET /events: in order, at least once, from any point on, on real servers."""

import asyncio
from typing import Any

import asyncpg
import msgspec
import pytest
from litestar.testing import AsyncTestClient

from schemas.event import Event, EventPage
from tests.ingest.conftest import Caller, Drains, declaration, make_caller, ndjson
from tests.ingest.test_declarations import driver_id, listed, submit
from tests.ingest.test_drivers import create
from tests.ingest.test_fleets import keep

__all__ = ["driver_id"]

Client = AsyncTestClient[Any]


async def read(client: Client, caller: Caller, after: str = "", limit: int = 250) -> EventPage:
    """Reads a page of events."""
    answer = await client.get(f"/events?limit={limit}&after={after}", headers=caller.headers)
    assert answer.status_code == 200, answer.text
    return msgspec.convert(answer.json(), EventPage)


async def every(client: Client, caller: Caller) -> list[Event]:
    """Reads all events, two at a time."""
    found: list[Event] = []
    cursor = ""
    while True:
        page = await read(client, caller, cursor, 2)
        found += page.items
        cursor = page.cursor
        if not page.more:
            return found


async def test_what_happens_is_told_in_order(
    client: Client, caller: Caller, driver_id: str, drains: Drains, database_url: str
) -> None:
    made = await submit(client, caller, driver_id)
    address = f"/declarations/{made['declarationId']}"
    await client.put(f"{address}/submit", json={"declarationVehiclePlateNumber": ["WA 77"]}, headers=caller.headers)
    await client.post(f"{address}/withdraw", headers=caller.headers)
    await drains.run()
    await client.put(f"/drivers/{driver_id}", json={"driverAddressCity": "Gdynia"}, headers=caller.headers)
    events = await every(client, caller)
    assert [event.event_type for event in events] == [
        "driver.created",
        "declaration.submitted",
        "declaration.amended",
        "declaration.withdrawn",
        "driver.changed",
    ]
    assert {event.declaration_id for event in events[1:4]} == {made["declarationId"]}
    assert {event.record_id for event in (events[0], events[4])} == {driver_id}
    assert len({event.event_id for event in events}) == 5
    assert (await client.get(events[1].href or "", headers=caller.headers)).status_code == 200
    assert (await read(client, await make_caller(database_url))).items == []


async def test_what_came_together_is_one_event_that_says_where_to_look(
    client: Client, caller: Caller, drains: Drains
) -> None:
    await keep(client, caller, fleetName="other")
    fleet_id = (await keep(client, caller))["fleetId"]
    lines = [declaration(declarationVehiclePlateNumber=None, fleetId=fleet_id) for _ in range(120)] + [
        declaration()
    ] * 5
    receipt = (await client.post("/declarations/bulk", content=ndjson(*lines), headers=caller.headers)).json()
    await drains.run()
    cursor = (await client.get("/events?after=latest", headers=caller.headers)).json()["cursor"]
    change = {"declarationVehiclePlateNumberHeavy": ["PO 9ZZ99"]}
    assert (await client.put(f"/fleets/{fleet_id}", json=change, headers=caller.headers)).status_code == 200
    await drains.run()
    changed = [event for event in (await read(client, caller, cursor)).items if event.event_type.startswith("decl")]
    assert [(event.event_type, event.count) for event in changed] == [("declaration.amended", 120)]
    assert changed[0].submission_id == receipt["submissionId"]
    listed_there = (await client.get(changed[0].href or "", headers=caller.headers)).json()
    assert listed_there["count"] == 120
    assert {item["declarationVersion"] for item in listed_there["items"]} == {2}
    assert len(await listed(client, caller)) == 125
    (came,) = [one for one in (await read(client, caller, "")).items if one.event_type == "declaration.submitted"]
    still_there = (await client.get(came.href or "", headers=caller.headers)).json()
    assert (came.count, still_there["count"]) == (125, 125)  # though most of them have changed since


async def test_a_reader_that_goes_on_from_its_cursor_misses_nothing(
    client: Client, caller: Caller, drains: Drains
) -> None:
    """Writers of different speed and a reader at once: what each wrote is seen, once, in its order."""
    seen: list[Event] = []
    done = asyncio.Event()

    async def follow() -> None:
        cursor, rest = "", 3
        while rest:
            rest -= done.is_set()
            page = await read(client, caller, cursor, 7)
            seen.extend(page.items)
            cursor = page.cursor
            rest += page.more
            await asyncio.sleep(0.05)  # as often as its allowance lets it

    async def write() -> None:
        for number in range(6):
            await asyncio.gather(
                create(client, caller, driverLatinFirstName=f"Jan {number}".replace(str(number), "A" * (number + 1))),
                client.post("/declarations/submit", json=declaration(), headers=caller.headers),
                drains.run(),
            )
        await drains.run()
        done.set()

    await asyncio.gather(follow(), write())
    assert len({event.event_id for event in seen}) == len(seen) == 12
    assert [event.event_type for event in seen].count("declaration.submitted") == 6


async def test_events_of_an_open_transaction_are_not_overtaken(
    client: Client, caller: Caller, pool: asyncpg.Pool
) -> None:
    insert = "INSERT INTO event (operator_id, kind, happened_at, first_id, last_id) VALUES ($1, $2, now(), $1, $1)"
    async with pool.acquire() as slow:
        transaction = slow.transaction()
        await transaction.start()
        await slow.execute(insert, caller.operator_id, "vehicle.created")
        await create(client, caller)
        assert (await read(client, caller)).items == []
        await transaction.commit()
    assert [event.event_type for event in (await read(client, caller)).items] == ["vehicle.created", "driver.created"]


@pytest.mark.parametrize("cursor", ["x", "____", "AAAA", "%00", "_" * 22])
async def test_what_is_no_cursor_is_malformed(client: Client, caller: Caller, cursor: str) -> None:
    answer = await client.get(f"/events?after={cursor}", headers=caller.headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "parameter_wrong")
