"""The officers' pages as officers meet them: in real Chromium, on a phone and at a desk, in three alphabets' worth."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page

from reports.lookup import present
from reports.roadside.controls import NewControl, record
from store.officers import create_officer
from tests import pictures
from tests.accessibility import fits, is_accessible
from tests.conftest import fresh_database
from tests.reports.conftest import Roadside, roadside_over
from tests.reports.pages.conftest import serving
from tests.reports.pages.test_pages import in_force
from tests.reports.roadside.test_declarations import keep
from tests.store.lake_builder import Fleet, Version

pytestmark = pytest.mark.browser

#: The pages that docs/officers.md shows, as a phone does; those that are longer than its screen whole.
SHOWN = {"look-up": False, "changed": False, "declaration": True, "controls": True, "offline": False}


@dataclass(frozen=True, slots=True)
class Filled:
    """A served lake with something to show: an officer's and an auditor's token, a declaration that changed."""

    address: str
    officer: str
    auditor: str
    changed: Version


@pytest.fixture(scope="module")
async def filled(template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Filled]:
    """A lake that this file's tests look at together; filling it takes seconds."""
    lake = str(tmp_path_factory.mktemp("lake"))
    async with (
        fresh_database(template) as database_url,
        roadside_over(database_url, lake) as roadside,
        serving(roadside) as address,
    ):
        changed, auditor = await fill(roadside)
        yield Filled(address, roadside.token, auditor, changed)


async def fill(roadside: Roadside) -> tuple[Version, str]:
    """A fleet of 2 000 on 900 declarations, and one declaration that changed after a control; an auditor's token."""
    async with roadside.pool.acquire() as connection:
        auditor = await create_officer(connection, "Claire Dubois", "FR", role="auditor")
    large = in_force(tuple(f"PO {number:05}" for number in range(2_000)))
    many = [
        Version(large.fleet, start=large.start, end=large.end, accepted_at=large.accepted_at, last_name=f"Nowak {n}")
        for n in range(899)
    ]
    operator = uuid4()
    for one, name in ((operator, "Przewozy Nowak"), (large.fleet.operator_id, "Wielka Flota")):
        await roadside.pool.execute(
            "INSERT INTO operator (operator_id, name, country, licence_number, email, phone, manager_first_name, "
            "manager_last_name, manager_email) VALUES ($1, $2, 'PL', 'PL-0123456', 'biuro@example.eu', "
            "'+48 22 123 45 67', 'Anna', 'Zielińska', 'anna@example.eu')",
            *(one, name),
        )
    await roadside.declare(large, *many, fleets=[large.fleet])
    first = in_force(("WGM 40A0", "WGM 41A1"), operator, last_name="Wiśniewski")
    officer = await roadside.app.state.parts.officers.identify(f"Bearer {roadside.token}")
    met = present() - timedelta(hours=5)
    new = NewControl(at=met, plate="WGM 40A0", place="A6, km 112", outcome="to_be_examined")
    await record(roadside.pool, officer, new, None)
    smaller = Fleet(operator, ("WGM 40A0", "WGM 77C7"))
    await keep(roadside, first, first.later(met + timedelta(minutes=40), fleet=smaller))
    return first, auditor.token


async def signed_in(
    browser: Browser, served: str, token: str, language: str, width: int, *, axe: bool = False
) -> tuple[Page, list[str]]:
    context = await browser.new_context(
        viewport={"width": width, "height": 800}, extra_http_headers={"accept-language": language}
    )
    page, complaints = await context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(served)
    await look(page, f"sign-in-{language}-{width}", width, axe=axe)
    await page.locator("#token").fill(token)
    await page.locator("main button[type=submit]").click()
    await page.locator("#plate").wait_for()
    return page, complaints


async def look(page: Page, name: str, width: int, *, axe: bool = True) -> None:
    """Sees that nothing hangs over the edge, and has axe look at the page."""
    await page.evaluate("document.fonts.ready")
    kept = name.removesuffix("-en-360")
    if kept in SHOWN:
        await pictures.keep(page, f"officers-{kept}", full_page=SHOWN[kept])
    await fits(page, width, name)
    if axe:
        await is_accessible(page, name)


async def test_every_page_is_accessible_and_fits_on_phone_and_desk(browser: Browser, filled: Filled) -> None:
    # axe meets every page on a phone and at a desk; a language changes how much room its words take
    for language, width, axe in (
        ("en", 360, True),
        ("en", 1280, False),
        ("el", 360, False),
        ("el", 1280, True),
        ("pl", 360, False),
        ("pl", 1280, False),
    ):
        page, complaints = await signed_in(browser, filled.address, filled.auditor, language, width, axe=axe)
        await look(page, f"look-up-{language}-{width}", width, axe=axe)
        for name, path in (
            ("fleet", "/roadside?plate=PO+01234"),
            ("changed", "/roadside?plate=WGM+40A0&country=PL"),
            ("near", "/roadside?plate=WGM+4OAO"),
            ("declaration", f"/roadside/declarations/{filled.changed.declaration_id}"),
            ("controls", "/roadside/controls?plate=WGM+40A0"),
            ("log", "/roadside/audit"),
            ("drivers", "/roadside/drivers?licence=00123%2F04%2F1234"),
            ("offline-empty", "/roadside/offline"),
        ):
            await page.goto(filled.address + path)
            assert await page.locator("html").get_attribute("lang") == language
            await look(page, f"{name}-{language}-{width}", width, axe=axe)
        assert complaints == []
        await page.context.close()


async def test_the_answer_for_a_large_fleet_fits_one_phone_screen(browser: Browser, filled: Filled) -> None:
    page, _ = await signed_in(browser, filled.address, filled.officer, "en", 360)
    await page.locator("#plate").fill("po01234")
    await page.get_by_role("button", name="Check", exact=True).click()
    await page.locator(".answer").wait_for()
    await pictures.keep(page, "officers-fleet")
    last = await page.locator(".found-list li").last.bounding_box()
    assert last is not None
    assert last["y"] + last["height"] <= 800


async def test_a_sign_is_chosen_by_tapping_it(browser: Browser, served: str, roadside: Roadside) -> None:
    await roadside.declare(in_force())
    page, _ = await signed_in(browser, served, roadside.token, "en", 360)
    await page.locator("#plate").fill("PO 1AB23")
    await page.get_by_role("radio", name="Poland").check()
    await page.get_by_role("button", name="Check", exact=True).click()
    assert "country=PL" in page.url
    assert await page.locator(".verdict-green").is_visible()
