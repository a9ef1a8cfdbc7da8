"""The desk's pages in real Chromium: accessible by axe, within the width of a phone and a desk, in three languages."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from exchange.alerts import NewAlert, send_alert
from exchange.catalogue import modules
from exchange.notes import Template, add_note, save_template, subscribe
from exchange.people import DeskOfficer, desk_officer
from exchange.record import Answered, Asked, Content, Words
from exchange.simulation import load, simulate
from store.officers import create_officer
from tests.accessibility import fits, is_accessible
from tests.exchange.conftest import AUTHORITIES, World, world

__all__ = ["world"]
pytestmark = pytest.mark.browser
#: Where screenshots go, such as those of docs/desk.md.
PICTURES = os.environ.get("DESK_PICTURES")


async def officer_with_token(world: World, authority: str, name: str, language: str) -> tuple[DeskOfficer, str]:
    async with world.pool.acquire() as connection:
        made = await create_officer(
            connection, name, authority[:2], role="desk", authority=authority, language=language, email="a@b.example"
        )
        return await desk_officer(connection, made.officer_id), made.token


async def fill(world: World) -> tuple[dict[str, str], str]:
    """A month of exchanges, one of them with everything on it; gives its addresses, and a French officer's token."""
    now = datetime.now(UTC)
    simulated = simulate(AUTHORITIES, seed=4, count=60, since=(now - timedelta(days=70)).date(), until=now)
    async with world.pool.acquire() as connection:
        await load(connection, simulated, AUTHORITIES)
    dupont, token = await officer_with_token(world, "FR-DGT", "Anne Dupont", "fr")
    pole, _ = await officer_with_token(world, "PL-GIP", "Jan Kowalski", "pl")
    sent = await world.assistance(
        dupont,
        now - timedelta(days=16),
        questions=[
            Asked("P003"),
            Asked("P010", Words("Pour la période du 2 au 31 mai.", "fr")),
            Asked("P008"),
        ],
        document_types=["remuneration"],
        text=Words("Lors d’un contrôle routier, la rémunération n’a pas pu être justifiée.", "fr"),
    )
    move = world.desk.move
    asked = now - timedelta(days=12)
    due = (now + timedelta(days=24)).date()
    await move(pole, sent.exchange_id, "accept", Content(due=due), asked)
    await move(dupont, sent.exchange_id, "agree_date", Content(), asked + timedelta(days=1))
    answer = Answered("P003", choice="yes", words=Words("Od 2014 r.", "pl"))
    await move(pole, sent.exchange_id, "answer_part", Content(answers=[answer]), now - timedelta(days=2))
    late = await world.request(dupont, now - timedelta(days=63))
    received = await world.desk.begin(pole, received_by(dupont, world), now - timedelta(days=20))
    await move(dupont, received.exchange_id, "accept", Content(), now - timedelta(days=19))
    await add_note(world.pool, dupont, sent, "Rappeler lundi.")
    await subscribe(world.pool, dupont, sent.exchange_id, email=True)
    await save_template(
        world.pool,
        dupont,
        Template("Salaires", "mutual_assistance", "posting", "send", Content(questions=[Asked("P010")])),
    )
    alert = NewAlert("alert", "licence_withdrawn", {"operator_name": "Spedycja Test"}, Words("Decyzja z maja.", "pl"))
    polish, _ = await officer_with_token(world, "PL-GITD", "Ewa Lis", "pl")
    alert_id = await send_alert(world.pool, polish, alert, now - timedelta(days=1))
    number = f"/desk/exchanges/{sent.number}"
    return {
        "list": "/desk",
        "exchange": number,
        "translate": f"{number}?translate=1",
        "overdue": f"/desk/exchanges/{late.number}",
        "answer": f"/desk/exchanges/{received.number}/do/answer",
        "escalate": f"/desk/exchanges/{late.number}/do/escalate",
        "begin": "/desk/new",
        "new": "/desk/new?kind=mutual_assistance.social_rules",
        "alerts": "/desk/alerts",
        "alert": f"/desk/alerts/{alert_id}",
        "alert-new": "/desk/alerts/new",
        "notices": "/desk/notices?all=1",
        "own": "/desk/own",
        "authorities": "/desk/authorities?q=Kraków",
        "declarations": f"{number}/declarations",
    }, token


def received_by(dupont: DeskOfficer, world: World):
    from exchange.desk import NewExchange
    from exchange.record import Subject

    questions = list(modules()["social_rules"].questions)[:6]
    return NewExchange(
        "mutual_assistance",
        "social_rules",
        "send",
        Content(
            authority=dupont.authority,
            subject=Subject(fields={"operator_name": "Transports Durand"}),
            questions=[Asked(code) for code in questions],
            text=Words("Prosimy o sprawdzenie.", "pl"),
        ),
    )


async def signed_in(browser: Browser, served: str, token: str, language: str, width: int) -> tuple[Page, list[str]]:
    context = await browser.new_context(
        viewport={"width": width, "height": 800}, extra_http_headers={"accept-language": language}
    )
    page, complaints = await context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(f"{served}/sign-in")
    await page.locator("#token").fill(token)
    await page.locator("main button[type=submit]").click()
    await page.locator("#plate").wait_for()
    return page, complaints


async def look(page: Page, name: str, width: int) -> None:
    """Has axe look at the page, and sees that nothing hangs over the edge."""
    await page.evaluate("document.fonts.ready")
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"desk-{name}.png", full_page=True)
    await fits(page, width, name)
    await is_accessible(page, name)


async def test_the_desk_is_accessible_and_fits_on_phone_and_desk(browser: Browser, served: str, world: World) -> None:
    there, token = await fill(world)
    phone = {"el": ("list", "exchange", "new", "own"), "pl": ("translate", "answer", "alert-new", "alerts")}
    for language, width in (("en", 1280), ("el", 360), ("pl", 360)):
        page, complaints = await signed_in(browser, served, token, language, width)
        for name in phone.get(language, there):
            await page.goto(served + there[name])
            assert await page.locator("html").get_attribute("lang") == language
            await look(page, f"{name}-{language}-{width}", width)
        assert complaints == []
        await page.context.close()


async def test_a_move_is_made_with_the_keyboard_alone(browser: Browser, served: str, world: World) -> None:
    there, token = await fill(world)
    page, _ = await signed_in(browser, served, token, "en", 360)
    await page.goto(served + there["overdue"])
    await page.get_by_role("link", name="Ask the state of establishment for assistance").press("Enter")
    await page.locator("#authority").select_option("PL-GIP")
    await page.get_by_role("button", name="Ask the state of establishment for assistance").press("Enter")
    await page.locator(".flash-good").wait_for()
    assert await page.get_by_text("Exchange with the state of establishment").first.is_visible()
