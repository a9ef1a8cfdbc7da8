"""Keys, delegations and the log of who did what, on real servers."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from litestar.testing import AsyncTestClient

from tests.ingest.conftest import Caller, declaration, make_caller, ndjson
from tests.ingest.test_drivers import driver

Client = AsyncTestClient[Any]


async def create(client: Client, caller: Caller, **wanted: Any) -> tuple[str, Caller]:
    """Makes a key and gives its id and who speaks with it."""
    answer = await client.post("/credentials", json={"name": "second"} | wanted, headers=caller.headers)
    assert answer.status_code == 201, answer.text
    return answer.json()["credentialId"], Caller(caller.operator_id, answer.json()["apiKey"])


async def own_id(client: Client, caller: Caller) -> str:
    """The id of the caller's first key."""
    listed = (await client.get("/credentials", headers=caller.headers)).json()["items"]
    found: str = listed[0]["credentialId"]
    return found


async def until_refused(client: Client, headers: dict[str, str], status: int) -> None:
    """Waits until what was announced has reached intake."""
    deadline = time.monotonic() + 10
    while (await client.get("/drivers?limit=1", headers=headers)).status_code != status:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def test_an_operator_has_several_named_keys_and_none_is_shown_twice(client: Client, caller: Caller) -> None:
    _, second = await create(client, caller, name="night job")
    answer = await client.get("/credentials", headers=caller.headers)
    assert [key["name"] for key in answer.json()["items"]] == ["test", "night job"]
    assert second.api_key not in answer.text
    assert (await client.get("/drivers?limit=1", headers=second.headers)).status_code == 200


async def test_a_key_does_what_its_scopes_say_and_no_more(client: Client, caller: Caller) -> None:
    _, reader = await create(client, caller, scopes=["read"])
    assert (await client.get("/drivers?limit=1", headers=reader.headers)).status_code == 200
    refused = await client.post("/declarations/submit", json=declaration(), headers=reader.headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    _, submitter = await create(client, caller, scopes=["read", "submit"])
    assert (await client.get("/credentials", headers=submitter.headers)).status_code == 403


async def test_a_key_ends_on_its_day(client: Client, caller: Caller, pool: asyncpg.Pool) -> None:
    past = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    refused = await client.post("/credentials", json={"name": "x", "expiresAt": past}, headers=caller.headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "end_not_to_come")
    credential_id, key = await create(client, caller, expiresAt=(datetime.now(UTC) + timedelta(hours=1)).isoformat())
    await pool.execute("UPDATE credential SET expires_at = $1 WHERE credential_id = $2",
                       datetime.now(UTC) - timedelta(seconds=1), UUID(credential_id))  # fmt: skip
    assert (await client.get("/drivers?limit=1", headers=key.headers)).status_code == 401


async def test_after_rotation_both_keys_work_until_the_overlap_ends(client: Client, caller: Caller) -> None:
    old_id, old = await create(client, caller, scopes=["read"])
    answer = await client.post(f"/credentials/{old_id}/rotate", json={"overlapHours": 2}, headers=caller.headers)
    assert answer.status_code == 201, answer.text
    new = Caller(caller.operator_id, answer.json()["apiKey"])
    assert (answer.json()["scopes"], answer.json()["replaces"]) == (["read"], old_id)
    for key in (old, new):
        assert (await client.get("/drivers?limit=1", headers=key.headers)).status_code == 200
    listed = (await client.get("/credentials", headers=caller.headers)).json()["items"]
    ends = datetime.fromisoformat(next(key for key in listed if key["credentialId"] == old_id)["expiresAt"])
    assert timedelta(hours=1.9) < ends - datetime.now(UTC) < timedelta(hours=2.1)


async def test_rotation_without_overlap_ends_the_old_key_at_once(client: Client, caller: Caller) -> None:
    old_id, old = await create(client, caller)
    await client.post(f"/credentials/{old_id}/rotate", json={"overlapHours": 0}, headers=caller.headers)
    await until_refused(client, old.headers, 401)


async def test_a_revoked_key_ends_at_once_and_the_last_administering_one_stays(client: Client, caller: Caller) -> None:
    second_id, second = await create(client, caller)
    assert (await client.delete(f"/credentials/{second_id}", headers=caller.headers)).status_code == 200
    await until_refused(client, second.headers, 401)
    last = await client.delete(f"/credentials/{await own_id(client, caller)}", headers=caller.headers)
    assert (last.status_code, last.json()["code"]) == (409, "last_administrator")
    assert (await client.get("/credentials", headers=caller.headers)).status_code == 200
    assert (await client.delete(f"/credentials/{uuid4()}", headers=caller.headers)).status_code == 404


async def test_one_key_speaks_for_all_who_delegated_until_they_take_it_back(
    client: Client, caller: Caller, database_url: str
) -> None:
    house, second = caller, await make_caller(database_url, "LT")
    key_id = await own_id(client, house)
    speaking = {"x-api-key": house.api_key, "x-operator-id": str(second.operator_id)}
    assert (await client.get("/drivers?limit=1", headers=speaking)).status_code == 403
    granted = await client.post("/delegations", json={"credentialId": key_id}, headers=second.headers)
    assert granted.status_code == 201, granted.text
    await until_refused(client, speaking, 200)
    assert (await client.post("/declarations/submit", json=declaration(), headers=speaking)).status_code == 202
    for side in (house, second):
        (listed,) = (await client.get("/delegations", headers=side.headers)).json()["items"]
        assert (listed["delegateId"], listed["operatorId"]) == (str(house.operator_id), str(second.operator_id))
    ended = await client.delete(f"/delegations/{key_id}", headers=second.headers)
    assert ended.status_code == 200
    await until_refused(client, speaking, 403)
    assert (await client.delete(f"/delegations/{key_id}", headers=second.headers)).status_code == 404


async def test_a_delegation_lends_what_the_operator_chose_until_it_ends(
    client: Client, caller: Caller, database_url: str
) -> None:
    second = await make_caller(database_url)
    key_id = await own_id(client, caller)
    speaking = {"x-api-key": caller.api_key, "x-operator-id": str(second.operator_id)}

    async def lend(**lent: Any) -> Any:
        return await client.post("/delegations", json={"credentialId": key_id} | lent, headers=second.headers)

    assert (await lend(scopes=["read"])).status_code == 201
    await until_refused(client, speaking, 200)
    line = declaration(operatorId=str(second.operator_id))
    for path, headers in (("/declarations/submit", speaking), ("/declarations", speaking), ("/drivers", speaking)):
        refused = await client.post(path, json=line, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing"), path
    by_line = await client.post("/declarations/bulk", content=ndjson(line), headers=caller.headers)
    assert (by_line.status_code, by_line.json()["refused"]) == (202, 1)
    ends = datetime.now(UTC) + timedelta(seconds=1)
    assert (await lend(expiresAt=ends.isoformat())).status_code == 201
    (listed,) = (await client.get("/delegations", headers=second.headers)).json()["items"]
    assert (listed["scopes"], datetime.fromisoformat(listed["expiresAt"])) == (["read", "submit"], ends)
    await until_refused(client, speaking, 403)
    assert datetime.now(UTC) >= ends
    wrong: dict[str, Any]
    for wrong in ({"scopes": ["administer"]}, {"scopes": []}, {"expiresAt": "2020-01-01T00:00:00Z"}):
        assert (await lend(**wrong)).status_code == 422, wrong


async def test_the_log_names_whose_delegated_key_it_was(client: Client, caller: Caller, database_url: str) -> None:
    second = await make_caller(database_url)
    key_id = await own_id(client, caller)
    await client.post("/delegations", json={"credentialId": key_id}, headers=second.headers)
    speaking = {"x-api-key": caller.api_key, "x-operator-id": str(second.operator_id)}
    await until_refused(client, speaking, 200)
    made = await client.post("/drivers", json=driver(), headers=speaking)
    deed, granted = (await client.get("/actions", headers=second.headers)).json()["items"]
    assert (deed["what"], deed["recordId"]) == ("driver.created", made.json()["driverId"])
    assert (deed["credentialId"], deed["delegateId"]) == (key_id, str(caller.operator_id))
    assert (granted["what"], granted["details"]) == (
        "delegation.granted",
        {"scopes": ["read", "submit"], "expiresAt": None},
    )
    assert "delegateId" not in granted
    assert (await client.get("/actions", headers=caller.headers)).json()["items"] == []


async def test_a_delegated_key_administers_nobody(client: Client, caller: Caller, database_url: str) -> None:
    second = await make_caller(database_url)
    await client.post("/delegations", json={"credentialId": await own_id(client, caller)}, headers=second.headers)
    speaking = {"x-api-key": caller.api_key, "x-operator-id": str(second.operator_id)}
    await until_refused(client, speaking, 200)
    for method, path in (("POST", "/credentials"), ("GET", "/credentials"), ("GET", "/actions")):
        answer = await client.request(method, path, json={"name": "back door"}, headers=speaking)
        assert (answer.status_code, answer.json()["code"]) == (403, "own_key_needed")


async def test_a_rotated_key_keeps_its_delegations_and_loses_them_with_the_old_one(
    client: Client, caller: Caller, database_url: str
) -> None:
    second = await make_caller(database_url)
    key_id = await own_id(client, caller)
    await client.post("/delegations", json={"credentialId": key_id}, headers=second.headers)
    rotated = (await client.post(f"/credentials/{key_id}/rotate", headers=caller.headers)).json()
    speaking = {"x-api-key": rotated["apiKey"], "x-operator-id": str(second.operator_id)}
    await until_refused(client, speaking, 200)
    await client.delete(f"/delegations/{key_id}", headers=second.headers)
    await until_refused(client, speaking, 403)


async def test_nothing_is_delegated_to_an_unknown_key_or_to_ones_own(client: Client, caller: Caller) -> None:
    for key_id in (str(uuid4()), await own_id(client, caller)):
        answer = await client.post("/delegations", json={"credentialId": key_id}, headers=caller.headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "credential_unknown")


async def test_the_log_says_who_did_what_newest_first_and_to_nobody_else(
    client: Client, caller: Caller, database_url: str
) -> None:
    second_id, _ = await create(client, caller, name="night job")
    await client.delete(f"/credentials/{second_id}", headers=caller.headers)
    page = (await client.get("/actions?limit=1", headers=caller.headers)).json()
    assert (page["items"][0]["what"], page["items"][0]["recordId"]) == ("credential.revoked", second_id)
    assert page["items"][0]["credentialName"] == "test"
    rest = await client.get(f"/actions?limit=5&startKey={page['lastEvaluatedKey']}", headers=caller.headers)
    (first,) = rest.json()["items"]
    assert (first["what"], first["details"]) == ("credential.created", {"name": "night job"})
    assert rest.json()["lastEvaluatedKey"] is None
    other = await make_caller(database_url)
    assert (await client.get("/actions", headers=other.headers)).json()["count"] == 0
