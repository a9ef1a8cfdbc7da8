"""Problems by their code."""

import re
from pathlib import Path

import pytest

from schemas.limits import LIMITS
from validate import problems
from validate.problems import KINDS, bounded, in_language, problem, refuses


def test_a_problem_is_worded_with_its_values_and_legal_reference():
    found = problem("period_too_long", "/declarationEndDate", months=6, latest="2027-02-28")
    assert found.text == "The posting lasts longer than 6 months."
    assert found.suggestion == "End it on 2027-02-28 at the latest, and renew it from the day after."
    assert found.legal_reference == "Implementing Regulation (EU) 2021/2179, recital 3"
    assert found.values == {"months": "6", "latest": "2027-02-28"}


def test_a_suggestion_whose_value_is_unknown_is_left_out():
    assert problem("unknown_field", "/x", field="x", nearest=None).suggestion is None
    assert problem("unknown_field", "/x", field="x", nearest="y").suggestion == "Did you mean y?"


def test_an_unknown_code_is_an_error():
    with pytest.raises(KeyError):
        problem("no_such_code")


def test_every_code_is_written_small_and_every_text_ends_as_a_sentence():
    for code, kind in KINDS.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", code)
        assert kind.text.endswith((".", "?"))


def test_every_code_named_in_validate_exists():
    sources = Path(problems.__file__).parent.glob("*.py")
    named = {code for path in sources for code in re.findall(r'problem\(\s*"([a-z_0-9]+)"', path.read_text("utf-8"))}
    assert named - KINDS.keys() == set()
    assert len(named) > 25


def test_what_a_line_is_told_is_bounded_refusals_first_and_the_rest_counted():
    warnings = [problem("plates_missing", f"/{place}") for place in range(40)]
    found = bounded([*warnings, problem("contact_missing", "/last")])
    assert len(found) == LIMITS.line.problems + 1
    assert found[0].code == "contact_missing"
    assert found[-1].code == "more_problems"
    assert found[-1].values == {"count": "16"}
    assert refuses(found)
    assert not refuses(warnings)


def test_a_language_without_texts_speaks_english():
    found = problem("contact_missing", "/otherContactAsTransportManager")
    assert in_language(found, "xx") == found
    assert in_language(found, "../en") == found


def test_a_language_with_texts_words_the_same_values(tmp_path, monkeypatch):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "nl.toml").write_text(
        '[period_too_long]\ntext = "De detachering duurt langer dan {months} maanden."\nsuggestion = "Tot {latest}."\n',
        "utf-8",
    )
    monkeypatch.setattr(problems, "DATA", tmp_path)
    problems._wordings.cache_clear()
    found = in_language(problem("period_too_long", "/x", months=6, latest="2027-02-28"), "nl")
    problems._wordings.cache_clear()
    assert found.text == "De detachering duurt langer dan 6 maanden."
    assert found.suggestion == "Tot 2027-02-28."
    assert found.code == "period_too_long"
