"""How many clicks the README's three tasks take on these pages; each click, tick, choice or filled field counts one."""

from datetime import timedelta

import pytest
from playwright.async_api import Browser, Locator, Page

from tests import pictures
from tests.ingest.pages.conftest import TODAY, Office, signed_in

pytestmark = pytest.mark.browser
#: As the README tells them.
DECLARE, CHANGE_A_LORRY, PRINT = 18, 5, 2
HOSTS = ("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR")


class Hand:
    """A hand that counts what it does."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    async def click(self, role: str, name: str) -> None:
        """Clicks the first link or button of a name."""
        self.count += 1
        await self.page.get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]

    async def tick(self, place: Locator) -> None:
        """Ticks a box."""
        self.count += 1
        await place.check()

    async def fill(self, name: str, text: str) -> None:
        """Fills in a field, or chooses from its list."""
        self.count += 1
        place = self.page.locator(f"#{name}")
        if await place.evaluate("one => one.tagName") == "SELECT":
            await place.select_option(label=text)
        else:
            await place.fill(text)


async def test_all_drivers_are_declared_for_eleven_countries(browser: Browser, office: Office):
    context, page = await signed_in(browser, office)
    hand = Hand(page)
    await hand.click("link", "New declarations")
    await hand.tick(page.locator("#driverIds [data-pick-all]"))
    for code in HOSTS:
        await hand.tick(page.locator(f"input[name=declarationPostingCountries][value={code}]"))
    await hand.fill("declarationStartDate", str(TODAY + timedelta(days=200)))
    await hand.fill("declarationEndDate", str(TODAY + timedelta(days=260)))
    await hand.fill("fleetId", "Poznań")
    await hand.click("button", "Check")
    await page.locator(".matrix").wait_for()
    await pictures.keep(page, "operators-matrix-checked")
    await hand.click("button", "Submit")
    assert await page.get_by_text(f"Submitted: {len(office.drivers) * len(HOSTS)}. Refused: 0.").is_visible()
    assert hand.count == DECLARE
    await context.close()


async def test_a_lorry_is_changed_on_all_declarations(browser: Browser, office: Office):
    context, page = await signed_in(browser, office)
    hand = Hand(page)
    await hand.click("link", "Vehicles")
    await hand.click("link", "Poznań")
    plates = await page.locator("#declarationVehiclePlateNumber").input_value()
    await hand.fill("declarationVehiclePlateNumber", plates.replace("PO 3EF45", "PO 8XX88"))
    await hand.click("button", "Show what would change")
    await hand.click("button", "Change")
    assert await page.get_by_text("PO 8XX88").first.is_visible()
    assert hand.count == CHANGE_A_LORRY
    await context.close()


async def test_all_copies_are_printed(browser: Browser, office: Office):
    context, page = await signed_in(browser, office)
    hand = Hand(page)
    await hand.click("link", "Declarations")
    async with page.expect_download():
        await hand.click("button", "Print the copies of all that fit")
    assert hand.count == PRINT
    await context.close()
