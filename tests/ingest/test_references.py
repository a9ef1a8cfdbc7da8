"""External references: found by, and put by without ever doubling, on real servers."""

import asyncio
from typing import Any

import pytest
from litestar.testing import AsyncTestClient

from tests.ingest.conftest import Caller, Clock, Drains, declaration, make_caller, ndjson
from tests.ingest.test_declarations import driver_id, listed, posting
from tests.ingest.test_drivers import driver
from tests.ingest.test_vehicles import vehicle

__all__ = ["driver_id"]

Client = AsyncTestClient[Any]
Said = dict[str, Any]
ADDRESS = "/declarations/by-reference/TMS%2F2026%2F4711"


async def put(client: Client, caller: Caller, said: Said, query: str = "", **headers: str) -> Any:
    """Puts a declaration under its reference."""
    return await client.put(ADDRESS + query, json=said, headers=caller.headers | headers)


async def test_the_same_put_twice_makes_one_declaration(client: Client, caller: Caller, drains: Drains) -> None:
    first = await put(client, caller, declaration())
    assert first.status_code == 201, first.text
    assert first.json()["externalReference"] == "TMS/2026/4711"
    assert first.json()["declarationStatus"] == "SUBMITTED"
    for _ in range(2):
        again = await put(client, caller, declaration())
        assert (again.status_code, again.json()) == (200, first.json())
        assert (await client.get(ADDRESS, headers=caller.headers)).json() == first.json()
        await drains.run()
    assert len(await listed(client, caller)) == 1


async def test_a_put_that_differs_is_an_amendment(client: Client, caller: Caller, drains: Drains) -> None:
    made = (await put(client, caller, declaration(otherContactFirstName="Anna"))).json()
    changed = await put(client, caller, declaration(declarationVehiclePlateNumber=["WA 77"]))
    assert (changed.status_code, changed.json()["declarationVersion"]) == (200, 2)
    assert changed.json()["declarationId"] == made["declarationId"]
    assert changed.json()["declarationVehiclePlateNumber"] == ["WA 77"]
    assert "otherContactFirstName" not in changed.json()
    fixed = await put(client, caller, declaration(declarationPostingCountry="DE"))
    assert (fixed.status_code, fixed.json()["problems"][0]["code"]) == (422, "not_amendable")
    assert await drains.run() == 2


async def test_what_was_withdrawn_or_expired_gives_its_reference_free(
    client: Client, caller: Caller, clock: Clock
) -> None:
    first = (await put(client, caller, declaration())).json()
    await client.post(f"/declarations/{first['declarationId']}/withdraw", headers=caller.headers)
    second = await put(client, caller, declaration())
    assert second.status_code == 201
    clock.days_ahead(300)
    third = await put(
        client, caller, declaration(declarationEndDate=str(clock.today), declarationStartDate=str(clock.today))
    )
    assert third.status_code == 201
    assert (await client.get(ADDRESS, headers=caller.headers)).json() == third.json()
    assert len(await listed(client, caller, "externalReference=TMS%2F2026%2F4711")) == 3


async def test_a_draft_may_be_put_changed_and_submitted(client: Client, caller: Caller, driver_id: str) -> None:
    first = await put(client, caller, posting(driver_id), "?draft=true")
    assert (first.status_code, first.json()["declarationStatus"]) == (201, "DRAFT")
    second = await put(client, caller, posting(driver_id, declarationPostingCountry="DE"), "?draft=true")
    assert (second.status_code, second.json()["declarationPostingCountry"]) == (200, "DE")
    third = await put(client, caller, posting(driver_id, declarationPostingCountry="BE"))
    assert (third.status_code, third.json()["declarationStatus"]) == (200, "SUBMITTED")
    assert {one.json()["declarationId"] for one in (first, second, third)} == {first.json()["declarationId"]}
    assert [item["declarationPostingCountry"] for item in await listed(client, caller)] == ["BE"]


@pytest.mark.parametrize("query", ["", "?draft=true"])
async def test_many_puts_at_once_make_one_declaration(
    client: Client, caller: Caller, drains: Drains, query: str
) -> None:
    answers = await asyncio.gather(*[put(client, caller, declaration(), query) for _ in range(8)])
    assert {answer.status_code for answer in answers} <= {200, 201, 503}
    assert len(await listed(client, caller)) == 1
    assert await drains.run() == (0 if query else 1)


async def test_what_came_in_bulk_is_found_and_changed_under_its_reference(
    client: Client, caller: Caller, drains: Drains
) -> None:
    line = declaration(externalReference="TMS/2026/4711")
    await client.post("/declarations/bulk", content=ndjson(line), headers=caller.headers)
    for number, stored in ((2, False), (3, True)):
        changed = await put(client, caller, declaration(declarationVehiclePlateNumber=[f"WA {number}{number}"]))
        assert (changed.status_code, changed.json()["declarationVersion"]) == (200, number)
        if not stored:
            await drains.run()


async def test_if_match_guards_a_put(client: Client, caller: Caller) -> None:
    etag = (await put(client, caller, declaration())).headers["etag"]
    assert (
        await put(client, caller, declaration(declarationVehiclePlateNumber=["WA 77"]), **{"if-match": etag})
    ).status_code == 200
    stale = await put(client, caller, declaration(declarationVehiclePlateNumber=["WA 78"]), **{"if-match": etag})
    assert stale.status_code == 412


async def test_an_unknown_reference_is_not_found(client: Client, caller: Caller, database_url: str) -> None:
    assert (await client.get(ADDRESS, headers=caller.headers)).status_code == 404
    await put(client, caller, declaration())
    stranger = await make_caller(database_url)
    assert (await client.get(ADDRESS, headers=stranger.headers)).status_code == 404
    assert (
        await client.put("/declarations/by-reference/" + "x" * 101, json={}, headers=caller.headers)
    ).status_code == 404


@pytest.mark.parametrize(
    ("path", "said", "change"),
    [
        ("/drivers", driver(), {"driverAddressCity": "Gdynia"}),
        ("/plate-numbers", vehicle(), {"vehicleWeight": "LIGHT"}),
        ("/fleets", {"fleetName": "Poznan", "declarationVehiclePlateNumber": ["WA 1"]}, {"fleetName": "Gdynia"}),
    ],
)
async def test_every_record_is_put_and_read_by_its_reference(
    client: Client, caller: Caller, path: str, said: Said, change: Said
) -> None:
    address = f"{path}/by-reference/no%201"
    assert (await client.get(address, headers=caller.headers)).status_code == 404
    first = await client.put(address, json=said, headers=caller.headers)
    assert (first.status_code, first.json()["externalReference"]) == (201, "no 1")
    second = await client.put(address, json=said, headers=caller.headers)
    assert (second.status_code, second.json()) == (200, first.json())
    third = await client.put(address, json=change, headers=caller.headers)
    assert third.json() == first.json() | change
    read = await client.get(address, headers=caller.headers)
    assert (read.json(), read.headers["etag"]) == (third.json(), third.headers["etag"])
    found = (await client.get(f"{path}?limit=9&externalReference=no%201", headers=caller.headers)).json()
    assert len(found["items"]) == 1
