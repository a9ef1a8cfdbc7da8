"""The analyses over HTTP: what an officer sees of them, what everybody sees, and what nobody does."""

import io
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from pypdf import PdfReader

from reports import figures
from reports.checks.catalogue import pattern_of
from reports.checks.nightly import check
from reports.checks.scope import Scope
from store.officers import create_officer
from tests.reports.conftest import Roadside
from tests.store.lake_builder import Fleet, Version

LATE = datetime(2026, 3, 9, 9, tzinfo=UTC)
YEAR = {"since": "2026-01-01", "until": "2026-12-31"}


def late(operator_id: UUID, host: str = "FR", **values: Any) -> Version:
    return Version(Fleet(operator_id, ("WX1234A",)), host=host, accepted_at=LATE, submitted_at=LATE, **values)


async def checked(roadside: Roadside, *versions: Version) -> None:
    """Commits declarations and looks for late ones."""
    await roadside.declare(*versions)
    url = roadside.app.state.options.database_url
    await check(url, roadside.lake, Scope(), [pattern_of("P01")], date(2026, 4, 1), memory_mb=200, threads=1)


async def get(roadside: Roadside, path: str, token: str | None = "own", **query: object) -> Any:
    headers = {"authorization": f"Bearer {roadside.token if token == 'own' else token}"} if token else {}
    return await roadside.client.get(path, params={name: str(value) for name, value in query.items()}, headers=headers)


async def token_of(roadside: Roadside, host: str, role: str = "desk") -> str:
    async with roadside.pool.acquire() as connection:
        return (await create_officer(connection, "Desk", host, role=role)).token


async def test_an_officer_sees_the_hints_of_the_own_host_state_only(roadside: Roadside):
    await checked(roadside, late(uuid4()), late(uuid4()), late(uuid4(), "DE"))
    answer = await get(roadside, "/hints", limit=1, purpose="weekly review")
    page = answer.json()
    assert [hint["host"] for hint in page["hints"]] == ["FR"]
    assert [(each["pattern"], each["hints"]) for each in page["tallies"]] == [("P01", 2)]
    following = page["next"]
    rest = await get(roadside, "/hints", afterWeight=following["weight"], afterId=following["hint_id"])
    assert [hint["host"] for hint in rest.json()["hints"]] == ["FR"]
    german = await get(roadside, "/hints", await token_of(roadside, "DE"))
    assert [hint["host"] for hint in german.json()["hints"]] == ["DE"]
    logged = await roadside.pool.fetch("SELECT host, kind, sought, purpose, verdict FROM lookup_log ORDER BY lookup_id")
    assert tuple(logged[0]) == ("FR", "hints", "all", "weekly review", "1 found")
    assert len(logged) == 3


async def test_a_hint_of_another_state_is_not_there(roadside: Roadside):
    await checked(roadside, late(uuid4(), "DE"))
    hint_id = await roadside.pool.fetchval("SELECT hint_id FROM hint")
    assert (await get(roadside, f"/hints/{hint_id}")).status_code == 404
    shown = await get(roadside, f"/hints/{hint_id}", await token_of(roadside, "DE"))
    assert shown.json()["evidence"][0]["kind"] == "declaration"


async def test_a_desk_marks_a_hint_and_the_roadside_does_not(roadside: Roadside):
    await checked(roadside, late(uuid4()))
    hint_id = await roadside.pool.fetchval("SELECT hint_id FROM hint")
    change = {"state": "closed", "note": "the operator was right"}
    own = {"authorization": f"Bearer {roadside.token}"}
    refused = await roadside.client.patch(f"/hints/{hint_id}", json=change, headers=own)
    assert (refused.status_code, refused.json()["code"]) == (403, "role_missing")
    desk = {"authorization": f"Bearer {await token_of(roadside, 'FR')}"}
    marked = (await roadside.client.patch(f"/hints/{hint_id}", json=change, headers=desk)).json()
    assert (marked["state"], marked["note"]) == ("closed", "the operator was right")
    bad = await roadside.client.patch(f"/hints/{hint_id}", content=b'{"state":"guilty"}', headers=desk)
    assert (bad.status_code, bad.json()["code"]) == (422, "content_refused")


async def test_an_export_has_every_hint_of_the_state(roadside: Roadside):
    await checked(roadside, late(uuid4()), late(uuid4()), late(uuid4(), "DE"))
    refused = await get(roadside, "/hints/export")
    assert (refused.status_code, refused.json()["code"]) == (403, "role_missing")
    auditor = await token_of(roadside, "FR", "auditor")
    lines = await get(roadside, "/hints/export", auditor)
    assert (lines.headers["content-type"], len(lines.text.splitlines())) == ("application/x-ndjson", 2)
    table = await get(roadside, "/hints/export", auditor, format="csv", pattern="P01")
    assert len(table.text.splitlines()) == 3


async def test_a_risk_card_says_what_is_unknown(roadside: Roadside):
    operator_id = uuid4()
    await roadside.pool.execute(
        "INSERT INTO operator (operator_id, name, country) VALUES ($1, 'Nowak', 'PL')", operator_id
    )
    await checked(roadside, late(operator_id), late(operator_id, "DE"))
    card = (await get(roadside, f"/operators/{operator_id}/risk", purpose="control")).json()
    assert (card["licenceStatus"], card["rating"], card["managers"]) == ("UNKNOWN", None, None)
    assert [each["hints"] for each in card["hints"]] == [1]
    assert (await get(roadside, f"/operators/{uuid4()}/risk")).status_code == 404


@pytest.mark.parametrize(
    "path", ["/hints", "/hints/export", "/hints/1", f"/operators/{UUID(int=1)}/risk", "/facts/own"]
)
async def test_without_a_token_nothing_about_operators_is_said(unfilled: Roadside, path: str):
    answer = await get(unfilled, path, None, **YEAR)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorised")


async def test_indicators_are_public_and_the_requests_behind_them_are_not(unfilled: Roadside):
    table = (await get(unfilled, "/indicators", None, **YEAR)).json()
    assert (table["states"], len(table["average"]["values"])) == ([], 5)
    assert (await get(unfilled, "/indicators/PL/requests", None, **YEAR)).status_code == 401
    assert (await get(unfilled, "/indicators/PL/requests", **YEAR)).json() == []


async def test_facts_are_public_once_they_are_computed(roadside: Roadside):
    await roadside.declare(*(late(uuid4()) for _ in range(6)))
    assert (await get(roadside, "/facts", None, **YEAR)).status_code == 404
    page = (await get(roadside, "/facts", **YEAR)).json()
    assert page["facts"]["declarations"] == 6
    assert (await get(roadside, "/facts", None, **YEAR)).json() == page
    for form, begins in (("pdf", b"%PDF"), ("parquet", b"PAR1"), ("csv", b"since,until"), ("text", b"Single")):
        assert (await get(roadside, "/facts", None, format=form, **YEAR)).content.startswith(begins)
    chart = await get(roadside, "/facts/charts/hosts", None, **YEAR)
    assert (chart.headers["content-type"], chart.text[:4]) == ("image/svg+xml", "<svg")
    assert (await get(roadside, "/facts/charts/ships", None, **YEAR)).status_code == 404


async def test_what_people_read_speaks_the_language_that_is_asked_for(roadside: Roadside):
    await roadside.declare(*(late(uuid4()) for _ in range(6)))
    english = await get(roadside, "/facts", format="text", **YEAR)
    assert (english.headers["content-language"], "Key messages" in english.text) == ("en", True)
    named = await get(roadside, "/facts", None, format="text", lang="el", **YEAR)
    assert (named.headers["content-language"], "Κύρια μηνύματα" in named.text) == ("el", True)
    polish = {"accept-language": "pl, en;q=0.5"}
    preferred = await roadside.client.get("/facts", params={"format": "text", **YEAR}, headers=polish)
    assert (preferred.headers["content-language"], "Najważniejsze" in preferred.text) == ("pl", True)
    pdf = await get(roadside, "/facts/own", format="pdf", lang="bg", **YEAR)
    assert PdfReader(io.BytesIO(pdf.content)).root_object["/Lang"] == "bg"
    chart = await get(roadside, "/facts/charts/hosts", None, lang="bg", **YEAR)
    assert "Франция" in chart.text
    page = await get(roadside, "/facts", None, **YEAR)
    assert "content-language" not in page.headers
    assert (await get(roadside, "/facts", None, lang="el", **YEAR)).json() == page.json()


async def test_the_patterns_are_told_in_the_language_that_is_asked_for(unfilled: Roadside):
    first = (await get(unfilled, "/patterns", None, lang="pl")).json()[0]
    assert first["title"] == "Złożono po rozpoczęciu delegowania"
    assert first["description"].startswith("Zgłoszenia przewoźnika, które wpłynęły po dniu rozpoczęcia delegowania")
    assert first["legalBasis"] == "Dyrektywa (UE) 2020/1057, art. 1(11)(a)"


async def test_only_whole_years_are_for_everybody(roadside: Roadside):
    await roadside.declare(late(uuid4()))
    part = YEAR | {"until": "2026-11-30"}
    assert (await get(roadside, "/facts", **part)).status_code == 200
    assert (await get(roadside, "/facts", None, **part)).status_code == 401
    assert (await get(roadside, "/facts/charts/hosts", None, **part)).status_code == 401


async def test_kept_facts_of_a_period_that_is_over_are_not_computed_again(roadside: Roadside):
    url = roadside.app.state.options.database_url
    made = await figures.facts(url, roadside.lake, date(2023, 1, 1), date(2023, 12, 31))
    again = (await get(roadside, "/facts", since="2023-01-01", until="2023-12-31")).json()
    assert datetime.fromisoformat(again["facts"]["madeAt"]) == made.made_at


async def test_an_officer_s_own_statistics_are_those_of_the_host_state(roadside: Roadside):
    await roadside.declare(*(late(uuid4()) for _ in range(6)), late(uuid4(), "DE"))
    page = (await get(roadside, "/facts/own", **YEAR)).json()
    assert (page["facts"]["host"], page["facts"]["declarations"], page["indicators"]) == ("FR", 6, None)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"since": "2026-01-01"},
        YEAR | {"until": "2025-12-31"},
        YEAR | {"format": "doc"},
        YEAR | {"since": "1990-01-01"},
    ],
)
async def test_a_period_that_is_none_is_refused(unfilled: Roadside, query: dict[str, str]):
    answer = await get(unfilled, "/facts", None, **query)
    assert (answer.status_code, answer.json()["code"]) == (400, "parameter_wrong")


async def test_the_catalogue_of_patterns_is_public(unfilled: Roadside):
    listed = (await get(unfilled, "/patterns", None)).json()
    assert len(listed) == 24
    assert all(each["legalBasis"] for each in listed)
