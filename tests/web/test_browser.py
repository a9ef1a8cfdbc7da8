"""Pages as people meet them: in real Chromium, on a desk and on a phone, in Latin and Greek letters."""

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from tests.accessibility import fits, is_accessible

pytestmark = pytest.mark.browser

DESK, PHONE = 1280, 360


async def opened(context: BrowserContext, address: str) -> tuple[Page, list[str]]:
    """Opens a page; what it complains about collects in the list."""
    page, complaints = await context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(address)
    await page.evaluate("document.fonts.ready")
    return page, complaints


async def check(browser: Browser, address: str, language: str, width: int, scheme: str) -> None:
    context = await browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        extra_http_headers={"accept-language": language},
    )
    page, complaints = await opened(context, address)
    await fits(page, width, address)
    await is_accessible(page, address)
    assert complaints == []
    await context.close()


@pytest.mark.parametrize("width", [DESK, PHONE])
@pytest.mark.parametrize("language", ["en", "el", "pl"])
@pytest.mark.parametrize("path", ["/", "/declarations?wrong=true"])
async def test_a_page_is_accessible_and_fits(
    browser: Browser, demonstration: str, path: str, language: str, width: int
):
    await check(browser, demonstration + path, language, width, "light")


@pytest.mark.parametrize("path", ["/", "/declarations?wrong=true"])
async def test_a_page_is_accessible_in_the_dark(browser: Browser, demonstration: str, path: str):
    await check(browser, demonstration + path, "en", DESK, "dark")


async def test_a_page_reads_without_script(browser: Browser, demonstration: str):
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(demonstration)
    assert await page.get_by_role("heading", level=1).is_visible()
    assert await page.get_by_role("button", name="Submitted").is_enabled()
    await page.locator("details.menu").last.locator("summary").click()
    await page.get_by_role("link", name="polski").click()
    assert await page.locator("html").get_attribute("lang") == "pl"
    await context.close()


async def test_a_chosen_language_is_kept(browser: Browser, demonstration: str):
    context = await browser.new_context()
    page, _ = await opened(context, demonstration + "/?lang=el")
    await page.get_by_role("link", name="Δήλωση", exact=True).first.click()
    assert "lang=" not in page.url
    assert await page.locator("html").get_attribute("lang") == "el"
    await context.close()


async def test_the_first_tab_leads_past_the_navigation(browser: Browser, demonstration: str):
    context = await browser.new_context()
    page, _ = await opened(context, demonstration)
    await page.keyboard.press("Tab")
    assert await page.locator(".skip").bounding_box() is not None
    await page.keyboard.press("Enter")
    await page.locator("#main:focus").wait_for()
    await context.close()


async def test_a_menu_closes_by_escape_and_by_a_click_elsewhere(browser: Browser, demonstration: str):
    context = await browser.new_context()
    page, _ = await opened(context, demonstration)
    menu = page.locator("details.menu").first
    for close in (lambda: page.keyboard.press("Escape"), lambda: page.get_by_role("heading", level=1).click()):
        await menu.locator("summary").click()
        assert await menu.get_attribute("open") is not None
        await close()
        assert await menu.get_attribute("open") is None
    await context.close()


async def test_rows_are_chosen_one_by_one_and_all_at_once(browser: Browser, demonstration: str):
    context = await browser.new_context()
    page, _ = await opened(context, demonstration)
    act, everything = page.get_by_role("button", name="Submitted"), page.locator("[data-choose-all]")
    assert await act.is_disabled()
    await page.get_by_label("1X03-YKG0-305-7-R").check()
    assert await act.is_enabled()
    assert await everything.evaluate("box => box.indeterminate")
    await everything.check()
    assert await page.locator("tbody input:checked").count() == 4
    assert await page.locator("[data-chosen]").inner_text() == "4 ✓"
    await everything.uncheck()
    assert await act.is_disabled()
    await context.close()


async def test_htmx_works_under_the_content_security_policy(browser: Browser, demonstration: str):
    context = await browser.new_context(extra_http_headers={"accept-language": "de"})
    page, complaints = await opened(context, demonstration)
    await page.get_by_role("button", name="htmx").click()
    await page.get_by_text("1.234.567").wait_for()
    assert complaints == []
    await context.close()


async def test_what_is_wrong_is_shown_first_and_leads_to_its_field(browser: Browser, demonstration: str):
    context = await browser.new_context()
    page, _ = await opened(context, demonstration + "/declarations?wrong=true")
    assert await page.evaluate("document.activeElement.className") == "problems"
    await page.locator(".problems a").first.click()
    assert await page.evaluate("document.activeElement.id || location.hash.slice(1)") == "start"
    await context.close()


async def test_a_dropped_file_is_taken_into_its_field(browser: Browser, demonstration: str):
    context = await browser.new_context()
    page, _ = await opened(context, demonstration + "/declarations")
    dropped = await page.evaluate_handle(
        "() => { const carried = new DataTransfer();"
        " carried.items.add(new File(['a;b'], 'fleet.csv')); return carried }"
    )
    await page.locator("[data-drop]").dispatch_event("drop", {"dataTransfer": dropped})
    assert await page.locator("#file").evaluate("input => input.files[0].name") == "fleet.csv"
    await context.close()


async def test_paper_shows_the_content_alone(browser: Browser, demonstration: str):
    context = await browser.new_context()
    page, _ = await opened(context, demonstration)
    await page.emulate_media(media="print")
    assert not await page.locator(".masthead").is_visible()
    assert await page.get_by_role("table").first.is_visible()
    await context.close()
