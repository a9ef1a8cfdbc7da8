"""Every text of a page is said in every language, with the same blanks."""

from pathlib import Path

import pytest

from schemas.languages import LANGUAGES, SOURCE
from web import catalogues
from web.catalogues import TranslationError, blanks, fill, missing, read, translations

OTHERS = [code for code in LANGUAGES if code != SOURCE]
ROOT = Path(__file__).parent.parent.parent


def forms(string: str | tuple[str, ...]) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (string,)


def test_no_text_is_without_a_translation():
    assert list(missing()) == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_fills_only_the_blanks_of_its_text(code: str):
    for message in read(code):
        allowed = set().union(*(blanks(form) for form in forms(message.id)))
        assert all(blanks(form) <= allowed for form in forms(message.string)), message.id


@pytest.mark.parametrize("code", OTHERS)
def test_every_catalogue_speaks(code: str):
    assert translations(code).gettext("Next") != "Next"


def test_catalogues_hold_what_templates_and_code_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(catalogues, "LOCALE", tmp_path)
    catalogues.extract(ROOT)
    fresh = {message.id for message in read("pl") if message.id}
    monkeypatch.undo()
    assert fresh == {message.id for message in read("pl") if message.id}, "run python -m web.catalogues extract"


def test_a_translation_is_entered_where_its_text_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(catalogues, "LOCALE", tmp_path)
    catalogues.extract(ROOT)
    fill({"Next": {"pl": "Dalej"}})
    assert read("pl").get("Next").string == "Dalej"
    assert ("pl", "Next") not in set(missing())
    assert ("de", "Next") in set(missing())


def test_a_translation_of_nothing_or_with_other_blanks_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(catalogues, "LOCALE", tmp_path)
    catalogues.extract(ROOT)
    with pytest.raises(TranslationError, match="no page"):
        fill({"Nobody says this": {"pl": "x"}})
    with pytest.raises(TranslationError, match="blanks"):
        fill({"Next": {"pl": "%(number)s"}})
    with pytest.raises(TranslationError, match="plural"):
        fill({"Next": {"pl": ["a", "b"]}})


@pytest.mark.parametrize(
    ("text", "names"),
    [("%(count)s of {total}", {"count", "total"}), ("100 %", set()), ("a {b.c}", {"b.c"})],
)
def test_blanks_are_found_in_both_spellings(text: str, names: set[str]):
    assert blanks(text) == names
