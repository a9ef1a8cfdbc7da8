"""Driving licence numbers: what they look like, by issuing country (domain.md 5.6)."""

import re
import tomllib
import unicodedata
from importlib.resources import files

SHAPES = {
    code: re.compile(shape)
    for code, shape in tomllib.loads((files("schemas") / "data" / "licences.toml").read_text("utf-8")).items()
}


def licence_key(number: str) -> str:
    """Gives a licence number in capitals and without separators, the form in which two are compared."""
    if number.isascii() and number.isalnum():
        return number.upper()
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", number).upper()))


def licence_fits(number: str, country: str) -> bool:
    """Tells whether a number may be of `country` (ISO code); yes where that country's shape is not known."""
    shape = SHAPES.get(country)
    return shape is None or shape.fullmatch(licence_key(number)) is not None
