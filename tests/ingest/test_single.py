"""POST /declarations/submit and what is read back, on real servers."""

import asyncio
from typing import Any
from uuid import UUID

from litestar.testing import AsyncTestClient

from schemas.identity import submission_of
from tests.ingest.conftest import Caller, Drains, declaration, make_caller

Client = AsyncTestClient[Any]


async def _submit(client: Client, caller: Caller, **headers: str) -> Any:
    return await client.post("/declarations/submit", json=declaration(), headers=caller.headers | headers)


async def test_a_submitted_declaration_is_read_before_and_after_it_is_stored(
    client: Client, caller: Caller, drains: Drains
) -> None:
    answer = await _submit(client, caller)
    assert answer.status_code == 202
    submitted = answer.json()
    assert submission_of(UUID(submitted["declarationId"])) == UUID(submitted["submissionId"])
    waiting = await client.get(f"/declarations/{submitted['declarationId']}", headers=caller.headers)
    assert waiting.json()["declarationStatus"] == "SUBMITTED"
    assert await drains.run() == 1
    stored = await client.get(f"/declarations/{submitted['declarationId']}", headers=caller.headers)
    assert stored.json() == waiting.json()


async def test_many_at_once_get_a_number_each(client: Client, caller: Caller, drains: Drains) -> None:
    answers = await asyncio.gather(*[_submit(client, caller) for _ in range(50)])
    assert len({answer.json()["declarationNumber"] for answer in answers}) == 50
    assert await drains.run() == 50


async def test_a_repeated_key_gives_the_same_declaration(client: Client, caller: Caller, drains: Drains) -> None:
    key = {"idempotency-key": "truck 12, week 47"}
    first, second = await _submit(client, caller, **key), await _submit(client, caller, **key)
    assert first.json() == second.json()
    assert await drains.run() == 1
    other = declaration(declarationPostingCountry="DE")
    answer = await client.post("/declarations/submit", json=other, headers=caller.headers | key)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


async def test_two_at_once_with_one_key_make_one_declaration(client: Client, caller: Caller, drains: Drains) -> None:
    key = {"idempotency-key": "twice"}
    answers = await asyncio.gather(*[_submit(client, caller, **key) for _ in range(2)])
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert await drains.run() == 1


async def test_all_that_is_wrong_is_said_at_once(client: Client, caller: Caller) -> None:
    wrong = declaration(declarationPostingCountry="XX", declarationEndDate="tomorrow", driverLatinLastNam="Nowak")
    answer = await client.post("/declarations/submit", json=wrong, headers=caller.headers)
    document = answer.json()
    assert answer.status_code == 422
    assert {problem["pointer"] for problem in document["problems"]} >= {
        "/declarationPostingCountry",
        "/declarationEndDate",
        "/driverLatinLastNam",
    }
    assert document["message"]


async def test_what_is_no_json_is_malformed(client: Client, caller: Caller) -> None:
    for body in (b"", b"{", b"\xff", b"[" * 5000, b"null", b'"x"'):
        answer = await client.post("/declarations/submit", content=body, headers=caller.headers)
        assert answer.status_code in (400, 422), body
        assert answer.json()["problems"], body


async def test_a_declaration_of_another_operator_does_not_exist(
    client: Client, caller: Caller, database_url: str
) -> None:
    submitted = (await _submit(client, caller)).json()
    stranger = await make_caller(database_url)
    answer = await client.get(f"/declarations/{submitted['declarationId']}", headers=stranger.headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_the_service_says_how_it_is(client: Client, caller: Caller) -> None:
    await _submit(client, caller)
    assert (await client.get("/health")).status_code == 200
    assert (await client.get("/ready")).json()["ready"] is True
    assert "rtpd_queue_declarations" in (await client.get("/metrics")).text
