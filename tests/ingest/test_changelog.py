"""What changes in the API is told, and what is to go says so long enough before."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar.testing import AsyncTestClient

from ingest import app
from ingest.changelog import Changelog, as_markdown, headers_of, plain
from ingest.openapi import openapi
from ingest.routes import ROUTES
from schemas.changes import CHANGES, Changes, Deprecated
from tests.ingest.conftest import SHARDS, Caller

_SERVED = {f"{method} {plain(path)}" for path, methods in ROUTES.items() for method in methods}
_LEAVING = Deprecated(
    "GET",
    "/drivers/{driverId}",
    datetime(2027, 1, 15, tzinfo=UTC),
    datetime(2027, 7, 15, tzinfo=UTC),
    "/people/{personId}",
)


async def test_the_changes_are_served_newest_first(client: AsyncTestClient[Any]) -> None:
    answer = await client.get("/changelog")
    told = msgspec.json.decode(answer.content, type=Changelog)
    assert told.items == CHANGES.change
    assert all(newer.day >= older.day for newer, older in pairwise(told.items))
    newest = told.items[0].day
    since = msgspec.json.decode((await client.get(f"/changelog?since={newest}")).content, type=Changelog)
    assert {one.day for one in since.items} == {newest}
    assert (await client.get("/changelog?since=yesterday")).status_code == 400
    known = {"if-none-match": answer.headers["etag"]}
    assert (await client.get("/changelog", headers=known)).status_code == 304


def test_the_page_is_made_from_the_same_data() -> None:
    assert (Path(__file__).parents[2] / "docs" / "api-changelog.md").read_text("utf-8") == as_markdown()


def test_every_change_is_about_routes_that_there_are_or_were() -> None:
    gone = {route for one in CHANGES.change if one.kind == "removed" for route in one.routes}
    for one in CHANGES.change:
        assert {plain(route) for route in one.routes} <= _SERVED | gone, one.text


def test_nothing_goes_with_less_than_six_months_notice() -> None:
    for one in (*CHANGES.deprecated, _LEAVING):
        assert one.sunset - one.since >= timedelta(days=181)
        assert one.since.tzinfo
        assert f"{one.method} {plain(one.path)}" in _SERVED


def test_what_is_to_go_says_when_in_the_words_of_the_rfcs() -> None:
    headers = dict(headers_of("GET", "/drivers/{driver_id:str}", [_LEAVING]))
    assert headers[b"deprecation"] == b"@1799971200"
    assert parsedate_to_datetime(headers[b"sunset"].decode()) == _LEAVING.sunset
    assert headers[b"link"].decode().split(", ") == [
        '</changelog>; rel="deprecation"; type="application/json"',
        '</people/{personId}>; rel="successor-version"',
    ]
    assert headers_of("PUT", "/drivers/{driver_id:str}", [_LEAVING]) == ()
    assert "| `GET /drivers/{driverId}` | 2027-01-15 | 2027-07-15 |" in as_markdown(Changes([], [_LEAVING]))


async def test_an_address_that_is_to_go_says_so_on_every_answer(
    database_url: str, redis_url: str, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "headers_of", lambda method, path: headers_of(method, path, [_LEAVING]))
    built = app.create_app(app.Options(database_url, redis_url, SHARDS, queue_limit=1_000))
    async with AsyncTestClient(built) as client:
        path = "/drivers/0193a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b"
        for headers, status in (({}, 401), (caller.headers, 404)):
            answer = await client.get(path, headers=headers)
            assert answer.status_code == status
            assert answer.headers["sunset"] == "Thu, 15 Jul 2027 00:00:00 GMT"
        assert "sunset" not in (await client.delete(path, headers=caller.headers)).headers
        assert "deprecation" not in (await client.get("/drivers?limit=1", headers=caller.headers)).headers


def test_the_description_marks_what_is_to_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.openapi.CHANGES", Changes(CHANGES.change, [_LEAVING]))
    paths = msgspec.json.decode(openapi.__wrapped__())["paths"]
    marked = [
        (path, method) for path, methods in paths.items() for method, one in methods.items() if "deprecated" in one
    ]
    assert marked == [("/drivers/{driverId}", "get")]
