"""Who may reach what on the operators' side: a table, every route in it, every kind of caller tried on each."""

import hashlib
import re
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from litestar.testing import AsyncTestClient

from ingest.routes import ROUTES
from tests.ingest.conftest import Caller, make_caller

#: Reachable by anyone, with or without a key.
PUBLIC = {
    ("GET", "/limits"),
    ("GET", "/health"),
    ("GET", "/ready"),
    ("GET", "/metrics"),
    ("GET", "/openapi.json"),
    ("GET", "/changelog"),
    ("GET", "/declarations/files"),  # templates to fill in
}
#: Addresses that carry their own signature and end: whoever holds one may follow it.
SIGNED = {("GET", "/copies/{}")}
#: Where a person shows a password and gets a key, and gives it back.
SIGN_IN = {("POST", "/session"), ("DELETE", "/session")}
#: What a key needs; a route that is in neither table fails the first test.
SCOPES = {
    ("POST", "/declarations/bulk"): "submit",
    ("POST", "/declarations/submit"): "submit",
    ("POST", "/declarations/files"): "submit",
    ("POST", "/declarations/matrix"): "submit",
    ("GET", "/declarations"): "read",
    ("POST", "/declarations"): "submit",
    ("GET", "/declarations/by-reference/{}"): "read",
    ("PUT", "/declarations/by-reference/{}"): "submit",
    ("GET", "/declarations/{}"): "read",
    ("PUT", "/declarations/{}"): "submit",
    ("DELETE", "/declarations/{}"): "submit",
    ("POST", "/declarations/{}/submit"): "submit",
    ("PUT", "/declarations/{}/submit"): "submit",
    ("POST", "/declarations/{}/withdraw"): "submit",
    ("POST", "/declarations/{}/renew"): "submit",
    ("GET", "/declarations/{}/versions"): "read",
    ("GET", "/drivers"): "read",
    ("POST", "/drivers"): "submit",
    ("GET", "/drivers/by-reference/{}"): "read",
    ("PUT", "/drivers/by-reference/{}"): "submit",
    ("GET", "/drivers/{}"): "read",
    ("PUT", "/drivers/{}"): "submit",
    ("DELETE", "/drivers/{}"): "submit",
    ("GET", "/plate-numbers"): "read",
    ("GET", "/plate-numbers/files"): "read",
    ("POST", "/plate-numbers"): "submit",
    ("POST", "/plate-numbers/files"): "submit",
    ("GET", "/plate-numbers/by-reference/{}"): "read",
    ("PUT", "/plate-numbers/by-reference/{}"): "submit",
    ("GET", "/plate-numbers/{}"): "read",
    ("PUT", "/plate-numbers/{}"): "submit",
    ("DELETE", "/plate-numbers/{}"): "submit",
    ("GET", "/fleets"): "read",
    ("POST", "/fleets"): "submit",
    ("GET", "/fleets/by-reference/{}"): "read",
    ("PUT", "/fleets/by-reference/{}"): "submit",
    ("GET", "/fleets/{}"): "read",
    ("PUT", "/fleets/{}"): "submit",
    ("DELETE", "/fleets/{}"): "submit",
    ("GET", "/coverage"): "read",
    ("POST", "/coverage"): "read",
    ("GET", "/events"): "read",
    ("GET", "/export"): "read",
    ("GET", "/renewals"): "read",
    ("POST", "/renewals"): "submit",
    ("GET", "/renewals/{}"): "read",
    ("DELETE", "/renewals/{}"): "submit",
    ("POST", "/declarations/{}/print"): "read",
    ("POST", "/declarations/{}/email"): "submit",
    ("GET", "/submissions/{}"): "read",
    ("GET", "/people"): "administer",
    ("POST", "/people"): "administer",
    ("PUT", "/people/{}"): "administer",
    ("DELETE", "/people/{}"): "administer",
    ("PUT", "/four-eyes"): "administer",
    ("GET", "/approvals"): "read",
    ("GET", "/approvals/{}/content"): "read",
    ("POST", "/approvals/{}/approve"): "submit",
    ("DELETE", "/approvals/{}"): "submit",
    ("GET", "/webhooks"): "administer",
    ("POST", "/webhooks"): "administer",
    ("PUT", "/webhooks/{}"): "administer",
    ("DELETE", "/webhooks/{}"): "administer",
    ("POST", "/webhooks/{}/test"): "administer",
    ("GET", "/webhooks/{}/deliveries"): "administer",
    ("POST", "/webhooks/{}/deliveries/{}/replay"): "administer",
    ("GET", "/requests"): "read",
    ("GET", "/requests/{}"): "read",
    ("POST", "/requests/{}/reply"): "submit",
    ("POST", "/requests/{}/uploads"): "submit",
    ("GET", "/uploads/{}"): "read",
    ("HEAD", "/uploads/{}"): "read",
    ("PATCH", "/uploads/{}"): "submit",
    ("DELETE", "/uploads/{}"): "submit",
    ("GET", "/uploads/{}/content"): "read",
    ("GET", "/notices"): "read",
    ("GET", "/credentials"): "administer",
    ("POST", "/credentials"): "administer",
    ("DELETE", "/credentials/{}"): "administer",
    ("POST", "/credentials/{}/rotate"): "administer",
    ("GET", "/delegations"): "administer",
    ("POST", "/delegations"): "administer",
    ("DELETE", "/delegations/{}"): "administer",
    ("GET", "/actions"): "administer",
}
_PARAMETER = re.compile(r"\{[^}]*\}")
_ALL = sorted((method, _PARAMETER.sub("{}", path)) for path, methods in ROUTES.items() for method in methods)
_GUARDED = [route for route in _ALL if route not in PUBLIC | SIGNED | SIGN_IN]


def test_every_route_stands_in_the_table() -> None:
    assert sorted(PUBLIC | SIGNED | SIGN_IN | SCOPES.keys()) == _ALL


@pytest.fixture
async def register(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def _key(register: asyncpg.Connection, caller: Caller, **changed: Any) -> dict[str, str]:
    """Gives an operator a further key, and the headers of a request with it."""
    api_key = "rtpd_live_" + secrets.token_urlsafe(32)
    columns = {"name": "test", "scopes": ["read", "submit", "administer"]} | changed
    names = ", ".join(columns)
    places = ", ".join(f"${number}" for number in range(4, 4 + len(columns)))
    await register.execute(
        f"INSERT INTO credential (credential_id, key_hash, operator_id, {names}) VALUES ($1, $2, $3, {places})",
        uuid4(),
        hashlib.sha256(api_key.encode()).digest(),
        caller.operator_id,
        *columns.values(),
    )
    return {"x-api-key": api_key, "x-operator-id": str(caller.operator_id)}


async def _ask(client: AsyncTestClient[Any], route: tuple[str, str], headers: dict[str, str]) -> tuple[int, str]:
    method, path = route
    query = "?limit=1" if path in ("/declarations", "/drivers", "/plate-numbers", "/fleets") else ""
    answer = await client.request(method, path.replace("{}", str(uuid4())) + query, content=b"{}", headers=headers)
    document = answer.json() if "json" in answer.headers.get("content-type", "") and answer.content else {}
    return answer.status_code, document.get("code", "") if isinstance(document, dict) else ""


def _said(route: tuple[str, str], code: str) -> str:
    """An answer to HEAD has no body to say anything in."""
    return "" if route[0] == "HEAD" else code


async def test_without_a_good_key_nothing_is_reached(
    client: AsyncTestClient[Any], caller: Caller, register: asyncpg.Connection
) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    operator = {"x-operator-id": str(caller.operator_id)}
    callers = {
        "none": {},
        "operator id alone": operator,
        "wrong key": operator | {"x-api-key": "rtpd_live_" + "x" * 43},
        "expired key": await _key(register, caller, expires_at=yesterday),
        "revoked key": await _key(register, caller, revoked_at=yesterday),
    }
    for route in _GUARDED:
        for kind, headers in callers.items():
            status, _ = await _ask(client, route, headers)
            assert status == 401, (route, kind)


async def test_a_key_speaks_for_its_own_operator_only(
    client: AsyncTestClient[Any], caller: Caller, database_url: str
) -> None:
    stranger = await make_caller(database_url)
    for route in _GUARDED:
        headers = {"x-api-key": stranger.api_key, "x-operator-id": str(caller.operator_id)}
        status, code = await _ask(client, route, headers)
        assert (status, code) == (403, _said(route, "operator_not_delegated")), route


async def test_a_key_does_what_its_scopes_say_and_no_more(
    client: AsyncTestClient[Any], caller: Caller, register: asyncpg.Connection
) -> None:
    keys = {scope: await _key(register, caller, scopes=[scope]) for scope in ("read", "submit", "administer")}
    for route in _GUARDED:
        for scope, headers in keys.items():
            status, code = await _ask(client, route, headers)
            if scope == SCOPES[route]:
                assert status not in (401, 403, 500), (route, scope, status, code)
            else:
                assert (status, code) == (403, _said(route, "scope_missing")), (route, scope)


async def test_what_is_anothers_answers_as_if_it_did_not_exist(client: AsyncTestClient[Any], caller: Caller) -> None:
    for method, path in _GUARDED:
        if "{}" in path and method in ("GET", "DELETE"):
            status, code = await _ask(client, (method, path), caller.headers)
            assert (status, code) == (404, "not_found"), (method, path)


async def test_what_is_public_needs_no_key(client: AsyncTestClient[Any]) -> None:
    for route in PUBLIC:
        status, _ = await _ask(client, route, {})
        assert status == 200, route


async def test_a_signed_address_without_its_signature_leads_nowhere(client: AsyncTestClient[Any]) -> None:
    for route in SIGNED:
        status, _ = await _ask(client, route, {})
        assert status == 404, route
