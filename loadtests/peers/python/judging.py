"""The rules of OpenRTPD's `validate/` that refuse a declaration, and those remarks that need no table of patterns."""

import calendar
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from declaration import Declaration
from plates import Plate, plate_key
from settings import codes

_EARLIEST, _LATEST = (date.fromisoformat(day) for day in codes()["dates"])
_YOUNGEST, _OLDEST = codes()["driver_ages"]
_SHORTEST, _LONGEST = codes()["plate_key_lengths"]
_MONTHS = codes()["months"]
_ALIASES = codes()["aliases"]
_REMARKS = {"late_submission", "contract_after_start", "applicable_law", "plate_not_latin", "duplicate_plate"}
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"]+@(?:[^\s@.<>()\[\],;:\"]+\.)+[^\s@.<>()\[\],;:\"]{2,}")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_PLAIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏ .,'’-]*")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_DRIVER = (
    "driver_first_name",
    "driver_last_name",
    "driver_licence_number",
    "driver_document_type",
    "driver_document_number",
    "driver_document_country",
    "driver_street",
    "driver_city",
    "driver_country",
    "driver_applicable_law",
    "driver_birth_date",
    "driver_contract_start",
)


class Problem(NamedTuple):
    """What is wrong and where."""

    code: str
    field: str

    @property
    def refuses(self) -> bool:
        """Says whether the declaration cannot be accepted."""
        return self.code not in _REMARKS


def judge(declaration: Declaration, establishment: str, received_on: date, raw: bytes) -> list[Problem]:
    """Applies all rules; `establishment` is the operator's country, `raw` the text of the declaration."""
    found = [
        *_period(declaration.start_date, declaration.end_date, received_on),
        *_carriage(declaration),
        *_plates(declaration, plates_of(declaration)),
        *_contact(declaration),
        *_driver(declaration, establishment),
        *_control(declaration, raw),
    ]
    if _country(declaration.posting_country) == _country(establishment):
        found.append(Problem("host_is_establishment", "posting_country"))
    return found


def plates_of(declaration: Declaration) -> list[Plate]:
    """Gives the plates of the three lists with their keys."""
    return [
        Plate(plate_key(text), text.strip(), weight)
        for weight, listed in (
            ("", declaration.plates),
            ("LIGHT", declaration.plates_light),
            ("HEAVY", declaration.plates_heavy),
        )
        for text in listed
    ]


@lru_cache(maxsize=10_000)
def last_day(start: date) -> date:
    """Gives the last day of the longest posting that begins on `start`."""
    years, month = divmod(start.year * 12 + start.month - 1 + _MONTHS, 12)
    days = calendar.monthrange(years, month + 1)[1]
    if start.day > days:
        return date(years, month + 1, days)
    return date(years, month + 1, start.day) - timedelta(days=1)


def _country(code: str) -> str:
    return _ALIASES.get(code, code)


def _period(start: date, end: date, received_on: date) -> Iterator[Problem]:
    for field, day in (("start_date", start), ("end_date", end)):
        if not _EARLIEST <= day <= _LATEST:
            yield Problem("date_out_of_range", field)
    if end < start:
        yield Problem("end_before_start", "end_date")
    if start <= _LATEST and end > last_day(start):
        yield Problem("period_too_long", "end_date")
    if start < received_on:
        yield Problem("late_submission", "start_date")


def _carriage(declaration: Declaration) -> Iterator[Problem]:
    for field in ("operation_types", "transport_types"):
        listed = getattr(declaration, field)
        if len(set(listed)) < len(listed):
            yield Problem("duplicate_code", field)


def _plates(declaration: Declaration, plates: list[Plate]) -> Iterator[Problem]:
    passengers = "CARRIAGE_OF_PASSENGERS" in declaration.transport_types
    if passengers and not declaration.plates:
        yield Problem("plates_required", "plates")
    elif not plates:
        yield Problem("plates_missing", "plates")
    if passengers and "CARRIAGE_OF_GOODS" not in declaration.transport_types:
        for field in ("plates_light", "plates_heavy"):
            if getattr(declaration, field):
                yield Problem("weight_not_for_passengers", field)
    seen = set()
    for key, display, _ in plates:
        if not _SHORTEST <= len(key) <= _LONGEST or not display.isprintable():
            yield Problem("plate_unreadable", "plates")
        if key in seen:
            yield Problem("duplicate_plate", "plates")
        seen.add(key)
        if not display.isascii() and not _is_latin(display):
            yield Problem("plate_not_latin", "plates")
    if declaration.plates_light and declaration.plates_heavy:
        light = {(plate.key, plate.display) for plate in plates if plate.weight == "LIGHT"}
        if any((plate.key, plate.display) in light for plate in plates if plate.weight == "HEAVY"):
            yield Problem("plate_light_and_heavy", "plates_heavy")


def _contact(declaration: Declaration) -> Iterator[Problem]:
    if declaration.contact_email and not _EMAIL.fullmatch(declaration.contact_email):
        yield Problem("email_shape", "contact_email")
    if not declaration.contact_is_transport_manager:
        for field in ("contact_first_name", "contact_last_name", "contact_email", "contact_phone"):
            if not (getattr(declaration, field) or "").strip():
                yield Problem("contact_incomplete", field)


def _driver(declaration: Declaration, establishment: str) -> Iterator[Problem]:
    values = [getattr(declaration, field) for field in _DRIVER]
    if declaration.driver_id is None:
        for field, value in zip(_DRIVER, values, strict=True):
            if not value or (isinstance(value, str) and value.isspace()):
                yield Problem("driver_field_missing", field)
    elif any(values):
        yield Problem("driver_given_twice", "driver_id")
    elif not _UUID.fullmatch(declaration.driver_id):
        yield Problem("not_a_uuid", "driver_id")
    for field in ("driver_first_name", "driver_last_name"):
        name = getattr(declaration, field)
        if name and not _PLAIN.fullmatch(name) and not _is_latin(name):
            yield Problem("name_not_latin", field)
    start, born, contract = declaration.start_date, declaration.driver_birth_date, declaration.driver_contract_start
    if born:
        age = start.year - born.year - ((start.month, start.day) < (born.month, born.day))
        if not _YOUNGEST <= age <= _OLDEST:
            yield Problem("birth_date_implausible", "driver_birth_date")
    if contract:
        if not _EARLIEST <= contract <= _LATEST:
            yield Problem("date_out_of_range", "driver_contract_start")
        if contract > start:
            yield Problem("contract_after_start", "driver_contract_start")
    law = declaration.driver_applicable_law
    if law and _country(law) != _country(establishment):
        yield Problem("applicable_law", "driver_applicable_law")
    if declaration.driver_email and not _EMAIL.fullmatch(declaration.driver_email):
        yield Problem("email_shape", "driver_email")


def _control(declaration: Declaration, raw: bytes) -> Iterator[Problem]:
    """Looks for control characters only where the text can hold one."""
    if b"\\" in raw or b"\x7f" in raw or (not raw.isascii() and (b"\xc2" in raw or b"\xe2" in raw)):
        for field, value in declaration:
            if isinstance(value, str) and _CONTROL.search(value):
                yield Problem("control_character", field)


def _is_latin(text: str) -> bool:
    return all(unicodedata.name(letter, "").startswith("LATIN") for letter in text if letter.isalpha())
