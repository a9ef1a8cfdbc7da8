"""Those who administer, on pages: people, keys, delegations, webhooks; in real Chromium, mostly without JavaScript."""

import hashlib
from uuid import uuid4

import asyncpg
import pytest
from playwright.async_api import Browser, BrowserContext, Page

from tests.ingest.pages.conftest import Office, enter, signed_in
from tests.ingest.test_webhooks import listening

pytestmark = pytest.mark.browser
WITHOUT_SCRIPT = {"java_script_enabled": False}


async def let_in(page: Page, office: Office, name: str, email: str, role: str) -> str:
    """Lets a person in and gives the password that is shown."""
    await page.goto(office.url + "/my/people")
    await page.locator("#name").fill(name)
    await page.locator("#email").fill(email)
    await page.locator("#role").select_option(role)
    await page.get_by_role("button", name="Let in").click()
    return await page.locator("code.secret").inner_text()


async def entered(browser: Browser, office: Office, email: str, password: str) -> tuple[BrowserContext, Page]:
    context = await browser.new_context(**WITHOUT_SCRIPT)
    page = await context.new_page()
    await enter(page, office, email, password)
    return context, page


async def test_a_person_is_let_in_does_what_the_role_says_and_is_sent_away(browser: Browser, office: Office):
    context, page = await signed_in(browser, office, **WITHOUT_SCRIPT)
    password = await let_in(page, office, "Ewa Lis", "ewa@example.pl", "reader")
    await page.goto(office.url + "/my/people")
    assert password not in await page.content()
    other, reader = await entered(browser, office, "ewa@example.pl", password)
    assert await reader.get_by_text("Ewa Lis").first.is_visible()
    assert await reader.locator("a[href='/my/keys']").count() == 0
    refused = await reader.goto(office.url + "/my/keys")
    assert refused is not None
    assert refused.status == 403
    row = page.locator("tr", has_text="ewa@example.pl")
    await row.locator("select").select_option("dispatcher")
    await row.get_by_role("button", name="Change Ewa Lis").click()
    assert await row.locator("select").input_value() == "dispatcher"
    await reader.goto(office.url + "/my/drivers")
    assert reader.url == office.url + "/sign-in"  # another role: one signs in again
    await row.get_by_role("button", name="Remove Ewa Lis").click()
    assert await row.count() == 0
    await reader.locator("#email").fill("ewa@example.pl")
    await reader.locator("#password").fill(password)
    await reader.get_by_role("button", name="Sign in").click()
    assert await reader.locator(".problems").is_visible()
    await other.close()
    await context.close()


async def test_the_last_administrator_stays(browser: Browser, office: Office):
    context, page = await signed_in(browser, office, **WITHOUT_SCRIPT)
    await page.goto(office.url + "/my/people")
    row = page.locator("tr", has_text=office.person[0])
    await row.get_by_role("button", name="Remove").click()
    assert await page.locator(".problems").get_by_text("last administrator").is_visible()
    await context.close()


async def test_with_four_eyes_what_one_asked_for_is_done_by_another(browser: Browser, office: Office):
    context, page = await signed_in(browser, office, **WITHOUT_SCRIPT)
    password = await let_in(page, office, "Olga Król", "olga@example.pl", "dispatcher")
    await page.goto(office.url + "/my/people")
    await page.locator("#fourEyes").check()
    await page.get_by_role("button", name="Save").click()
    assert page.url == office.url + "/sign-in"
    try:
        other, dispatcher = await entered(browser, office, "olga@example.pl", password)
        await dispatcher.goto(f"{office.url}/my/declarations/{office.declarations[11]}")
        await dispatcher.get_by_role("button", name="Renew").click()
        assert await dispatcher.get_by_text("Another person must approve this first.").is_visible()
        assert await dispatcher.get_by_role("button", name="Approve").count() == 0
        await enter(page, office, *office.person)
        await page.goto(office.url + "/my/approvals")
        await page.get_by_role("button", name="Approve").click()
        assert await page.get_by_text("Approved and done.").is_visible()
        await other.close()
        await page.goto(office.url + "/my/people")
        await page.locator("#fourEyes").uncheck()
        await page.get_by_role("button", name="Save").click()
        assert await page.locator(".problems").is_visible()  # no person ends it
    finally:
        await context.request.put(office.url + "/four-eyes", headers=office.headers, data={"fourEyes": False})
        await context.close()


async def test_a_software_house_acts_until_its_delegation_ends(browser: Browser, office: Office, office_database: str):
    house, key = uuid4(), uuid4()
    connection = await asyncpg.connect(office_database)
    await connection.execute("INSERT INTO operator (operator_id, name, country) VALUES ($1, 'Soft Trans', 'LT')", house)
    await connection.execute(
        "INSERT INTO credential (credential_id, key_hash, operator_id, name, scopes)"
        " VALUES ($1, $2, $3, 'TMS', '{read,submit}')",
        *(key, hashlib.sha256(key.bytes).digest(), house),
    )
    await connection.close()
    context, page = await signed_in(browser, office, **WITHOUT_SCRIPT)
    await page.goto(office.url + "/my/delegations")
    await page.locator("#credentialId").fill(str(uuid4()))
    await page.get_by_role("button", name="Allow").click()
    assert await page.locator(".problems").is_visible()
    await page.locator("#credentialId").fill(str(key))
    await page.get_by_role("button", name="Allow").click()
    row = page.locator("tr", has_text="Soft Trans")
    await row.get_by_role("button", name="End it").click()
    assert await row.get_by_role("button").count() == 0
    assert await row.locator("time").count() == 2
    await context.close()


async def test_a_key_is_shown_once_and_revoked(browser: Browser, office: Office):
    context, page = await signed_in(browser, office, **WITHOUT_SCRIPT)
    await page.goto(office.url + "/my/keys")
    await page.locator("#name").fill("telematics")
    await page.get_by_role("button", name="Make the key").click()
    made = await page.locator("code.secret").inner_text()
    headers = {"x-api-key": made, "x-operator-id": office.operator_id}
    assert (await context.request.get(office.url + "/drivers?limit=1", headers=headers)).status == 200
    await page.goto(office.url + "/my/keys")
    assert made not in await page.content()
    await page.get_by_role("button", name="Revoke telematics").click()
    assert (await context.request.get(office.url + "/drivers?limit=1", headers=headers)).status == 401
    await context.close()


async def test_a_webhook_is_made_tried_and_its_log_sent_again(browser: Browser, office: Office):
    with listening() as receiver:
        context, page = await signed_in(browser, office, **WITHOUT_SCRIPT)
        await page.goto(office.url + "/my/webhooks")
        await page.locator("#url").fill(receiver.url)
        await page.locator("input[value='declaration.submitted']").check()
        await page.get_by_role("button", name="Make the webhook").click()
        secret = await page.locator("code.secret").inner_text()
        assert secret.startswith("whsec_")
        await page.get_by_role("link", name=receiver.url).click()
        assert secret not in await page.content()
        await page.get_by_role("button", name="Send a test").click()
        assert await page.get_by_text("The test was taken: 200.").is_visible()
        row = page.locator("tbody tr", has_text="webhook.test")
        assert await row.get_by_text("taken (200)").is_visible()
        await row.get_by_role("button", name="Send again").click()
        assert await row.locator("time").count() == 2  # when it came, and that it is due
        await page.get_by_role("button", name="Pause").click()
        assert await page.get_by_role("button", name="Resume").is_visible()
        await page.get_by_role("button", name="Delete").click()
        assert await page.get_by_role("link", name=receiver.url).count() == 0
        await context.close()
