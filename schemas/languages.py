"""The languages of copies and pages, their labels, and the names of countries in them (domain.md 3.6, 5.2).

Labels stand in `schemas/data/labels/`, one file a language; names of countries come from CLDR.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from babel import Locale

from schemas.codes import DATA, country

Labels = Mapping[str, Mapping[str, str]]

#: The language in which everything exists first.
SOURCE = "en"


class UnknownLanguageError(LookupError):
    """The language is none of the 26 in which copies and pages exist."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its code (ISO 639-1), what its speakers call it, and other codes that mean it."""

    code: str
    name: str
    aliases: tuple[str, ...]


def _languages() -> dict[str, Language]:
    rows = tomllib.loads((DATA / "languages.toml").read_text("utf-8"))["language"]
    return {row["code"]: Language(row["code"], row["name"], tuple(row["aliases"])) for row in rows}


#: Language by code, in the order of their own names.
LANGUAGES = _languages()
_BY_CODE = {code: code for code in LANGUAGES} | {
    alias: language.code for language in LANGUAGES.values() for alias in language.aliases
}


def language(tag: str) -> str:
    """Gives the language's code for a tag in any spelling: `pl`, `PL`, `pl-PL`, `no`, `nb_NO`.

    Raises `UnknownLanguageError` for a language that is none of ours.
    """
    primary = tag.replace("_", "-").partition("-")[0].strip().lower()
    try:
        return _BY_CODE[primary]
    except KeyError:
        raise UnknownLanguageError(f"{tag}: the languages are {' '.join(LANGUAGES)}") from None


@cache
def labels(code: str) -> Labels:
    """Reads the labels of the copy and of the enumerations in one language, by table and key."""
    table: dict[str, dict[str, str]] = tomllib.loads((DATA / "labels" / f"{code}.toml").read_text("utf-8"))
    return table


@cache
def _locale(code: str) -> Locale:
    return Locale.parse(code)


def country_name(code: str, in_language: str) -> str:
    """Gives the name of a country (ISO code, EL or UK) in a language, from CLDR; the code if it has none."""
    iso = country(code)
    name: str = _locale(in_language).territories.get(iso, iso)
    return name
