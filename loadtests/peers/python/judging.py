"""The rules of OpenRTPD's `validate/`, all but those over recorded drivers and fleets named by their ids."""

import calendar
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from declaration import Declaration
from plates import Fleet, Lists, is_latin, read_fleet
from problems import Problem
from settings import codes

_EARLIEST, _LATEST = (date.fromisoformat(day) for day in codes()["dates"])
_YOUNGEST, _OLDEST = codes()["driver_ages"]
_MONTHS = codes()["months"]
_ALIASES = codes()["aliases"]
_LICENCES = {code: re.compile(shape) for code, shape in codes()["licences"].items()}
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"]+@(?:[^\s@.<>()\[\],;:\"]+\.)+[^\s@.<>()\[\],;:\"]{2,}")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_PLAIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏ .,'’-]*")
_SIGNS = frozenset(" .,-'’ʼ`´·‐‑")
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


class Judged(NamedTuple):
    """What was found out about a declaration."""

    fleet: Fleet | None
    problems: list[Problem]

    @property
    def refused(self) -> bool:
        """Says whether it cannot be accepted."""
        return any(problem.refuses for problem in self.problems)


def judge(declaration: Declaration, establishment: str, received_on: date, raw: bytes) -> Judged:
    """Applies all rules; `establishment` is the operator's country, `raw` the text of the declaration."""
    home = _country(establishment)
    fleet, found = fleet_of(declaration, home)
    problems = [
        *_period(declaration.start_date, declaration.end_date, received_on),
        *_carriage(declaration),
        *found,
        *_contact(declaration),
        *_driver(declaration, home),
        *_control(declaration, raw),
    ]
    if _country(declaration.posting_country) == home:
        problems.append(Problem("host_is_establishment", "posting_country"))
    return Judged(fleet, problems)


def fleet_of(declaration: Declaration, home: str) -> tuple[Fleet | None, tuple[Problem, ...]]:
    """Reads and judges the plates of a declaration of an operator from `home`."""
    lists = (declaration.plates, declaration.plates_light, declaration.plates_heavy)
    goods = "CARRIAGE_OF_GOODS" in declaration.transport_types
    passengers = "CARRIAGE_OF_PASSENGERS" in declaration.transport_types
    return read_fleet(Lists(*map(tuple, lists), goods, passengers, home))


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


def _contact(declaration: Declaration) -> Iterator[Problem]:
    if declaration.contact_email and not _EMAIL.fullmatch(declaration.contact_email):
        yield Problem("email_shape", "contact_email")
    if not declaration.contact_is_transport_manager:
        for field in ("contact_first_name", "contact_last_name", "contact_email", "contact_phone"):
            if not (getattr(declaration, field) or "").strip():
                yield Problem("contact_incomplete", field)


def _driver(declaration: Declaration, home: str) -> Iterator[Problem]:
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
        if name and not _PLAIN.fullmatch(name):
            yield from _unusual_name(name, field)
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
    if law and _country(law) != home:
        yield Problem("applicable_law", "driver_applicable_law")
    if declaration.driver_licence_number and not _licence_fits(declaration, home):
        yield Problem("licence_number_shape", "driver_licence_number")
    if declaration.driver_email and not _EMAIL.fullmatch(declaration.driver_email):
        yield Problem("email_shape", "driver_email")


def _unusual_name(name: str, field: str) -> Iterator[Problem]:
    if not is_latin(name.replace("ʼ", "")):
        yield Problem("name_not_latin", field)
    elif any(sign not in _SIGNS and unicodedata.category(sign)[0] not in "LM" for sign in name):
        yield Problem("name_unusual", field)


def _licence_fits(declaration: Declaration, home: str) -> bool:
    issuers = [declaration.driver_document_country]
    if declaration.driver_document_type != "DRIVINGLICENSE":
        issuers = [home, declaration.driver_country, declaration.driver_document_country]
    number = declaration.driver_licence_number or ""
    key = number.upper()
    if not (number.isascii() and number.isalnum()):
        key = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", number).upper()))
    shapes = [_LICENCES.get(_country(issuer)) for issuer in issuers if issuer]
    return not shapes or any(shape is None or shape.fullmatch(key) for shape in shapes)


def _control(declaration: Declaration, raw: bytes) -> Iterator[Problem]:
    """Looks for control characters only where the text can hold one."""
    if b"\\" in raw or b"\x7f" in raw or (not raw.isascii() and (b"\xc2" in raw or b"\xe2" in raw)):
        for field, value in declaration:
            if isinstance(value, str) and _CONTROL.search(value):
                yield Problem("control_character", field)
