"""People of an operator: roles, sign-in, four eyes, on real servers."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from litestar.testing import AsyncTestClient

from tests.ingest.conftest import Caller, Drains, declaration, make_caller
from tests.ingest.test_credentials import until_refused

Client = AsyncTestClient[Any]
PASSWORD = "correct horse battery"


@dataclass(slots=True)
class Member:
    """A person who has signed in."""

    person_id: str
    email: str
    caller: Caller

    @property
    def headers(self) -> dict[str, str]:
        return self.caller.headers


async def sign_in(client: Client, email: str, password: str = PASSWORD) -> Any:
    """Tries to sign in."""
    return await client.post("/session", json={"email": email, "password": password})


async def let_in(client: Client, caller: Caller, role: str) -> Member:
    """Lets a person in and signs the person in."""
    email = f"{uuid4().hex}@example.pl"
    wanted = {"email": email, "name": f"Anna the {role}", "role": role, "password": PASSWORD}
    made = await client.post("/people", json=wanted, headers=caller.headers)
    assert made.status_code == 201, made.text
    return await back(client, made.json()["personId"], email)


async def back(client: Client, person_id: str, email: str) -> Member:
    """Signs a person in again."""
    session = await sign_in(client, email)
    assert session.status_code == 200, session.text
    return Member(person_id, email, Caller(session.json()["operatorId"], session.json()["apiKey"]))


async def test_each_role_may_do_what_is_its_own(client: Client, caller: Caller) -> None:
    may = {"administrator": (200, 202, 200), "dispatcher": (200, 202, 403), "reader": (200, 403, 403)}
    for role, expected in may.items():
        member = await let_in(client, caller, role)
        read = await client.get("/drivers?limit=1", headers=member.headers)
        submitted = await client.post("/declarations/submit", json=declaration(), headers=member.headers)
        administered = await client.get("/people", headers=member.headers)
        assert (read.status_code, submitted.status_code, administered.status_code) == expected


async def test_a_wrong_password_and_an_unknown_address_are_answered_alike(client: Client, caller: Caller) -> None:
    member = await let_in(client, caller, "reader")
    wrong = await sign_in(client, member.email, "wrong horse battery")
    unknown = await sign_in(client, "nobody@example.pl")
    assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())
    assert wrong.json()["code"] == "sign_in_wrong"
    assert (await sign_in(client, member.email.upper())).status_code == 200


async def test_after_ten_tries_nobody_gets_in_for_a_while(client: Client, caller: Caller) -> None:
    member = await let_in(client, caller, "reader")
    for _ in range(9):
        assert (await sign_in(client, member.email, "no")).status_code == 401
    answer = await sign_in(client, member.email)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 900


async def test_passwords_are_kept_as_argon2_and_never_answered(
    client: Client, caller: Caller, pool: asyncpg.Pool
) -> None:
    await let_in(client, caller, "reader")
    assert (await pool.fetchval("SELECT password_hash FROM person")).startswith("$argon2id$")
    assert "argon2" not in (await client.get("/people", headers=caller.headers)).text


async def test_signing_out_ends_the_session(client: Client, caller: Caller) -> None:
    member = await let_in(client, caller, "dispatcher")
    other = await back(client, member.person_id, member.email)
    assert (await client.delete("/session", headers=member.headers)).status_code == 200
    await until_refused(client, member.headers, 401)
    assert (await client.get("/drivers?limit=1", headers=other.headers)).status_code == 200
    assert (await client.delete("/session", headers=caller.headers)).status_code == 404


@pytest.mark.parametrize("change", [{"role": "reader"}, {"password": "another long phrase"}])
async def test_a_new_role_or_password_ends_the_sessions(client: Client, caller: Caller, change: dict[str, str]) -> None:
    member = await let_in(client, caller, "dispatcher")
    changed = await client.put(f"/people/{member.person_id}", json=change, headers=caller.headers)
    assert changed.status_code == 200
    await until_refused(client, member.headers, 401)
    assert (await sign_in(client, member.email, change.get("password", PASSWORD))).status_code == 200


async def test_who_leaves_is_out_at_once_and_stays_in_the_log(client: Client, caller: Caller) -> None:
    await let_in(client, caller, "administrator")
    member = await let_in(client, caller, "dispatcher")
    assert (await client.delete(f"/people/{member.person_id}", headers=caller.headers)).status_code == 200
    await until_refused(client, member.headers, 401)
    newest = (await client.get("/actions?limit=1", headers=caller.headers)).json()["items"][0]
    assert (newest["what"], newest["details"]) == ("person.deleted", {"name": "Anna the dispatcher"})


async def test_the_last_administrator_stays_one(client: Client, caller: Caller) -> None:
    member = await let_in(client, caller, "administrator")
    path = f"/people/{member.person_id}"
    demoted = await client.put(path, json={"role": "reader"}, headers=caller.headers)
    deleted = await client.delete(path, headers=caller.headers)
    assert [answer.json()["code"] for answer in (demoted, deleted)] == ["last_person"] * 2
    assert (await client.get("/people", headers=member.headers)).status_code == 200


async def test_one_address_is_one_person_and_others_people_are_not_touched(
    client: Client, caller: Caller, database_url: str
) -> None:
    member = await let_in(client, caller, "reader")
    wanted = {"email": member.email.upper(), "name": "x", "role": "reader", "password": PASSWORD}
    taken = await client.post("/people", json=wanted, headers=caller.headers)
    assert (taken.status_code, taken.json()["code"]) == (409, "email_taken")
    other = await make_caller(database_url)
    for method in ("PUT", "DELETE"):
        answer = await client.request(method, f"/people/{member.person_id}", json={}, headers=other.headers)
        assert answer.status_code == 404


@pytest.mark.parametrize(
    "change", [{"password": "short"}, {"email": "no address"}, {"role": "owner"}, {"name": ""}, {"email": "a@b c"}]
)
async def test_a_person_who_does_not_fit_is_refused(client: Client, caller: Caller, change: dict[str, str]) -> None:
    wanted = {"email": "a@b.pl", "name": "Anna", "role": "reader", "password": PASSWORD} | change
    assert (await client.post("/people", json=wanted, headers=caller.headers)).status_code == 422


async def test_the_log_names_the_person(client: Client, caller: Caller) -> None:
    member = await let_in(client, caller, "administrator")
    await client.post("/credentials", json={"name": "made by Anna"}, headers=member.headers)
    newest = (await client.get("/actions?limit=1", headers=member.headers)).json()["items"][0]
    assert (newest["what"], newest["personId"]) == ("credential.created", member.person_id)
    assert newest["personName"] == "Anna the administrator"


async def draft(client: Client, who: Caller | Member) -> str:
    """Makes a draft and gives its path."""
    answer = await client.post("/declarations", json=declaration(), headers=who.headers)
    assert answer.status_code == 201, answer.text
    return f"/declarations/{answer.json()['declarationId']}"


async def wants_four_eyes(client: Client, caller: Caller) -> tuple[Member, Member]:
    """Two dispatchers of an operator that wants four eyes."""
    first, second = await let_in(client, caller, "dispatcher"), await let_in(client, caller, "dispatcher")
    assert (await client.put("/four-eyes", json={"fourEyes": True}, headers=caller.headers)).status_code == 200
    await until_refused(client, first.headers, 401)
    return await back(client, first.person_id, first.email), await back(client, second.person_id, second.email)


async def test_with_four_eyes_what_one_prepared_another_submits(client: Client, caller: Caller, drains: Drains) -> None:
    first, second = await wants_four_eyes(client, caller)
    path = await draft(client, first)
    refused = await client.post(f"{path}/submit", headers=first.headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "operator_wants_four_eyes")
    assert (await client.post(f"{path}/submit", headers=second.headers)).status_code == 200
    assert await drains.run() == 1


async def test_with_four_eyes_who_changes_a_draft_last_does_not_submit_it(client: Client, caller: Caller) -> None:
    first, second = await wants_four_eyes(client, caller)
    path = await draft(client, first)
    changed = await client.put(path, json={"externalReference": "changed"}, headers=second.headers)
    assert changed.status_code == 200, changed.text
    assert (await client.post(f"{path}/submit", headers=second.headers)).status_code == 403
    assert (await client.post(f"{path}/submit", headers=first.headers)).status_code == 200


async def test_with_four_eyes_no_person_submits_past_the_drafts_but_keys_do(
    client: Client, caller: Caller, drains: Drains
) -> None:
    first, _ = await wants_four_eyes(client, caller)
    for path in ("/declarations/submit", "/declarations/bulk"):
        asked = await client.post(path, json=declaration(), headers=first.headers)
        assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    assert (await client.post("/declarations/submit", json=declaration(), headers=caller.headers)).status_code == 202
    path = await draft(client, caller)
    assert (await client.post(f"{path}/submit", headers=first.headers)).status_code == 200
    assert await drains.run() == 2


async def test_without_four_eyes_a_person_submits_what_the_same_person_prepared(client: Client, caller: Caller) -> None:
    member = await let_in(client, caller, "dispatcher")
    path = await draft(client, member)
    assert (await client.post(f"{path}/submit", headers=member.headers)).status_code == 200
