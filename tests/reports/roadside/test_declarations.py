"""Declarations by number, driver and operator: within the own state only, with their history, each reading logged."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pypdf import PdfReader

from ingest.copy.document import Copy
from ingest.copy.seal import live_address, seal
from schemas.identity import SerialClock, declaration_id, number_of, submission_id
from schemas.operator import Operator
from store.service_keys import service_key
from tests.reports.conftest import CONTROL, Roadside
from tests.store.lake_builder import Fleet, Version
from validate.plates import plate_key
from validate.problems import in_language, problem

_clock = SerialClock(9)


async def keep(roadside: Roadside, *versions: Version) -> None:
    """Stores versions on both sides, as a drain does."""
    await roadside.declare(*versions)
    async with roadside.pool.acquire() as connection:
        for version in versions:
            row = {
                name: UUID(bytes=value) if isinstance(value, bytes) else value for name, value in version.row().items()
            }
            await connection.copy_records_to_table(
                "declaration_version", records=[tuple(row.values())], columns=list(row)
            )
            fleet = version.fleet
            keys = [plate_key(plate).key for plate in fleet.plates]
            await connection.execute(
                "INSERT INTO fleet VALUES ($1, $2, now(), $3, $4, $5) ON CONFLICT DO NOTHING",
                *(fleet.operator_id, fleet.fleet_id, list(fleet.plates), keys, ["HEAVY"] * len(keys)),
            )


async def numbered(roadside: Roadside) -> UUID:
    """Makes an id whose number this system knows."""
    return declaration_id(submission_id(_clock.next(), await service_key(roadside.pool, "number")), 1)


async def get(roadside: Roadside, path: str, status: int = 200, **query: Any) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {roadside.token}"}
    answer = await roadside.client.get(path, params={k: str(v) for k, v in query.items()}, headers=headers)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


async def post(roadside: Roadside, path: str, status: int, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {roadside.token}"}
    answer = await roadside.client.post(path, json=body, headers=headers)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def fleet(*plates: str) -> Fleet:
    return Fleet(uuid4(), plates or ("PO 1AB23",))


async def test_a_declaration_is_found_by_its_number_read_out_with_slips(roadside: Roadside) -> None:
    version = Version(fleet(), declaration_id=await numbered(roadside))
    await keep(roadside, version)
    spoken = number_of(version.declaration_id).lower().replace("-", " ").replace("0", "o")
    found = await get(roadside, f"/declarations/{spoken}", at=CONTROL.isoformat())
    assert found["declarationId"] == str(version.declaration_id)
    assert (found["standing"], found["version"], found["newestVersion"]) == ("IN_FORCE", 1, 1)
    assert found["declared"]["driverLatinLastName"] == "Nowak"
    assert found["plates"] == [{"plate": "PO 1AB23", "weight": "HEAVY"}]
    assert [entry["kind"] for entry in found["history"]] == ["SUBMITTED"]


async def test_what_stood_is_told_next_to_what_changed_since(roadside: Roadside) -> None:
    first = Version(fleet("PO 1AB23", "WA 12345"))
    later = first.later(
        CONTROL + timedelta(hours=1), fleet=Fleet(first.fleet.operator_id, ("WA 12345", "WA 2")), end=date(2026, 5, 31)
    )
    gone = later.later(CONTROL + timedelta(days=2), withdrawn=True)
    await keep(roadside, first, later, gone)
    found = await get(roadside, f"/declarations/{first.declaration_id}", at=CONTROL.isoformat())
    assert (found["standing"], found["version"], found["newestVersion"]) == ("IN_FORCE", 1, 3)
    assert [plate["plate"] for plate in found["plates"]] == ["PO 1AB23", "WA 12345"]
    by_member = {change["member"]: change for change in found["changedSince"]}
    assert by_member["declarationEndDate"] == {
        "member": "declarationEndDate",
        "before": "2026-08-31",
        "after": "2026-05-31",
    }
    assert by_member["declarationVehiclePlateNumber"]["added"] == ["WA 2"]
    assert by_member["declarationVehiclePlateNumber"]["removed"] == ["PO 1AB23"]
    assert by_member["withdrawn"]["after"] is True
    assert [entry["kind"] for entry in found["history"]] == ["SUBMITTED", "AMENDED", "WITHDRAWN"]


async def test_before_its_submission_a_declaration_did_not_stand(roadside: Roadside) -> None:
    version = Version(fleet())
    await keep(roadside, version)
    found = await get(roadside, f"/declarations/{version.declaration_id}", at="2026-01-01T00:00:00Z")
    assert found["standing"] == "NOT_YET_SUBMITTED"


async def test_another_states_declaration_is_as_if_it_did_not_exist(roadside: Roadside) -> None:
    version = Version(fleet(), host="DE")
    await keep(roadside, version)
    for named in (version.declaration_id, uuid4(), "no-number"):
        assert (await get(roadside, f"/declarations/{named}", 404))["code"] == "not_found"
    by_operator = f"/operators/{version.fleet.operator_id}/declarations"
    assert (await get(roadside, by_operator))["declarations"] == []
    assert (await get(roadside, by_operator, 403, host="DE"))["code"] == "host_not_yours"
    assert (await get(roadside, "/drivers/declarations", licence="00123041234"))["declarations"] == []


@pytest.mark.parametrize("published", [False, True])
async def test_a_drivers_declarations_are_found_by_licence_or_by_name_and_birth(
    roadside: Roadside, published: bool
) -> None:
    vehicles = fleet()
    mine = Version(vehicles, first_name="Wałęsa", last_name="Müller")
    await keep(roadside, mine, Version(vehicles, licence_number="X9", first_name="Ewa", last_name="Kowalska"))
    if published:
        await roadside.publish()
        await roadside.compact()
    for query in (
        {"licence": "00123 04/1234"},
        {"name": "mueller walesa", "born": "1984-05-06"},
        {"name": "Müller", "born": "1984-05-06"},
    ):
        found = (await get(roadside, "/drivers/declarations", **query))["declarations"]
        assert [one["declarationId"] for one in found] == [str(mine.declaration_id)], query
        assert (found[0]["plateCount"], found[0]["driverLatinLastName"]) == (1, "Müller")
    assert (await get(roadside, "/drivers/declarations", name="Müller", born="1984-05-07"))["declarations"] == []
    assert (await get(roadside, "/drivers/declarations", 400, name="Müller"))["code"] == "parameter_wrong"


async def test_an_operators_declarations_come_in_pages(roadside: Roadside) -> None:
    vehicles = fleet()
    versions = [Version(vehicles) for _ in range(7)]
    await keep(roadside, *versions)
    path, seen, key = f"/operators/{vehicles.operator_id}/declarations", [], None
    for _ in range(3):
        page = await get(roadside, path, host="FR", limit=3, **({"startKey": key} if key else {}))
        seen += [one["declarationId"] for one in page["declarations"]]
        key = page["nextKey"]
    assert key is None
    assert seen == sorted((str(one.declaration_id) for one in versions), reverse=True)


async def test_every_reading_is_logged_with_its_purpose(roadside: Roadside) -> None:
    version = Version(fleet())
    await keep(roadside, version)
    await get(roadside, f"/declarations/{version.declaration_id}", purpose="A6, km 112", at=CONTROL.isoformat())
    await get(roadside, f"/declarations/{uuid4()}", 404)
    await get(roadside, "/drivers/declarations", licence="00123041234", purpose="same stop")
    await get(roadside, f"/operators/{version.fleet.operator_id}/declarations")
    await post(roadside, "/lookup/code", 200, {"code": "NOT-A-CODE-AT-ALL", "purpose": "copy"})
    rows = await roadside.pool.fetch("SELECT kind, verdict, purpose FROM lookup_log ORDER BY lookup_id")
    assert [tuple(row) for row in rows] == [
        ("declaration", "IN_FORCE", "A6, km 112"),
        ("declaration", "NOT_FOUND", None),
        ("driver", "FOUND", "same stop"),
        ("operator", "FOUND", None),
        ("code", "NOT_GENUINE", "copy"),
    ]


async def code_of(roadside: Roadside, version: Version) -> str:
    key = Ed25519PrivateKey.from_private_bytes(await service_key(roadside.pool, "receipt"))
    copy = Copy(
        declaration_id=version.declaration_id,
        version=version.version,
        submitted_at=version.accepted_at,
        accepted_at=version.accepted_at,
        posting_country=version.host,
        start_date=version.start,
        end_date=version.end,
        cabotage=True,
        international=True,
        goods=True,
        passengers=False,
        operator=Operator(name="Przewozy", country="PL"),
        plates=version.fleet.plates,
        driver_first_name="Jan",
        driver_last_name="Nowak",
    )
    return live_address("https://posting.example.eu", seal(copy, key))


async def test_a_code_is_genuine_until_a_newer_version_outdates_it(roadside: Roadside) -> None:
    first = Version(fleet())
    await keep(roadside, first)
    code = await code_of(roadside, first)
    answer = await post(roadside, "/lookup/code", 200, {"code": code})
    assert (answer["genuine"], answer["outdated"]) == (True, False)
    await keep(roadside, first.later(CONTROL, withdrawn=True))
    answer = await post(roadside, "/lookup/code", 200, {"code": code})
    assert (answer["genuine"], answer["outdated"], answer["declaration"]["standing"]) == (True, True, "WITHDRAWN")
    forged = code[:-2] + ("AA" if code[-2:] != "AA" else "BB")
    assert not (await post(roadside, "/lookup/code", 200, {"code": forged}))["genuine"]


async def test_a_copy_for_another_state_says_no_more_than_that_it_is_genuine(roadside: Roadside) -> None:
    version = Version(fleet(), host="DE")
    await keep(roadside, version)
    answer = await post(roadside, "/lookup/code", 200, {"code": await code_of(roadside, version)})
    assert answer == {"genuine": True, "forOtherState": True}


async def test_a_copy_is_printed_as_it_stood_and_its_code_verifies(roadside: Roadside) -> None:
    first = Version(fleet(), accepted_at=CONTROL - timedelta(days=9))
    await keep(roadside, first, first.later(CONTROL + timedelta(hours=1), end=date(2026, 9, 30)))
    operator = first.fleet.operator_id
    await roadside.pool.execute(
        "INSERT INTO operator (operator_id, name, country) VALUES ($1, 'Nowak', 'PL')", operator
    )
    headers = {"authorization": f"Bearer {roadside.token}", "accept-language": "fr"}
    path = f"/declarations/{first.declaration_id}/copy"
    said = []
    for at in (CONTROL, CONTROL + timedelta(hours=2)):
        answer = await roadside.client.get(path, params={"at": at.isoformat()}, headers=headers)
        assert answer.headers["content-type"] == "application/pdf", answer.text
        said.append("".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages))
    assert [("31/08/2026" in text, "30/09/2026" in text) for text in said] == [(True, False), (False, True)]
    await get(roadside, path, 404, at=(CONTROL - timedelta(days=10)).isoformat())
    assert await roadside.pool.fetchval("SELECT count(*) FROM lookup_log WHERE kind = 'copy'") == 2


async def test_what_changes_after_a_control_is_told_as_that(roadside: Roadside) -> None:
    first = Version(fleet(), accepted_at=CONTROL - timedelta(days=9))
    await keep(roadside, first, first.later(CONTROL + timedelta(minutes=20), end=date(2026, 9, 30)))
    body = {"at": CONTROL.isoformat(), "plate": "po-1ab 23", "place": "A6, km 112", "outcome": "to_be_examined"}
    control = await post(roadside, "/controls", 201, body)
    assert control["plateKey"] == "PO1AB23"
    found = await get(roadside, f"/declarations/{first.declaration_id}")
    assert [len(entry.get("afterControls", ())) for entry in found["history"]] == [0, 1]
    assert found["history"][1]["afterControls"][0]["place"] == "A6, km 112"


async def test_a_look_up_tells_what_stood_then_what_changed_since_and_what_came_after_a_control(
    roadside: Roadside,
) -> None:
    first = Version(fleet(), accepted_at=CONTROL - timedelta(days=9))
    await keep(roadside, first, first.later(CONTROL + timedelta(minutes=20), end=date(2026, 9, 30)))
    body = {"at": CONTROL.isoformat(), "plate": "PO 1AB23", "place": "A6", "outcome": "to_be_examined"}
    control = await post(roadside, "/controls", 201, body)
    then = await roadside.look_up("PO 1AB23", at=(CONTROL + timedelta(minutes=5)).isoformat())
    (stood,) = then["declarations"]
    assert (stood["declarationEndDate"], stood["newestVersion"]) == ("2026-08-31", 2)
    assert stood["changedSince"] == [
        {"member": "declarationEndDate", "before": "2026-08-31", "after": "2026-09-30"},
    ]
    assert "afterControls" not in stood
    assert [one["place"] for one in then["controls"]] == ["A6"]
    (now,) = (await roadside.look_up("PO 1AB23", at=(CONTROL + timedelta(hours=1)).isoformat()))["declarations"]
    assert [one["controlId"] for one in now["afterControls"]] == [control["controlId"]]
    assert "changedSince" not in now


async def test_reasons_follow_the_officers_language(roadside: Roadside) -> None:
    headers = {"authorization": f"Bearer {roadside.token}", "accept-language": "el, en;q=0.5"}
    answer = (await roadside.ask("PO 1AB23", headers)).json()
    assert answer["notice"]["legalReference"].endswith("1(3)–(6)")
    refused = await roadside.client.get("/lookup", headers={"accept-language": "el"})
    assert refused.json()["title"] == in_language(problem("unauthorised"), "el").text


async def test_a_control_of_one_driver_leaves_the_others_alone(roadside: Roadside) -> None:
    vehicles, late = fleet(), CONTROL + timedelta(minutes=20)
    jan = Version(vehicles, accepted_at=late)
    ewa = Version(vehicles, accepted_at=late, first_name="Ewa", last_name="Kowalska", licence_number="X9")
    await keep(roadside, jan, ewa)
    body = {"at": CONTROL.isoformat(), "plate": "PO 1AB23", "driverLicenceNumber": "X-9", "outcome": "exempt"}
    await post(roadside, "/controls", 201, body)
    marks = []
    for version in (jan, ewa):
        found = await get(roadside, f"/declarations/{version.declaration_id}")
        marks.append("afterControls" in found["history"][0])
    assert marks == [False, True]


async def test_a_control_sent_twice_is_kept_once_and_listed(roadside: Roadside) -> None:
    body = {"controlId": str(uuid4()), "at": CONTROL.isoformat(), "plate": "PO 1AB23", "outcome": "in_order"}
    first, second = [await post(roadside, "/controls", 201, body) for _ in range(2)]
    assert first == second
    await post(roadside, "/controls", 201, body | {"controlId": str(uuid4()), "at": "2026-04-02T08:00:00Z"})
    page = await get(roadside, "/controls", limit=1)
    assert page["controls"][0]["at"] == "2026-04-02T08:00:00Z"
    page = await get(roadside, "/controls", limit=1, startKey=page["nextKey"])
    assert (page["controls"][0]["controlId"], page["nextKey"]) == (body["controlId"], None)
    assert (await get(roadside, f"/controls/{body['controlId']}"))["outcome"] == "in_order"
    assert (await get(roadside, f"/controls/{uuid4()}", 404))["code"] == "not_found"


@pytest.mark.parametrize(
    "body",
    [
        {"outcome": "in_order"},
        {"plate": "PO 1AB23", "outcome": "hanged"},
        {"plate": "PO 1AB23", "outcome": "in_order", "at": (datetime.now(UTC) + timedelta(days=1)).isoformat()},
        {"plate": "PO 1AB23", "outcome": "in_order", "declaration": "none"},
        {"plate": "PO 1AB23", "outcome": "in_order", "declaration": str(uuid4())},
    ],
)
async def test_a_control_that_cannot_be_is_refused(roadside: Roadside, body: dict[str, Any]) -> None:
    headers = {"authorization": f"Bearer {roadside.token}"}
    answer = await roadside.client.post("/controls", json=body, headers=headers)
    assert answer.status_code in (400, 422), answer.text
