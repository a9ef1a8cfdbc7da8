"""Renewals, at once and standing, by a clock that the test puts ahead, on real servers."""

import itertools
from datetime import date, timedelta
from typing import Any

import asyncpg
import msgspec
import pytest
from litestar.testing import AsyncTestClient

from ingest.intake import Intake
from ingest.standing import keep_renewals
from schemas.renewal import StandingRenewal
from tests.ingest.conftest import Caller, Clock, Drains, declaration
from tests.ingest.test_declarations import driver_id, listed, make_draft, read, submit
from tests.ingest.test_drivers import create
from tests.ingest.test_fleets import keep

__all__ = ["driver_id"]

Client = AsyncTestClient[Any]
Said = dict[str, Any]


async def renew(client: Client, caller: Caller, declaration_id: str, **said: Any) -> Any:
    """Asks for a renewal."""
    return await client.post(f"/declarations/{declaration_id}/renew", json=said, headers=caller.headers)


async def events(pool: asyncpg.Pool) -> list[tuple[str, Said]]:
    """Gives what was noted of renewals, in order."""
    rows = await pool.fetch(
        "SELECT kind, details FROM event WHERE kind LIKE 'renewal.%' ORDER BY transaction, event_id"
    )
    return [(row["kind"].removeprefix("renewal."), msgspec.json.decode(row["details"])) for row in rows]


async def run_day(intake: Intake, clock: Clock, day: date) -> None:
    """Lives through a day to its last hour, when all orders of the day are due."""
    clock.go_to(day, 23)
    while await keep_renewals(intake, 100):
        pass


async def test_a_renewal_begins_the_day_after_and_lasts_as_long(
    client: Client, caller: Caller, driver_id: str, clock: Clock, drains: Drains
) -> None:
    start = clock.today
    made = await submit(
        client, caller, driver_id, declarationStartDate=str(start), declarationEndDate=str(start + timedelta(days=13))
    )
    answer = await renew(client, caller, made["declarationId"])
    assert answer.status_code == 201, answer.text
    renewed = answer.json()
    assert renewed["declarationStartDate"] == str(start + timedelta(days=14))
    assert renewed["declarationEndDate"] == str(start + timedelta(days=27))
    assert renewed["declarationStatus"] == "SUBMITTED"
    assert renewed["declarationId"] != made["declarationId"]
    same = set(made) - {
        "declarationId",
        "declarationNumber",
        "declarationStartDate",
        "declarationEndDate",
        "declarationSubmissionDate",
        "declarationLastUpdate",
    }
    assert {name: renewed[name] for name in same} == {name: made[name] for name in same}
    for _ in range(2):
        again = await renew(client, caller, made["declarationId"])
        assert (again.status_code, again.json()["code"]) == (409, "renewed_already")
        assert renewed["declarationId"] in again.json()["message"]
        await drains.run()
    third = await renew(client, caller, renewed["declarationId"])
    assert third.json()["declarationStartDate"] == str(start + timedelta(days=28))


async def test_a_self_contained_declaration_is_renewed_once_too(client: Client, caller: Caller) -> None:
    made = (await client.post("/declarations/submit", json=declaration(), headers=caller.headers)).json()
    other = declaration(driverLicenseNumber="99999/04/1234", driverLatinFirstName="Adam")
    await client.post("/declarations/submit", json=other, headers=caller.headers)
    assert (await renew(client, caller, made["declarationId"])).status_code == 201
    assert (await renew(client, caller, made["declarationId"])).status_code == 409


async def test_an_expired_declaration_is_renewed_from_today(
    client: Client, caller: Caller, driver_id: str, clock: Clock
) -> None:
    made = await submit(client, caller, driver_id)
    clock.days_ahead(200)
    assert (await renew(client, caller, made["declarationId"])).json()["declarationStartDate"] == str(clock.today)


async def test_a_renewal_says_what_the_records_say_by_now(client: Client, caller: Caller, driver_id: str) -> None:
    fleet_id = (await keep(client, caller))["fleetId"]
    made = await submit(client, caller, driver_id, declarationVehiclePlateNumber=None, fleetId=fleet_id)
    await client.put(f"/drivers/{driver_id}", json={"driverAddressCity": "Gdynia"}, headers=caller.headers)
    renewed = (await renew(client, caller, made["declarationId"])).json()
    assert (renewed["driverAddressCity"], renewed["fleetId"]) == ("Gdynia", fleet_id)


async def test_the_period_may_be_named_and_the_contract_bounds_it(
    client: Client, caller: Caller, driver_id: str, clock: Clock
) -> None:
    made = await submit(client, caller, driver_id)
    after = clock.today + timedelta(days=100)
    left = {"driverContractEndDate": str(after + timedelta(days=5))}
    await client.put(f"/drivers/{driver_id}", json=left, headers=caller.headers)
    answer = await renew(client, caller, made["declarationId"], declarationStartDate=str(after))
    assert answer.json()["declarationStartDate"] == str(after)
    assert answer.json()["declarationEndDate"] == left["driverContractEndDate"]
    late = await renew(client, caller, made["declarationId"], declarationStartDate=str(after + timedelta(days=6)))
    assert (late.status_code, late.json()["code"]) == (409, "driver_left")
    wrong = await renew(client, caller, made["declarationId"], declarationEndDate="2020-01-01")
    assert wrong.status_code == 422


async def test_drafts_and_withdrawn_declarations_are_not_renewed(
    client: Client, caller: Caller, driver_id: str
) -> None:
    drafted = await make_draft(client, caller, driver_id)
    withdrawn = await submit(client, caller, driver_id)
    await client.post(f"/declarations/{withdrawn['declarationId']}/withdraw", headers=caller.headers)
    for one in (drafted, withdrawn):
        assert (await renew(client, caller, one["declarationId"])).status_code == 409


async def order(client: Client, caller: Caller, driver_id: str, **changes: Any) -> list[Said]:
    """Orders standing renewals of a driver."""
    answer = await client.post("/renewals", json={"driverId": driver_id} | changes, headers=caller.headers)
    assert answer.status_code == 201, answer.text
    found: list[Said] = answer.json()["items"]
    return found


async def test_a_standing_renewal_reminds_and_renews_without_a_gap_again_and_again(
    client: Client, caller: Caller, driver_id: str, clock: Clock, intake: Intake, drains: Drains, pool: asyncpg.Pool
) -> None:
    today = clock.today
    end = today + timedelta(days=60)
    await submit(client, caller, driver_id, declarationStartDate=str(today), declarationEndDate=str(end))
    (standing,) = await order(client, caller, driver_id, leadDays=3)
    msgspec.convert(standing, StandingRenewal)
    assert standing["renewsOn"] == str(end - timedelta(days=3))
    assert [item["renewalId"] for item in await order(client, caller, driver_id, leadDays=3)] == [standing["renewalId"]]
    for number in range(130):
        await run_day(intake, clock, today + timedelta(days=number))
        if number % 10 == 0:
            await drains.run()
    periods = sorted(
        (item["declarationStartDate"], item["declarationEndDate"]) for item in await listed(client, caller)
    )
    assert len(periods) == 3
    for (_, ended), (begun, _) in itertools.pairwise(periods):
        assert date.fromisoformat(begun) - date.fromisoformat(ended) == timedelta(days=1)
    noted = await events(pool)
    assert [kind for kind, _ in noted] == ["reminder", "reminder", "reminder", "submitted"] * 2
    assert [said["daysLeft"] for kind, said in noted if kind == "reminder"] == [30, 7, 1] * 2
    assert noted[0][1]["renewsOn"] == str(end - timedelta(days=3))
    assert await drains.run() == 0


@pytest.mark.parametrize("leaves", ["withdrawn", "driver_left", "deleted"])
async def test_nothing_is_renewed_for_who_has_left(
    client: Client, caller: Caller, driver_id: str, clock: Clock, intake: Intake, pool: asyncpg.Pool, leaves: str
) -> None:
    today = clock.today
    made = await submit(client, caller, driver_id, declarationEndDate=str(today + timedelta(days=10)))
    (standing,) = await order(client, caller, driver_id)
    address = f"/renewals/{standing['renewalId']}"
    match leaves:
        case "withdrawn":
            await client.post(f"/declarations/{made['declarationId']}/withdraw", headers=caller.headers)
        case "driver_left":
            left = {"driverContractEndDate": str(today + timedelta(days=10))}
            await client.put(f"/drivers/{driver_id}", json=left, headers=caller.headers)
        case _:
            assert (await client.delete(address, headers=caller.headers)).status_code == 200
    for number in range(15):
        await run_day(intake, clock, today + timedelta(days=number))
    assert len(await listed(client, caller)) == 1
    stopped = (await client.get(address, headers=caller.headers)).json()
    assert stopped["stoppedBecause"] == leaves
    assert ("stopped", leaves) in [(kind, said.get("because")) for kind, said in await events(pool)]


async def test_one_order_covers_all_countries_of_a_driver(
    client: Client, caller: Caller, driver_id: str, clock: Clock
) -> None:
    for host in ("FR", "DE", "DE"):
        await submit(client, caller, driver_id, declarationPostingCountry=host)
    made = await order(client, caller, driver_id)
    assert sorted(item["declarationPostingCountry"] for item in made) == ["DE", "FR"]
    found = (await client.get("/renewals?postingCountry=DE&limit=5", headers=caller.headers)).json()
    assert [item["declarationPostingCountry"] for item in found["items"]] == ["DE"]
    nothing = await client.post(
        "/renewals", json={"driverId": driver_id, "declarationPostingCountry": "ES"}, headers=caller.headers
    )
    assert (nothing.status_code, nothing.json()["problems"][0]["code"]) == (422, "nothing_to_renew")


async def test_a_worker_that_died_after_the_journal_does_not_renew_twice(
    client: Client, caller: Caller, driver_id: str, clock: Clock, intake: Intake, pool: asyncpg.Pool, drains: Drains
) -> None:
    today = clock.today
    await submit(client, caller, driver_id, declarationEndDate=str(today + timedelta(days=30)))
    await order(client, caller, driver_id, leadDays=30)
    await pool.execute("CREATE TABLE copy AS SELECT * FROM standing_renewal")
    await run_day(intake, clock, today)
    assert len(await listed(client, caller)) == 2
    # As if it had died before it wrote down what it did: the order is due again, as it was.
    await pool.execute("DELETE FROM standing_renewal")
    await pool.execute("INSERT INTO standing_renewal SELECT * FROM copy")
    assert await keep_renewals(intake, 10) == 1
    assert len(await listed(client, caller)) == 2
    assert await drains.run() == 2
    (standing,) = (await client.get("/renewals", headers=caller.headers)).json()["items"]
    renewed = (await listed(client, caller))[1]
    assert standing["declarationId"] == renewed["declarationId"]
    assert (await read(client, caller, renewed["declarationId"]))["declarationEndDate"] == standing["coveredUntil"]


async def test_what_is_due_on_one_day_is_spread_over_it(
    client: Client, caller: Caller, clock: Clock, pool: asyncpg.Pool
) -> None:
    for _ in range(12):
        await submit(client, caller, str((await create(client, caller))["driverId"]))
    for item in await listed(client, caller):
        await order(client, caller, item["driverId"])
    hours = {row["due_at"].hour for row in await pool.fetch("SELECT due_at FROM standing_renewal")}
    assert len(hours) > 4
    assert len({row["due_at"].date() for row in await pool.fetch("SELECT due_at FROM standing_renewal")}) == 1
