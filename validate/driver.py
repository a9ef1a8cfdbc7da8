"""Rules over the driver: Directive (EU) 2020/1057, Article 1(11)(a)(iii) and (iv)."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from schemas.codes import country
from schemas.declaration import WIRE_NAMES
from schemas.limits import LIMITS
from validate.contact import email_shape
from validate.licences import licence_fits
from validate.names import is_plain, latin_spelling, script_is_latin, unusual_character
from validate.period import date_in_range
from validate.problems import NOTHING, Found, problem

_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


class Driver(NamedTuple):
    """What these rules read: the driver's fields, and what they are compared with."""

    driver_first_name: str | None
    driver_last_name: str | None
    driver_licence_number: str | None
    driver_document_type: str | None
    driver_document_number: str | None
    driver_document_country: str | None
    driver_street: str | None
    driver_city: str | None
    driver_country: str | None
    driver_applicable_law: str | None
    driver_birth_date: date | None
    driver_contract_start: date | None
    driver_id: str | None
    driver_email: str | None
    start_date: date
    establishment: str


#: What must stand inline without a driver id. A post code is not among them: some countries have none.
REQUIRED = Driver._fields[: Driver._fields.index("driver_id")]
_TEXTS = Driver._fields.index("driver_birth_date")


def _at(field: str) -> str:
    return "/" + WIRE_NAMES[field]


def driver_named_once(driver: Driver) -> Found:
    """Asks for either a driver id or the driver's details, whole: Article 1(11)(a)(iii) and (iv)."""
    values = driver[: len(REQUIRED)]
    if driver.driver_id is not None:
        return _also_inline(values) if any(values) else NOTHING
    if not any(values):
        return (problem("driver_missing", _at("driver_id")),)
    if all(values) and not _any_blank(values[:_TEXTS]):
        return NOTHING
    return tuple(
        problem("driver_field_missing", _at(name), field=WIRE_NAMES[name])
        for name, value in zip(REQUIRED, values, strict=True)
        if not value or (isinstance(value, str) and value.isspace())
    )


def _any_blank(texts: tuple[Any, ...]) -> bool:
    return any(map(str.isspace, texts))


def _also_inline(values: tuple[str | date | None, ...]) -> Found:
    inline = next(name for name, value in zip(REQUIRED, values, strict=True) if value)
    return (problem("driver_given_twice", _at(inline)),)


def driver_id_shape(driver: Driver) -> Found:
    """Refuses a driver id that is not a UUID."""
    if driver.driver_id is None or _UUID.fullmatch(driver.driver_id):
        return NOTHING
    return (problem("not_a_uuid", _at("driver_id"), value=driver.driver_id),)


def names_in_latin(driver: Driver) -> Found:
    """Refuses names in another script (domain.md 5.10), and remarks on characters that names lack.

    The officer compares the name with a document's machine-readable zone, which has Latin letters only.
    """
    first, last = driver.driver_first_name, driver.driver_last_name
    return _name_in_latin(first, "driver_first_name") + _name_in_latin(last, "driver_last_name")


def _name_in_latin(name: str | None, field: str) -> Found:
    if name is None or is_plain(name):
        return NOTHING
    if not script_is_latin(name):
        return (problem("name_not_latin", _at(field), latin=latin_spelling(name)),)
    odd = unusual_character(name)
    if odd is None:
        return NOTHING
    return (problem("name_unusual", _at(field), character=unicodedata.name(odd, f"U+{ord(odd):04X}")),)


def birth_date_plausible(driver: Driver) -> Found:
    """Refuses a birth date that makes the driver a child or older than any: it is another date."""
    born, start = driver.driver_birth_date, driver.start_date
    if born is None:
        return NOTHING
    age = start.year - born.year - ((start.month, start.day) < (born.month, born.day))
    youngest, oldest = LIMITS.driver.youngest, LIMITS.driver.oldest
    if youngest <= age <= oldest:
        return NOTHING
    return (problem("birth_date_implausible", _at("driver_birth_date"), age=age, youngest=youngest, oldest=oldest),)


def contract_before_start(driver: Driver) -> Found:
    """Remarks on a contract that begins after the posting (P05 of domain.md 6.2).

    A remark, because it can be true: a contract renewed within the period has a later start.
    """
    contract = driver.driver_contract_start
    if contract is None:
        return NOTHING
    found = date_in_range(contract, _at("driver_contract_start"))
    if contract <= driver.start_date:
        return found
    return (
        *found,
        problem(
            "contract_after_start",
            _at("driver_contract_start"),
            contract=contract,
            start=driver.start_date,
        ),
    )


def law_of_establishment(driver: Driver) -> Found:
    """Remarks on a contract under another law than the operator's (P23; Rome I, Article 8)."""
    law, establishment = driver.driver_applicable_law, country(driver.establishment)
    if law is None or not establishment or country(law) == establishment:
        return NOTHING
    return (
        problem(
            "applicable_law",
            _at("driver_applicable_law"),
            law=country(law),
            establishment=establishment,
        ),
    )


def licence_number_shape(driver: Driver) -> Found:
    """Remarks on a driving licence number that fits none of the countries that may have issued it.

    Those are the document's when the document is the licence, else the residence's, the document's and the
    operator's. Where the shape of one is not known, nothing can be said (domain.md 5.6).
    """
    number = driver.driver_licence_number
    if number is None:
        return NOTHING
    issuers: tuple[str | None, ...] = (driver.driver_document_country,)
    if driver.driver_document_type != "DRIVINGLICENSE":
        issuers = (driver.establishment, driver.driver_country, driver.driver_document_country)
    countries = [country(code) for code in issuers if code]
    for code in countries:
        if licence_fits(number, code):
            return NOTHING
    if not countries:
        return NOTHING
    named = ", ".join(dict.fromkeys(countries))
    return (problem("licence_number_shape", _at("driver_licence_number"), countries=named),)


def driver_email_shape(driver: Driver) -> Found:
    """Refuses a driver's e-mail address that cannot be one."""
    return email_shape(driver.driver_email, _at("driver_email"))


RULES: tuple[Callable[[Driver], Found], ...] = (
    driver_named_once,
    driver_id_shape,
    names_in_latin,
    birth_date_plausible,
    contract_before_start,
    law_of_establishment,
    licence_number_shape,
    driver_email_shape,
)
