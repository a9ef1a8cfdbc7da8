"""POST /declarations/bulk, on real servers."""

import asyncio
import gzip
import hashlib
from typing import Any

import asyncpg
import msgspec
import pytest
import zstandard
from litestar.testing import AsyncTestClient
from redis.asyncio import Redis

from ingest.body import BLOCK_BYTES, ClientGoneError
from ingest.bulk import submit_bulk
from ingest.http import Request
from ingest.intake import Intake
from schemas import keys
from tests.ingest.conftest import SHARDS, Caller, Drains, declaration, make_caller, ndjson

Client = AsyncTestClient[Any]


async def _queued(redis: Redis) -> int:
    return sum([int(await redis.get(keys.queued(shard)) or 0) for shard in range(SHARDS)])


async def test_every_line_gets_its_own_verdict(client: Client, caller: Caller, redis: Redis) -> None:
    good, late = declaration(), declaration(declarationEndDate="2020-01-01")
    answer = await client.post("/declarations/bulk", content=ndjson(good, late, good), headers=caller.headers)
    receipt = answer.json()
    assert answer.status_code == 202
    assert (receipt["accepted"], receipt["refused"]) == (2, 1)
    assert [problem["line"] for problem in receipt["problems"]] == [2]
    assert receipt["problems"][0]["problems"][0]["pointer"].startswith("/declaration")
    assert receipt["digest"] == hashlib.sha256(ndjson(good, good)).hexdigest()
    assert await _queued(redis) == 2


async def test_bad_bytes_do_not_touch_their_neighbours(client: Client, caller: Caller) -> None:
    line = ndjson(declaration())
    body = b"\xef\xbb\xbf" + line + b"\xff\xfe\n" + b"\n" + b"null\r\n" + line.replace(b"\n", b"\r\n")
    body += b'{"a":' * 500 + b"\n" + b'{"declarationStartDate": 99999999999999999999}\n' + line[:-1]
    answer = await client.post("/declarations/bulk", content=body, headers=caller.headers)
    receipt = answer.json()
    assert (receipt["accepted"], receipt["refused"]) == (3, 4)
    assert [problem["line"] for problem in receipt["problems"]] == [2, 4, 6, 7]


async def test_findings_come_in_the_order_of_the_lines(client: Client, caller: Caller) -> None:
    warned = declaration(driverApplicableLaw="DE")
    body = ndjson(warned) + b"{}\n" + ndjson(warned, declaration(declarationEndDate="2020-01-01")) + b"[]\n"
    headers = caller.headers | {"prefer": "return=representation"}
    answer = await client.post("/declarations/bulk", content=body, headers=headers)
    verdicts = [msgspec.json.decode(line) for line in answer.content.splitlines()]
    assert [verdict["accepted"] for verdict in verdicts] == [True, False, True, False, False]
    assert all(verdict["problems"] for verdict in verdicts)


async def test_a_line_of_ten_megabytes_is_refused_alone(client: Client, caller: Caller) -> None:
    line = ndjson(declaration())
    body = line + b'{"driverLatinFirstName":"' + b"x" * 10_000_000 + b'"}\n' + line
    receipt = (await client.post("/declarations/bulk", content=body, headers=caller.headers)).json()
    assert (receipt["accepted"], receipt["refused"]) == (2, 1)
    assert receipt["problems"][0]["problems"][0]["code"] == "line_too_long"


async def test_packed_uploads_are_read(client: Client, caller: Caller) -> None:
    body = ndjson(*[declaration(externalReference=str(number)) for number in range(3000)])
    assert len(body) > 2 * BLOCK_BYTES
    for encoding, packed in (("gzip", gzip.compress(body)), ("zstd", zstandard.compress(body))):
        headers = caller.headers | {"content-encoding": encoding}
        receipt = (await client.post("/declarations/bulk", content=packed, headers=headers)).json()
        assert receipt["accepted"] == 3000
        assert receipt["digest"] == hashlib.sha256(body).hexdigest()


async def test_a_bomb_is_cut_off(client: Client, caller: Caller, redis: Redis) -> None:
    bomb = zstandard.compress(b"\0" * (256 << 20), 19)
    headers = caller.headers | {"content-encoding": "zstd"}
    answer = await client.post("/declarations/bulk", content=bomb, headers=headers)
    assert answer.status_code == 413
    assert answer.json()["code"] == "decompression_bomb"
    assert await _queued(redis) == 0


async def test_damaged_packing_keeps_nothing(client: Client, caller: Caller, redis: Redis) -> None:
    body = ndjson(*[declaration(externalReference=str(number)) for number in range(2000)])
    for encoding, packed in (("gzip", gzip.compress(body)), ("zstd", zstandard.compress(body))):
        for damaged in (packed[: len(packed) // 2], b"no such thing" + packed):
            headers = caller.headers | {"content-encoding": encoding}
            answer = await client.post("/declarations/bulk", content=damaged, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (400, "body_incomplete")
    assert await _queued(redis) == 0


async def test_a_dry_run_judges_and_keeps_nothing(client: Client, caller: Caller, redis: Redis) -> None:
    answer = await client.post("/declarations/bulk?dryRun=true", content=ndjson(declaration()), headers=caller.headers)
    assert answer.status_code == 200
    assert answer.json()["accepted"] == 1
    assert await _queued(redis) == 0


async def test_the_same_key_and_body_give_the_same_receipt(client: Client, caller: Caller, redis: Redis) -> None:
    headers = caller.headers | {"idempotency-key": "week 47"}
    body = ndjson(declaration(), declaration(declarationEndDate="2020-01-01"))
    first = await client.post("/declarations/bulk", content=body, headers=headers)
    again = await client.post("/declarations/bulk", content=body, headers=headers)
    assert again.json() == first.json()
    assert await _queued(redis) == 1
    other = await client.post("/declarations/bulk", content=ndjson(declaration(externalReference="x")), headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_two_at_once_with_one_key_count_once(client: Client, caller: Caller, redis: Redis) -> None:
    headers = caller.headers | {"idempotency-key": "week 48"}
    body = ndjson(*[declaration(externalReference=str(number)) for number in range(200)])
    answers = await asyncio.gather(
        *[client.post("/declarations/bulk", content=body, headers=headers) for _ in range(4)]
    )
    assert {answer.status_code for answer in answers} <= {202, 409}
    receipts = {answer.content for answer in answers if answer.status_code == 202}
    assert len(receipts) == 1
    assert await _queued(redis) == 200


async def test_an_upload_that_breaks_off_goes_on_where_it_was(
    client: Client, intake: Intake, caller: Caller, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.bulk.PORTION_BYTES", 0)
    monkeypatch.setattr("ingest.upload.FRAME_ROWS", 50)
    headers = caller.headers | {"idempotency-key": "week 49"}
    body = ndjson(*[declaration(externalReference=str(number)) for number in range(2_400)])
    assert len(body) > 3 * BLOCK_BYTES
    came = [{"type": "http.request", "body": body[: 2 * BLOCK_BYTES], "more_body": True}, {"type": "http.disconnect"}]
    named = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "query_string": b"", "headers": named}

    async def receive() -> Any:
        return came.pop(0)

    async def send(_message: Any) -> None:
        raise AssertionError("nobody is there to be answered")

    with pytest.raises(ClientGoneError):
        await submit_bulk(intake, Request(scope, receive, send))
    assert 0 < await _queued(redis) < 2_400
    answer = await client.post("/declarations/bulk", content=body, headers=headers)
    assert (answer.status_code, answer.json()["accepted"]) == (202, 2_400)
    assert await _queued(redis) == 2_400


async def test_representation_names_every_accepted_declaration(client: Client, caller: Caller, drains: Drains) -> None:
    headers = caller.headers | {"prefer": "return=representation"}
    body = ndjson(declaration()) + b"\n{}\n" + ndjson(declaration())
    answer = await client.post("/declarations/bulk", content=body, headers=headers)
    verdicts = [msgspec.json.decode(line) for line in answer.content.splitlines()]
    assert [(verdict["line"], verdict["accepted"]) for verdict in verdicts] == [(1, True), (3, False), (4, True)]
    for drained in (False, True):
        for verdict in (verdicts[0], verdicts[2]):
            read = await client.get(f"/declarations/{verdict['declarationId']}", headers=caller.headers)
            assert read.status_code == 200, read.text
            assert read.json()["declarationNumber"] == verdict["declarationNumber"]
            assert read.json()["declarationVehiclePlateNumber"] == ["PO 1AB23", "WA12345"]
        if not drained:
            assert await drains.run() == 2


async def test_a_submission_says_how_far_it_is(client: Client, caller: Caller, drains: Drains) -> None:
    receipt = (
        await client.post("/declarations/bulk", content=ndjson(*[declaration()] * 2500), headers=caller.headers)
    ).json()
    address = f"/submissions/{receipt['submissionId']}"
    state = (await client.get(address, headers=caller.headers)).json()
    assert (state["accepted"], state["stored"], state["published"]) == (2500, 0, 0)
    await drains.run()
    state = (await client.get(address, headers=caller.headers)).json()
    assert (state["accepted"], state["stored"], state["published"]) == (2500, 2500, 0)
    assert state["receipt"]["signature"] == receipt["signature"]


async def test_what_is_stored_is_what_was_sent(
    client: Client, caller: Caller, drains: Drains, pool: asyncpg.Pool
) -> None:
    fleets = [["AA111"], ["BB222", "CC333"], ["AA111"]]
    body = ndjson(*[declaration(declarationVehiclePlateNumber=plates) for plates in fleets])
    await client.post("/declarations/bulk", content=body, headers=caller.headers)
    assert await drains.run() == 3
    assert await drains.run() == 0
    stored = await pool.fetch("SELECT * FROM declaration_version ORDER BY declaration_id")
    assert [row["posting_country"] for row in stored] == ["FR"] * 3
    assert [row["operator_id"] for row in stored] == [caller.operator_id] * 3
    assert await pool.fetchval("SELECT count(*) FROM fleet") == 2
    assert await pool.fetchval("SELECT sum(rows) FROM operator_span") == 3
    assert await pool.fetchval("SELECT count(*) FROM lake_file") >= 2


async def test_a_key_speaks_only_for_those_who_delegated(client: Client, caller: Caller, database_url: str) -> None:
    stranger = await make_caller(database_url)
    body = ndjson(declaration(operatorId=str(stranger.operator_id)), declaration())
    receipt = (await client.post("/declarations/bulk", content=body, headers=caller.headers)).json()
    assert (receipt["accepted"], receipt["refused"]) == (1, 1)
    assert receipt["problems"][0]["problems"][0]["code"] == "operator_not_delegated"
    other = caller.headers | {"x-operator-id": str(stranger.operator_id)}
    answer = await client.post("/declarations/bulk", content=body, headers=other)
    assert (answer.status_code, answer.json()["code"]) == (403, "operator_not_delegated")


async def test_without_a_key_nothing_is_read(client: Client) -> None:
    answer = await client.post("/declarations/bulk", content=ndjson(declaration()))
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_field_that_stands_twice_is_remarked_on(client: Client, caller: Caller) -> None:
    twice = ndjson(declaration()).rstrip()[:-1] + b',"declarationPostingCountry":"DE"}'
    whole = await client.post(
        "/declarations/bulk", content=ndjson(declaration()) + twice + b"\n", headers=caller.headers
    )
    assert whole.json()["accepted"] == 2
    assert [(one["line"], one["problems"][0]["code"]) for one in whole.json()["warnings"]] == [(2, "duplicate_field")]
    single = await client.post("/declarations/submit", content=twice, headers=caller.headers)
    assert [one["pointer"] for one in single.json()["warnings"]] == ["/declarationPostingCountry"]
