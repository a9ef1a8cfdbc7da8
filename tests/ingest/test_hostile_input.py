"""What no client should send: every route refuses it with a code, none breaks, good lines around it are kept."""

import gzip
import hashlib
import zlib
from typing import Any

import msgspec
import pytest
import zstandard
from litestar.testing import AsyncTestClient

from tests.hostile import BODIES
from tests.ingest.conftest import Caller, declaration, ndjson
from tests.ingest.test_authorisation import SCOPES, SIGN_IN

Client = AsyncTestClient[Any]
_TAKING = sorted(route for route in SCOPES.keys() | SIGN_IN if route[0] in ("POST", "PUT", "PATCH"))


@pytest.mark.parametrize("name", BODIES)
async def test_no_route_breaks(client: Client, caller: Caller, name: str) -> None:
    for method, path in _TAKING:
        address = path.replace("{}", "01961111-2222-7333-8444-555500000001")
        headers = caller.headers | {"content-type": "application/json"}
        answer = await client.request(method, address, content=BODIES[name], headers=headers)
        assert answer.status_code < 500, (method, path, answer.text)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json", (method, path)
            assert answer.json()["code"], (method, path)


@pytest.mark.parametrize("name", [name for name in BODIES if name not in ("nothing", "a list of objects")])
async def test_the_lines_around_it_are_kept(client: Client, caller: Caller, name: str) -> None:
    good, bad = ndjson(declaration()), BODIES[name].replace(b"\n", b" ").replace(b"\r", b" ") + b"\r\n"
    answer = await client.post("/declarations/bulk", content=good + bad + good, headers=caller.headers)
    receipt = answer.json()
    assert (answer.status_code, receipt["accepted"], receipt["refused"]) == (202, 2, 1), receipt
    assert receipt["digest"] == hashlib.sha256(good * 2).hexdigest()
    (refused,) = receipt["problems"]
    assert refused["line"] == 2
    assert all(problem["code"] and problem["text"] for problem in refused["problems"])


async def test_bombs_of_every_packing_are_cut_off(client: Client, caller: Caller) -> None:
    zeros = b"\0" * (16 << 20)
    gzipped = b"".join(gzip.compress(zeros, 9) for _ in range(12))
    zstandard_bomb = b"".join(zstandard.compress(zeros, 19) for _ in range(12))
    for encoding, bomb in (("gzip", gzipped), ("zstd", zstandard_bomb)):
        headers = caller.headers | {"content-encoding": encoding}
        answer = await client.post("/declarations/bulk", content=bomb, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "decompression_bomb"), encoding


async def test_a_packing_that_is_not_known_or_not_what_it_says_is_refused(client: Client, caller: Caller) -> None:
    body = ndjson(declaration())
    for encoding, packed, status in (
        ("br", body, 415),
        ("gzip, gzip", gzip.compress(gzip.compress(body)), 415),
        ("deflate", zlib.compress(body), 415),
        ("gzip", body, 400),
        ("zstd", gzip.compress(body), 400),
    ):
        headers = caller.headers | {"content-encoding": encoding}
        answer = await client.post("/declarations/bulk", content=packed, headers=headers)
        assert answer.status_code == status, (encoding, answer.text)


async def test_a_single_body_has_an_end(client: Client, caller: Caller) -> None:
    body = msgspec.json.encode(declaration(externalReference="x" * (3 << 20)))
    for path in ("/declarations/submit", "/declarations", "/drivers", "/fleets", "/webhooks"):
        answer = await client.post(path, content=body, headers=caller.headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large"), path


async def test_what_stands_in_headers_and_addresses_breaks_nothing(client: Client, caller: Caller) -> None:
    for value in ("\x7f", "'; DROP TABLE operator --", "x" * 8_000, "%00", "../../etc/passwd"):
        for headers in (
            caller.headers | {"idempotency-key": value},
            caller.headers | {"accept-language": value, "accept": value, "prefer": value, "if-match": value},
            caller.headers | {"content-type": value},
            {"x-api-key": value, "x-operator-id": value},
        ):
            answer = await client.post("/declarations/submit", content=b"{}", headers=headers)
            assert 400 <= answer.status_code < 500, (value, answer.text)
        for path in ("/declarations", "/drivers", "/events", "/coverage", "/export"):
            answer = await client.get(path, params={"limit": value, "startKey": value}, headers=caller.headers)
            assert answer.status_code < 500, (path, value, answer.text)
