"""Codes of the field as data: countries, operations, carriages, documents (domain.md 3.4, 5.1).

The lists stand in `schemas/data/`; this module turns them into types that msgspec checks without a pattern.
"""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

DATA = files("schemas") / "data"


@dataclass(frozen=True, slots=True)
class Country:
    """One country of the field with its signs (domain.md 5.1)."""

    code: str
    eu: str
    posting: bool
    register: bool
    sign: str
    tachograph: str
    zone: str


def _countries() -> tuple[dict[str, Country], dict[str, str]]:
    table = tomllib.loads((DATA / "countries.toml").read_text("utf-8"))
    countries = {row["code"]: Country(**row) for row in table["country"]}
    signs = {country.sign: code for code, country in countries.items()}
    return countries, signs | table["third_country_signs"]


def _world() -> tuple[str, ...]:
    lines = (DATA / "world.txt").read_text("utf-8").splitlines()
    return tuple(code for line in lines if not line.startswith("#") for code in line.split())


COUNTRIES, COUNTRY_BY_SIGN = _countries()
POSTING_COUNTRIES = tuple(sorted(code for code, country in COUNTRIES.items() if country.posting))
REGISTRATION_COUNTRIES = tuple(sorted(code for code, country in COUNTRIES.items() if country.register))
WORLD = _world()

#: The Union's own abbreviations, accepted on input and never given back: EL is GR, UK is GB.
ALIASES = {country.eu: code for code, country in COUNTRIES.items() if country.eu != code}

if TYPE_CHECKING:
    PostingCountry = str
    RegistrationCountry = str
    AnyCountry = str
else:
    PostingCountry = Literal[*POSTING_COUNTRIES, *ALIASES]
    RegistrationCountry = Literal[*REGISTRATION_COUNTRIES, *ALIASES]
    AnyCountry = Literal[*WORLD, *ALIASES]

OperationType = Literal["CABOTAGE_OPERATIONS", "INTERNATIONAL_CARRIAGE"]
TransportType = Literal["CARRIAGE_OF_GOODS", "CARRIAGE_OF_PASSENGERS"]
DocumentType = Literal["IDCARD", "PASSPORT", "DRIVINGLICENSE"]
VehicleWeight = Literal["LIGHT", "HEAVY", ""]
DeclarationStatus = Literal["DRAFT", "SUBMITTED", "WITHDRAWN", "EXPIRED"]


def country(code: str) -> str:
    """Gives the ISO code of a country for its ISO code or the Union's alias (EL, UK)."""
    return ALIASES.get(code, code)
