"""The analysts' pages in real Chromium: on a phone and at a desk, in three alphabets' worth, checked by axe."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg
import msgspec
import pytest
from playwright.async_api import Browser, Page

from loadtests.history import write_history
from reports import figures, sources
from reports.checks.catalogue import patterns
from reports.figures import Facts
from store.officers import create_officer
from tests import pictures
from tests.conftest import fresh_database
from tests.reports.conftest import Roadside, roadside_over
from tests.reports.pages.conftest import serving
from tests.reports.pages.test_analysis import checked, operator, request_to_poland
from tests.reports.pages.test_browser import look, signed_in
from tests.reports.roadside.test_declarations import keep
from tests.reports.test_analysis import late

pytestmark = pytest.mark.browser

YEAR = "since=2026-01-01&until=2026-12-31"
PAST = "since=2023-01-01&until=2023-12-31"
#: The pages that docs/analysts.md shows, with the width and height of what is seen of them.
SHOWN = {"hints": (1280, 1560), "operator": (1280, 1460), "indicators": (1280, 1180), "facts": (360, 2100)}


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """Facts of a made-up 2023, a thousandth of Europe: every country and week has its line, some are hidden."""
    history = write_history(tmp_path_factory.mktemp("history"), scale=0.001, whole=False, memory_mb=300)
    with sources.plain(memory_mb=300, threads=1) as connection:
        sources.over_files(connection, "declaration_version", [history.declaration_version])
        made = figures.from_lake(connection, date(2023, 1, 1), date(2023, 12, 31), None)
    written = {"authorities": 12_500, "officers": 35_000, "exchanges": 112_550, "exchanges_total": 597_550}
    return msgspec.structs.replace(made, **written, alerts=5_538, notifications=43_948)


@dataclass(frozen=True, slots=True)
class Filled:
    """A served lake that was checked: an operator and a hint to look at, a coordinator's token."""

    address: str
    pool: asyncpg.Pool
    operator: UUID
    hint: int
    token: str


@pytest.fixture(scope="module")
async def filled(template: str, past: Facts, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Filled]:
    """A lake that this file's tests look at together; checking it takes seconds."""
    lake = str(tmp_path_factory.mktemp("lake"))
    async with (
        fresh_database(template) as database_url,
        roadside_over(database_url, lake) as roadside,
        serving(roadside) as address,
    ):
        yield Filled(address, roadside.pool, *await fill(roadside, past))


async def fill(roadside: Roadside, past: Facts) -> tuple[UUID, int, str]:
    """Hints of two operators, checks in a register, requests, facts; gives operator, hint and coordinator's token."""
    nowak, kowal = await operator(roadside, "Przewozy Nowak"), await operator(roadside, "Kowalski Transport", "PL-2")
    first = late(nowak)
    await keep(roadside, first)
    others = (late(kowal, licence_number=str(n)) for n in range(30))
    await checked(roadside, late(kowal), *others, codes=tuple(patterns()))
    await roadside.pool.executemany(
        "INSERT INTO register_check (country, licence_key, reference, checked_on, host, vehicles_checked, minor, "
        "serious, very_serious, most_serious) VALUES ('PL', 'PL1', $1, current_date - 30, 'DE', $2, 1, $3, 0, $4)",
        [("2026-77", 2, 3, 4), ("2026-91", 1, 0, 0)],
    )
    await roadside.pool.execute(
        "INSERT INTO register_load (country, record, file, digest, rows) VALUES ('PL', 'check', 'f', '\\x00', 2)"
    )
    for asking in ("FR", "DE"):
        await request_to_poland(roadside, asking)
    for host in ("", "FR"):
        made = msgspec.json.encode(msgspec.structs.replace(past, host=host or None)).decode()
        await roadside.pool.execute("INSERT INTO facts VALUES ('2023-01-01', '2023-12-31', $1, now(), $2)", host, made)
    hint = await roadside.pool.fetchval(
        "SELECT hint_id FROM hint WHERE pattern = 'P08' AND operator_id = $1 AND host = 'FR'", kowal
    )
    async with roadside.pool.acquire() as connection:
        return nowak, hint, (await create_officer(connection, "Claire Dubois", "FR", role="coordinator")).token


async def picture(page: Page, name: str) -> None:
    """Keeps a page as the manual shows it, and gives the page its size again."""
    size = page.viewport_size
    assert size is not None
    width, height = SHOWN[name]
    await page.set_viewport_size({"width": width, "height": height})
    await pictures.keep(page, f"analysts-{name}")
    await page.set_viewport_size(size)


async def test_every_page_is_accessible_and_fits_on_phone_and_desk(browser: Browser, filled: Filled) -> None:
    pages = {
        "hints": "/analysis/hints",
        "hint": f"/analysis/hints/{filled.hint}",
        "operator": f"/analysis/operators/{filled.operator}",
        "indicators": f"/analysis/indicators?{YEAR}",
        "requests": f"/analysis/indicators/PL?{YEAR}",
        "facts": f"/analysis/facts?{PAST}",
        "own": f"/analysis/facts?{PAST}&of=own",
    }
    # axe meets every page on a phone and at a desk; a language changes how much room its words take
    for language, width, scheme, axe in (
        ("en", 360, "light", True),
        ("el", 1280, "dark", True),
        ("pl", 360, "dark", False),
    ):
        page, complaints = await signed_in(browser, filled.address, filled.token, language, width)
        await page.emulate_media(color_scheme=scheme)
        for name, path in pages.items():
            await page.goto(filled.address + path)
            assert await page.locator("html").get_attribute("lang") == language
            await look(page, f"{name}-{language}-{width}", width, axe=axe)
            if language == "en" and name in SHOWN:
                await picture(page, name)
        assert complaints == []
        await page.context.close()


async def test_an_analyst_gets_from_the_worklist_to_the_evidence_and_closes_a_hint(
    browser: Browser, filled: Filled
) -> None:
    page, complaints = await signed_in(browser, filled.address, filled.token, "en", 1280)
    await page.goto(f"{filled.address}/analysis/hints")
    await page.get_by_label("Pattern").select_option("P01")
    await page.get_by_label("Operator").first.fill("nowak")
    await page.get_by_role("button", name="Show", exact=True).click()
    await page.get_by_role("link", name="P01 Submitted after the posting began").click()
    await page.locator(".declaration-number").first.click()
    await page.wait_for_url("**/roadside/declarations/**")
    await page.go_back()
    await page.get_by_label("Closed").check()
    await page.get_by_label("Note").fill("the operator was right")
    await page.get_by_role("button", name="Save").click()
    await page.get_by_text("Saved").wait_for()
    row = await filled.pool.fetchrow(
        "SELECT state, note FROM hint WHERE pattern = 'P01' AND operator_id = $1", filled.operator
    )
    assert tuple(row) == ("closed", "the operator was right")
    async with page.expect_download() as started:
        await page.goto(f"{filled.address}/analysis/hints")
        await page.get_by_role("link", name="Export as CSV").click()
    assert (await started.value).suggested_filename == "hints-FR.csv"
    assert complaints == []
    await page.context.close()


async def test_everybody_may_read_the_figures_without_signing_in(browser: Browser, filled: Filled) -> None:
    context = await browser.new_context(viewport={"width": 360, "height": 800})
    page = await context.new_page()
    await page.goto(f"{filled.address}/analysis/facts?{PAST}")
    await look(page, "public-facts", 360)
    assert await page.locator("svg[role=img]").count() == 3
    for chart in await page.locator("svg[role=img]").all():
        box = await chart.bounding_box()
        assert box is not None
        assert box["width"] / 420 * 13 > 9.5, "letters that can be read on a phone"
    await page.get_by_role("link", name="Performance indicators").click()
    await look(page, "public-indicators", 360)
    await context.close()
