"""The analysts' pages: worklist, evidence, risk card, indicators, facts; who sees what of whom."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from httpx import Response
from pypdf import PdfReader

from reports import demands, figures
from reports.checks.catalogue import pattern_of, patterns
from reports.checks.nightly import check
from reports.checks.scope import Scope
from reports.demands import meet_demands
from reports.figures import Facts
from store.officers import create_officer
from tests.reports.conftest import Roadside
from tests.reports.pages.test_pages import form_token, sign_in
from tests.reports.test_analysis import late
from tests.reports.test_analysis_demands import context

YEAR = {"since": "2026-01-01", "until": "2026-12-31"}
LATE = datetime(2026, 3, 9, 9, tzinfo=UTC)


async def signed_in(roadside: Roadside, role: str = "desk", host: str = "FR") -> None:
    async with roadside.pool.acquire() as connection:
        token = (await create_officer(connection, "Desk", host, role=role)).token
    roadside.client.cookies.clear()
    await sign_in(roadside, token)


async def operator(roadside: Roadside, name: str, licence: str = "PL-1") -> UUID:
    operator_id = uuid4()
    await roadside.pool.execute(
        "INSERT INTO operator (operator_id, name, country, licence_number) VALUES ($1, $2, 'PL', $3)",
        *(operator_id, name, licence),
    )
    return operator_id


async def checked(roadside: Roadside, *versions: object, codes: tuple[str, ...] = ("P01", "P06", "P08")) -> None:
    await roadside.declare(*versions)
    url = roadside.app.state.options.database_url
    wanted = [pattern_of(code) for code in codes]
    await check(url, roadside.lake, Scope(), wanted, date(2026, 4, 1), memory_mb=200, threads=1)


async def page(roadside: Roadside, path: str, **query: object) -> Response:
    return await roadside.client.get(path, params={name: str(value) for name, value in query.items()})


async def post(roadside: Roadside, seen: Response, path: str, **form: str) -> Response:
    return await roadside.client.post(path, data={"_csrf_token": form_token(seen)} | form)


async def test_the_worklist_is_narrowed_by_its_filters_and_logged(roadside: Roadside) -> None:
    nowak, kowal = await operator(roadside, "Nowak"), await operator(roadside, "Kowal", "PL-2")
    await checked(roadside, late(nowak), late(kowal), late(uuid4(), "DE"))
    await signed_in(roadside)
    whole = await page(roadside, "/analysis/hints")
    assert len(re.findall(r'href="/analysis/hints/\d+"', whole.text)) == 6
    for query, found in (
        ({"operator": "nowa"}, 3),
        ({"operator": nowak, "pattern": "P01"}, 1),
        ({"driver": "00123/04/1234"}, 2),
        ({"plate": "wx 1234a"}, 2),
        ({"severity": "high"}, 2),
        ({"state": "closed"}, 0),
        ({"state": "all", "pattern": "P99", "purpose": "weekly review"}, 6),
    ):
        narrowed = await page(roadside, "/analysis/hints", **query)
        assert len(re.findall(r'href="/analysis/hints/\d+"', narrowed.text)) == found, query
    row = await roadside.pool.fetchrow("SELECT host, kind, purpose FROM lookup_log ORDER BY lookup_id DESC LIMIT 1")
    assert tuple(row) == ("FR", "hints", "weekly review")


async def test_pages_of_the_worklist_follow_one_another(roadside: Roadside) -> None:
    await checked(roadside, *(late(uuid4()) for _ in range(30)), codes=("P01",))
    await signed_in(roadside)
    first = await page(roadside, "/analysis/hints", pattern="P01")
    following = re.search(r'href="(\?[^"]+)" rel="next"', first.text)
    assert following
    second = await roadside.client.get("/analysis/hints" + following[1].replace("&amp;", "&"))
    seen = [re.findall(r'href="/analysis/hints/(\d+)"', each.text) for each in (first, second)]
    assert [len(each) for each in seen] == [25, 5]
    assert not set(seen[0]) & set(seen[1])


async def test_evidence_leads_to_the_declarations(roadside: Roadside) -> None:
    first, second = late(await operator(roadside, "Nowak")), late(await operator(roadside, "Kowal", "PL-2"))
    await checked(roadside, first, second)
    await signed_in(roadside)
    hint_id = await roadside.pool.fetchval(
        "SELECT hint_id FROM hint WHERE pattern = 'P08' AND operator_id = $1", first.fleet.operator_id
    )
    shown = (await page(roadside, f"/analysis/hints/{hint_id}")).text
    for declaration in (first, second):
        assert f"/roadside/declarations/{declaration.declaration_id}" in shown
    assert f'/analysis/operators/{second.fleet.operator_id}">Kowal' in shown
    assert pattern_of("P08").legal_basis in shown


@pytest.mark.parametrize(
    ("language", "title", "description", "law"),
    [
        ("el", "Ένα όχημα σε πολλούς μεταφορείς ταυτόχρονα", "Η μίσθωση και η υπεργολαβία", "Οδηγία (ΕΕ) 2020/1057"),
        ("bg", "Едно превозно средство при няколко превозвачи едновременно", "Наемането", "Директива (ЕС) 2020/1057"),
        ("pl", "Jeden pojazd u kilku przewoźników naraz", "Najem i podwykonawstwo", "Dyrektywa (UE) 2020/1057"),
    ],
)
async def test_a_hint_tells_its_pattern_in_the_officer_s_language(
    roadside: Roadside, language: str, title: str, description: str, law: str
) -> None:
    nowak, kowal = late(await operator(roadside, "Nowak")), late(await operator(roadside, "Kowal", "PL-2"))
    await checked(roadside, nowak, kowal, codes=("P08",))
    await signed_in(roadside)
    hint_id = await roadside.pool.fetchval("SELECT hint_id FROM hint WHERE pattern = 'P08' LIMIT 1")
    shown = (await page(roadside, f"/analysis/hints/{hint_id}", lang=language)).text
    for expected in (title, description, law):
        assert expected in shown
    assert 'lang="en"' not in shown.partition("<main")[2].partition("</main>")[0]
    assert title in (await page(roadside, "/analysis/hints")).text


async def test_no_sentence_of_the_analysts_pages_stays_english(roadside: Roadside) -> None:
    nowak = await operator(roadside, "Nowak")
    await checked(roadside, late(nowak), late(await operator(roadside, "Kowal", "PL-2")), codes=tuple(patterns()))
    await request_to_poland(roadside, "FR")
    url = roadside.app.state.options.database_url
    await figures.facts(url, roadside.lake, date(2026, 1, 1), date(2026, 12, 31))
    await signed_in(roadside)
    hint_ids = [row["hint_id"] for row in await roadside.pool.fetch("SELECT hint_id FROM hint WHERE host = 'FR'")]
    paths = ["/analysis/hints", f"/analysis/operators/{nowak}", "/analysis/indicators", "/analysis/indicators/PL"]
    for path in [*paths, "/analysis/facts", *(f"/analysis/hints/{hint_id}" for hint_id in hint_ids)]:
        english, *others = [sentences(await page(roadside, path, lang=code, **YEAR)) for code in ("en", "el", "pl")]
        assert len(english) > 3
        assert all(english & other == set() for other in others), path


def sentences(shown: Response) -> set[str]:
    """Gives the pieces of text of the page's main part that have three words or more."""
    main = shown.text.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    pieces = {" ".join(piece.split()) for piece in re.split(r"<[^>]*>", main)}
    return {piece for piece in pieces if len(re.findall(r"[a-z]{2,}", piece)) >= 3}


async def test_the_files_of_the_figures_speak_the_language_of_the_page(roadside: Roadside) -> None:
    await roadside.declare(*(late(uuid4()) for _ in range(6)))
    url = roadside.app.state.options.database_url
    await figures.facts(url, roadside.lake, date(2026, 1, 1), date(2026, 12, 31))
    shown = (await page(roadside, "/analysis/facts", lang="pl", **YEAR)).text
    assert "Zgłoszenia delegowania złożone przez portal w okresie sprawozdawczym: 6." in shown
    pdf = await page(roadside, "/analysis/facts", format="pdf", **YEAR)
    assert pdf.headers["content-language"] == "pl"
    assert PdfReader(io.BytesIO(pdf.content)).root_object["/Lang"] == "pl"


async def test_a_desk_marks_a_hint_with_a_note_and_others_read(roadside: Roadside) -> None:
    await checked(roadside, late(uuid4()), codes=("P01",))
    hint_id = await roadside.pool.fetchval("SELECT hint_id FROM hint")
    path = f"/analysis/hints/{hint_id}"
    await signed_in(roadside, "auditor")
    seen = await page(roadside, path)
    assert 'name="note"' not in seen.text
    assert (await post(roadside, seen, path, state="closed")).status_code == 403
    await signed_in(roadside, "coordinator")
    seen = await page(roadside, path)
    assert (await post(roadside, seen, path, state="guilty")).status_code == 400
    assert (await post(roadside, seen, path, state="closed", note="lease shown")).status_code == 303
    assert tuple(await roadside.pool.fetchrow("SELECT state, note FROM hint WHERE hint_id = $1", hint_id)) == (
        "closed",
        "lease shown",
    )
    assert (await roadside.client.post(path, data={"state": "open"})).headers["location"] == "/sign-in"


async def test_hints_of_another_state_are_not_there(roadside: Roadside) -> None:
    await checked(roadside, late(uuid4(), "DE"), codes=("P01",))
    hint_id = await roadside.pool.fetchval("SELECT hint_id FROM hint")
    await signed_in(roadside)
    assert (await page(roadside, f"/analysis/hints/{hint_id}")).status_code == 404
    assert (await page(roadside, "/analysis/hints/99999999999999999999999")).status_code == 404
    await signed_in(roadside, host="DE")
    assert (await page(roadside, f"/analysis/hints/{hint_id}")).status_code == 200


async def test_the_export_is_what_the_filters_chose(roadside: Roadside) -> None:
    nowak = await operator(roadside, "Nowak")
    await checked(roadside, late(nowak), late(uuid4()), late(uuid4(), "DE"))
    await signed_in(roadside)
    table = await page(roadside, "/analysis/hints/export", format="csv", operator="Nowak")
    assert 'filename="hints-FR.csv"' in table.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert {row["operator_name"] for row in rows} == {"Nowak"}
    lines = (await page(roadside, "/analysis/hints/export", format="ndjson", pattern="P01")).text.splitlines()
    assert len(lines) == 2
    assert (await page(roadside, "/analysis/hints/export", format="xml")).status_code == 400
    await signed_in(roadside, "roadside")
    assert (await page(roadside, "/analysis/hints/export", format="csv")).status_code == 403
    assert "export" not in (await page(roadside, "/analysis/hints")).text


async def test_a_run_over_one_plate_is_asked_for_and_told_when_it_has_ended(
    roadside: Roadside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demands, "patterns", lambda: {"P01": pattern_of("P01")})  # planning all of them takes seconds
    await roadside.declare(late(uuid4()))
    await signed_in(roadside)
    seen = await page(roadside, "/analysis/hints")
    asked = await post(roadside, seen, "/analysis/checks", about="plate", sought="WX 1234A")
    where = asked.headers["location"]
    assert "hx-trigger" in (await page(roadside, where)).text
    assert await meet_demands(context(roadside)) == 1
    told = (await page(roadside, where)).text
    assert "hx-trigger" not in told
    (found_at,) = re.findall(r'href="(/analysis/hints\?state=all[^"]+)"', told)
    found = await roadside.client.get(found_at.replace("&amp;", "&"))
    assert "P01" in re.sub(r"(?s)<select.*?</select>", "", found.text)
    await signed_in(roadside, host="DE")
    assert (await page(roadside, where)).status_code == 404


@pytest.mark.parametrize(
    ("about", "sought"), [("plate", ""), ("operator", "Nobody"), ("operator", "Twice"), ("x", "y")]
)
async def test_a_run_over_nothing_is_not_begun(roadside: Roadside, about: str, sought: str) -> None:
    for licence in ("PL-1", "PL-2"):
        await operator(roadside, "Twice", licence)
    await signed_in(roadside)
    seen = await page(roadside, "/analysis/hints")
    assert (await post(roadside, seen, "/analysis/checks", about=about, sought=sought)).status_code == 422
    assert await roadside.pool.fetchval("SELECT count(*) FROM demand") == 0


async def test_a_risk_card_is_unknown_without_a_register_and_shows_what_goes_into_the_band(roadside: Roadside) -> None:
    nowak = await operator(roadside, "Nowak")
    await checked(roadside, late(nowak), codes=("P01",))
    await signed_in(roadside)
    unknown = (await page(roadside, f"/analysis/operators/{nowak}")).text
    assert unknown.count("verdict-none") == 2, "band and licence"
    assert f"/analysis/hints?operator={nowak}&amp;pattern=P01&amp;state=open" in unknown
    today = datetime.now(UTC).date()
    await roadside.pool.executemany(
        "INSERT INTO register_check (country, licence_key, reference, checked_on, host, vehicles_checked, minor, "
        "serious, very_serious, most_serious) VALUES ('PL', 'PL1', $1, $2, 'DE', $3, 0, $4, 0, $5)",
        [("A", today - timedelta(9), 2, 3, 4), ("B", today - timedelta(30), 1, 0, 0)],
    )
    await roadside.pool.execute(
        "INSERT INTO register_load (country, record, file, digest, rows) VALUES ('PL', 'check', 'f', '\\x00', 2)"
    )
    card = (await page(roadside, f"/analysis/operators/{nowak}")).text
    assert "R = ( 195.0 + 0.0 ) / 2 · 1.0 = 97.5" in card
    assert "verdict-green" in card
    assert (await page(roadside, f"/analysis/operators/{uuid4()}")).status_code == 404


async def test_what_is_about_operators_needs_a_session(roadside: Roadside) -> None:
    for path in ("/analysis/hints", "/analysis/hints/1", "/analysis/hints/export", f"/analysis/operators/{uuid4()}"):
        answer = await page(roadside, path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    for path in ("/analysis/indicators/PL", "/analysis/checks/1", "/analysis/facts?of=own"):
        assert (await roadside.client.get(path)).status_code == 303


async def test_facts_are_reckoned_when_asked_for_and_public_then(roadside: Roadside) -> None:
    await roadside.declare(*(late(uuid4()) for _ in range(6)))
    nothing = await page(roadside, "/analysis/facts", **YEAR)
    assert nothing.status_code == 200
    assert 'role="img"' not in nothing.text
    assert (await page(roadside, "/analysis/facts", format="csv", **YEAR)).status_code == 404
    await signed_in(roadside)
    seen = await page(roadside, "/analysis/facts", **YEAR)
    asked = await post(roadside, seen, "/analysis/facts", **YEAR, of="all")
    assert "hx-trigger" in (await roadside.client.get(asked.headers["location"])).text
    await meet_demands(context(roadside))
    roadside.client.cookies.clear()
    shown = (await page(roadside, "/analysis/facts", **YEAR)).text
    assert shown.count('role="img"') == 3
    assert "style=" not in shown, "nothing that the page's own policy would refuse"
    assert "?since=2026-01-01&amp;until=2026-12-31" in shown
    for form, begins in (("pdf", b"%PDF"), ("parquet", b"PAR1"), ("csv", b"since,until"), ("json", b'{"facts"')):
        file = await page(roadside, "/analysis/facts", format=form, **YEAR)
        assert file.content.startswith(begins)
        assert f"facts-all-2026-01-01-2026-12-31.{form}" in file.headers["content-disposition"]


async def test_only_whole_years_are_for_everybody(roadside: Roadside) -> None:
    await roadside.declare(*(late(uuid4()) for _ in range(6)))
    url = roadside.app.state.options.database_url
    await figures.facts(url, roadside.lake, date(2026, 1, 1), date(2026, 11, 30))
    part = YEAR | {"until": "2026-11-30"}
    public = await page(roadside, "/analysis/facts", **part)
    assert 'role="img"' not in public.text
    assert 'until=2026-11-30">' not in public.text
    assert (await page(roadside, "/analysis/facts", format="csv", **part)).status_code == 404
    await signed_in(roadside)
    shown = (await page(roadside, "/analysis/facts", **part)).text
    assert 'role="img"' in shown
    assert 'until=2026-11-30">' in shown


async def test_the_statistics_of_the_own_state_name_no_person_and_no_operator(roadside: Roadside) -> None:
    nowak = await operator(roadside, "Nowak")
    await roadside.declare(*(late(uuid4()) for _ in range(6)), late(nowak), late(uuid4(), "DE"))
    url = roadside.app.state.options.database_url
    await figures.facts(url, roadside.lake, date(2026, 1, 1), date(2026, 12, 31), "FR")
    await signed_in(roadside)
    shown = (await page(roadside, "/analysis/facts", of="own", **YEAR)).text
    assert "Nowak" not in shown
    document = await page(roadside, "/analysis/facts", of="own", format="json", **YEAR)
    made = msgspec.convert(document.json()["facts"], Facts, strict=False)
    assert (made.host, made.declarations) == ("FR", 7)
    await signed_in(roadside, host="DE")
    assert (await page(roadside, "/analysis/facts", of="own", format="json", **YEAR)).status_code == 404


@pytest.mark.parametrize("query", [{"since": "x"}, {"since": "2026-02-01", "until": "2026-01-01"}])
async def test_a_period_that_is_none_is_told(roadside: Roadside, query: dict[str, str]) -> None:
    for path in ("/analysis/facts", "/analysis/indicators"):
        assert (await page(roadside, path, **query)).status_code == 400


async def request_to_poland(roadside: Roadside, asking: str) -> None:
    """Adds a request of posting that was accepted after two days and answered after twenty, late."""
    sent = datetime(2026, 5, 4, 10, tzinfo=UTC)
    await roadside.pool.execute(
        """INSERT INTO authority (code, country, level, names, place, competences, languages)
           VALUES ($1 || '-1', $1, 'national', '{}', 'X', '{posting}', '{en}') ON CONFLICT DO NOTHING""",
        asking,
    )
    await roadside.pool.execute(
        """INSERT INTO exchange (exchange_id, procedure, module, state, ball, round, requesting_country,
               requesting_authority, replying_country, urgent, subject, asking, answering, opened_at, sent_at,
               accepted_at, answered_at, agreed_due, timeliness, effort, revision)
           VALUES ($1, 'mutual_assistance', 'posting', 'ANSWERED', 'requesting', 1, $2, $2 || '-1', 'PL', false, '{}',
               '{}', '{}', $3, $3, $4, $5, $6, 'very_dissatisfied', 'satisfied', 1)""",
        *(uuid4(), asking, sent, sent + timedelta(2), sent + timedelta(22), date(2026, 5, 20)),
    )


async def test_indicators_are_a_table_of_lights_with_the_exchanges_one_click_away(roadside: Roadside) -> None:
    for asking in ("FR", "FR", "DE"):
        await request_to_poland(roadside, asking)
    public = (await page(roadside, "/analysis/indicators", **YEAR)).text
    assert "verdict-green" in public
    assert "verdict-red" in public
    assert "/analysis/indicators/PL" not in public
    await signed_in(roadside)
    table = (await page(roadside, "/analysis/indicators", **YEAR)).text
    (behind,) = re.findall(r'href="(/analysis/indicators/PL[^"]+)"', table)
    shown = (await roadside.client.get(behind.replace("&amp;", "&"))).text
    assert shown.count('data-label="Sent"') == 2, "those that the own state sent"
    (exchange, _) = re.findall(r'href="(/desk/exchanges/[^"]+)"', shown)
    assert (await roadside.client.get(exchange)).status_code != 404
    await signed_in(roadside, host="PL")
    whole = (await page(roadside, "/analysis/indicators/pl", **YEAR)).text
    assert whole.count('data-label="Sent"') == 3
    assert (await page(roadside, "/analysis/indicators/XX", **YEAR)).status_code == 404
