"""The page without a network, in a real Chromium that has lost its network: pack, plates, codes."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.async_api import Browser, Page, Route

from reports.lookup import present
from reports.roadside.pack import Pack, read
from store.service_keys import service_key
from tests.reports.conftest import Roadside
from tests.reports.pages.test_browser import look, signed_in
from tests.reports.pages.test_pages import in_force
from tests.reports.roadside.test_declarations import code_of, keep
from tests.store.lake_builder import Fleet, Version
from validate.plates import plate_key

pytestmark = pytest.mark.browser

#: Spellings whose keys both sides have to make alike.
SPELLINGS = (
    "po 1ab-23",
    "РО 1АВ 23",
    "ΡΟ-1ΑΒ·23",
    "Å B 12",
    "ß-1",
    "Ⅷ A 1",
    "ﬁ 12",
    "İ 34",
    "M·ÜN 1",
    "A\u00adB 7",
    "①②A",
)


async def ask(page: Page, plate: str, licence: str = "") -> tuple[str, str]:
    """Asks the page about a plate; gives the verdict's class and all that is said."""
    await page.locator("#plate").fill(plate)
    await page.locator("#licence").fill(licence)
    await page.locator("#plates button[type=submit]").click()
    await page.locator("#answer [data-plate]", has_text=plate.upper().strip()).wait_for()
    return await said(page)


async def check(page: Page, code: str) -> str:
    await page.evaluate("document.querySelector('#answer').replaceChildren()")
    await page.locator("#code").fill(code)
    await page.locator("#codes button[type=submit]").click()
    return (await said(page))[0]


async def said(page: Page) -> tuple[str, str]:
    answer = page.locator("#answer .answer[class*=answer-]")
    await answer.wait_for()
    return (await answer.get_attribute("class") or "").rpartition("answer-")[2], await answer.inner_text()


async def kept_pack(page: Page, roadside: Roadside) -> Pack:
    """Reads the pack that the browser keeps, as Python does."""
    content = await page.evaluate(
        "caches.open('officers-pack').then((c) => c.match('/roadside/pack')).then((r) => r.arrayBuffer())"
        ".then((b) => Array.from(new Uint8Array(b)))"
    )
    key = Ed25519PrivateKey.from_private_bytes(await service_key(roadside.pool, "receipt"))
    return read(bytes(content), [key.public_key()])


async def test_plates_and_codes_are_looked_up_with_the_network_off(
    browser: Browser, served: str, roadside: Roadside
) -> None:
    operator, yesterday = uuid4(), present().date() - timedelta(days=1)
    covered = in_force(("PO 1AB23", "WGM 40A0"), operator)
    over = in_force(("D 1",), end=yesterday)
    later = in_force(("C 1",), start=yesterday + timedelta(days=8))
    gone = in_force(("B 1",), operator)
    changed = in_force(("E 1",))
    elsewhere = Version(Fleet(uuid4(), ("F 1",)), host="DE", start=covered.start, end=covered.end)
    old_code = await code_of(roadside, changed)
    await keep(roadside, covered, over, later, elsewhere)
    await keep(roadside, gone, gone.later(present() - timedelta(days=1), withdrawn=True))
    await keep(roadside, changed, changed.later(present() - timedelta(days=1), end=changed.end - timedelta(days=1)))
    page, complaints = await signed_in(browser, served, roadside.token, "en", 360)
    await page.goto(f"{served}/roadside/offline")
    await look(page, "offline-empty-en-360", 360)
    await page.locator("[data-do=download]").click()
    await page.locator("[data-said=saved]").wait_for()
    pack = await kept_pack(page, roadside)

    await page.context.set_offline(True)
    assert await page.evaluate("fetch('/health').then(() => true, () => false)") is False
    await page.goto(f"{served}/roadside?plate=po1ab23")
    assert (await said(page))[0] == "green"
    await look(page, "offline-en-360", 360)
    expected = {"GREEN": "green", "AMBER_DRIVER": "amber", "RED_PERIOD": "red", "NONE": "none"}
    for plate in ("WGM 40A0", "D 1", "C 1", "B 1", "F 1", "X 99"):
        assert (await ask(page, plate))[0] == expected[pack.look_up(plate_key(plate).key).verdict], plate
    assert (await ask(page, "PO 1AB23", "00123/04/1234"))[0] == "green"
    assert (await ask(page, "PO 1AB23", "X 9"))[0] == "amber"
    assert await check(page, await code_of(roadside, covered)) == "green"
    assert await check(page, old_code) == "amber"
    assert await check(page, await code_of(roadside, elsewhere)) == "amber"
    assert await check(page, old_code[:-20] + "A" + old_code[-19:]) == "red"
    assert await check(page, "NONSENSE") == "red"
    keys = await page.evaluate(
        """async (plates) => {
            const { keyed } = await import("/officers/plates.js");
            const data = document.querySelector("#pack").dataset;
            return plates.map(keyed(JSON.parse(data.latin), data.separators));
        }""",
        SPELLINGS,
    )
    assert keys == [plate_key(plate).key for plate in SPELLINGS]
    assert [one for one in complaints if "net::ERR_" not in one] == []

    await page.context.set_offline(False)
    await page.locator("[data-do=delete]").click()
    await page.locator("[data-said=deleted]").wait_for()
    assert await page.evaluate("caches.keys()") == []
    await page.context.close()


async def test_a_pack_that_was_touched_is_not_used(browser: Browser, served: str, roadside: Roadside) -> None:
    await roadside.declare(in_force())
    page, _ = await signed_in(browser, served, roadside.token, "en", 360)

    async def touch(route: Route) -> None:
        answer = await route.fetch()
        body = bytearray(await answer.body())
        body[len(body) // 2] ^= 1
        await route.fulfill(response=answer, body=bytes(body))

    await page.route("**/roadside/pack", touch)
    await page.goto(f"{served}/roadside/offline")
    await page.locator("[data-do=download]").click()
    await asyncio.wait_for(page.locator("[data-said=untrusted]").wait_for(), 20)
    assert await page.locator("#plates").is_hidden()
    await page.context.close()
