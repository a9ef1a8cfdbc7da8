"""Every page in real Chromium, accessible, in three languages, on a desk and on a phone; pictures for the docs."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests import pictures
from tests.accessibility import fits, is_accessible
from tests.ingest.pages.conftest import Office, signed_in
from tests.web.test_browser import DESK, PHONE

pytestmark = pytest.mark.browser
#: What the README and the manual show, by the width of the window.
SHOWN = {
    DESK: {"overview", "declarations", "coverage", "request", "people", "upload-report", "live-copy"},
    PHONE: {"overview", "coverage"},
}
PAGES = {
    "overview": "/",
    "declarations": "/my/declarations",
    "declaration": "/my/declarations/{declaration}",
    "matrix": "/my/declarations/new",
    "upload": "/my/declarations/upload",
    "drivers": "/my/drivers",
    "driver": "/my/drivers/{driver}",
    "vehicles": "/my/vehicles",
    "coverage": "/my/coverage",
    "requests": "/my/requests",
    "request": "/my/requests/{request}",
    "fleet": "/my/fleets/{fleet}",
    "people": "/my/people",
    "keys": "/my/keys",
    "delegations": "/my/delegations",
    "webhooks": "/my/webhooks",
    "approvals": "/my/approvals",
}


async def look(page: Page, width: int) -> None:
    """Checks what is shown: accessible, and no wider than the window."""
    await fits(page, width, page.url)
    await is_accessible(page, page.url)


async def picture(page: Page, name: str, language: str, width: int) -> None:
    """Keeps a picture of what the README and the manual show, in English."""
    if language == "en" and name in SHOWN[width]:
        await pictures.keep(page, f"operators-{name}" + ("-phone" if width == PHONE else ""))


async def glimpse(page: Page, name: str) -> None:
    """Keeps a picture of the whole page in `GLIMPSES`, for whoever wants to look at all of them."""
    if folder := os.environ.get("GLIMPSES"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize(
    ("language", "width", "scheme", "axe"),
    [
        ("en", DESK, "light", True),
        ("en", PHONE, "light", True),
        ("el", DESK, "dark", True),
        ("pl", PHONE, "light", False),  # what axe judges is as in English; only the words are longer
    ],
)
async def test_every_page_is_accessible_and_fits(
    browser: Browser, office: Office, language: str, width: int, scheme: str, axe: bool
):
    options = {
        "viewport": {"width": width, "height": 800},
        "locale": language.replace("en", "en-GB"),
        "extra_http_headers": {"accept-language": language},
        "color_scheme": scheme,
    }
    context, page = await signed_in(browser, office, **options)
    known = {"declaration": office.declarations[0], "driver": office.drivers[0]}
    known |= {"fleet": office.fleet, "request": office.asked}
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    for name, path in PAGES.items():
        await page.goto(office.url + path.format(**known))
        await (look(page, width) if axe else fits(page, width, page.url))
        await picture(page, name, language, width)
        await glimpse(page, f"{name}-{language}-{width}-{scheme}")
    assert complaints == []
    await context.close()


async def test_a_declaration_is_printed_without_what_surrounds_it(browser: Browser, office: Office):
    context, page = await signed_in(browser, office)
    await page.goto(f"{office.url}/my/declarations/{office.declarations[0]}")
    await page.emulate_media(media="print")
    for surrounding in (".masthead", ".foot", ".button", "form"):
        assert not await page.locator(surrounding).first.is_visible()
    assert await page.locator("h1").is_visible()
    await glimpse(page, "declaration-printed")
    await context.close()
