"""/fleets: plates under a name, and changes that reach every active declaration that names it, on real servers."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec
from litestar.testing import AsyncTestClient

from schemas.fleet import FleetPreview, RecordedFleet
from tests.ingest.conftest import Caller, Clock, Drains, declaration, make_caller, ndjson
from tests.ingest.test_declarations import driver_id, listed, make_draft, posting, read, submit

__all__ = ["driver_id"]

Client = AsyncTestClient[Any]
Said = dict[str, Any]
NO_PLATES = {"declarationVehiclePlateNumber": None}


async def keep(client: Client, caller: Caller, **changes: Any) -> Said:
    """Makes a fleet and gives the answer."""
    said = {"fleetName": "Poznan", "declarationVehiclePlateNumberHeavy": ["PO 1AB23", "PO 2CD34"]} | changes
    answer = await client.post("/fleets", json=said, headers=caller.headers)
    assert answer.status_code == 201, answer.text
    found: Said = answer.json()
    return found


async def test_a_fleet_is_kept_listed_changed_and_deleted(client: Client, caller: Caller) -> None:
    made = await keep(client, caller, externalReference="depot 1")
    address = f"/fleets/{made['fleetId']}"
    assert (await client.get(address, headers=caller.headers)).json() == made
    for query in ("", "term=poz", "externalReference=depot%201"):
        assert (await client.get(f"/fleets?limit=9&{query}", headers=caller.headers)).json()["items"] == [made]
    changed = await client.put(address, json=made | {"fleetName": "Poznan 2"}, headers=caller.headers)
    assert changed.json() == made | {"fleetName": "Poznan 2"}
    stale = caller.headers | {"if-match": '"1"'}
    assert (await client.put(address, json=made, headers=stale)).status_code == 412
    assert (await client.delete(address, headers=caller.headers)).status_code == 200
    assert (await client.get(address, headers=caller.headers)).status_code == 404


async def test_a_wrong_fleet_is_refused(client: Client, caller: Caller) -> None:
    await keep(client, caller, externalReference="r")
    for wrong, status in (
        ({"fleetName": "Poznan", "declarationVehiclePlateNumber": ["AB 1"]}, 409),
        ({"fleetName": "Other", "declarationVehiclePlateNumber": ["AB 1"], "externalReference": "r"}, 409),
        ({"fleetName": "Empty"}, 422),
        ({"fleetName": "Bad", "declarationVehiclePlateNumber": ["-"]}, 422),
        ({"declarationVehiclePlateNumber": ["AB 1"]}, 422),
    ):
        answer = await client.post("/fleets", json=wrong, headers=caller.headers)
        assert answer.status_code == status, answer.text


async def test_every_way_of_declaring_may_name_a_fleet(
    client: Client, caller: Caller, driver_id: str, drains: Drains
) -> None:
    fleet_id = (await keep(client, caller))["fleetId"]
    said = posting(driver_id, **NO_PLATES) | {"fleetId": fleet_id}
    said = {name: value for name, value in said.items() if value is not None}
    drafted = await make_draft(client, caller, driver_id, **(said | NO_PLATES))
    await client.post(f"/declarations/{drafted['declarationId']}/submit", headers=caller.headers)
    await client.post("/declarations/submit", json=said, headers=caller.headers)
    receipt = (await client.post("/declarations/bulk", content=ndjson(said, said), headers=caller.headers)).json()
    assert (receipt["accepted"], receipt["refused"]) == (2, 0), receipt
    for _ in range(2):
        found = await listed(client, caller, f"fleetId={fleet_id}&fields=full")
        assert [one["declarationVehiclePlateNumberHeavy"] for one in found] == [["PO 1AB23", "PO 2CD34"]] * 4
        await drains.run()


async def test_a_line_that_names_a_fleet_wrongly_is_refused_alone(
    client: Client, caller: Caller, database_url: str
) -> None:
    others = (await keep(client, await make_caller(database_url)))["fleetId"]
    own = (await keep(client, caller))["fleetId"]
    lines = [
        declaration(declarationVehiclePlateNumber=None, fleetId=own),
        declaration(declarationVehiclePlateNumber=None, fleetId=others),
        declaration(fleetId=own),
        declaration(declarationVehiclePlateNumber=None, fleetId="x" * 36),
    ]
    receipt = (await client.post("/declarations/bulk", content=ndjson(*lines), headers=caller.headers)).json()
    codes = [(line["line"], line["problems"][0]["code"]) for line in receipt["problems"]]
    assert codes == [(2, "fleet_unknown"), (3, "fleet_given_twice"), (4, "not_a_uuid")]


async def test_a_change_is_previewed_and_then_reaches_every_active_declaration(
    client: Client, caller: Caller, driver_id: str, drains: Drains, clock: Clock, pool: asyncpg.Pool
) -> None:
    fleet_id = (await keep(client, caller))["fleetId"]
    named = NO_PLATES | {"fleetId": fleet_id}
    soon = {"declarationEndDate": str(clock.today + timedelta(days=2))}
    expired = await submit(client, caller, driver_id, **named, **soon)
    stored = await submit(client, caller, driver_id, **named)
    await drains.run()
    waiting = await submit(client, caller, driver_id, **named, declarationPostingCountry="DE")
    drafted = await make_draft(client, caller, driver_id, **named)
    # The same plates by chance, without the fleet's name: no change of the fleet concerns it.
    plain = await client.post(
        "/declarations/submit",
        json=declaration(**NO_PLATES) | {"declarationVehiclePlateNumberHeavy": ["PO 1AB23", "PO 2CD34"]},
        headers=caller.headers,
    )
    clock.days_ahead(5)
    change = {"declarationVehiclePlateNumberHeavy": ["PO 2CD34", "PO 3EF45"]}
    address = f"/fleets/{fleet_id}"
    preview = await client.put(f"{address}?dryRun=true", json=change, headers=caller.headers)
    assert preview.json() == {
        "declarations": 2,
        "byCountry": {"FR": 1, "DE": 1},
        "changed": [
            {name: one[name] for name in ("declarationId", "declarationPostingCountry", "declarationEndDate")}
            for one in (stored, waiting)
        ],
        "added": ["PO 3EF45"],
        "removed": ["PO 1AB23"],
    }
    assert (await read(client, caller, stored["declarationId"]))["declarationVersion"] == 1
    answer = await client.put(address, json=change, headers=caller.headers)
    assert answer.status_code == 200, answer.text
    for _ in range(2):
        for one, version in ((stored, 2), (waiting, 2), (drafted, 0)):
            found = await read(client, caller, one["declarationId"])
            assert found["declarationVehiclePlateNumberHeavy"] == ["PO 2CD34", "PO 3EF45"]
            assert found["declarationVersion"] == version
        for declaration_id in (expired["declarationId"], plain.json()["declarationId"]):
            found = await read(client, caller, declaration_id)
            assert found["declarationVehiclePlateNumberHeavy"] == ["PO 1AB23", "PO 2CD34"]
        await drains.run()
    assert len(await listed(client, caller, "plate=PO3EF45")) == 3
    assert await client.put(address, json=change, headers=caller.headers)
    assert await drains.run() == 0
    assert await pool.fetchval("SELECT count(*) FROM named_fleet WHERE flowed_revision < revision") == 0


async def test_a_declaration_leaves_its_fleet_by_plates_of_its_own_and_comes_back(
    client: Client, caller: Caller, driver_id: str
) -> None:
    fleet_id = (await keep(client, caller))["fleetId"]
    made = await submit(client, caller, driver_id, **NO_PLATES, fleetId=fleet_id)
    address = f"/declarations/{made['declarationId']}/submit"
    kept = await client.put(address, json=made | {"driverEmail": "jan@example.pl"}, headers=caller.headers)
    assert kept.json()["fleetId"] == fleet_id
    own = {"declarationVehiclePlateNumber": ["WA 77"]}
    left = (await client.put(address, json=own, headers=caller.headers)).json()
    assert "fleetId" not in left
    assert (left["declarationVehiclePlateNumber"], left["declarationVehiclePlateNumberHeavy"]) == (["WA 77"], [])
    back = (await client.put(address, json={"fleetId": fleet_id}, headers=caller.headers)).json()
    assert back["fleetId"] == fleet_id
    assert back["declarationVehiclePlateNumber"] == []
    assert back["declarationVehiclePlateNumberHeavy"] == ["PO 1AB23", "PO 2CD34"]


async def test_a_fleet_in_use_cannot_be_deleted_and_stays_usable(
    client: Client, caller: Caller, driver_id: str
) -> None:
    fleet_id = (await keep(client, caller))["fleetId"]
    made = await submit(client, caller, driver_id, **NO_PLATES, fleetId=fleet_id)
    refused = await client.delete(f"/fleets/{fleet_id}", headers=caller.headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "fleet_in_use")
    await submit(client, caller, driver_id, **NO_PLATES, fleetId=fleet_id)
    for one in await listed(client, caller):
        await client.post(f"/declarations/{one['declarationId']}/withdraw", headers=caller.headers)
    drafted = await make_draft(client, caller, driver_id, **NO_PLATES, fleetId=fleet_id)
    assert (await client.delete(f"/fleets/{fleet_id}", headers=caller.headers)).status_code == 409
    await client.delete(f"/declarations/{drafted['declarationId']}", headers=caller.headers)
    assert (await client.delete(f"/fleets/{fleet_id}", headers=caller.headers)).status_code == 200
    assert (await read(client, caller, made["declarationId"]))["fleetId"] == fleet_id


async def test_declarations_that_come_while_a_fleet_changes_have_its_newest_plates(
    client: Client, caller: Caller, driver_id: str, drains: Drains
) -> None:
    fleet_id = (await keep(client, caller))["fleetId"]

    async def declare() -> None:
        said = declaration(declarationVehiclePlateNumber=None, fleetId=fleet_id)
        answer = await client.post("/declarations/submit", json=said, headers=caller.headers)
        assert answer.status_code in (202, 503), answer.text

    async def change(number: int) -> None:
        await asyncio.sleep(0.02 * number)
        plates = {"declarationVehiclePlateNumberHeavy": [f"PO {number}AB23"]}
        answer = await client.put(f"/fleets/{fleet_id}", json=plates, headers=caller.headers)
        assert answer.status_code in (200, 412, 503), answer.text

    await asyncio.gather(*[declare() for _ in range(20)], *[change(number) for number in range(1, 4)])
    kept = (await client.put(f"/fleets/{fleet_id}", json={}, headers=caller.headers)).json()
    for _ in range(2):
        found = await listed(client, caller, "fields=full")
        assert all(
            one["declarationVehiclePlateNumberHeavy"] == kept["declarationVehiclePlateNumberHeavy"] for one in found
        )
        await drains.run()


async def test_answers_are_what_the_contract_says(client: Client, caller: Caller) -> None:
    made = await keep(client, caller)
    msgspec.convert(made, RecordedFleet)
    preview = await client.put(f"/fleets/{made['fleetId']}?dryRun=1", json={}, headers=caller.headers)
    assert msgspec.convert(preview.json(), FleetPreview).declarations == 0
    assert (await client.get(f"/fleets/{uuid4()}", headers=caller.headers)).status_code == 404
