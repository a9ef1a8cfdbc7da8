"""Every page of the operators' side is safe to show, to those who are signed in and to those who are not."""

import re

import httpx

from ingest.pages.site import SITE
from tests.ingest.pages.conftest import Office
from tests.reports.test_headers import check_headers


async def test_every_page_has_the_headers_and_no_script_of_its_own(office: Office) -> None:
    shown = 0
    async with httpx.AsyncClient(base_url=office.url, follow_redirects=False, timeout=30) as client:
        for signed_in in (False, True):
            if signed_in:
                await _sign_in(client, office)
            for path in SITE:
                answer = await client.get(re.sub(r"\{\w+:str\}", office.operator_id, path))
                assert answer.status_code < 500, path
                check_headers(answer, path)
                shown += signed_in and answer.status_code == 200
    assert shown > 10


async def _sign_in(client: httpx.AsyncClient, office: Office) -> None:
    page = (await client.get("/sign-in/key")).text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    key, operator = office.headers["x-api-key"], office.operator_id
    answer = await client.post("/sign-in/key", data=fields | {"key": key, "operator": operator})
    assert answer.status_code in (302, 303), answer.text
