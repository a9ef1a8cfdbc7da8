"""The copy in words: its lines numbered a.1 to g.4, in any of the 26 languages (domain.md 3.6).

The number in front of a line is the same in every language, so an officer can read a copy in any of them.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from msgspec import Struct

from ingest.copy.document import Copy
from schemas.codes import COUNTRIES
from schemas.languages import country_name, labels
from schemas.writing import country_with_code, day, moment, period

#: What stands where nothing was declared.
NOTHING = "–"


class Line(Struct, frozen=True):
    """One numbered line: `a.1`, its label, what was declared (several values stand on lines of their own)."""

    number: str
    label: str
    value: str


class Section(Struct, frozen=True):
    """The lines under one letter, with their heading."""

    letter: str
    heading: str
    lines: tuple[Line, ...]


class PlateGroup(Struct, frozen=True):
    """Number plates of one weight class; the heading is empty where no class was declared."""

    heading: str
    plates: tuple[str, ...]


def _joined(*parts: str | None, by: str = " ") -> str:
    return by.join(part for part in parts if part)


def _address(street: str | None, post_code: str | None, city: str | None, land: str) -> str:
    return _joined(street, _joined(post_code, city), land, by=", ")


def _values(copy: Copy, language: str) -> Iterator[tuple[str, str | None]]:
    words, operator = labels(language), copy.operator
    zone = COUNTRIES[copy.posting_country].zone
    yield "a.1", country_with_code(copy.posting_country, language)
    yield "a.2", period(copy.start_date, copy.end_date)
    yield "a.3", _joined(*(words["operation_type"][code] for code in copy.operation_types), by="\n")
    yield "a.4", _joined(*(words["transport_type"][code] for code in copy.transport_types), by="\n")
    yield "b.1", copy.number
    yield "b.2", moment(copy.accepted_at, zone)
    yield "b.3", moment(copy.submitted_at, zone)
    yield "c.1", _joined(copy.driver_first_name, copy.driver_last_name)
    yield "c.2", day(copy.driver_birth_date)
    yield "c.3", copy.driver_licence_number
    yield "c.4", copy.driver_card_number
    home = country_name(copy.driver_country, language) if copy.driver_country else ""
    yield "c.5", _address(copy.driver_street, copy.driver_post_code, copy.driver_city, home)
    yield "c.6", day(copy.driver_contract_start)
    yield "c.7", country_with_code(copy.driver_applicable_law, language)
    yield "d.1", words["document_type"].get(copy.driver_document_type or "", "")
    yield "d.2", copy.driver_document_number
    yield "d.3", day(copy.driver_document_issued)
    yield "d.4", day(copy.driver_document_expires)
    yield "d.5", country_with_code(copy.driver_document_country, language)
    yield "e.1", operator.name
    yield "e.2", operator.email
    yield "e.3", operator.phone
    yield "e.4", operator.register_number
    yield "e.5", operator.licence_number
    yield "e.6", country_with_code(operator.country, language)
    seat = country_name(operator.country, language)
    yield "e.7", _address(operator.street, operator.post_code, operator.city, seat)
    yield "f.1", _joined(operator.manager_first_name, operator.manager_last_name)
    yield "f.2", operator.manager_email
    yield "f.3", operator.manager_phone
    yield "f.4", operator.manager_address
    yield from _contact(copy, language)


def _contact(copy: Copy, language: str) -> Iterator[tuple[str, str | None]]:
    operator = copy.operator
    if copy.contact_is_transport_manager:
        yield "g.1", _joined(operator.manager_first_name, operator.manager_last_name)
        yield "g.2", operator.manager_email
        yield "g.3", operator.manager_phone
        yield "g.4", operator.manager_address
        return
    land = country_name(copy.contact_country, language) if copy.contact_country else ""
    yield "g.1", _joined(copy.contact_first_name, copy.contact_last_name)
    yield "g.2", copy.contact_email
    yield "g.3", copy.contact_phone
    yield "g.4", _address(copy.contact_street, copy.contact_post_code, copy.contact_city, land)


def sections(copy: Copy, language: str) -> tuple[Section, ...]:
    """Gives the copy's sections a to g with their numbered lines, in one language."""
    words = labels(language)
    lines = (Line(number, words["label"][number], value or NOTHING) for number, value in _values(copy, language))
    return tuple(
        Section(letter, words["section"][letter], tuple(found))
        for letter, found in groupby(lines, key=lambda line: line.number[0])
    )


def plate_groups(copy: Copy, language: str) -> tuple[PlateGroup, ...]:
    """Gives the number plates sorted, as one looks for one, and by weight class where one was declared."""
    headings = labels(language)["vehicle_weight"]
    by_weight: dict[str, list[str]] = {}
    for weight, plate in sorted(zip(_weights(copy), copy.plates, strict=True)):
        by_weight.setdefault(weight, []).append(plate)
    return tuple(PlateGroup(headings.get(weight, ""), tuple(plates)) for weight, plates in by_weight.items())


def _weights(copy: Copy) -> Iterable[str]:
    return copy.weights or ("",) * len(copy.plates)
