"""Every answer of the authorities' side is safe to show: pages run no script that stands in them."""

import re

import pytest
from httpx import Response

from tests.exchange.conftest import World, world
from tests.reports.conftest import Roadside
from tests.reports.test_authorisation import API, PAGES, PUBLIC, SIGN_IN, Officers, Somebody, officers, things

__all__ = ["World", "officers", "things", "world"]
_INLINE = re.compile(r"<script(?![^>]*\ssrc=)|<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:", re.IGNORECASE)


def check_headers(answer: Response, what: object) -> None:
    """Fails unless an answer has the headers that its kind needs."""
    headers = answer.headers
    assert headers["x-content-type-options"] == "nosniff", what
    assert headers["referrer-policy"] == "same-origin", what
    policy = headers["content-security-policy"]
    assert "'unsafe" not in policy, what
    assert "default-src 'none'" in policy, what
    if "sandbox" not in policy:
        assert "frame-ancestors 'none'" in policy, what
    if headers.get("content-type", "").startswith("text/html"):
        assert "script-src 'self'" in policy, what
        assert not _INLINE.search(re.sub(r"<svg.*?</svg>", "", answer.text, flags=re.DOTALL)), what


async def test_every_route_answers_with_them_whatever_it_says(officers: Officers, things: dict[str, str]) -> None:
    pages = 0
    for route in sorted(API.keys() | PAGES.keys() | PUBLIC | SIGN_IN):
        row = API.get(route) or PAGES.get(route)
        for who in (officers.callers["desk"], officers.callers["auditor"], Somebody()):
            answer = await officers.ask(who, route, things.get(row.one_of, "") if row else "")
            check_headers(answer, route)
            pages += answer.headers.get("content-type", "").startswith("text/html")
    assert pages > 20


@pytest.mark.parametrize("path", ["/no/such/page", "/roadside/../..", "/%00", "/exchanges/%FF"])
async def test_what_is_not_there_answers_with_them_too(roadside: Roadside, path: str) -> None:
    answer = await roadside.client.get(path)
    assert answer.status_code < 500
    check_headers(answer, path)
