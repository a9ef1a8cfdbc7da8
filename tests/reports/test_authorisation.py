"""Who may reach what on the authorities' side: a table, every route in it, every kind of caller tried on each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import Response
from litestar import Litestar

from reports.app import create_app
from reports.officers import Officer
from reports.pages import sessions
from rtpd.openid import openid_of
from rtpd.settings import read_settings
from store import operators
from store.officers import ROLES, Role, create_officer
from tests.exchange.conftest import World, world
from tests.reports.conftest import Roadside
from tests.reports.roadside.test_declarations import keep
from tests.store.lake_builder import Fleet, Version

__all__ = ["world"]

Route = tuple[str, str]
JUDGES: tuple[Role, ...] = ("desk", "coordinator", "administrator")
CLERKS: tuple[Role, ...] = ("desk", "coordinator")
#: Who stands at the roadside or asks for documents.
ACTORS: tuple[Role, ...] = ("roadside", "desk", "coordinator")


@dataclass(frozen=True, slots=True)
class Row:
    """Which officers may use a route; `said` is a body that it understands, where it reads that before the role.

    `one_of` names what its identifier stands for: a kind of thing that `things` makes, which nobody else may see;
    `then` stands for a second one.
    """

    roles: tuple[Role, ...] = ROLES
    one_of: str = ""
    said: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    then: str = ""


#: Reachable by anyone. Texts, styles, figures without persons, and how the process is.
PUBLIC = {
    ("GET", "/health"),
    ("GET", "/ready"),
    ("GET", "/metrics"),
    ("GET", "/openapi.json"),
    ("GET", "/patterns"),
    ("GET", "/indicators"),
    ("GET", "/facts"),
    ("GET", "/facts/charts/{}"),
    ("GET", "/analysis"),
    ("GET", "/analysis/facts"),
    ("GET", "/analysis/indicators"),
    ("GET", "/"),
    # The page that a device keeps for where there is no network: it is the same for everybody, the pack is not in it.
    ("GET", "/roadside/offline"),
    ("GET", "/roadside/offline_worker.js"),
    ("GET", "/static/{}"),
    ("HEAD", "/static/{}"),
    ("GET", "/officers/{}"),
    ("HEAD", "/officers/{}"),
    # The translation service reports back: nobody else knows the id that was given to it.
    ("POST", "/translations/{}"),
}
#: Where an officer shows who it is, and ends it.
SIGN_IN = {
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("POST", "/sign-out"),
    ("GET", "/sign-in/openid"),
    ("GET", "/sign-in/openid/callback"),
}
#: What only the embedded issuer of the default set-up has, for this machine alone.
EMBEDDED_ISSUER = {
    ("GET", "/issuer/.well-known/openid-configuration"),
    ("GET", "/issuer/keys"),
    ("GET", "/issuer/authorize"),
    ("POST", "/issuer/authorize"),
    ("POST", "/issuer/token"),
}
#: Routes for programs: the officer's token in `Authorization`.
API: dict[Route, Row] = {
    ("GET", "/lookup"): Row(),
    ("GET", "/lookup/suggestions"): Row(),
    ("POST", "/lookup/code"): Row(),
    ("POST", "/lookups"): Row(),
    ("GET", "/declarations/{}"): Row(one_of="declaration"),
    ("GET", "/declarations/{}/copy"): Row(one_of="declaration"),
    ("GET", "/drivers/declarations"): Row(),
    ("GET", "/drivers/accesses"): Row(("auditor", "administrator")),
    ("GET", "/operators/{}/declarations"): Row(),
    ("GET", "/operators/{}/risk"): Row(),
    ("GET", "/pack"): Row(ACTORS),
    ("GET", "/controls"): Row(),
    ("POST", "/controls"): Row(ACTORS, said={"plate": "PO 1AB23", "outcome": "in_order"}),
    ("GET", "/controls/{}"): Row(one_of="control"),
    ("GET", "/hints"): Row(),
    ("GET", "/hints/export"): Row((*JUDGES, "auditor")),
    ("GET", "/hints/{}"): Row(one_of="hint"),
    ("PATCH", "/hints/{}"): Row(JUDGES, "hint", {"state": "seen"}),
    ("GET", "/indicators/{}/requests"): Row(),
    ("GET", "/facts/own"): Row(),
    ("GET", "/authorities"): Row(),
    ("GET", "/authorities/{}"): Row(),
    ("PATCH", "/authorities/{}"): Row(("administrator",), said={"fourEyes": False}),
    ("GET", "/exchanges/catalogue"): Row(),
    ("GET", "/exchanges"): Row(),
    # Its roles are those of the move with which it begins (`schemas/data/exchange/procedures/`).
    ("POST", "/exchanges"): Row(
        CLERKS,
        said={
            "procedure": "mutual_assistance",
            "module": "posting",
            "move": "send",
            "content": {"authority": "PL-GIP", "questions": [{"code": "P003"}]},
        },
    ),
    ("GET", "/exchanges/{}"): Row(one_of="exchange"),
    ("GET", "/exchanges/{}/history"): Row(one_of="exchange"),
    ("GET", "/exchanges/{}/translations"): Row(one_of="exchange"),
    ("GET", "/exchanges/{}/declarations"): Row(one_of="exchange"),
    ("POST", "/exchanges/{}/moves"): Row(CLERKS, "exchange", {"move": "withdraw"}),
    ("POST", "/exchanges/{}/release"): Row(CLERKS, "held"),
    ("DELETE", "/exchanges/{}/held"): Row(CLERKS, "held"),
    ("GET", "/exchanges/{}/notes"): Row(one_of="exchange"),
    ("POST", "/exchanges/{}/notes"): Row(CLERKS, "exchange", {"text": "x"}),
    ("GET", "/exchanges/{}/uploads"): Row(one_of="exchange"),
    ("POST", "/exchanges/{}/uploads"): Row(
        ACTORS, "exchange", {"documentType": "remuneration", "fileName": "a.pdf", "size": 9}
    ),
    ("GET", "/uploads/{}"): Row(one_of="upload"),
    ("HEAD", "/uploads/{}"): Row(one_of="upload"),
    ("PATCH", "/uploads/{}"): Row(ACTORS, "upload"),
    ("GET", "/uploads/{}/content"): Row(one_of="upload"),
    ("DELETE", "/uploads/{}"): Row(ACTORS, "upload"),
    ("GET", "/alerts"): Row(),
    ("POST", "/alerts"): Row(CLERKS, said={"kind": "alert", "category": "licence_withdrawn", "fields": {}}),
    ("GET", "/alerts/{}"): Row(one_of="alert"),
    ("POST", "/alerts/{}/acknowledge"): Row(CLERKS, "alert"),
    ("POST", "/alerts/{}/withdraw"): Row(CLERKS, "alert", {"words": {"text": "x", "language": "en"}}),
    ("GET", "/notices"): Row(),
    ("POST", "/notices/read"): Row(),
    ("GET", "/subscriptions"): Row(),
    ("PUT", "/subscriptions"): Row(),
    ("DELETE", "/subscriptions"): Row(),
    ("GET", "/templates"): Row(),
    ("POST", "/templates"): Row(
        CLERKS,
        said={"name": "x", "procedure": "mutual_assistance", "module": "posting", "move": "send", "content": {}},
    ),
    ("DELETE", "/templates/{}"): Row(CLERKS, "template"),
}
#: Pages for browsers: the session's cookie, and in forms the token of the session.
PAGES: dict[Route, Row] = {
    ("GET", "/roadside"): Row(),
    ("GET", "/roadside/drivers"): Row(),
    ("GET", "/roadside/operators/{}"): Row(),
    ("GET", "/roadside/declarations/{}"): Row(one_of="declaration"),
    ("GET", "/roadside/declarations/{}/copy"): Row(one_of="declaration"),
    ("POST", "/roadside/code"): Row(),
    ("GET", "/roadside/pack"): Row(ACTORS),
    ("GET", "/roadside/controls"): Row(),
    ("POST", "/roadside/controls"): Row(ACTORS, said={"plate": "PO 1AB23", "outcome": "in_order"}),
    ("GET", "/roadside/audit"): Row(("auditor", "administrator")),
    ("GET", "/desk"): Row(),
    ("GET", "/desk/new"): Row(),
    ("POST", "/desk/new"): Row(ACTORS, said={"kind": "document_request.posting", "action": "find"}),
    ("GET", "/desk/exchanges/{}"): Row(one_of="exchange"),
    ("POST", "/desk/exchanges/{}"): Row(one_of="exchange", said={"action": "follow"}),
    ("GET", "/desk/exchanges/{}/declarations"): Row(one_of="exchange"),
    ("GET", "/desk/exchanges/{}/do/{}"): Row(ACTORS, "exchange", then="withdraw"),
    ("POST", "/desk/exchanges/{}/do/{}"): Row(ACTORS, "exchange", {"action": "find"}, then="withdraw"),
    ("GET", "/desk/files/{}"): Row(one_of="upload"),
    ("GET", "/desk/alerts"): Row(),
    ("GET", "/desk/alerts/new"): Row(CLERKS),
    ("POST", "/desk/alerts/new"): Row(CLERKS, said={"action": "find"}),
    ("GET", "/desk/alerts/{}"): Row(one_of="alert"),
    ("POST", "/desk/alerts/{}"): Row(CLERKS, "alert", {"action": "acknowledge"}),
    ("GET", "/desk/notices"): Row(),
    ("POST", "/desk/notices"): Row(),
    ("GET", "/desk/own"): Row(),
    ("POST", "/desk/own"): Row(said={"action": "follow"}),
    ("GET", "/desk/authorities"): Row(),
    ("GET", "/analysis/hints"): Row(),
    ("GET", "/analysis/hints/export"): Row((*JUDGES, "auditor")),
    ("GET", "/analysis/hints/{}"): Row(one_of="hint"),
    ("POST", "/analysis/hints/{}"): Row(JUDGES, "hint", {"state": "seen"}),
    ("GET", "/analysis/operators/{}"): Row(),
    ("POST", "/analysis/checks"): Row(JUDGES, said={"about": "host"}),
    ("GET", "/analysis/checks/{}"): Row(one_of="demand"),
    ("POST", "/analysis/facts"): Row(JUDGES),
    ("GET", "/analysis/indicators/{}"): Row(),
}
#: Who may not, is told that there is nothing.
AS_IF_NOT_THERE: set[Route] = {("POST", "/alerts/{}/withdraw")}
HOW_TO_ADD = (
    "Each route needs a row in tests/reports/test_authorisation.py: in API if programs reach it with a token, in PAGES "
    "if browsers reach it with a session, in PUBLIC if anybody may; identifiers are written {}. A row names the roles, "
    "what an identifier stands for (made in the fixture `things`), and a body where the route reads it before the role."
)


def routes_of(app: Litestar) -> set[Route]:
    """Gives every method and path of the application, identifiers as {}."""
    return {
        (method, re.sub(r"\{[^}]*\}", "{}", route.path_format))
        for route in app.routes
        for method in getattr(route, "methods", ())
        if method != "OPTIONS"
    }


async def test_every_route_stands_in_the_table(roadside: Roadside) -> None:
    known, found = PUBLIC | SIGN_IN | API.keys() | PAGES.keys(), routes_of(roadside.app)
    assert not found - known, f"not in the table: {sorted(found - known)}. {HOW_TO_ADD}"
    assert not known - found, f"no route any more: {sorted(known - found)}"
    embedded = create_app(replace(roadside.app.state.options, openid=openid_of(read_settings({}))))
    assert routes_of(embedded) - found == EMBEDDED_ISSUER, HOW_TO_ADD


@dataclass(frozen=True, slots=True)
class Somebody:
    """A caller: an officer's token and browser session, or what pretends to be one."""

    token: str = ""
    cookie: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(slots=True)
class Officers:
    """The callers, and the things of France that stand for identifiers."""

    roadside: Roadside
    callers: dict[str, Somebody]
    things: dict[str, str]

    async def ask(self, who: Somebody, route: Route, thing: str = "") -> Response:
        """Asks a route as somebody, for one thing."""
        method, path = route
        row = API.get(route) or PAGES.get(route, Row())
        nothing = "987654321" if row.one_of in ("hint", "demand") else str(uuid4())
        address = path.replace("{}", thing or nothing, 1).replace("{}", row.then)
        client = self.roadside.client
        client.cookies.clear()
        if route in PAGES:
            client.cookies.set(sessions.COOKIE, who.cookie)
            form = dict(row.said) | {"_csrf_token": sessions.form_token(who.cookie)}
            return await client.request(method, address, headers=who.headers, data=form if method == "POST" else None)
        headers = dict(who.headers) | ({"authorization": f"Bearer {who.token}"} if who.token else {})
        if route == ("PATCH", "/uploads/{}"):
            headers |= {"content-type": "application/offset+octet-stream", "upload-offset": "0"}
            return await client.request(method, address, headers=headers, content=b"%PDF-1.7")
        said = dict(row.said) if method not in ("GET", "HEAD", "DELETE") else None
        return await client.request(method, address, headers=headers, json=said)


@pytest.fixture
async def officers(roadside: Roadside, world: World) -> Officers:
    """Officers of France in every role, one of Lithuania, who have no business there, and those who are none."""
    callers = {role: await _officer(roadside, role) for role in ROLES}
    callers["another state"] = await _officer(roadside, "desk", "LT-VDI")
    return Officers(roadside, callers, {})


async def _officer(roadside: Roadside, role: Role, authority: str = "FR-DGT", **changed: Any) -> Somebody:
    async with roadside.pool.acquire() as connection:
        made = await create_officer(connection, f"{role} of {authority}", authority[:2], role=role, authority=authority)
        for column, value in changed.items():
            await connection.execute(f"UPDATE officer SET {column} = $2 WHERE officer_id = $1", made.officer_id, value)
    cookie = await sessions.open_session(roadside.pool, Officer(made.officer_id, authority[:2], role))
    return Somebody(made.token, cookie)


@pytest.fixture
async def things(officers: Officers, world: World) -> dict[str, str]:
    """One thing of each kind that France has; Lithuania has no part in any."""
    roadside, desk = officers.roadside, officers.callers["desk"]
    version = Version(Fleet(world.operator.operator_id, ("PO 1AB23",)))
    await keep(roadside, version)

    async def made(path: str, said: Mapping[str, Any], name: str, by: Somebody = desk) -> str:
        headers = {"authorization": f"Bearer {by.token}"}
        answer = await roadside.client.post(path, json=said, headers=headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()[name])

    question = {"authority": "PL-GIP", "subject": {"declarations": [str(world.declarations[0])]}}
    question |= {"questions": [{"code": "P003"}]}
    assistance = {"procedure": "mutual_assistance", "module": "posting", "move": "send", "content": question}
    exchange = await made("/exchanges", assistance, "exchangeId")
    told = {"kind": "notification", "category": "letterbox_suspected", "fields": {"operator_name": "X"}}
    template = {"name": "Standard", **assistance, "content": {"questions": [{"code": "P003"}]}}
    upload = uuid4()
    await roadside.pool.execute(
        "INSERT INTO upload (upload_id, exchange_id, party, country, authority, document_type, file_name, size)"
        " VALUES ($1, $2, 'requesting', 'FR', 'FR-DGT', 'remuneration', 'a.pdf', 9)",
        upload,
        UUID(exchange),
    )
    template_id = await made("/templates", template, "templateId")
    await roadside.pool.execute("UPDATE authority SET four_eyes = true WHERE code = 'FR-DGT'")
    held = await made("/exchanges", assistance, "exchangeId", await _officer(roadside, "desk"))
    now = datetime.now(UTC)
    hint = await roadside.pool.fetchval(
        "INSERT INTO hint (pattern, operator_id, host, subject_kind, subject, severity, weight, occurrences, first_on,"
        " last_on, details, evidence, found_at, confirmed_at)"
        " VALUES ('P01', $1, 'FR', 'operator', 'x', 'low', 1, 1, $2, $2, '{}', '[]', $3, $3) RETURNING hint_id",
        uuid4(),
        date(2026, 3, 9),
        now,
    )
    demand = await roadside.pool.fetchval(
        "INSERT INTO demand (kind, host, officer_id, scope)"
        " SELECT 'checks', 'FR', officer_id, '{}' FROM officer LIMIT 1 RETURNING demand_id"
    )
    return {
        "declaration": str(version.declaration_id),
        "control": await made("/controls", API["POST", "/controls"].said, "controlId"),
        "hint": str(hint),
        "demand": str(demand),
        "exchange": exchange,
        "held": held,
        "alert": await made("/alerts", told | {"to": ["PL-GITD"]}, "alertId"),
        "template": template_id,
        "upload": str(upload),
    }


def _nothing_like(thing: str) -> str:
    """An identifier of the same form that stands for nothing."""
    return "987654321" if thing.isdigit() else str(uuid4())


def _code(answer: Response) -> str:
    said = answer.json() if answer.content and "json" in answer.headers.get("content-type", "") else {}
    return str(said.get("code", "")) if isinstance(said, dict) else ""


def _led_to_signing_in(answer: Response) -> bool:
    return answer.status_code == 303 and answer.headers["location"] == "/sign-in"


async def test_without_a_good_token_or_session_nothing_is_reached(officers: Officers, world: World) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    roadside = officers.roadside
    expired = await _officer(roadside, "administrator", expires_at=yesterday)
    revoked = await _officer(roadside, "administrator", revoked_at=yesterday)
    late = await _officer(roadside, "administrator")
    await roadside.pool.execute(
        "UPDATE officer_session SET expires_at = $2 WHERE session_hash = $1", sessions._hash(late.cookie), yesterday
    )
    async with roadside.pool.acquire() as connection:
        key = await operators.create_credential(connection, world.operator.operator_id, "test")
    callers = {
        "none": Somebody(),
        "wrong": Somebody("rtpd_officer_" + "x" * 43, "x" * 43),
        "expired": expired,
        "revoked": revoked,
        "session over": Somebody("", late.cookie),
        "operator's key": Somebody(key.api_key, key.api_key, {"x-api-key": key.api_key}),
        "session's cookie as a token": Somebody(officers.callers["desk"].cookie, officers.callers["desk"].token),
    }
    for kind, caller in callers.items():
        for route in API:
            answer = await officers.ask(caller, route)
            assert answer.status_code == 401, (route, kind, answer.status_code, answer.text)
        for route in PAGES:
            assert _led_to_signing_in(await officers.ask(caller, route)), (route, kind)


async def test_an_officer_does_what_the_role_says_and_no_more(officers: Officers, things: dict[str, str]) -> None:
    asked = [
        (route, row, role, things.get(row.one_of, "FR-DGT")) for route, row in (API | PAGES).items() for role in ROLES
    ]
    for route, row, role, thing in asked:
        if role not in row.roles:
            answer = await officers.ask(officers.callers[role], route, thing)
            if route in PAGES:  # the page says it, above the form that was sent
                assert answer.status_code in (403, 404, 409, 422), (route, role, answer.text)
            else:
                refused = (404, "not_found") if route in AS_IF_NOT_THERE else (403, "role_missing")
                assert (answer.status_code, _code(answer)) == refused, (route, role, answer.text)
    for route, row, role, thing in asked:
        if role in row.roles:
            answer = await officers.ask(officers.callers[role], route, thing)
            assert answer.status_code not in (401, 403, 500, 503), (route, role, answer.text)
            assert not _led_to_signing_in(answer), (route, role)


async def test_what_is_another_states_answers_as_if_it_did_not_exist(
    officers: Officers, things: dict[str, str]
) -> None:
    stranger, own = officers.callers["another state"], officers.callers["desk"]
    for route, row in (API | PAGES).items():
        if row.one_of and "{}" in route[1]:
            thing = things[row.one_of]
            theirs, nothing = [await officers.ask(stranger, route, one) for one in (thing, _nothing_like(thing))]
            assert (theirs.status_code, _code(theirs)) == (nothing.status_code, _code(nothing)), (route, theirs.text)
            assert theirs.status_code == 404, (route, theirs.status_code, theirs.text)
    for route, row in (API | PAGES).items():
        if row.one_of and route[0] == "GET" and route[1] not in ("/uploads/{}/content", "/desk/files/{}"):
            seen = await officers.ask(own, route, things[row.one_of])
            assert seen.status_code == 200, (route, re.sub(r"<[^>]*>|\s+", " ", seen.text)[-1500:])


async def test_what_is_public_needs_no_token(officers: Officers) -> None:
    for route in PUBLIC:
        answer = await officers.ask(Somebody(), route)
        assert answer.status_code in (200, 302, 303, 400, 404), (route, answer.status_code)
