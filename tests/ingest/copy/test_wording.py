"""The copy's lines carry the official numbers, whatever the language."""

from collections.abc import Callable

import msgspec
import pytest

from ingest.copy.document import Copy
from ingest.copy.wording import NOTHING, plate_groups, sections
from schemas.languages import LANGUAGES

MakeCopy = Callable[..., Copy]
NUMBERS = [
    f"{letter}.{place}"
    for letter, count in {"a": 4, "b": 3, "c": 7, "d": 5, "e": 7, "f": 4, "g": 4}.items()
    for place in range(1, count + 1)
]


def value(copy: Copy, number: str, language: str = "en") -> str:
    [found] = [line.value for section in sections(copy, language) for line in section.lines if line.number == number]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_prints_the_lines_a1_to_g4(make_copy: MakeCopy, language: str):
    found = sections(make_copy(), language)
    assert [line.number for section in found for line in section.lines] == NUMBERS
    assert "".join(section.letter for section in found) == "abcdefg"


def test_dates_are_written_day_month_year(make_copy: MakeCopy):
    assert value(make_copy(), "a.2") == "15/03/2026 – 14/09/2026"


def test_instants_are_in_the_host_states_civil_time(make_copy: MakeCopy):
    assert value(make_copy(), "b.3") == "12/03/2026 17:41 (UTC+01:00)"
    assert value(make_copy(posting_country="PT"), "b.3") == "12/03/2026 16:41 (UTC+00:00)"


def test_countries_are_named_in_the_language_of_the_copy_with_their_code(make_copy: MakeCopy):
    assert value(make_copy(posting_country="GR"), "a.1", "pl") == "Grecja (GR)"


def test_codes_become_words(make_copy: MakeCopy):
    assert value(make_copy(), "a.3").split("\n") == ["Cabotage operations", "International carriage"]
    assert value(make_copy(passengers=True), "a.4").split("\n") == ["Carriage of goods", "Carriage of passengers"]


def test_an_address_is_written_without_what_is_missing(make_copy: MakeCopy):
    assert value(make_copy(driver_post_code=None, driver_street=None), "c.5") == "София, Bulgaria"


def test_what_was_not_declared_is_a_dash(make_copy: MakeCopy):
    assert value(make_copy(), "c.4") == NOTHING


def test_the_transport_manager_stands_as_contact_when_declared_so(make_copy: MakeCopy):
    assert value(make_copy(), "g.1") == "Elżbieta Wójcik"
    named = make_copy(contact_is_transport_manager=False, contact_first_name="Ann", contact_last_name="Lee")
    assert value(named, "g.1") == "Ann Lee"


def test_plates_are_sorted_within_their_weight_class(make_copy: MakeCopy):
    copy = make_copy(plates=("C 3", "A 1", "B 2"), weights=("LIGHT", "HEAVY", "LIGHT"))
    assert [(group.heading, group.plates) for group in plate_groups(copy, "en")] == [
        ("Heavy vehicles (over 3.5 t)", ("A 1",)),
        ("Light vehicles (up to 3.5 t)", ("B 2", "C 3")),
    ]


def test_plates_without_a_weight_class_have_no_heading(make_copy: MakeCopy):
    assert [group.heading for group in plate_groups(make_copy(), "en")] == [""]


def test_rows_of_the_database_convert_to_a_copy(make_copy: MakeCopy):
    copy = make_copy()
    row = {name: getattr(copy, name) for name in Copy.__struct_fields__ if name != "operator"}
    assert msgspec.convert({**row, "operator": copy.operator}, Copy) == copy
