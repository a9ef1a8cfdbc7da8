"""What the authorities' side says to people, in their language: `reports/data/texts/`, one file a language.

English is whole; what another language does not have yet is said in English.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from reports.verdict import Reason
from schemas.languages import SOURCE

Texts = Mapping[str, Mapping[str, str]]
_FOLDER = files("reports") / "data" / "texts"


@cache
def texts(language: str) -> Texts:
    """Gives the texts of a language by table and key."""
    english = tomllib.loads((_FOLDER / f"{SOURCE}.toml").read_text("utf-8"))
    own = _FOLDER / f"{language}.toml"
    if language == SOURCE or not own.is_file():
        return english
    translated = tomllib.loads(own.read_text("utf-8"))
    return {table: words | translated.get(table, {}) for table, words in english.items()}


def reason_text(reason: Reason, language: str, values: Mapping[str, object]) -> str:
    """Words a reason of a verdict; `values` are the blanks of its text."""
    wording = texts(language)["reason"].get(reason.code)
    return wording.format_map(values) if wording else reason.text
