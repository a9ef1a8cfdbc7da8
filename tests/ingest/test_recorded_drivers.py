"""Recorded drivers on bulk and single submissions, and changes of their details, on real servers."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from litestar.testing import AsyncTestClient
from redis.asyncio import Redis

from schemas import keys
from tests.ingest.conftest import SHARDS, Caller, Clock, Drains, declaration, make_caller, ndjson
from tests.ingest.test_declarations import driver_id, listed, make_draft, posting, read, submit
from tests.ingest.test_drivers import create

__all__ = ["driver_id"]

Client = AsyncTestClient[Any]
Said = dict[str, Any]


async def test_single_and_bulk_spell_out_the_recorded_driver(
    client: Client, caller: Caller, driver_id: str, drains: Drains, pool: asyncpg.Pool
) -> None:
    said = posting(driver_id)
    single = await client.post("/declarations/submit", json=said, headers=caller.headers)
    assert single.status_code == 202, single.text
    body = ndjson(said, declaration(driverLatinLastName="Inline"), said)
    bulk = await client.post("/declarations/bulk", content=body, headers=caller.headers)
    assert (bulk.json()["accepted"], bulk.json()["refused"]) == (3, 0)
    found = await listed(client, caller, "fields=full")
    assert [one["driverLatinLastName"] for one in found] == ["Nowak", "Nowak", "Inline", "Nowak"]
    assert [one.get("driverId") for one in found] == [driver_id, driver_id, None, driver_id]
    await drains.run()
    assert await listed(client, caller, "fields=full") == found
    stored = await pool.fetch("SELECT driver_licence_number FROM declaration_version WHERE driver_id IS NOT NULL")
    assert {row["driver_licence_number"] for row in stored} == {declaration()["driverLicenseNumber"]}


async def test_a_line_with_an_unknown_driver_is_refused_alone(
    client: Client, caller: Caller, driver_id: str, database_url: str
) -> None:
    others = (await create(client, await make_caller(database_url)))["driverId"]
    lines = [
        posting(driver_id.upper()),
        posting(str(uuid4())),
        posting(others),
        posting("not-a-uuid-but-thirty-six-characters"),
        declaration(driverId=driver_id),
        posting(driver_id, driverEmail="jan@example.pl"),
    ]
    answer = await client.post("/declarations/bulk", content=ndjson(*lines), headers=caller.headers)
    receipt = answer.json()
    assert (receipt["accepted"], receipt["refused"]) == (2, 4)
    codes = [(line["line"], line["problems"][0]["code"]) for line in receipt["problems"]]
    assert codes == [(2, "driver_unknown"), (3, "driver_unknown"), (4, "not_a_uuid"), (5, "driver_given_twice")]
    assert [one.get("driverEmail") for one in await listed(client, caller, "fields=full")] == [None, "jan@example.pl"]
    single = await client.post("/declarations/submit", json=lines[1], headers=caller.headers)
    assert (single.status_code, single.json()["problems"][0]["code"]) == (422, "driver_unknown")


async def test_the_rules_see_the_drivers_details(client: Client, caller: Caller, driver_id: str, clock: Clock) -> None:
    late = {"driverContractStartDate": str(clock.today + timedelta(days=30))}
    late_id = (await create(client, caller, **late))["driverId"]
    answer = await client.post("/declarations/submit", json=posting(late_id), headers=caller.headers)
    assert "contract_after_start" in {one["code"] for one in answer.json()["warnings"]}


async def test_new_details_reach_every_active_declaration_as_a_version(
    client: Client, caller: Caller, driver_id: str, drains: Drains, clock: Clock, pool: asyncpg.Pool
) -> None:
    soon = {"declarationEndDate": str(clock.today + timedelta(days=2))}
    expired = await submit(client, caller, driver_id, **soon)
    withdrawn = await submit(client, caller, driver_id)
    await client.post(f"/declarations/{withdrawn['declarationId']}/withdraw", headers=caller.headers)
    stored = await submit(client, caller, driver_id)
    await drains.run()
    waiting, drafted = await submit(client, caller, driver_id), await make_draft(client, caller, driver_id)
    inline = await client.post("/declarations/submit", json=declaration(), headers=caller.headers)
    clock.days_ahead(5)
    changes = {"driverLatinLastName": "Nowak-Lis", "driverAddressCity": "Gdynia", "driverId": driver_id}
    answer = await client.put(f"/drivers/{driver_id}", json=changes, headers=caller.headers)
    assert answer.status_code == 200, answer.text
    for _ in range(2):
        for one, version in ((stored, 2), (waiting, 2), (drafted, 0)):
            found = await read(client, caller, one["declarationId"])
            assert found["driverLatinFullName"] == "Jan Nowak-Lis"
            assert found["driverAddressCity"] == "Gdynia"
            assert found["declarationVersion"] == version
            assert found.get("declarationSubmissionDate") == one.get("declarationSubmissionDate")
        for one in (expired["declarationId"], withdrawn["declarationId"], inline.json()["declarationId"]):
            assert (await read(client, caller, one))["driverLatinFullName"] == "Jan Nowak"
        await drains.run()
    again = await client.put(f"/drivers/{driver_id}", json=changes, headers=caller.headers)
    assert again.json() == answer.json()
    assert await drains.run() == 0
    assert await pool.fetchval("SELECT count(*) FROM driver WHERE flowed_revision < revision") == 0


async def test_details_that_an_active_declaration_cannot_have_are_refused_whole(
    client: Client, caller: Caller, driver_id: str, drains: Drains
) -> None:
    made = await submit(client, caller, driver_id)
    answer = await client.put(f"/drivers/{driver_id}", json={"driverDateOfBirth": "1921-01-01"}, headers=caller.headers)
    assert answer.status_code == 422
    assert (await read(client, caller, made["declarationId"])) == made
    assert await drains.run() == 1


async def test_no_declaration_slips_past_a_change_of_its_driver(
    client: Client, caller: Caller, driver_id: str, drains: Drains
) -> None:
    """Declarations come in by three ways while the driver changes; in the end all say the newest."""

    async def declare(number: int) -> None:
        said = posting(driver_id, externalReference=str(number))
        match number % 3:
            case 0:
                answer = await client.post("/declarations/submit", json=said, headers=caller.headers)
            case 1:
                answer = await client.post("/declarations/bulk", content=ndjson(said), headers=caller.headers)
            case _:
                drafted = await client.post("/declarations", json=said, headers=caller.headers)
                address = f"/declarations/{drafted.json()['declarationId']}/submit"
                answer = await client.post(address, headers=caller.headers)
        assert answer.status_code in (200, 202, 503), answer.text

    async def change(number: int) -> None:
        await asyncio.sleep(0.02 * number)
        city = {"driverAddressCity": f"City {number}"}
        answer = await client.put(f"/drivers/{driver_id}", json=city, headers=caller.headers)
        assert answer.status_code in (200, 412, 503), answer.text

    await asyncio.gather(*[declare(number) for number in range(30)], *[change(number) for number in range(4)])
    await client.put(f"/drivers/{driver_id}", json={}, headers=caller.headers)
    city = (await client.get(f"/drivers/{driver_id}", headers=caller.headers)).json()["driverAddressCity"]
    for _ in range(2):
        found = await listed(client, caller, "fields=full")
        assert {one["driverAddressCity"] for one in found} == {city}
        await drains.run()


async def test_a_change_that_was_cut_off_goes_on_when_it_is_repeated(
    client: Client, caller: Caller, driver_id: str, pool: asyncpg.Pool
) -> None:
    made = await submit(client, caller, driver_id)
    await pool.execute("UPDATE driver SET driver_city = 'Gdynia', revision = 2")
    same = await client.put(f"/drivers/{driver_id}", json={"driverAddressCity": "Gdynia"}, headers=caller.headers)
    assert same.status_code == 200
    assert (await read(client, caller, made["declarationId"]))["driverAddressCity"] == "Gdynia"


async def test_an_upload_that_read_an_older_record_is_refused_whole_and_goes_through_again(
    client: Client, caller: Caller, driver_id: str, redis: Redis
) -> None:
    shard = keys.shard_of(caller.operator_id.bytes, SHARDS)
    key = keys.revision(shard, UUID(driver_id))
    await redis.set(key, 2)  # as if a change had been announced after the record was read
    headers = caller.headers | {"idempotency-key": "once"}
    body = ndjson(posting(driver_id), declaration())
    answer = await client.post("/declarations/bulk", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "changed_meanwhile")
    assert answer.headers["retry-after"]
    assert await listed(client, caller) == []
    await redis.delete(key)
    again = await client.post("/declarations/bulk", content=body, headers=headers)
    assert (again.status_code, again.json()["accepted"]) == (202, 2)


@pytest.mark.parametrize("count", [2_500])
async def test_a_driver_of_thousands_of_declarations_changes_in_one_commit(
    client: Client, caller: Caller, driver_id: str, drains: Drains, pool: asyncpg.Pool, count: int
) -> None:
    body = ndjson(*[posting(driver_id, externalReference=str(number)) for number in range(count)])
    assert (await client.post("/declarations/bulk", content=body, headers=caller.headers)).json()["accepted"] == count
    await drains.run()
    city = {"driverAddressCity": "Gdynia"}
    assert (await client.put(f"/drivers/{driver_id}", json=city, headers=caller.headers)).status_code == 200
    assert await drains.run() == count
    rows = await pool.fetch("SELECT version, driver_city, count(*) FROM declaration_version GROUP BY 1, 2 ORDER BY 1")
    assert [tuple(row) for row in rows] == [(1, "Poznan", count), (2, "Gdynia", count)]
