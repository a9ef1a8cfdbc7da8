"""The officers' application from outside: who may ask, what is refused and how, what is logged."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest

from reports.answer import LookupAnswer
from reports.lookup_log import Entry, LookupLog
from reports.openapi import OPERATIONS
from store.officers import create_officer
from tests.reports.conftest import CONTROL, Roadside
from tests.reports.test_authorisation import API
from tests.store.lake_builder import Fleet, Version, commit

FRESH_SECONDS = 2.0


async def test_without_a_token_nothing_is_said(unfilled: Roadside) -> None:
    for headers in ({}, {"authorization": "Basic abc"}, {"authorization": "Bearer "}):
        answer = await unfilled.ask("PO 1AB23", headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorised")
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_wrong_token_is_refused(unfilled: Roadside) -> None:
    answer = await unfilled.ask("PO 1AB23", {"authorization": "Bearer rtpd_officer_" + "x" * 43})
    assert (answer.status_code, answer.json()["code"]) == (401, "key_unknown")


async def test_another_host_state_is_forbidden(unfilled: Roadside) -> None:
    answer = await unfilled.ask("PO 1AB23", host="DE")
    assert (answer.status_code, answer.json()["code"]) == (403, "host_not_yours")


async def test_the_unions_abbreviations_are_understood(roadside: Roadside) -> None:
    async with roadside.pool.acquire() as connection:
        tokens = {host: (await create_officer(connection, "Test", host)).token for host in ("GR", "GB")}
    for host, alias in (("GR", "EL"), ("GB", "uk")):
        answer = await roadside.ask("PO 1AB23", {"authorization": f"Bearer {tokens[host]}"}, host=alias)
        assert (answer.status_code, answer.json()["host"]) == (200, host)


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"plate": ""}, "plate"),
        ({"plate": "A"}, "plate"),
        ({"plate": "A" * 30}, "plate"),
        ({"host": "XX"}, "host"),
        ({"host": "CH"}, "host"),
        ({"country": "QQ"}, "country"),
        ({"at": "yesterday"}, "at"),
        ({"at": "2026-04-01T12:00:00"}, "at"),
        ({"limit": "0"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"startKey": "7"}, "startKey"),
        ({"unknown": "1"}, "query"),
    ],
)
async def test_a_wrong_parameter_is_named(unfilled: Roadside, parameters: dict[str, str], name: str) -> None:
    answer = await unfilled.ask(**({"plate": "PO 1AB23"} | parameters))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "parameter_wrong"), problem
    assert problem["problems"][0]["values"]["name"] == name


async def test_refusals_of_the_framework_are_problem_documents_too(unfilled: Roadside) -> None:
    for method, path, status, code in (
        ("GET", "/nowhere", 404, "not_found"),
        ("POST", "/lookup", 405, "method_not_allowed"),
        ("DELETE", "/health", 405, "method_not_allowed"),
    ):
        answer = await unfilled.client.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["content-type"] == "application/problem+json"


async def test_other_spellings_of_the_address_answer_alike(roadside: Roadside) -> None:
    """The plain address goes past Litestar's layers, any other through them."""
    plain = await roadside.ask("PO 1AB23")
    asked = {"plate": "PO 1AB23", "host": "FR", "at": CONTROL.isoformat()}
    other = await roadside.client.get("/lookup/", params=asked, headers={"authorization": f"Bearer {roadside.token}"})
    assert (plain.status_code, plain.json()) == (other.status_code, other.json())
    assert dict(plain.headers) == dict(other.headers)


async def test_every_look_up_is_logged_before_it_is_answered(roadside: Roadside) -> None:
    await roadside.declare(Version(Fleet(uuid4(), ("PO 1AB23",))))
    await roadside.look_up("po-1ab 23", purpose="roadside check A7")
    await roadside.look_up("XX 99999")
    rows = await roadside.pool.fetch("SELECT sought, host, kind, purpose, verdict FROM lookup_log ORDER BY lookup_id")
    assert [tuple(row) for row in rows] == [
        ("po-1ab 23", "FR", "plate", "roadside check A7", "GREEN"),
        ("XX 99999", "FR", "plate", None, "NONE"),
    ]


async def test_a_look_up_that_cannot_be_logged_is_not_answered(roadside: Roadside) -> None:
    await roadside.pool.execute("ALTER TABLE lookup_log RENAME TO elsewhere")
    answer = await roadside.ask("PO 1AB23")
    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")
    assert answer.headers["retry-after"] == "2"


async def test_look_ups_at_once_share_a_commit_and_lose_no_entry(roadside: Roadside) -> None:
    log = LookupLog(roadside.pool)
    officer = uuid4()
    await asyncio.gather(*(log.add(Entry(officer, "FR", "plate", f"P{n}", None, "NONE")) for n in range(500)))
    found = await roadside.pool.fetch("SELECT sought, at FROM lookup_log WHERE officer_id = $1", officer)
    assert {row["sought"] for row in found} == {f"P{n}" for n in range(500)}


async def test_a_revoked_officer_is_out_within_seconds(roadside: Roadside) -> None:
    assert (await roadside.ask("PO 1AB23")).status_code == 200
    await roadside.pool.execute("UPDATE officer SET revoked_at = now()")
    deadline = asyncio.get_running_loop().time() + 8
    while (status := (await roadside.ask("PO 1AB23")).status_code) == 200:
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.2)
    assert status == 401


async def test_an_expired_token_is_refused(roadside: Roadside) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    async with roadside.pool.acquire() as connection:
        officer = await create_officer(connection, "Test", "FR", expires_at=past)
    assert (await roadside.ask("PO 1AB23", {"authorization": f"Bearer {officer.token}"})).status_code == 401


async def test_a_committed_declaration_is_seen_within_two_seconds(roadside: Roadside) -> None:
    version = Version(Fleet(uuid4(), ("PO 1AB23",)))
    assert (await roadside.look_up("PO 1AB23"))["verdict"] == "NONE"
    await commit(roadside.pool, roadside.lake, [version])
    deadline = asyncio.get_running_loop().time() + FRESH_SECONDS
    while (await roadside.look_up("PO 1AB23"))["verdict"] != "GREEN":
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.05)


async def test_health_readiness_and_metrics_answer(roadside: Roadside) -> None:
    await roadside.look_up("PO 1AB23")
    assert (await roadside.client.get("/health")).json() == {"status": "ok"}
    assert (await roadside.client.get("/ready")).json() == {"ready": True, "register": True, "lake": True}
    text = (await roadside.client.get("/metrics")).text
    assert 'rtpd_lookups_total{verdict="NONE"}' in text
    assert "rtpd_lake_snapshot" in text


async def test_the_openapi_document_describes_what_is_answered(roadside: Roadside) -> None:
    await roadside.declare(Version(Fleet(uuid4(), ("PO 1AB23",))))
    document = (await roadside.client.get("/openapi.json")).json()
    answer = await roadside.look_up("PO 1AB23", driver="Jan Nowak", country="PL")
    schema = document["components"]["schemas"]["LookupAnswer"]
    assert set(schema["required"]) <= answer.keys() <= schema["properties"].keys()
    assert set(document["paths"]["/lookup"]["get"]["responses"]) == {"200", "400", "401", "403", "500", "503"}
    assert msgspec.json.encode(msgspec.convert(answer, LookupAnswer)) == msgspec.json.encode(answer)


def test_every_example_of_the_openapi_document_validates() -> None:
    for operation in OPERATIONS:
        for content in (*operation.answers.values(), operation.body or ()):
            for one in content if isinstance(content, tuple) else (content,):
                if one.kind is not None:  # free bytes
                    msgspec.convert(one.example, one.kind)


async def test_every_route_for_programs_is_described(roadside: Roadside) -> None:
    document = (await roadside.client.get("/openapi.json")).json()
    described = {re.sub(r"\{[^}]*\}", "{}", path) for path in document["paths"]}
    assert {path for _, path in API} <= described
