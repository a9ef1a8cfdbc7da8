"""Which language a page is in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Request, get
from litestar.testing import create_test_client

from schemas.languages import LANGUAGES
from web.choice import language_of, preferred


@get("/", sync_to_thread=False)
def spoken(request: Request) -> str:
    return language_of(request)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("pl", "pl"),
        ("de-AT, en;q=0.5", "de"),
        ("fr;q=0.3, el;q=0.9, en;q=0.5", "el"),
        ("tlh, nn;q=0.4", "nb"),
        ("pl;q=0, sv;q=0.1", "sv"),
        ("*", None),
        ("", None),
        ("pl;q=nonsense", None),
    ],
)
def test_the_browsers_most_wanted_language_of_ours_is_spoken(header: str, code: str | None):
    assert preferred(header) == code


@given(st.text(max_size=200))
def test_any_header_gives_a_language_or_none(header: str):
    assert preferred(header) in {*LANGUAGES, None}


def test_the_address_outdoes_the_kept_choice_and_that_the_browser():
    with create_test_client(spoken) as client:
        client.cookies.set("lang", "sv")
        headers = {"accept-language": "pl"}
        assert client.get("/?lang=el", headers=headers).text == "el"
        assert client.get("/?lang=tlh", headers=headers).text == "sv"
        client.cookies.clear()
        assert client.get("/", headers=headers).text == "pl"
        assert client.get("/", headers={"accept-language": "tlh"}).text == "en"
