"""The texts of the exchange in 26 languages: questions, answers, forms, states, notices (domain.md 4.1, 4.2).

They stand in `schemas/data/exchange/texts/`, one file a language, as tables of keys.
"""

import tomllib
from collections.abc import Mapping
from functools import cache

from schemas.codes import DATA

Tables = Mapping[str, Mapping[str, str]]


@cache
def texts(language: str) -> Tables:
    """Reads every table of one language (ISO 639-1)."""
    read: dict[str, dict[str, str]] = tomllib.loads(
        (DATA / "exchange" / "texts" / f"{language}.toml").read_text("utf-8")
    )
    return read


def table(language: str, name: str) -> Mapping[str, str]:
    """Gives one table of a language: code to text."""
    return texts(language)[name]
