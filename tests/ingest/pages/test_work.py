"""What a dispatcher does on the pages, in real Chromium, mostly without JavaScript."""

import re
import zipfile
from datetime import timedelta

import httpx
import pytest
import zxingcpp
from playwright.async_api import Browser, Page

from tests.exchange.test_uploads import PDF
from tests.ingest.conftest import declaration, ndjson
from tests.ingest.copy.picture import pages_of
from tests.ingest.pages.conftest import TODAY, Office, signed_in
from tests.ingest.pages.test_pictures import look, picture
from tests.web.test_browser import DESK, PHONE

pytestmark = pytest.mark.browser
WITHOUT_SCRIPT = {"java_script_enabled": False}


async def test_the_key_stays_out_of_reach_of_scripts_and_in_nobodys_sight(browser: Browser, office: Office):
    context, page = await signed_in(browser, office)
    cookie = next(one for one in await context.cookies() if one["name"] == "rtpd_session")
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert "rtpd_" not in cookie["value"]
    assert "rtpd_person" not in await page.content()
    await context.close()


async def test_a_key_of_software_signs_in_too_and_a_wrong_one_lets_nobody_in(browser: Browser, office: Office):
    context = await browser.new_context(**WITHOUT_SCRIPT)
    page = await context.new_page()
    await page.goto(office.url + "/my/drivers")
    assert page.url == office.url + "/sign-in"
    await page.get_by_role("link", name="Sign in with an API key").click()
    for key, lands in (("rtpd_live_wrong", "/sign-in/key"), (office.api_key, "/")):
        await page.locator("#operator").fill(office.operator_id)
        await page.locator("#key").fill(key)
        await page.get_by_role("button", name="Sign in").click()
        assert page.url == office.url + lands
        assert await page.locator(".problems").is_visible() == (lands != "/")
    await context.close()


async def test_a_wrong_password_is_told_and_lets_nobody_in(browser: Browser, office: Office):
    context = await browser.new_context(**WITHOUT_SCRIPT)
    page = await context.new_page()
    await page.goto(office.url + "/sign-in")
    await page.locator("#email").fill(office.person[0])
    await page.locator("#password").fill("a wrong password")
    await page.get_by_role("button", name="Sign in").click()
    assert await page.locator(".problems").is_visible()
    await page.goto(office.url + "/")
    assert page.url == office.url + "/sign-in"
    await context.close()


async def test_a_form_without_the_sessions_token_is_refused(browser: Browser, office: Office):
    context, _ = await signed_in(browser, office)
    answer = await context.request.post(office.url + "/my/drivers", form={"term": "x"})
    assert answer.status == 403
    assert (await context.request.post(office.url + "/sign-out", form={"_csrf_token": "x"})).status == 403
    await context.close()


async def test_who_signs_out_is_out(browser: Browser, office: Office):
    context, page = await signed_in(browser, office, **WITHOUT_SCRIPT)
    await page.locator("details.menu").first.locator("summary").click()
    await page.get_by_role("button", name="Sign out").click()
    await page.goto(office.url + "/my/drivers")
    assert page.url == office.url + "/sign-in"
    await context.close()


async def test_a_plate_is_searched_for_without_standing_in_the_address(browser: Browser, office: Office):
    context, page = await signed_in(browser, office, **WITHOUT_SCRIPT)
    await page.goto(office.url + "/my/declarations")
    await page.locator("#plate").fill("wgm-40a0")
    await page.get_by_role("button", name="Show").click()
    assert await page.locator("tbody tr").count() >= len(office.declarations)
    assert "40" not in re.sub(r"show=[\w-]+", "", page.url).rpartition("/")[2]
    await page.locator("#plate").fill("ZZ 99999")
    await page.get_by_role("button", name="Show").click()
    assert await page.locator(".empty").is_visible()
    await context.close()


@pytest.mark.parametrize("width", [DESK, PHONE])
async def test_drivers_by_countries_are_checked_and_then_submitted(browser: Browser, office: Office, width: int):
    context, page = await signed_in(browser, office, viewport={"width": width, "height": 800})
    await page.goto(office.url + "/my/declarations/new")
    for place in range(4):
        await page.locator("input[name=driverIds]").nth(place).check()
    for code in ("IE", "HR", "HU"):
        await page.locator(f"input[name=declarationPostingCountries][value={code}]").check()
    await page.locator("#declarationStartDate").fill(str(TODAY + timedelta(days=100)))
    await page.locator("#declarationEndDate").fill(str(TODAY + timedelta(days=160)))
    await page.locator("#fleetId").select_option(label="Poznań")
    await page.get_by_role("button", name="Check").click()
    assert await page.locator(".matrix tbody td").count() == 12
    await look(page, width)
    if width == PHONE:  # the same again is covered already once the desk has submitted it
        assert await page.locator(".matrix .mark-none").count() == 12
    else:
        await page.get_by_role("button", name="Submit").first.click()
        assert await page.get_by_text("Submitted: 12. Refused: 0.").is_visible()
    await context.close()


async def test_what_is_wrong_with_new_declarations_is_shown_first(browser: Browser, office: Office):
    context, page = await signed_in(browser, office)
    await page.goto(office.url + "/my/declarations/new")
    await page.locator("#declarationStartDate").fill(str(TODAY))
    await page.locator("#declarationEndDate").fill(str(TODAY))
    await page.get_by_role("button", name="Check").click()
    assert await page.evaluate("document.activeElement.className") == "problems"
    await look(page, DESK)
    await context.close()


async def _uploaded(page: Page, office: Office, name: str, content: bytes, button: str) -> None:
    await page.goto(office.url + "/my/declarations/upload")
    await page.locator("#file").set_input_files({"name": name, "mimeType": "text/plain", "buffer": content})
    await page.get_by_role("button", name=button).click()
    await page.locator("#report h2").wait_for()


@pytest.mark.parametrize("script", [True, False])
async def test_a_file_is_judged_line_by_line(browser: Browser, office: Office, script: bool):
    context, page = await signed_in(browser, office, java_script_enabled=script)
    wrong = declaration(declarationEndDate="2020-01-01")
    content = ndjson(declaration(), wrong) + b"{not json\n"
    await _uploaded(page, office, "friday.ndjson", content, "Check")
    assert await page.get_by_text("Checked, not yet submitted: 1 in order, 2 refused.").is_visible()
    assert await page.locator("#report tbody tr").count() == 2
    if script:
        await look(page, DESK)
        await picture(page, "upload-report", "en", DESK)
    await context.close()


async def test_a_table_is_judged_by_its_rows(browser: Browser, office: Office):
    said = {name: value for name, value in declaration(driverId=office.drivers[0]).items() if name == "driverId"}
    said |= {"declarationPostingCountry": "XX", "declarationStartDate": str(TODAY), "declarationEndDate": str(TODAY)}
    content = ";".join(said) + "\n" + ";".join(said.values()) + "\n"
    context, page = await signed_in(browser, office)
    await _uploaded(page, office, "friday.csv", content.encode(), "Check")
    assert await page.get_by_text("0 in order, 1 refused").is_visible()
    assert await page.locator("#report tbody td").first.inner_text() == "2"
    await context.close()


async def test_many_are_withdrawn_only_after_a_look_at_them(browser: Browser, office: Office):
    async with httpx.AsyncClient(base_url=office.url, headers=office.headers) as client:
        said = declaration(declarationPostingCountry="MT")
        made = [(await client.post("/declarations/submit", json=said)).json()["declarationId"] for _ in range(2)]
        context, page = await signed_in(browser, office, **WITHOUT_SCRIPT)
        await page.goto(office.url + "/my/declarations")
        await page.locator("#postingCountry").select_option("MT")
        await page.get_by_role("button", name="Show").click()
        for one in made:
            await page.locator(f"input[value='{one}']").check()
        await page.get_by_role("button", name="Withdraw").click()
        states = [(await client.get(f"/declarations/{one}")).json()["declarationStatus"] for one in made]
        assert states == ["SUBMITTED", "SUBMITTED"]
        await page.get_by_role("button", name="Withdraw").click()
        assert await page.get_by_text("Done: 2 of 2").is_visible()
        states = [(await client.get(f"/declarations/{one}")).json()["declarationStatus"] for one in made]
        assert states == ["WITHDRAWN", "WITHDRAWN"]
        await context.close()


async def test_many_are_renewed_given_a_fleet_and_printed(browser: Browser, office: Office):
    async with httpx.AsyncClient(base_url=office.url, headers=office.headers) as client:
        said = declaration(declarationPostingCountry="GR")
        made = [(await client.post("/declarations/submit", json=said)).json()["declarationId"] for _ in range(2)]
        context, page = await signed_in(browser, office)

        async def choose(country: str, action: str) -> None:
            await page.goto(office.url + "/my/declarations")
            await page.locator("#postingCountry").select_option(country)
            await page.get_by_role("button", name="Show").click()
            assert await page.get_by_role("button", name=action, exact=True).is_disabled()
            for one in made:
                await page.locator(f"input[value='{one}']").check()
            assert await page.get_by_text("(2)").is_visible()

        await choose("GR", "Give this fleet")
        await page.locator("#fleet").select_option(label="Poznań")
        await page.get_by_role("button", name="Give this fleet").click()
        await page.get_by_role("button", name="Give this fleet").click()
        assert await page.get_by_text("Done: 2 of 2").is_visible()
        fleets = [(await client.get(f"/declarations/{one}?fields=full")).json().get("fleetId") for one in made]
        assert fleets == [office.fleet, office.fleet]
        await choose("GR", "Print the copies")
        async with page.expect_download() as begun:
            await page.get_by_role("button", name="Print the copies", exact=True).click()
        with zipfile.ZipFile(await (await begun.value).path()) as zipped:
            assert len(zipped.namelist()) == 2
            assert all(zipped.read(name).startswith(b"%PDF") for name in zipped.namelist())
        await choose("GR", "Renew")
        await page.get_by_role("button", name="Renew").click()
        await page.get_by_role("button", name="Renew").click()
        told = page.locator("tbody tr")
        assert [await told.nth(row).get_by_text("Done").count() for row in range(2)] == [1, 0]
        await context.close()  # the second is the same driver and country: covered by the first renewal


async def test_documents_are_uploaded_and_a_request_is_answered(browser: Browser, office: Office):
    context, page = await signed_in(browser, office, **WITHOUT_SCRIPT)
    await page.goto(office.url + "/")
    await page.get_by_role("link", name=re.compile(r"^\d+\.1$")).click()
    assert await page.locator("blockquote[lang=fr]").get_by_text("contrôle").is_visible()
    await page.get_by_role("button", name="Send all").click()
    assert await page.locator(".problems").is_visible()
    await page.locator("#file_consignment_note").set_input_files(
        {"name": "CMR 4711.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    await page.get_by_role("button", name="Add the file").first.click()
    async with page.expect_download() as begun:
        await page.get_by_role("link", name="CMR 4711.pdf").click()
    assert (await (await begun.value).path()).read_bytes() == PDF
    await page.locator("#missing_remuneration").select_option("not_held")
    await page.locator("#text").fill("The payslips are with our accountant.")
    await page.get_by_role("button", name="Send all").click()
    assert await page.locator(".lead").get_by_text("Answered").is_visible()
    assert await page.locator("input[type=file]").count() == 0
    await context.close()


async def test_the_calendar_shows_covered_days_and_gaps(browser: Browser, office: Office):
    context, page = await signed_in(browser, office, **WITHOUT_SCRIPT)
    await page.goto(office.url + "/my/coverage")
    rows = page.locator("tbody tr")
    everything = await rows.count()
    first = rows.filter(has_text="Wójcik").filter(has_text="France")
    bar = first.locator("rect.covered")
    assert await bar.get_attribute("x") == "0"
    assert await bar.get_attribute("width") == "21"  # from today, for twenty days more
    said = await first.locator("svg").get_attribute("aria-label")
    assert said is not None
    assert said.startswith(TODAY.strftime("%d/%m/%Y"))
    await page.get_by_role("link", name="Show gaps only").click()
    assert 0 < await rows.count() <= everything
    assert await first.is_visible()
    await context.close()


async def test_a_dropped_file_shows_how_far_it_has_gone(browser: Browser, office: Office):
    context, page = await signed_in(browser, office)
    await page.goto(office.url + "/my/declarations/upload")
    await page.evaluate("""() => {
        window.seen = [];
        const bar = document.querySelector("progress.upload");
        new MutationObserver(() => window.seen.push([bar.hidden, bar.value])).observe(bar, {attributes: true});
    }""")
    lines = ndjson(declaration(declarationPostingCountry="XX")).decode() * 4000
    dropped = await page.evaluate_handle(
        """text => {
            const held = new DataTransfer();
            held.items.add(new File([text], "friday.ndjson"));
            return held;
        }""",
        lines,
    )
    await page.dispatch_event("[data-drop]", "drop", {"dataTransfer": dropped})
    assert await page.locator("#file").evaluate("input => input.files[0].name") == "friday.ndjson"
    await page.get_by_role("button", name="Check").click()
    await page.get_by_text("0 in order, 4,000 refused").wait_for()
    seen = await page.evaluate("window.seen")
    assert [False, 0] in seen or any(not hidden and value for hidden, value in seen)
    assert seen[-1][0]
    await context.close()


async def test_a_fleets_change_is_shown_before_it_is_made(browser: Browser, office: Office):
    context, page = await signed_in(browser, office, **WITHOUT_SCRIPT)
    await page.goto(f"{office.url}/my/fleets/{office.fleet}")
    plates = page.locator("#declarationVehiclePlateNumber")
    await plates.fill(await plates.input_value() + "\nPO 9ZZ99")
    await page.get_by_role("button", name="Show what would change").click()
    assert await page.locator("#preview").get_by_text("PO 9ZZ99").is_visible()
    await page.get_by_role("link", name="Vehicles").first.click()
    assert not await page.get_by_text("PO 9ZZ99").is_visible()
    await context.close()


async def test_a_driver_whose_name_is_not_latin_is_refused_with_a_way_out(browser: Browser, office: Office):
    context, page = await signed_in(browser, office)
    await page.goto(f"{office.url}/my/drivers/{office.drivers[2]}")
    await page.locator("#driverLatinFirstName").fill("Γεώργιος")
    await page.get_by_role("button", name="Save").click()
    assert await page.locator(".problems").get_by_text("GEORGIOS").is_visible()
    assert await page.locator("#driverLatinFirstName").get_attribute("aria-invalid") == "true"
    await look(page, DESK)
    await context.close()


async def test_whoever_holds_the_copys_code_sees_whether_it_is_the_newest(browser: Browser, office: Office):
    context, page = await signed_in(browser, office)
    answer = await context.request.get(f"{office.url}/my/declarations/{office.declarations[3]}/copy?language=nl")
    [code] = [found.text for drawn in pages_of(await answer.body(), 200) for found in zxingcpp.read_barcodes(drawn)]
    stranger = await browser.new_context()
    page = await stranger.new_page()
    address = office.url + "/C/" + code.rpartition("/")[2]
    await page.goto(address)
    assert await page.get_by_text("Piotr Zieliński").first.is_visible()
    await look(page, DESK)
    await picture(page, "live-copy", "en", DESK)
    answer = await page.goto(address[:-1] + ("A" if address[-1] != "A" else "B"))
    assert answer is not None
    assert answer.status == 404
    assert not await page.get_by_text("Zieliński").is_visible()
    await stranger.close()
    await context.close()
