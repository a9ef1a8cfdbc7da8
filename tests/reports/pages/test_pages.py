"""The officers' pages as a phone gets them: signing in, forms that are ours, who sees what, sizes, languages."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from httpx import Response

from reports.lookup import present
from schemas.languages import LANGUAGES
from store.officers import create_officer
from tests.reports.conftest import Roadside
from tests.reports.roadside.test_declarations import code_of, keep
from tests.store.lake_builder import Fleet, Version


def form_token(page: Response) -> str:
    """Reads the token of the page's forms."""
    return page.text.partition('name="_csrf_token" value="')[2].partition('"')[0]


async def sign_in(roadside: Roadside, token: str | None = None) -> Response:
    page = await roadside.client.get("/sign-in")
    form = {"token": token or roadside.token, "_csrf_token": form_token(page)}
    return await roadside.client.post("/sign-in", data=form)


async def look_up(roadside: Roadside, **query: str) -> Response:
    return await roadside.client.get("/roadside", params=query)


def in_force(plates: tuple[str, ...] = ("PO 1AB23",), operator=None, **changes) -> Version:
    today = present().date()
    period = {"start": today - timedelta(days=9), "end": today + timedelta(days=90)}
    accepted = present() - timedelta(days=20)
    return Version(Fleet(operator or uuid4(), plates), accepted_at=accepted, **(period | changes))


async def test_who_is_not_signed_in_is_led_to_signing_in(roadside: Roadside) -> None:
    for path in ("/roadside", "/roadside/controls", "/roadside/audit", f"/roadside/declarations/{uuid4()}"):
        answer = await roadside.client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


async def test_a_session_is_a_cookie_that_no_script_sees_and_is_kept_as_a_hash(roadside: Roadside) -> None:
    answer = await sign_in(roadside)
    assert answer.headers["location"] == "/roadside"
    cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("rtpd_officer="))
    assert {"HttpOnly", "SameSite=strict"} <= set(cookie.split("; "))
    assert roadside.token not in cookie
    kept = await roadside.pool.fetchval("SELECT encode(session_hash, 'hex') FROM officer_session")
    assert kept not in cookie
    assert (await roadside.client.get("/roadside")).status_code == 200


async def test_a_wrong_token_opens_nothing(roadside: Roadside) -> None:
    answer = await sign_in(roadside, "rtpd_officer_wrong")
    assert answer.status_code == 422
    assert await roadside.pool.fetchval("SELECT count(*) FROM officer_session") == 0


async def test_a_session_ends_with_signing_out_or_with_the_officers_token(roadside: Roadside) -> None:
    await sign_in(roadside)
    page = await roadside.client.get("/roadside")
    await roadside.client.post("/sign-out", data={"_csrf_token": form_token(page)})
    assert await roadside.pool.fetchval("SELECT count(*) FROM officer_session") == 0
    await sign_in(roadside)
    await roadside.pool.execute("UPDATE officer SET revoked_at = now()")
    assert (await roadside.client.get("/roadside")).status_code == 303


@pytest.mark.parametrize("path", ["/sign-in", "/roadside/controls", "/roadside/code", "/sign-out"])
async def test_a_form_that_is_not_ours_does_nothing(roadside: Roadside, path: str) -> None:
    await sign_in(roadside)
    forged = {"_csrf_token": "0" * 32, "token": roadside.token, "plate": "A 1", "outcome": "in_order"}
    await roadside.client.post(path, data=forged)
    assert await roadside.pool.fetchval("SELECT count(*) FROM control") == 0
    assert await roadside.pool.fetchval("SELECT count(*) FROM officer_session") == 1


async def test_the_first_answer_is_under_20_kb_in_every_language(roadside: Roadside) -> None:
    await sign_in(roadside)
    for language in LANGUAGES:
        page = await look_up(roadside, lang=language)
        assert len(page.content) < 20_000, language


async def test_a_phone_shows_the_look_up_after_20_kb_of_page_and_styles(roadside: Roadside) -> None:
    await sign_in(roadside)
    page = await look_up(roadside)
    styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page.text)
    assert len(styles) == 2
    received = len(page.content)
    for style in styles:
        answer = await roadside.client.get(style, headers={"accept-encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        received += answer.num_bytes_downloaded
    assert received < 20_000


async def test_a_large_fleet_on_many_declarations_is_summed_up(roadside: Roadside) -> None:
    operator, plates = uuid4(), tuple(f"PO {number:05}" for number in range(2_000))
    first = in_force(plates, operator)
    others = [
        Version(first.fleet, start=first.start, end=first.end, accepted_at=first.accepted_at, last_name=f"Driver {n}")
        for n in range(900)
    ]
    await roadside.declare(*others, fleets=[first.fleet])
    await sign_in(roadside)
    page = await look_up(roadside, plate="PO 01234")
    assert "900" in page.text
    assert page.text.count("/roadside/declarations/") == 3
    assert len(page.content) < 20_000
    narrowed = await look_up(roadside, plate="PO 01234", driver="Jan Nowak")
    assert "verdict-amber" in narrowed.text


async def test_a_look_up_on_the_page_is_logged_with_its_purpose(roadside: Roadside) -> None:
    await roadside.declare(in_force())
    await sign_in(roadside)
    page = await look_up(roadside, plate="PO 1AB23", purpose="A6")
    assert "verdict-green" in page.text
    row = await roadside.pool.fetchrow("SELECT kind, sought, purpose, verdict FROM lookup_log")
    assert tuple(row) == ("plate", "PO 1AB23", "A6", "GREEN")


async def test_a_misread_plate_offers_the_near_one(roadside: Roadside) -> None:
    await roadside.declare(in_force())
    await sign_in(roadside)
    page = await look_up(roadside, plate="P0 1AB23")
    assert "verdict-none" in page.text
    assert "plate=PO+1AB23" in page.text or "plate=PO%201AB23" in page.text


async def test_a_declaration_shows_its_history_and_what_came_after_a_control(roadside: Roadside) -> None:
    version = in_force()
    await keep(roadside, version)
    await sign_in(roadside)
    page = await roadside.client.get("/roadside/controls")
    form = {"_csrf_token": form_token(page), "plate": "PO 1AB23", "outcome": "to_be_examined", "place": "A6, km 112"}
    saved = await roadside.client.post("/roadside/controls", data=form)
    assert saved.headers["location"] == "/roadside/controls?saved=1"
    await keep(roadside, version.later(present() + timedelta(seconds=5), end=version.end - timedelta(days=1)))
    told = await roadside.client.get(f"/roadside/declarations/{version.declaration_id}")
    assert "Changed after a control at" in told.text
    at = (present() + timedelta(minutes=1)).isoformat()
    found = (await look_up(roadside, plate="PO 1AB23", at=at)).text
    assert "A6, km 112" in found
    assert "Changed after a control at" in found


async def test_a_control_without_vehicle_and_driver_is_sent_back_with_the_reason(roadside: Roadside) -> None:
    await sign_in(roadside)
    page = await roadside.client.get("/roadside/controls")
    form = {"_csrf_token": form_token(page), "outcome": "in_order", "place": "A6"}
    answer = await roadside.client.post("/roadside/controls", data=form)
    assert answer.status_code == 422
    assert 'value="A6"' in answer.text


async def test_a_code_is_checked_on_the_page(roadside: Roadside) -> None:
    version = in_force()
    await keep(roadside, version)
    await sign_in(roadside)
    page = await roadside.client.get("/roadside")
    for code, said in ((await code_of(roadside, version), "verdict-green"), ("NONSENSE-CODE", "verdict-red")):
        answer = await roadside.client.post("/roadside/code", data={"_csrf_token": form_token(page), "code": code})
        assert said in answer.text


async def test_declarations_are_found_by_driver_and_by_operator(roadside: Roadside) -> None:
    mine, other = in_force(), in_force(("WA 1",), last_name="Kowalska", licence_number="X9")
    await keep(roadside, mine, other)
    await sign_in(roadside)
    for query in ({"licence": "00123 04 1234"}, {"name": "NOWAK jan", "born": "1984-05-06"}):
        page = await roadside.client.get("/roadside/drivers", params=query)
        assert page.text.count("/roadside/declarations/") == 1
        assert str(mine.declaration_id) in page.text
    page = await roadside.client.get(f"/roadside/operators/{other.fleet.operator_id}")
    assert str(other.declaration_id) in page.text
    assert str(mine.declaration_id) not in page.text
    assert (await roadside.client.get("/roadside/drivers", params={"name": "Nowak"})).status_code == 422
    kinds = await roadside.pool.fetch("SELECT kind, verdict FROM lookup_log ORDER BY lookup_id")
    assert [tuple(row) for row in kinds] == [("driver", "FOUND"), ("driver", "FOUND"), ("operator", "FOUND")]


async def test_only_an_auditor_sees_the_log(roadside: Roadside) -> None:
    await sign_in(roadside)
    await look_up(roadside, plate="PO 1AB23")
    assert (await roadside.client.get("/roadside/audit")).status_code == 403
    async with roadside.pool.acquire() as connection:
        auditor = await create_officer(connection, "Auditor", "FR", role="auditor")
        other = await create_officer(connection, "Other", "DE", role="auditor")
    roadside.client.cookies.clear()
    await sign_in(roadside, auditor.token)
    assert "PO 1AB23" in (await roadside.client.get("/roadside/audit")).text
    roadside.client.cookies.clear()
    await sign_in(roadside, other.token)
    assert "PO 1AB23" not in (await roadside.client.get("/roadside/audit")).text
