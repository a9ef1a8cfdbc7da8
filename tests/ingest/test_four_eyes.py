"""With four eyes nothing is submitted, changed or withdrawn by one person: a table of every way there is."""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest
from litestar.testing import AsyncTestClient

from ingest.approvals import HANDLERS
from ingest.http import RefusedError, Request
from ingest.intake import Intake
from ingest.routes import ROUTES
from ingest.standing import keep_renewals
from tests.ingest.conftest import Caller, Clock, Drains, declaration, make_caller, ndjson
from tests.ingest.test_drivers import driver as driver_of
from tests.ingest.test_people import Member, back, draft, let_in, wants_four_eyes

Client = AsyncTestClient[Any]
REFUSED = (403, "operator_wants_four_eyes")


@dataclass(slots=True)
class Records:
    """What an operator has by the time four eyes are wanted, made with its key."""

    declaration_id: str
    driver_id: str
    fleet_id: str
    driver: dict[str, Any]
    fleet: dict[str, Any]


async def records_of(client: Client, caller: Caller) -> Records:
    """A driver, a fleet, and a declaration that names both, in force."""
    driver = driver_of(externalReference="driver-1")
    fleet = {"fleetName": "North", "declarationVehiclePlateNumber": ["PO 1AB23"], "externalReference": "fleet-1"}
    made_driver = (await client.post("/drivers", json=driver, headers=caller.headers)).json()
    made_fleet = (await client.post("/fleets", json=fleet, headers=caller.headers)).json()
    said = {name: value for name, value in declaration().items() if not name.startswith("driver")}
    said |= {"driverId": made_driver["driverId"], "fleetId": made_fleet["fleetId"]}
    del said["declarationVehiclePlateNumber"]
    answer = await client.put("/declarations/by-reference/known", json=said, headers=caller.headers)
    assert answer.status_code == 201, answer.text
    return Records(answer.json()["declarationId"], made_driver["driverId"], made_fleet["fleetId"], driver, fleet)


def ways(known: Records) -> dict[str, tuple[str, str, Any]]:
    """Every request that would submit, change or withdraw: method, address, body."""
    one, path = declaration(), f"/declarations/{known.declaration_id}"
    whole = {name: value for name, value in one.items() if not name.startswith("driver")}
    period = {name: one[name] for name in ("declarationStartDate", "declarationEndDate")}
    matrix = period | {
        "driverIds": [known.driver_id],
        "declarationPostingCountries": ["DE", "AT"],
        "fleetId": known.fleet_id,
        "declarationOperationType": ["INTERNATIONAL_CARRIAGE"],
        "declarationTransportType": ["CARRIAGE_OF_GOODS"],
        "otherContactAsTransportManager": True,
    }
    heading = ",".join(one)
    cells = ",".join(";".join(cell) if isinstance(cell, list) else str(cell) for cell in one.values())
    return {
        "single": ("POST", "/declarations/submit", one),
        "bulk": ("POST", "/declarations/bulk", ndjson(one, one)),
        "file": ("POST", "/declarations/files", f"{heading}\n{cells}\n".encode()),
        "matrix": ("POST", "/declarations/matrix", matrix),
        "by reference, new": ("PUT", "/declarations/by-reference/new", one),
        "by reference, known": ("PUT", "/declarations/by-reference/known", whole | {"driverId": known.driver_id}),
        "amend": ("PUT", f"{path}/submit", {"declarationOperationType": ["CABOTAGE_OPERATIONS"]}),
        "standing renewal": ("POST", "/renewals", {"driverId": known.driver_id}),
        "driver": ("PUT", f"/drivers/{known.driver_id}", {"driverAddressCity": "Gdansk"}),
        "driver by reference": ("PUT", "/drivers/by-reference/driver-1", {"driverAddressCity": "Sopot"}),
        "fleet": ("PUT", f"/fleets/{known.fleet_id}", {"declarationVehiclePlateNumber": ["WA 12345"]}),
        "fleet by reference": ("PUT", "/fleets/by-reference/fleet-1", {"declarationVehiclePlateNumber": ["WA 54321"]}),
        "renew": ("POST", f"{path}/renew", {}),
        "withdraw": ("POST", f"{path}/withdraw", {}),
    }


async def send(client: Client, who: Caller | Member, way: tuple[str, str, Any]) -> Any:
    method, path, body = way
    content = {"content": body} if isinstance(body, bytes) else {"json": body}
    return await client.request(method, path, headers=who.headers, **content)


async def test_on_every_way_one_person_only_asks_and_another_approves(
    client: Client, caller: Caller, drains: Drains
) -> None:
    known = await records_of(client, caller)
    first, second = await wants_four_eyes(client, caller)
    assert await drains.run() == 1
    for name, way in ways(known).items():
        asked = await send(client, first, way)
        assert (asked.status_code, asked.json()["state"]) == (202, "waiting"), (name, asked.text)
        assert await drains.run() == 0, name
        path = f"/approvals/{asked.json()['approvalId']}"
        alone = await client.post(f"{path}/approve", headers=first.headers)
        assert (alone.status_code, alone.json()["code"]) == REFUSED, name
        by_key = await client.post(f"{path}/approve", headers=caller.headers)
        assert (by_key.status_code, by_key.json()["code"]) == REFUSED, name
        approved = await client.post(f"{path}/approve", headers=second.headers)
        assert approved.status_code in (200, 201, 202), (name, approved.text)
        if name not in ("standing renewal",):
            assert await drains.run() >= 1, name
        again = await client.post(f"{path}/approve", headers=second.headers)
        assert (again.status_code, again.json()["code"]) == (409, "approval_decided"), name
    found = (await client.get("/approvals?state=approved", headers=second.headers)).json()
    assert found["count"] == len(ways(known))
    done = (await client.get("/actions?limit=250", headers=caller.headers)).json()["items"]
    assert (
        sum(one["what"] == "approval.given" and one["personId"] == second.person_id for one in done) == found["count"]
    )
    withdrawn = next(one for one in done if one["what"] == "declaration.withdrawn")
    assert (withdrawn["recordId"], withdrawn["personId"]) == (known.declaration_id, second.person_id)


def test_every_route_that_can_submit_is_kept_from_one_person() -> None:
    harmless = {"/session", "/coverage", "/webhooks", "/people", "/four-eyes", "/credentials", "/delegations"}
    plain = {
        (method, path)
        for path, methods in ROUTES.items()
        for method, route in methods.items()
        if method in ("POST", "PUT")
        and getattr(route, "__wrapped__", None) not in HANDLERS.values()
        and not any(path.startswith(one) for one in harmless)
    }
    assert plain == {
        ("POST", "/declarations"),  # a draft
        ("PUT", "/declarations/{declaration_id:str}"),  # a draft
        ("POST", "/declarations/{declaration_id:str}/submit"),  # a draft of somebody else's, tested with people
        ("POST", "/declarations/{declaration_id:str}/print"),
        ("POST", "/declarations/{declaration_id:str}/email"),
        ("POST", "/drivers"),  # no declaration names a new record
        ("POST", "/plate-numbers"),  # declarations keep what they declared
        ("POST", "/plate-numbers/files"),
        ("PUT", "/plate-numbers/by-reference/{reference:path}"),
        ("PUT", "/plate-numbers/{plate_number_id:str}"),
        ("POST", "/fleets"),
        ("POST", "/requests/{request_id:str}/reply"),
        ("POST", "/requests/{request_id:str}/uploads"),
        ("POST", "/approvals/{approval_id:str}/approve"),
    }


async def test_what_submits_is_refused_to_a_person_even_past_the_routes(
    client: Client, caller: Caller, intake: Intake
) -> None:
    await records_of(client, caller)
    first, _ = await wants_four_eyes(client, caller)
    named = {"path_params": {"reference": "/x", "declaration_id": str(uuid4())}, "query_string": b""}
    scope = named | {"headers": [(name.encode(), value.encode()) for name, value in first.headers.items()]}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": msgspec.json.encode(declaration())}

    async def send(message: Any) -> None:
        pytest.fail(f"answered {message}")

    for name, handler in HANDLERS.items():
        with pytest.raises(RefusedError) as refused:
            await handler(intake, Request(dict(scope), receive, send))
        assert refused.value.code == "operator_wants_four_eyes", name


async def test_what_only_looks_needs_nobody_else(client: Client, caller: Caller, drains: Drains) -> None:
    known = await records_of(client, caller)
    first, _ = await wants_four_eyes(client, caller)
    await drains.run()
    for name in ("bulk", "file", "matrix", "fleet", "fleet by reference"):
        method, path, body = ways(known)[name]
        looked = await send(client, first, (method, f"{path}?dryRun=true", body))
        assert looked.status_code == 200, (name, looked.text)
    for query in ("dryRun=true&dryRun=false", "dryRun=false&dryRun=true", "dry%52un=true"):
        for name in ("bulk", "matrix", "fleet"):
            method, path, body = ways(known)[name]
            answer = await send(client, first, (method, f"{path}?{query}", body))
            assert answer.status_code in (200, 202, 403), (name, query, answer.text)
    assert await drains.run() == 0


async def test_a_draft_under_a_reference_is_submitted_by_another_person(client: Client, caller: Caller) -> None:
    await records_of(client, caller)
    first, second = await wants_four_eyes(client, caller)
    made = await client.put("/declarations/by-reference/r1?draft=true", json=declaration(), headers=first.headers)
    assert (made.status_code, made.json()["declarationStatus"]) == (201, "DRAFT")
    path = f"/declarations/{made.json()['declarationId']}/submit"
    alone = await client.post(path, headers=first.headers)
    assert (alone.status_code, alone.json()["code"]) == REFUSED
    assert (await client.post(path, headers=second.headers)).status_code == 200
    known = {"otherContactAsTransportManager": True, "declarationOperationType": ["CABOTAGE_OPERATIONS"]}
    past = await client.put("/declarations/by-reference/known?draft=true", json=known, headers=first.headers)
    assert (past.status_code, past.json()["code"]) == REFUSED


async def test_what_is_submitted_is_the_draft_that_the_other_one_left(client: Client, caller: Caller) -> None:
    first, second = await wants_four_eyes(client, caller)
    path = await draft(client, first)
    read = await client.get(path, headers=second.headers)
    changed = await client.put(path, json={"externalReference": "mine"}, headers=caller.headers)
    assert changed.status_code == 200
    outdated = await client.post(f"{path}/submit", headers=second.headers | {"if-match": read.headers["etag"]})
    assert outdated.status_code == 412
    by_number = f"/declarations/{(await client.get(path, headers=first.headers)).json()['declarationNumber']}/submit"
    assert (await client.post(by_number, headers=first.headers)).status_code == 403
    assert (await client.post(by_number, headers=second.headers)).status_code == 200


async def test_a_standing_renewal_approved_once_renews_by_itself(
    client: Client, caller: Caller, clock: Clock, intake: Intake, drains: Drains
) -> None:
    known = await records_of(client, caller)
    first, second = await wants_four_eyes(client, caller)
    asked = await send(client, first, ("POST", "/renewals", {"driverId": known.driver_id}))
    await client.post(f"/approvals/{asked.json()['approvalId']}/approve", headers=second.headers)
    assert await drains.run() == 1
    clock.days_ahead(89)
    assert await keep_renewals(intake, 10) == 1
    assert await drains.run() == 1


async def test_no_person_makes_what_would_let_one_submit_alone(client: Client, caller: Caller) -> None:
    await let_in(client, caller, "administrator")
    admin = await let_in(client, caller, "administrator")
    await wants_four_eyes(client, caller)
    admin = await back(client, admin.person_id, admin.email)
    person = {"email": f"{uuid4().hex}@example.pl", "name": "Puppet", "role": "dispatcher", "password": "x" * 12}
    key = str(uuid4())
    for method, path, body in (
        ("POST", "/credentials", {"name": "mine"}),
        ("POST", f"/credentials/{key}/rotate", {}),
        ("POST", "/delegations", {"credentialId": key}),
        ("POST", "/people", person),
        ("PUT", f"/people/{admin.person_id}", {"password": "y" * 12}),
        ("PUT", "/four-eyes", {"fourEyes": False}),
    ):
        refused = await send(client, admin, (method, path, body))
        assert (refused.status_code, refused.json()["code"]) == (403, "four_eyes_want_a_key"), path
    assert (await client.get("/people", headers=admin.headers)).status_code == 200
    assert (await client.put("/four-eyes", json={"fourEyes": False}, headers=caller.headers)).status_code == 200


async def test_what_waits_is_read_whole_refused_or_taken_back_and_never_another_operators(
    client: Client, caller: Caller, database_url: str
) -> None:
    first, second = await wants_four_eyes(client, caller)
    one = ndjson(declaration())
    asked = await send(client, first, ("POST", "/declarations/bulk", one))
    path = f"/approvals/{asked.json()['approvalId']}"
    assert (await client.get(f"{path}/content", headers=second.headers)).content == one
    stranger = await make_caller(database_url)
    for method, address in (("GET", f"{path}/content"), ("POST", f"{path}/approve"), ("DELETE", path)):
        assert (await client.request(method, address, headers=stranger.headers)).status_code == 404
    assert (await client.delete(path, headers=first.headers)).status_code == 200
    assert (await client.post(f"{path}/approve", headers=second.headers)).status_code == 409
    assert (await client.get(f"{path}/content", headers=second.headers)).status_code == 409
    assert (await client.get("/approvals?state=lost", headers=second.headers)).status_code == 400


async def test_two_who_approve_at_once_do_it_once(client: Client, caller: Caller, drains: Drains) -> None:
    first, second = await wants_four_eyes(client, caller)
    third = await let_in(client, caller, "dispatcher")
    asked = [await send(client, first, ("POST", "/declarations/bulk", ndjson(declaration()))) for _ in range(8)]
    paths = [f"/approvals/{one.json()['approvalId']}/approve" for one in asked]
    answers = await asyncio.gather(
        *(client.post(path, headers=who.headers) for path in paths for who in (second, third))
    )
    assert sorted(answer.status_code for answer in answers) == [202] * 8 + [409] * 8
    assert await drains.run() == 8


async def test_what_was_cut_off_is_ended_by_who_began_or_refused_later(
    client: Client, caller: Caller, clock: Clock, pool: asyncpg.Pool, drains: Drains
) -> None:
    first, second = await wants_four_eyes(client, caller)
    third = await let_in(client, caller, "dispatcher")
    paths = []
    for _ in range(2):
        asked = await send(client, first, ("POST", "/declarations/bulk", ndjson(declaration())))
        paths.append(f"/approvals/{asked.json()['approvalId']}")
    begun = "UPDATE approval SET state = 'approving', decided_by = $1, decided_at = now()"
    await pool.execute(begun, UUID(second.person_id))
    assert (await client.post(f"{paths[0]}/approve", headers=third.headers)).status_code == 409
    assert (await client.delete(paths[0], headers=third.headers)).status_code == 409
    assert (await client.post(f"{paths[0]}/approve", headers=second.headers)).status_code == 202
    clock.days_ahead(1)
    assert (await client.delete(paths[1], headers=third.headers)).status_code == 200
    assert await drains.run() == 1


@pytest.mark.parametrize("wrong", [{"driverId": "none"}, {"driverId": str(UUID(int=1))}])
async def test_what_is_refused_on_approval_waits_on(client: Client, caller: Caller, wrong: dict[str, str]) -> None:
    first, second = await wants_four_eyes(client, caller)
    asked = await send(client, first, ("POST", "/renewals", wrong))
    path = f"/approvals/{asked.json()['approvalId']}"
    assert (await client.post(f"{path}/approve", headers=second.headers)).status_code == 422
    (waiting,) = (await client.get("/approvals?state=waiting", headers=second.headers)).json()["items"]
    assert waiting["approvalId"] == asked.json()["approvalId"]
