"""/declarations as RTPD has it (domain.md 3.3-3.5), on real servers, with the worker stopped and running."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest
from litestar.testing import AsyncTestClient

from schemas.declared import DeclarationDetail, DeclarationPage
from tests.ingest.conftest import Caller, Clock, Drains, declaration, make_caller, ndjson
from tests.ingest.test_drivers import INLINE, create
from tests.ingest.test_vehicles import register

Client = AsyncTestClient[Any]
Said = dict[str, Any]


@pytest.fixture
async def driver_id(client: Client, caller: Caller) -> str:
    """A recorded driver."""
    return str((await create(client, caller))["driverId"])


def posting(driver_id: str, **changes: Any) -> Said:
    """What RTPD's clients send to make a draft."""
    return declaration(**dict.fromkeys(INLINE), driverId=driver_id) | changes


async def make_draft(client: Client, caller: Caller, driver_id: str, **changes: Any) -> Said:
    """Makes a draft and gives the answer."""
    answer = await client.post("/declarations", json=posting(driver_id, **changes), headers=caller.headers)
    assert answer.status_code == 201, answer.text
    found: Said = answer.json()
    return found


async def submit(client: Client, caller: Caller, driver_id: str, **changes: Any) -> Said:
    """Makes a draft, submits it and gives the answer."""
    made = await make_draft(client, caller, driver_id, **changes)
    answer = await client.post(f"/declarations/{made['declarationId']}/submit", headers=caller.headers)
    assert answer.status_code == 200, answer.text
    found: Said = answer.json()
    return found


async def test_answers_are_what_the_contract_says(client: Client, caller: Caller, driver_id: str) -> None:
    drafted, submitted = await make_draft(client, caller, driver_id), await submit(client, caller, driver_id)
    for found in (drafted, submitted, await read(client, caller, submitted["declarationId"])):
        msgspec.convert(found, DeclarationDetail)
    page = (await client.get("/declarations?limit=9", headers=caller.headers)).json()
    assert msgspec.convert(page, DeclarationPage).count == 2


async def read(client: Client, caller: Caller, declaration_id: str) -> Said:
    """Reads a declaration."""
    answer = await client.get(f"/declarations/{declaration_id}", headers=caller.headers)
    assert answer.status_code == 200, answer.text
    found: Said = answer.json()
    return found


async def listed(client: Client, caller: Caller, query: str = "") -> list[Said]:
    """Reads a list in pages of two, and checks their shape."""
    found: list[Said] = []
    start = ""
    while True:
        answer = await client.get(f"/declarations?limit=2&{query}{start}", headers=caller.headers)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert page["count"] == len(page["items"]) <= 2
        found += page["items"]
        if page["lastEvaluatedKey"] is None:
            return found
        assert page["lastEvaluatedKey"] == page["items"][-1]["declarationId"]
        start = f"&startKey={page['lastEvaluatedKey']}"


# ----------------------------------------------------------------------------------------------------- drafts


async def test_a_draft_is_read_as_it_was_sent_with_its_driver(client: Client, caller: Caller, driver_id: str) -> None:
    made = await make_draft(client, caller, driver_id, externalReference="tms-9")
    assert made["declarationStatus"] == "DRAFT"
    assert made.items() >= posting(driver_id, externalReference="tms-9").items()
    assert made["driverLatinFullName"] == "Jan Nowak"
    assert "declarationSubmissionDate" not in made
    assert await read(client, caller, made["declarationId"]) == made
    assert await read(client, caller, made["declarationNumber"]) == made


async def test_a_draft_of_an_unknown_driver_is_refused(client: Client, caller: Caller, database_url: str) -> None:
    stranger = await make_caller(database_url)
    others = (await create(client, stranger))["driverId"]
    for wrong, code in ((caller.operator_id, "driver_unknown"), (others, "driver_unknown"), ("x" * 36, "not_a_uuid")):
        answer = await client.post("/declarations", json=posting(str(wrong)), headers=caller.headers)
        assert answer.status_code == 422
        assert [(one["pointer"], one["code"]) for one in answer.json()["problems"]] == [("/driverId", code)]
    nobody = await client.post("/declarations", json=posting(""), headers=caller.headers)
    assert "driver_missing" in {one["code"] for one in nobody.json()["problems"]}


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"declarationPostingCountry": "CH"}, "/declarationPostingCountry"),
        ({"declarationEndDate": "2020-01-01"}, "/declarationEndDate"),
        ({"declarationOperationType": []}, "/declarationOperationType"),
        ({"declarationTransportType": None}, "/declarationTransportType"),
        ({"otherContactAsTransportManager": False}, "/otherContactAsTransportManager"),
        ({"declarationVehiclePlateNumberHeavy": ["ZZ 999"]}, "/declarationVehiclePlateNumberHeavy/0"),
        ({"unheardOf": 1}, "/unheardOf"),
    ],
)
async def test_a_wrong_draft_is_refused_with_the_place_and_a_message(
    client: Client, caller: Caller, driver_id: str, changes: Said, pointer: str
) -> None:
    answer = await client.post("/declarations", json=posting(driver_id, **changes), headers=caller.headers)
    assert answer.status_code == 422, answer.text
    assert answer.json()["message"]
    assert pointer in {one["pointer"] for one in answer.json()["problems"]}


async def test_plates_by_weight_must_stand_in_the_register(client: Client, caller: Caller, driver_id: str) -> None:
    heavy = {"declarationVehiclePlateNumber": None, "declarationVehiclePlateNumberHeavy": ["po1ab23", "ZZ 999"]}
    await register(client, caller, plateNumber="PO 1AB23")
    answer = await client.post("/declarations", json=posting(driver_id, **heavy), headers=caller.headers)
    assert [(one["code"], one["pointer"]) for one in answer.json()["problems"] if one["severity"] == "reject"] == [
        ("plate_not_registered", "/declarationVehiclePlateNumberHeavy/1")
    ]
    await register(client, caller, plateNumber="ZZ999", vehicleWeight="HEAVY")
    made = await make_draft(client, caller, driver_id, **heavy)
    assert made["declarationVehiclePlateNumberHeavy"] == ["po1ab23", "ZZ 999"]


async def test_everything_of_a_draft_can_change(client: Client, caller: Caller, driver_id: str) -> None:
    made = await make_draft(client, caller, driver_id)
    other = (await create(client, caller, driverLatinFirstName="Adam"))["driverId"]
    address = f"/declarations/{made['declarationId']}"
    changes = {"declarationPostingCountry": "DE", "driverId": other, "declarationVehiclePlateNumber": ["WA 1"]}
    changed = await client.put(address, json=made | changes, headers=caller.headers)
    assert changed.status_code == 200, changed.text
    assert changed.json().items() >= (changes | {"driverLatinFullName": "Adam Nowak"}).items()
    assert await read(client, caller, made["declarationId"]) == changed.json()
    assert await listed(client, caller, f"driverId={driver_id}") == []


async def test_a_draft_is_deleted(client: Client, caller: Caller, driver_id: str) -> None:
    address = f"/declarations/{(await make_draft(client, caller, driver_id))['declarationId']}"
    assert (await client.delete(address, headers=caller.headers)).status_code == 200
    assert (await client.get(address, headers=caller.headers)).status_code == 404
    assert (await client.delete(address, headers=caller.headers)).status_code == 404


async def test_a_driver_with_a_draft_or_a_declaration_cannot_be_deleted(
    client: Client, caller: Caller, driver_id: str, drains: Drains
) -> None:
    async def refused() -> bool:
        answer = await client.delete(f"/drivers/{driver_id}", headers=caller.headers)
        return (answer.status_code, answer.json().get("code")) == (409, "driver_has_declarations")

    made = await make_draft(client, caller, driver_id)
    assert await refused()
    await client.post(f"/declarations/{made['declarationId']}/submit", headers=caller.headers)
    assert await refused()
    await drains.run()
    assert await refused()
    shown = (await client.get("/drivers?limit=9&withActiveDeclarations=1", headers=caller.headers)).json()
    assert [item["driverHasDeclarations"] for item in shown["items"]] == [True]


async def test_drivers_with_active_declarations_are_told_with_the_worker_stopped(
    client: Client, caller: Caller, driver_id: str, drains: Drains, clock: Clock
) -> None:
    async def active() -> int:
        answer = await client.get("/drivers?limit=9&withActiveDeclarations=1", headers=caller.headers)
        return int(answer.json()["count"])

    assert await active() == 0
    made = await submit(client, caller, driver_id)
    assert await active() == 1
    await drains.run()
    assert await active() == 1
    await client.post(f"/declarations/{made['declarationId']}/withdraw", headers=caller.headers)
    assert await active() == 0
    await submit(client, caller, driver_id)
    clock.days_ahead(300)
    assert await active() == 0


# ------------------------------------------------------------------------------------------------- submission


async def test_a_submitted_declaration_goes_the_way_of_the_pipeline(
    client: Client, caller: Caller, driver_id: str, drains: Drains, pool: asyncpg.Pool
) -> None:
    made = await submit(client, caller, driver_id)
    assert made["declarationStatus"] == "SUBMITTED"
    assert made["declarationVersion"] == 1
    assert await read(client, caller, made["declarationId"]) == made
    assert await pool.fetchval("SELECT count(*) FROM draft") == 0
    assert await drains.run() == 1
    assert await read(client, caller, made["declarationId"]) == made
    stored = await pool.fetchrow("SELECT * FROM declaration_version")
    assert stored["declaration_id"] == UUID(made["declarationId"])
    assert stored["driver_id"] == UUID(driver_id)
    assert stored["driver_last_name"] == "Nowak"
    assert stored["accepted_at"] == stored["submitted_at"]


async def test_what_the_state_forbids_is_a_conflict(
    client: Client, caller: Caller, driver_id: str, clock: Clock
) -> None:
    async def statuses(declaration_id: str) -> dict[str, int]:
        address = f"/declarations/{declaration_id}"
        return {
            "change": (await client.put(address, json={}, headers=caller.headers)).status_code,
            "delete": (await client.delete(address, headers=caller.headers)).status_code,
            "submit": (await client.post(f"{address}/submit", headers=caller.headers)).status_code,
            "amend": (await client.put(f"{address}/submit", json={}, headers=caller.headers)).status_code,
            "withdraw": (await client.post(f"{address}/withdraw", headers=caller.headers)).status_code,
        }

    drafted = (await make_draft(client, caller, driver_id))["declarationId"]
    address = f"/declarations/{drafted}"
    assert (await client.put(f"{address}/submit", json={}, headers=caller.headers)).status_code == 409
    assert (await client.post(f"{address}/withdraw", headers=caller.headers)).status_code == 409
    submitted = (await submit(client, caller, driver_id))["declarationId"]
    last = await statuses(submitted)
    assert last == {"change": 409, "delete": 409, "submit": 409, "amend": 200, "withdraw": 200}
    withdrawn = await statuses(submitted)
    assert set(withdrawn.values()) == {409}
    expired = (await submit(client, caller, driver_id))["declarationId"]
    clock.days_ahead(200)
    assert (await read(client, caller, expired))["declarationStatus"] == "EXPIRED"
    assert set((await statuses(expired)).values()) == {409}
    assert set((await statuses(str(caller.operator_id))).values()) == {404}


async def test_a_submit_repeated_after_a_crash_does_not_submit_twice(
    client: Client, caller: Caller, driver_id: str, drains: Drains, pool: asyncpg.Pool
) -> None:
    made = await make_draft(client, caller, driver_id)
    address = f"/declarations/{made['declarationId']}/submit"
    await pool.execute("CREATE TABLE copy AS SELECT * FROM draft")
    first = await client.post(address, headers=caller.headers)
    for stored in (False, True):
        await pool.execute(
            "INSERT INTO draft SELECT * FROM copy"
        )  # as if the process died before it took the draft out
        if stored:
            await drains.run()
        assert len(await listed(client, caller)) == 1
        again = await client.post(address, headers=caller.headers)
        assert (again.status_code, again.json()) == (200, first.json())
        assert await pool.fetchval("SELECT count(*) FROM draft") == 0
    assert await drains.run() == 0
    assert await pool.fetchval("SELECT count(*) FROM declaration_version") == 1


async def test_two_submits_at_once_make_one_declaration(
    client: Client, caller: Caller, driver_id: str, drains: Drains
) -> None:
    made = await make_draft(client, caller, driver_id)
    address = f"/declarations/{made['declarationId']}/submit"
    answers = await asyncio.gather(*[client.post(address, headers=caller.headers) for _ in range(4)])
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert await drains.run() == 1


# --------------------------------------------------------------------------------------------------- versions


async def test_an_amendment_is_a_new_version(
    client: Client, caller: Caller, driver_id: str, drains: Drains, clock: Clock
) -> None:
    made = await submit(client, caller, driver_id)
    address = f"/declarations/{made['declarationId']}"
    clock.days_ahead(3)
    changes = {
        "declarationEndDate": str(clock.today + timedelta(days=20)),
        "declarationOperationType": ["CABOTAGE_OPERATIONS"],
        "declarationVehiclePlateNumber": ["WA 77"],
        "driverEmail": "jan@example.pl",
    }
    for version in (2, 3):
        if version == 3:
            changes["declarationVehiclePlateNumber"] = ["WA 78"]
        amended = await client.put(f"{address}/submit", json=changes, headers=caller.headers)
        assert amended.status_code == 200, amended.text
        assert amended.json().items() >= (changes | {"declarationVersion": version}).items()
        assert amended.json()["declarationSubmissionDate"] == made["declarationSubmissionDate"]
        assert amended.json()["declarationLastUpdate"] > made["declarationLastUpdate"]
        assert await read(client, caller, made["declarationId"]) == amended.json()
    assert await drains.run() == 3
    assert await read(client, caller, made["declarationId"]) == amended.json()
    history = (await client.get(f"{address}/versions", headers=caller.headers)).json()
    assert [item["declarationVehiclePlateNumber"] for item in history["items"]] == [
        made["declarationVehiclePlateNumber"],
        ["WA 77"],
        ["WA 78"],
    ]


async def test_an_amendment_that_changes_nothing_makes_no_version(
    client: Client, caller: Caller, driver_id: str, drains: Drains
) -> None:
    made = await submit(client, caller, driver_id)
    answer = await client.put(f"/declarations/{made['declarationId']}/submit", json=made, headers=caller.headers)
    assert (answer.status_code, answer.json()) == (200, made)
    assert await drains.run() == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"declarationPostingCountry": "DE"}, "not_amendable"),
        ({"declarationStartDate": "2026-12-24"}, "not_amendable"),
        ({"driverId": "0190a6f2-7c1e-7d3a-9b54-000000000001"}, "not_amendable"),
        ({"driverLatinLastName": "Kowalski"}, "not_amendable"),
        ({"declarationEndDates": "2026-12-24"}, "unknown_field"),
        ({"declarationEndDate": "2020-12-24"}, "end_before_start"),
        ({"declarationVehiclePlateNumberLight": ["ZZ 1234"]}, "plate_not_registered"),
    ],
)
async def test_what_cannot_change_after_submission_is_refused(
    client: Client, caller: Caller, driver_id: str, drains: Drains, changes: Said, code: str
) -> None:
    made = await submit(client, caller, driver_id)
    answer = await client.put(f"/declarations/{made['declarationId']}/submit", json=changes, headers=caller.headers)
    assert answer.status_code == 422
    assert code in {one["code"] for one in answer.json()["problems"]}
    assert await drains.run() == 1


async def test_changes_at_once_each_become_a_version_of_their_own_or_are_refused(
    client: Client, caller: Caller, driver_id: str, drains: Drains, pool: asyncpg.Pool
) -> None:
    made = await submit(client, caller, driver_id)
    address = f"/declarations/{made['declarationId']}/submit"
    plates = [f"WA {number}" for number in range(10, 16)]
    answers = await asyncio.gather(
        *[client.put(address, json={"declarationVehiclePlateNumber": [one]}, headers=caller.headers) for one in plates]
    )
    assert {answer.status_code for answer in answers} <= {200, 503}
    made_versions = sorted(answer.json()["declarationVersion"] for answer in answers if answer.status_code == 200)
    assert made_versions == list(range(2, 2 + len(made_versions)))
    assert await drains.run() == 1 + len(made_versions)
    stored = await pool.fetch("SELECT version FROM declaration_version ORDER BY version")
    assert [row["version"] for row in stored] == [1, *made_versions]


async def test_of_two_changes_to_one_version_the_second_is_told(client: Client, caller: Caller, driver_id: str) -> None:
    made = await submit(client, caller, driver_id)
    address = f"/declarations/{made['declarationId']}"
    etag = (await client.get(address, headers=caller.headers)).headers["etag"]
    seen = caller.headers | {"if-match": etag}
    one = {"declarationVehiclePlateNumber": ["WA 77"]}
    assert (await client.put(f"{address}/submit", json=one, headers=seen)).status_code == 200
    second = await client.put(f"{address}/submit", json=one, headers=seen)
    assert (second.status_code, second.json()["code"]) == (412, "version_outdated")
    assert (await client.post(f"{address}/withdraw", headers=seen)).status_code == 412
    unchanged = caller.headers | {"if-none-match": (await client.get(address, headers=caller.headers)).headers["etag"]}
    assert (await client.get(address, headers=unchanged)).status_code == 304


async def test_a_withdrawal_is_the_last_version(client: Client, caller: Caller, driver_id: str, drains: Drains) -> None:
    made = await submit(client, caller, driver_id)
    address = f"/declarations/{made['declarationId']}/withdraw"
    withdrawn = await client.post(address, headers=caller.headers)
    assert (withdrawn.status_code, withdrawn.json()["declarationStatus"]) == (200, "WITHDRAWN")
    for _ in range(2):
        assert await read(client, caller, made["declarationId"]) == withdrawn.json()
        await drains.run()


async def test_a_bulk_declaration_is_amended_and_withdrawn_too(client: Client, caller: Caller, drains: Drains) -> None:
    headers = caller.headers | {"prefer": "return=representation"}
    answer = await client.post("/declarations/bulk", content=ndjson(declaration(), declaration()), headers=headers)
    found = [line["declarationId"] for line in map(json.loads, answer.text.splitlines())]
    for at, declaration_id in enumerate(found):
        if at:
            await drains.run()
        address = f"/declarations/{declaration_id}"
        amended = await client.put(
            f"{address}/submit", json={"declarationVehiclePlateNumber": ["WA 77"]}, headers=caller.headers
        )
        assert amended.json()["declarationVehiclePlateNumber"] == ["WA 77"], amended.text
        assert (await client.post(f"{address}/withdraw", headers=caller.headers)).status_code == 200
    assert [item["declarationStatus"] for item in await listed(client, caller)] == ["WITHDRAWN"] * 2


async def test_another_operators_declaration_does_not_exist(
    client: Client, caller: Caller, driver_id: str, database_url: str
) -> None:
    submitted = (await submit(client, caller, driver_id))["declarationId"]
    drafted = (await make_draft(client, caller, driver_id))["declarationId"]
    stranger = await make_caller(database_url)
    for declaration_id in (submitted, drafted):
        address = f"/declarations/{declaration_id}"
        for answer in (
            await client.get(address, headers=stranger.headers),
            await client.put(address, json={}, headers=stranger.headers),
            await client.delete(address, headers=stranger.headers),
            await client.post(f"{address}/submit", headers=stranger.headers),
            await client.put(f"{address}/submit", json={}, headers=stranger.headers),
            await client.post(f"{address}/withdraw", headers=stranger.headers),
            await client.get(f"{address}/versions", headers=stranger.headers),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert await listed(client, stranger) == []
