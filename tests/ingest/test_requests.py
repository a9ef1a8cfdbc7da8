"""An operator's inbox over HTTP: read, uploaded to in parts, replied to, with signed receipts and notices."""

import base64
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from litestar.testing import AsyncTestClient

from exchange.people import DeskOfficer, OperatorCaller
from exchange.record import Content, Exchange, Words
from ingest.app import Options, create_app
from store.service_keys import service_key
from tests.exchange.conftest import World, world  # noqa: F401  (a fixture)
from tests.exchange.test_uploads import PDF
from tests.ingest.conftest import SHARDS, Caller, make_caller

PART = "application/offset+octet-stream"


@pytest.fixture
async def client(database_url: str, redis_url: str, tmp_path) -> AsyncIterator[AsyncTestClient[Any]]:
    options = Options(database_url, redis_url, SHARDS, queue_limit=1_000, documents=str(tmp_path / "documents"))
    async with AsyncTestClient(create_app(options)) as client:
        yield client


@pytest.fixture
async def operator(world: World, database_url: str) -> Caller:  # noqa: F811
    caller = await make_caller(database_url)
    await world.pool.execute("UPDATE declaration_version SET operator_id = $1", caller.operator_id)
    world.operator = OperatorCaller(caller.operator_id, "PL", uuid4())
    return caller


@pytest.fixture
async def officer(world: World) -> DeskOfficer:  # noqa: F811
    return await world.officer("FR-DGT")


@pytest.fixture
async def asked(world: World, operator: Caller, officer: DeskOfficer) -> Exchange:  # noqa: F811
    return await world.request(officer)


async def test_the_inbox_tells_what_is_asked_for_by_when(client, operator, asked):
    page = (await client.get("/requests", headers=operator.headers, params={"running": "1"})).json()
    (line,) = page["items"]
    assert (line["exchangeId"], line["dates"]["due"]) == (str(asked.exchange_id), "2026-07-29")
    assert line["requesting"]["countryName"] == "Francja"  # an operator in Poland reads Polish
    shown = (await client.get(f"/requests/{asked.exchange_id}?language=en", headers=operator.headers)).json()
    assert [one["code"] for one in shown["request"]["documents"]] == ["consignment_note", "remuneration"]
    assert shown["history"][0]["content"]["text"]["language"] == "de"
    assert "pdf" in shown["media"]["consignment_note"]
    assert (await client.get("/requests?overdue=1&state=ANSWERED", headers=operator.headers)).json()["items"] == []


async def test_a_stranger_sees_no_request(client, database_url, asked):
    stranger = await make_caller(database_url)
    assert (await client.get("/requests", headers=stranger.headers)).json()["items"] == []
    answer = await client.get(f"/requests/{asked.exchange_id}", headers=stranger.headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    new = {"documentType": "remuneration", "fileName": "a.pdf", "size": 10}
    answer = await client.post(f"/requests/{asked.exchange_id}/uploads", headers=stranger.headers, json=new)
    assert answer.status_code == 404


async def test_a_file_is_resumed_receipted_and_sent(client, operator, asked, world):  # noqa: F811
    new = {"documentType": "consignment_note", "fileName": "CMR 4711.pdf", "size": len(PDF)}
    answer = await client.post(f"/requests/{asked.exchange_id}/uploads", headers=operator.headers, json=new)
    assert answer.status_code == 201
    file = answer.headers["location"]
    part = operator.headers | {"content-type": PART, "upload-offset": "0"}
    half = await client.patch(file, headers=part, content=PDF[:500_000])
    assert half.headers["upload-offset"] == "500000"
    wrong = await client.patch(file, headers=part, content=PDF)
    assert (wrong.status_code, wrong.headers["upload-offset"]) == (409, "500000")
    offset = (await client.head(file, headers=operator.headers)).headers["upload-offset"]
    receipt = (await client.patch(file, headers=part | {"upload-offset": offset}, content=PDF[500_000:])).json()
    signed = {name: receipt[name] for name in ("uploadId", "documentType", "fileName", "size", "digest", "keptAt")}
    key = Ed25519PrivateKey.from_private_bytes(await service_key(world.pool, "receipt")).public_key()
    key.verify(base64.b64decode(receipt["signature"]), msgspec.json.encode(signed, order="sorted"))
    content = await client.get(f"{file}/content", headers=operator.headers)
    assert content.content == PDF
    assert content.headers["content-disposition"].startswith("attachment")
    said = {"complete": True, "missing": [{"documentType": "remuneration", "reason": "not_held"}]}
    shown = (await client.post(f"/requests/{asked.exchange_id}/reply", headers=operator.headers, json=said)).json()
    assert shown["request"]["state"]["code"] == "ANSWERED"
    assert shown["uploads"][0]["sentIn"] == 2
    removed = await client.delete(file, headers=operator.headers)
    assert (removed.status_code, removed.json()["code"]) == (409, "upload_sent")


async def test_a_reply_comes_in_part(client, operator, asked):
    path = f"/requests/{asked.exchange_id}/reply"
    nothing = await client.post(path, headers=operator.headers)
    assert (nothing.status_code, nothing.json()["code"]) == (422, "content_missing")
    early = await client.post(path, headers=operator.headers, json={"complete": True})
    assert early.json()["code"] == "documents_left"
    text = {"text": {"text": "W przyszłym tygodniu.", "language": "pl"}}
    part = await client.post(path, headers=operator.headers, json=text)
    assert part.json()["request"]["state"]["code"] == "PARTIALLY_ANSWERED"


async def test_a_file_of_a_wrong_kind_is_refused(client, operator, asked):
    new = {"documentType": "consignment_note", "fileName": "cmr.pdf", "size": 4}
    announced = await client.post(f"/requests/{asked.exchange_id}/uploads", headers=operator.headers, json=new)
    part = operator.headers | {"content-type": PART, "upload-offset": "0"}
    answer = await client.patch(announced.headers["location"], headers=part, content=b"MZ\x90\x00")
    assert (answer.status_code, answer.json()["code"]) == (422, "upload_of_wrong_kind")
    wrong = await client.patch(announced.headers["location"], headers=operator.headers, content=b"x")
    assert wrong.status_code == 415


async def test_a_file_not_sent_yet_is_removed(client, operator, asked):
    new = {"documentType": "remuneration", "fileName": "a.pdf", "size": 100}
    announced = await client.post(f"/requests/{asked.exchange_id}/uploads", headers=operator.headers, json=new)
    file = announced.headers["location"]
    assert (await client.delete(file, headers=operator.headers)).status_code == 200
    assert (await client.get(file, headers=operator.headers)).status_code == 404


async def test_notices_are_read_in_ones_language(client, operator, officer, asked, world):  # noqa: F811
    withdrawn = Content(text=Words("Merci.", "fr"))
    await world.desk.move(officer, asked.exchange_id, "withdraw", withdrawn)
    page = (await client.get("/notices?language=en", headers=operator.headers)).json()
    assert [one["kind"] for one in page["items"]] == ["request_opened", "request_withdrawn"]
    assert page["items"][0]["subject"] == f"Request for documents {asked.shown_number}: reply by 2026-07-29"
    later = (await client.get(f"/notices?after={page['after']}", headers=operator.headers)).json()
    assert later == {"items": [], "after": page["after"]}
