"""POST /declarations/matrix: drivers by countries in one request, on real servers."""

import hashlib
from typing import Any
from uuid import UUID, uuid4

import msgspec
from litestar.testing import AsyncTestClient

from ingest.matrix import MatrixReceipt
from schemas.identity import submission_of
from tests.ingest.conftest import Caller, Drains, declaration
from tests.ingest.test_declarations import listed, read
from tests.ingest.test_drivers import INLINE, create
from tests.ingest.test_fleets import keep

Client = AsyncTestClient[Any]
Said = dict[str, Any]
HOSTS = ["FR", "DE", "BE", "NL", "AT", "IT", "LU", "ES", "CZ", "DK", "SE"]


async def matrix(client: Client, caller: Caller, drivers: int, **changes: Any) -> Said:
    """A matrix of some fresh drivers and eleven countries."""
    made = [
        (await create(client, caller, driverLatinFirstName=f"Jan {letter}"))["driverId"]
        for letter in "ABCDEF"[:drivers]
    ]
    left_out = dict.fromkeys([*INLINE, "declarationPostingCountry"])
    return declaration(**left_out) | {"driverIds": made, "declarationPostingCountries": HOSTS} | changes


async def test_each_driver_is_declared_for_each_country_under_one_receipt(
    client: Client, caller: Caller, drains: Drains
) -> None:
    said = await matrix(client, caller, 3)
    answer = await client.post("/declarations/matrix", json=said, headers=caller.headers)
    assert answer.status_code == 202, answer.text
    receipt = msgspec.convert(answer.json(), MatrixReceipt)
    assert (receipt.accepted, receipt.refused) == (33, 0)
    pairs = [(driver, host) for driver in said["driverIds"] for host in HOSTS]
    assert [(verdict.driver_id, verdict.posting_country) for verdict in receipt.verdicts] == pairs
    ids = [verdict.declaration_id or "" for verdict in receipt.verdicts]
    assert {str(submission_of(UUID(one))) for one in ids} == {receipt.submission_id}
    assert receipt.digest == hashlib.sha256("".join(f"{one}\n" for one in ids).encode()).hexdigest()
    state = await client.get(f"/submissions/{receipt.submission_id}", headers=caller.headers)
    assert state.json()["accepted"] == 33
    for _ in range(2):
        found = await read(client, caller, ids[12])
        assert (found["driverId"], found["declarationPostingCountry"]) == pairs[12]
        assert found["driverLatinFullName"] == "Jan B Nowak"
        assert len(await listed(client, caller, f"submissionId={receipt.submission_id}")) == 33
        await drains.run()


async def test_a_bad_pair_does_not_refuse_its_neighbours(client: Client, caller: Caller) -> None:
    stranger = str(uuid4())
    said = await matrix(client, caller, 1, declarationPostingCountries=["FR", "PL", "EL"])
    said["driverIds"].append(stranger)
    answer = await client.post("/declarations/matrix", json=said, headers=caller.headers)
    verdicts = answer.json()["verdicts"]
    assert [one["accepted"] for one in verdicts] == [True, False, True, False, False, False]
    assert verdicts[1]["problems"][0]["code"] == "host_is_establishment"
    assert verdicts[2]["declarationPostingCountry"] == "GR"
    assert {one["problems"][0]["code"] for one in verdicts[3:]} == {"driver_unknown"}
    assert (answer.json()["accepted"], answer.json()["refused"]) == (2, 4)


async def test_a_dry_run_gives_the_same_verdicts_and_keeps_nothing(
    client: Client, caller: Caller, drains: Drains
) -> None:
    said = await matrix(client, caller, 2, declarationPostingCountries=["FR", "PL"])
    dry = await client.post("/declarations/matrix?dryRun=true", json=said, headers=caller.headers)
    assert dry.status_code == 200
    assert await listed(client, caller) == []
    done = await client.post("/declarations/matrix", json=said, headers=caller.headers)
    verdicts = [[one["accepted"] for one in answer.json()["verdicts"]] for answer in (dry, done)]
    assert verdicts[0] == verdicts[1] == [True, False, True, False]
    assert await drains.run() == 2


async def test_a_matrix_may_name_a_fleet(client: Client, caller: Caller) -> None:
    fleet_id = (await keep(client, caller))["fleetId"]
    said = await matrix(client, caller, 1, fleetId=fleet_id)
    del said["declarationVehiclePlateNumber"]
    receipt = (await client.post("/declarations/matrix", json=said, headers=caller.headers)).json()
    assert receipt["accepted"] == 11
    assert len(await listed(client, caller, f"fleetId={fleet_id}&plate=PO1AB23")) == 11


async def test_the_same_key_gives_the_same_answer(client: Client, caller: Caller, drains: Drains) -> None:
    said, headers = await matrix(client, caller, 2), caller.headers | {"idempotency-key": "spring"}
    first = await client.post("/declarations/matrix", json=said, headers=headers)
    again = await client.post("/declarations/matrix", json=said, headers=headers)
    assert again.json() == first.json()
    assert await drains.run() == 22
    other = said | {"declarationPostingCountries": ["FR"]}
    answer = await client.post("/declarations/matrix", json=other, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


async def test_pairs_that_are_covered_are_left_out_if_asked(client: Client, caller: Caller, drains: Drains) -> None:
    said = await matrix(client, caller, 2, skipCovered=True)
    first = said | {"declarationPostingCountries": ["FR", "DE"]}
    ids = [
        one["declarationId"]
        for one in (await client.post("/declarations/matrix", json=first, headers=caller.headers)).json()["verdicts"]
    ]
    for stored in (False, True):
        receipt = (await client.post("/declarations/matrix?dryRun=1", json=said, headers=caller.headers)).json()
        assert (receipt["accepted"], receipt["refused"]) == (18, 0)
        assert [one["coveredBy"] for one in receipt["verdicts"] if "coveredBy" in one] == ids
        longer = said | {"declarationStartDate": "2026-01-01"}
        assert "coveredBy" not in str(
            (await client.post("/declarations/matrix?dryRun=1", json=longer, headers=caller.headers)).json()
        )
        if not stored:
            await drains.run()


async def test_what_is_no_matrix_is_refused_with_the_place(client: Client, caller: Caller) -> None:
    said = await matrix(client, caller, 1)
    for changes, pointer in (
        ({"driverIds": []}, "/driverIds"),
        ({"declarationPostingCountries": ["CH"]}, "/declarationPostingCountries/0"),
        ({"declarationStartDate": "soon"}, "/declarationStartDate"),
        ({"driverId": said["driverIds"][0]}, "/driverId"),
    ):
        answer = await client.post("/declarations/matrix", json=said | changes, headers=caller.headers)
        assert answer.status_code == 422, answer.text
        assert pointer in {one["pointer"] for one in answer.json()["problems"]}
    many = said | {"driverIds": [str(uuid4()) for _ in range(500)]}
    assert (await client.post("/declarations/matrix", json=many, headers=caller.headers)).status_code == 413
