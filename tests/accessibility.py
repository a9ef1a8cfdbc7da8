"""What a page in real Chromium has to be: accessible, as axe judges it, and no wider than its window."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

_AXE = Axe()
_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # describing everything that is right takes as long as judging
}


async def is_accessible(page: Page, name: str) -> None:
    """Has axe look at the page."""
    await page.evaluate("document.fonts.ready")
    found = await _AXE.run(page, options=_OPTIONS)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"


async def fits(page: Page, width: int, name: str) -> None:
    """Sees that nothing hangs over the edge of a window of this width."""
    await page.evaluate("document.fonts.ready")
    assert await page.evaluate("document.documentElement.scrollWidth") == width, name
