"""Webhooks on real servers: a receiver that listens, checks signatures and answers as it is told."""

import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import asyncpg
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import AsyncTestClient

from ingest.app import Options, create_app
from ingest.http import RefusedError
from ingest.webhooks.sending import Sender, _is_public, check_address
from ingest.webhooks.signing import SignatureError, check, new_secret, signed
from ingest.webhooks.worker import BACK_OFF, make_deliveries, send_due
from tests.ingest.conftest import SHARDS, Caller, make_caller
from tests.ingest.test_vehicles import register

Client = AsyncTestClient[Any]


@dataclass(slots=True)
class Receiver:
    """A server that keeps what comes and answers with `status`."""

    url: str = ""
    status: int = 200
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def listening() -> Iterator[Receiver]:
    """A receiver on this machine, in a thread: the client of the tests holds up their loop while it asks."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(receiver.status)
            if receiver.status == 302:
                self.send_header("location", "http://127.0.0.1:1/")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    yield receiver
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that takes everything."""
    with listening() as receiver:
        yield receiver


@pytest.fixture
async def inside(database_url: str, redis_url: str) -> AsyncIterator[Client]:
    """A client of an intake whose webhooks may go to this machine."""
    app = create_app(Options(database_url, redis_url, SHARDS, queue_limit=1_000, private_webhooks=True))
    async with AsyncTestClient(app) as client:
        yield client


@pytest.fixture
async def sender() -> AsyncIterator[Sender]:
    """What the worker sends with, allowed to reach this machine."""
    sender = Sender(allow_private=True)
    yield sender
    await sender.close()


async def hook(client: Client, caller: Caller, url: str, **wanted: Any) -> dict[str, Any]:
    """Makes a webhook."""
    answer = await client.post("/webhooks", json={"url": url} | wanted, headers=caller.headers)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def log(client: Client, caller: Caller, webhook: dict[str, Any]) -> list[dict[str, Any]]:
    """The delivery log of a webhook, newest first."""
    answer = await client.get(f"/webhooks/{webhook['webhookId']}/deliveries", headers=caller.headers)
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_an_event_is_sent_once_signed_and_logged(
    inside: Client, caller: Caller, pool: asyncpg.Pool, sender: Sender, receiver: Receiver
) -> None:
    webhook = await hook(inside, caller, receiver.url)
    vehicle = await register(inside, caller)
    now = datetime.now(UTC)
    assert await make_deliveries(pool, now) == 1
    assert await make_deliveries(pool, now) == 0
    assert await send_due(pool, sender, now) == 1
    assert await send_due(pool, sender, now) == 0
    ((headers, body),) = receiver.got
    check(webhook["secret"], headers, body, now.timestamp())
    event = msgspec.json.decode(body)
    assert (event["eventType"], event["recordId"]) == ("vehicle.created", vehicle["plateNumberId"])
    (delivery,) = await log(inside, caller, webhook)
    assert (delivery["status"], delivery["attempts"], delivery.get("dueAt")) == (200, 1, None)
    assert delivery["deliveredAt"]


async def test_events_from_before_the_webhook_other_kinds_and_other_operators_are_not_sent(
    inside: Client, caller: Caller, database_url: str, pool: asyncpg.Pool, receiver: Receiver
) -> None:
    await register(inside, caller)
    await hook(inside, caller, receiver.url, kinds=["vehicle.deleted"])
    made = await register(inside, caller, plateNumber="PO 2")
    await register(inside, await make_caller(database_url))
    await inside.delete(f"/plate-numbers/{made['plateNumberId']}", headers=caller.headers)
    assert await make_deliveries(pool, datetime.now(UTC)) == 1
    assert await pool.fetchval("SELECT kind FROM webhook_delivery") == "vehicle.deleted"


async def test_what_is_not_taken_is_tried_again_later_and_later_and_at_last_given_up(
    inside: Client, caller: Caller, pool: asyncpg.Pool, sender: Sender, receiver: Receiver
) -> None:
    webhook = await hook(inside, caller, receiver.url)
    await register(inside, caller)
    receiver.status, now = 503, datetime.now(UTC)
    await make_deliveries(pool, now)
    for pause in BACK_OFF:
        assert await send_due(pool, sender, now) == 1
        assert await send_due(pool, sender, now + timedelta(seconds=pause - 1)) == 0
        now += timedelta(seconds=pause)
    assert await send_due(pool, sender, now) == 1
    assert await send_due(pool, sender, now + timedelta(days=30)) == 0
    (delivery,) = await log(inside, caller, webhook)
    assert (delivery["attempts"], delivery["status"], delivery["reason"]) == (len(BACK_OFF) + 1, 503, "refused")
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1


async def test_a_replay_sends_the_same_body_under_the_same_id(
    inside: Client, caller: Caller, pool: asyncpg.Pool, sender: Sender, receiver: Receiver
) -> None:
    webhook = await hook(inside, caller, receiver.url)
    await register(inside, caller)
    now = datetime.now(UTC)
    await make_deliveries(pool, now)
    await send_due(pool, sender, now)
    (delivery,) = await log(inside, caller, webhook)
    path = f"/webhooks/{webhook['webhookId']}/deliveries/{delivery['deliveryId']}/replay"
    assert (await inside.post(path, headers=caller.headers)).status_code == 202
    later = datetime.now(UTC) + timedelta(seconds=90)
    assert await send_due(pool, sender, later) == 1
    (first, body), (second, again) = receiver.got
    assert (first["webhook-id"], body) == (second["webhook-id"], again)
    check(webhook["secret"], second, again, later.timestamp())


async def test_the_test_button_says_what_came_back(inside: Client, caller: Caller, receiver: Receiver) -> None:
    webhook = await hook(inside, caller, receiver.url)
    path = f"/webhooks/{webhook['webhookId']}/test"
    assert (await inside.post(path, headers=caller.headers)).json() == {"delivered": True, "status": 200}
    assert msgspec.json.decode(receiver.got[0][1])["eventType"] == "webhook.test"
    receiver.status = 410
    assert (await inside.post(path, headers=caller.headers)).json()["status"] == 410
    logged = [(one["kind"], one["attempts"], one["status"]) for one in await log(inside, caller, webhook)]
    assert logged == [("webhook.test", 1, 410), ("webhook.test", 1, 200)]


async def test_a_receiver_that_is_away_is_named_so(inside: Client, caller: Caller) -> None:
    with listening() as gone:
        url = gone.url
    webhook = await hook(inside, caller, url)
    answer = await inside.post(f"/webhooks/{webhook['webhookId']}/test", headers=caller.headers)
    assert answer.json()["delivered"] is False
    assert "unreachable" in answer.json()["reason"]


async def test_redirects_are_not_followed(inside: Client, caller: Caller, receiver: Receiver) -> None:
    receiver.status = 302
    webhook = await hook(inside, caller, receiver.url)
    answer = await inside.post(f"/webhooks/{webhook['webhookId']}/test", headers=caller.headers)
    assert answer.json() == {"delivered": False, "status": 302, "reason": "refused"}


async def test_while_a_webhook_is_paused_its_events_wait(
    inside: Client, caller: Caller, pool: asyncpg.Pool, receiver: Receiver
) -> None:
    webhook = await hook(inside, caller, receiver.url, paused=True)
    path = f"/webhooks/{webhook['webhookId']}"
    await inside.put(path, json={"paused": True}, headers=caller.headers)
    await register(inside, caller)
    assert await make_deliveries(pool, datetime.now(UTC)) == 0
    assert (await inside.put(path, json={"paused": False}, headers=caller.headers)).json()["paused"] is False
    assert await make_deliveries(pool, datetime.now(UTC)) == 1
    assert (await inside.delete(path, headers=caller.headers)).status_code == 200
    assert (await inside.get("/webhooks", headers=caller.headers)).json() == {"items": []}


async def test_others_neither_see_nor_test_a_webhook(
    inside: Client, caller: Caller, database_url: str, receiver: Receiver
) -> None:
    webhook = await hook(inside, caller, receiver.url)
    other = await make_caller(database_url)
    path = f"/webhooks/{webhook['webhookId']}"
    for method, at in (("DELETE", path), ("POST", f"{path}/test"), ("GET", f"{path}/deliveries")):
        assert (await inside.request(method, at, headers=other.headers)).status_code == 404
    assert webhook["secret"] not in (await inside.get("/webhooks", headers=caller.headers)).text


PRIVATE = [
    "http://tms.example.com/",
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://10.0.0.7/hook",
    "https://169.254.169.254/latest/meta-data",
    "https://[::ffff:192.168.1.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://localhost/",
    "https://intake/",
    "https://user:word@tms.example.com/",
    "ftp://tms.example.com/",
    "https://tms.example.com:99999/",
    "https:///hook",
    "tms.example.com",
]


@pytest.mark.parametrize("url", PRIVATE)
async def test_addresses_inside_the_network_are_refused_at_once(client: Client, caller: Caller, url: str) -> None:
    answer = await client.post("/webhooks", json={"url": url}, headers=caller.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "address_not_public")


async def test_a_name_that_points_inside_is_refused_when_it_is_sent_to(receiver: Receiver) -> None:
    sender = Sender(allow_private=False)
    url = receiver.url.replace("http://127.0.0.1", "https://localhost.localdomain")
    check_address(url, allow_private=False)
    outcome = await sender.send(url.replace("localhost.localdomain", "localhost."), new_secret(), "1", 0, b"{}")
    await sender.close()
    assert not outcome.delivered
    assert not receiver.got


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2a00:1450:4001::8", True),
        ("127.0.0.1", False),
        ("100.64.0.1", False),
        ("192.168.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("2002:7f00:1::", False),
        ("64:ff9b::a00:1", False),
    ],
)
def test_what_is_public_is_told_from_what_is_not(address: str, public: bool) -> None:
    assert _is_public(address) is public


@given(st.binary(max_size=200), st.integers(0, 2**33), st.integers(-300, 300))
def test_a_signature_holds_within_the_replay_window(body: bytes, timestamp: int, age: int) -> None:
    secret = new_secret()
    check(secret, signed(secret, "id", timestamp, body), body, timestamp + age)


@given(st.binary(min_size=1, max_size=200), st.integers(0, 199), st.integers(1, 255))
def test_a_changed_byte_another_secret_or_an_old_request_is_refused(body: bytes, place: int, change: int) -> None:
    secret, place = new_secret(), place % len(body)
    headers = signed(secret, "id", 1_000, body)
    forged = body[:place] + bytes([body[place] ^ change]) + body[place + 1 :]
    for given_secret, given_body, now in (
        (secret, forged, 1_000),
        (new_secret(), body, 1_000),
        (secret, body, 1_301),
        (secret, body, 699),
    ):
        with pytest.raises(SignatureError):
            check(given_secret, headers, given_body, now)


def test_only_http_is_spoken_even_inside() -> None:
    with pytest.raises(RefusedError):
        check_address("file:///etc/passwd", allow_private=True)


def test_the_check_of_a_signature_in_the_documentation_works() -> None:
    text = (Path(__file__).parents[2] / "docs" / "operators.md").read_text("utf-8")
    (code,) = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "is_genuine" in block]
    names: dict[str, Any] = {}
    exec(code, names)
    secret, body, now = new_secret(), b"{}", int(time.time())
    assert names["is_genuine"](secret, signed(secret, "1", now, body), body)
    assert not names["is_genuine"](secret, signed(secret, "1", now, body), b"{ }")
    assert not names["is_genuine"](secret, signed(secret, "1", now - 600, body), body)
