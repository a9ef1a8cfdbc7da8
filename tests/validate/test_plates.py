"""Plate keys: every spelling of a plate has one (domain.md 5.3, 5.4)."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.codes import REGISTRATION_COUNTRIES
from validate.plates import countries_that_fit, fits_any_series, loose_key, pattern_fits, plate_key


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("PO 1AB23", "PO1AB23"),
        ("po-1ab23", "PO1AB23"),
        (" PO\u00a01AB23\t", "PO1AB23"),
        ("PO\u20111AB\u200b23", "PO1AB23"),
        ("B·AB/123", "BAB123"),
        ("B_AB'123’", "BAB123"),
        ("ＡＢ１２３", "AB123"),
        ("СВ 1234 АВ", "CB1234AB"),
        ("св1234ав", "CB1234AB"),
        ("ΥΧΑ-1234", "YXA1234"),
        ("ІЈЅ123", "IJS123"),
        ("MÜ K 9999", "MUK9999"),
        ("ŠI 123 ČĆ", "SI123CC"),
        ("ĐU 123-Ž", "DU123Z"),
        ("ÆØ 12345", "AEO12345"),
        ("34 ıi İ 123", "34III123"),
        ("straße1", "STRASSE1"),
    ],
)
def test_every_spelling_of_a_plate_has_one_key(written, key):
    assert plate_key(written).key == key


def test_the_display_form_is_kept_but_for_blanks_around_it():
    assert plate_key(" MÜ-K 9999 ").display == "MÜ-K 9999"


@pytest.mark.parametrize("written", ["СВ 1234 АВ", "ΥΧΑ1234", "AБ123", "АB123"])
def test_letters_of_another_script_are_noted(written):
    assert plate_key(written).had_nonlatin


@pytest.mark.parametrize("written", ["MÜ-K 9999", "ĐU 123", "ＡＢ１", "AB\u200b123", "Æ1"])
def test_latin_letters_with_marks_are_not_another_script(written):
    assert not plate_key(written).had_nonlatin


def test_a_letter_without_a_latin_look_alike_stays_in_the_key():
    assert plate_key("ББ 123").key == "ББ123"


@given(st.text(max_size=20))
@example("ŉ1")
@example("ǰΐ")
@example("ﬃ")
@example("½")
def test_a_key_is_its_own_key(text):
    key = plate_key(text).key
    assert plate_key(key).key == key


@given(st.text(max_size=20))
def test_the_display_form_has_the_same_key(text):
    found = plate_key(text)
    assert plate_key(found.display).key == found.key


@given(st.from_regex(r"[A-Z0-9]{2,10}", fullmatch=True), st.lists(st.sampled_from(" -.·/_'\u200b\u2013"), max_size=5))
def test_separators_and_small_letters_change_no_key(key, separators):
    spelt = separators[0] + key.lower() if separators else key.lower()
    for place, separator in enumerate(separators):
        spelt = spelt[: 2 * place + 1] + separator + spelt[2 * place + 1 :]
    assert plate_key(spelt).key == key


def test_what_is_misread_for_each_other_has_one_loose_key():
    assert loose_key("WAO I2B5") == loose_key("WA0 1285")
    assert loose_key("WA 1") != loose_key("WA 7")


def test_a_plate_of_the_main_series_fits_its_country():
    assert pattern_fits("PO1AB23", "PL")
    assert pattern_fits("YXA1234", "EL")
    assert not pattern_fits("PO1AB23", "FR")


def test_a_plate_by_wish_fits_its_own_country_but_no_series():
    assert pattern_fits("JAN", "DK")
    assert not fits_any_series("JAN")


def test_a_country_whose_series_are_not_known_fits_any_plate():
    assert pattern_fits("ANYTHING", "KZ")


def test_the_countries_that_fit_are_several_where_series_overlap():
    assert {"LT", "FI", "HU", "MT", "CY", "BE"} <= set(countries_that_fit("ABC123"))
    assert countries_that_fit("191D12345") == ("IE",)
    assert countries_that_fit("#") == ()


def test_every_registration_country_has_its_series():
    examples = {
        "AT": "W12345A", "BE": "1ABC123", "BG": "CB1234AB", "HR": "ZG1234AB", "CY": "KAA123", "CZ": "1A23456",
        "DE": "BAB123", "DK": "AB12345", "EE": "123ABC", "ES": "1234BCD", "FI": "ABC123", "FR": "AB123CD",
        "GR": "YXA1234", "HU": "AABC123", "IE": "191D12345", "IS": "AB123", "IT": "AB123CD", "LI": "FL12345",
        "LT": "ABC123", "LU": "AB1234", "LV": "AB1234", "MT": "ABC123", "NL": "99BXX9", "NO": "AB12345",
        "PL": "WA12345", "PT": "AA12BB", "RO": "CJ12XYZ", "SE": "ABC12D", "SI": "LJAB123", "SK": "BA123CD",
        "GB": "AB12CDE",
    }  # fmt: skip
    assert examples.keys() == set(REGISTRATION_COUNTRIES)
    for country, key in examples.items():
        assert country in countries_that_fit(key)


@given(st.text(st.characters(max_codepoint=127), max_size=20))
def test_a_plate_in_ascii_has_the_key_that_it_has_among_other_characters(text):
    assert plate_key(text).key == plate_key("\u200b" + text).key
