"""Pages are answered in the language of the request and let nothing in that is not ours."""

from pathlib import Path

import pytest
from jinja2 import UndefinedError
from litestar import Request, Response, get
from litestar.testing import TestClient, create_test_client

from schemas.languages import LANGUAGES
from web.assets import STATIC, asset, static_files
from web.pages import Pages, sign, sorted_countries


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    (tmp_path / "hello.html").write_text(
        '{% extends "web/base.html" %}{% block title %}{{ name }}{% endblock %}'
        "{% block main %}<h1>{{ name }}</h1>{% endblock %}"
    )
    (tmp_path / "macros.html").write_text(
        '{% from "web/show.html" import verdict, country, status %}'
        '{{ verdict("NONE") }}{{ country("GR") }}{{ status("DRAFT") }}'
    )
    return Pages(tmp_path)


@pytest.fixture
def client(pages: Pages) -> TestClient:
    @get("/hello", sync_to_thread=False)
    def hello(request: Request, name: str = "x") -> Response[str]:
        return pages.page(request, "hello.html", {"name": name})

    return create_test_client([hello, static_files()])


def test_a_page_says_its_language_in_head_and_header(client: TestClient):
    answer = client.get("/hello", headers={"accept-language": "mt"})
    assert answer.headers["content-language"] == "mt"
    assert '<html lang="mt">' in answer.text
    assert "Aqbeż għall-kontenut" in answer.text


def test_what_people_typed_is_not_markup(client: TestClient):
    assert "<script>x" not in client.get("/hello", params={"name": "<script>x</script>"}).text


def test_a_page_lets_no_script_run_that_stands_in_it(client: TestClient):
    answer = client.get("/hello")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "<style" not in answer.text
    assert " style=" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_a_chosen_language_is_kept_in_a_cookie_and_only_then(client: TestClient):
    assert "set-cookie" not in client.get("/hello").headers
    kept = client.get("/hello?lang=sl").headers["set-cookie"]
    assert "lang=sl" in kept
    assert "HttpOnly" in kept


def test_switching_the_language_keeps_the_rest_of_the_address(client: TestClient):
    page = client.get("/hello?name=a%26b&lang=pl").text
    assert 'href="?name=a%26b&amp;lang=fi"' in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_macros_speak_every_language(pages: Pages, language: str):
    said = pages.render(language, "macros.html", {})
    assert ("No declaration found" in said) == (language == "en")
    assert ("Draft" in said) == (language == "en")
    assert '<span class="sign" aria-hidden="true">GR</span>' in said


def test_a_name_that_is_not_given_is_an_error(pages: Pages):
    with pytest.raises(UndefinedError):
        pages.render("en", "hello.html", {"language_links": [], "csrf_token": "", "path": "/"})


def test_static_files_are_named_by_their_content_and_kept(client: TestClient):
    for file in ("style.css", "pages.js", "htmx.min.js", "icon.svg", "fonts/posting-sans.woff2"):
        answer = client.get(asset(file))
        assert answer.content == (STATIC / file).read_bytes()
        assert "immutable" in answer.headers["cache-control"]


def test_countries_stand_in_the_order_of_their_plain_letters():
    assert [name for _, name in sorted_countries(["LT", "LU", "LV", "MT", "LI"], "pl")] == [
        "Liechtenstein",
        "Litwa",
        "Łotwa",
        "Luksemburg",
        "Malta",
    ]
    assert [code for code, _ in sorted_countries(["AT", "EE", "DE"], "en")] == ["AT", "EE", "DE"]


def test_a_country_has_the_sign_that_vehicles_carry():
    assert (sign("DE"), sign("EL"), sign("IE"), sign("VN")) == ("D", "GR", "IRL", "VN")
