"""/plate-numbers as RTPD has it (domain.md 3.3, 3.4), on real servers."""

from typing import Any

import pytest
from litestar.testing import AsyncTestClient

from tests.ingest.conftest import Caller, declaration, make_caller
from tests.ingest.test_drivers import driver

Client = AsyncTestClient[Any]


def vehicle(**changes: Any) -> dict[str, Any]:
    """A lorry, with some members changed."""
    return {
        "plateNumber": "PO 1AB23",
        "registrationCountry": "PL",
        "transportType": "CARRIAGE_OF_GOODS",
        "vehicleWeight": "HEAVY",
    } | changes


async def register(client: Client, caller: Caller, **changes: Any) -> dict[str, Any]:
    """Registers a vehicle and gives the answer."""
    answer = await client.post("/plate-numbers", json=vehicle(**changes), headers=caller.headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_registered_vehicle_is_read_as_it_was_sent(client: Client, caller: Caller) -> None:
    made = await register(client, caller)
    assert made["plateNumberId"]
    read = await client.get(f"/plate-numbers/{made['plateNumberId']}", headers=caller.headers)
    assert read.json() == made
    assert read.json().items() >= vehicle().items()


async def test_iceland_registers_vehicles_though_nobody_is_posted_there(client: Client, caller: Caller) -> None:
    assert (await register(client, caller, registrationCountry="IS"))["registrationCountry"] == "IS"


async def test_a_bus_has_no_weight_class(client: Client, caller: Caller) -> None:
    bus = vehicle(transportType="CARRIAGE_OF_PASSENGERS", vehicleWeight="HEAVY")
    made = await register(client, caller, **bus)
    assert made.get("vehicleWeight", "") == ""


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"vehicleWeight": ""}, "/vehicleWeight", "weight_missing"),
        ({"vehicleWeight": "MEDIUM"}, "/vehicleWeight", "not_a_code"),
        ({"registrationCountry": "CH"}, "/registrationCountry", "not_a_code"),
        ({"plateNumber": "-"}, "/plateNumber", "plate_too_short"),
        ({"plateNumber": None}, "/plateNumber", "missing_field"),
        ({"plateNumber": "A" * 16}, "/plateNumber", "plate_too_long"),
    ],
)
async def test_a_wrong_vehicle_is_refused(
    client: Client, caller: Caller, changes: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await client.post("/plate-numbers", json=vehicle(**changes), headers=caller.headers)
    assert answer.status_code == 422
    assert (pointer, code) in {(one["pointer"], one["code"]) for one in answer.json()["problems"]}


async def test_one_plate_is_registered_once(client: Client, caller: Caller, database_url: str) -> None:
    made = await register(client, caller)
    again = await client.post("/plate-numbers", json=vehicle(), headers=caller.headers)
    assert (again.status_code, again.json()["code"]) == (409, "plate_registered")
    assert made["plateNumberId"] in again.text
    await register(client, await make_caller(database_url))


async def test_a_vehicle_is_changed_found_and_deleted(client: Client, caller: Caller) -> None:
    made = await register(client, caller, externalReference="truck 12")
    address = f"/plate-numbers/{made['plateNumberId']}"
    changed = await client.put(address, json=made | {"vehicleWeight": "LIGHT"}, headers=caller.headers)
    assert changed.json()["vehicleWeight"] == "LIGHT"
    for query in ("term=po1-ab", "externalReference=truck%2012", ""):
        found = await client.get(f"/plate-numbers?limit=5&{query}", headers=caller.headers)
        assert found.json()["items"] == [changed.json()], query
    assert (await client.get("/plate-numbers?term=zz", headers=caller.headers)).json()["count"] == 0
    stale = caller.headers | {"if-match": '"1"'}
    assert (await client.delete(address, headers=stale)).status_code == 412
    assert (await client.delete(address, headers=caller.headers)).status_code == 200
    assert (await client.get(address, headers=caller.headers)).status_code == 404


async def test_only_rtpds_own_ways_ask_the_register_self_contained_ones_say_all_themselves(
    client: Client, caller: Caller
) -> None:
    heavy = {"declarationVehiclePlateNumber": None, "declarationVehiclePlateNumberHeavy": ["PO 7XY99"]}
    whole = declaration(**heavy)
    recorded = (await client.post("/drivers", json=driver(), headers=caller.headers)).json()["driverId"]
    drafted = {name: value for name, value in whole.items() if not name.startswith("driver")} | {"driverId": recorded}
    kept = ("declarationStartDate", "declarationEndDate", "declarationOperationType", "declarationTransportType")
    matrix = {name: whole[name] for name in (*kept, "declarationVehiclePlateNumberHeavy")}
    matrix |= {"driverIds": [recorded], "declarationPostingCountries": ["FR"], "otherContactAsTransportManager": True}
    refused = await client.post("/declarations", json=drafted, headers=caller.headers)
    assert refused.json()["problems"][0]["code"] == "plate_not_registered"
    for method, path, body in (
        ("POST", "/declarations/submit", whole),
        ("POST", "/declarations/bulk", whole),
        ("POST", "/declarations/matrix", matrix),
        ("PUT", "/declarations/by-reference/r", whole),
    ):
        taken = await client.request(method, path, json=body, headers=caller.headers)
        assert taken.status_code in (201, 202), taken.text
        assert taken.json().get("refused", 0) == 0, path
    path = f"/declarations/{taken.json()['declarationId']}/submit"
    same = {"declarationVehiclePlateNumberHeavy": ["PO 7XY99"], "driverEmail": "jan@example.pl"}
    assert (await client.put(path, json=same, headers=caller.headers)).status_code == 200
    more = {"declarationVehiclePlateNumberHeavy": ["PO 7XY99", "PO 8XY99"]}
    assert (await client.put(path, json=more, headers=caller.headers)).status_code == 422
    assert (await client.get("/plate-numbers", headers=caller.headers)).json()["count"] == 0
