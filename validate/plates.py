"""Number plates: the key under which every spelling of a plate is found, and what a country's keys look like.

The key is for finding; the display form is kept, because a key can lose what the seal or hyphen said
(domain.md 5.3: B-AB 123 and BA-B 123 share one key).
"""

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import msgspec
from msgspec import Struct

from schemas.codes import country as iso_country


class _Plates(Struct, forbid_unknown_fields=True):
    separators: str
    look_alikes: dict[str, str]
    folded: dict[str, str]
    misread: dict[str, str]
    series: dict[str, str]
    by_wish: dict[str, str]


_DATA = msgspec.toml.decode((files("schemas") / "data" / "plates.toml").read_bytes(), type=_Plates)
#: What keys look like, by ISO code: in a country's main series, and where its plates are given out by wish.
SERIES = {code: re.compile(pattern) for code, pattern in _DATA.series.items()}
BY_WISH = {code: re.compile(pattern) for code, pattern in _DATA.by_wish.items()}
_ANY_SERIES = re.compile("|".join(f"(?:{pattern})" for pattern in _DATA.series.values()))
#: What a key leaves out, and what stands in it for a letter that is not Latin.
SEPARATORS = frozenset(_DATA.separators)
_MISREAD = str.maketrans(_DATA.misread)
_CLASSES = {digit: {digit, *(one for one, other in _DATA.misread.items() if other == digit)} for digit in "0123456789"}
_ALIKE = {one: sorted(alike - {one}) for alike in _CLASSES.values() for one in alike}
LATIN = str.maketrans(_DATA.look_alikes | _DATA.folded)


class PlateKey(NamedTuple):
    """A plate as it is found (`key`) and as it was written (`display`)."""

    key: str
    display: str
    had_nonlatin: bool


def plate_key(text: str) -> PlateKey:
    """Gives the key of a plate in any spelling: capitals, no separators, look-alikes in Latin, no marks.

    What has no Latin counterpart stays in the key, so that nothing is found by accident. Source: domain.md 5.3.
    """
    display = text.strip()
    if display.isascii():
        return PlateKey(display.translate(_ASCII), display, False)
    key = _fold(text)
    while (again := _fold(key)) != key:
        key = again
    return PlateKey(key, display, had_nonlatin=not display.isascii() and _has_other_script(display))


def loose_key(text: str) -> str:
    """Gives a key in which letters and digits that are misread for each other are one.

    For suggestions to an officer, never for telling whether a vehicle is declared (domain.md 5.3).
    """
    return plate_key(text).key.translate(_MISREAD)


def near_keys(key: str, most: int) -> list[str]:
    """Gives other keys with the same loose key, those with the fewest exchanged characters first, at most `most`."""
    found, seen = [key], {key}
    for near in found:  # grows while it is read: one exchange more each time
        for place, character in enumerate(key):
            if near[place] != character:
                continue
            for other in _ALIKE.get(character, ()):
                again = near[:place] + other + near[place + 1 :]
                if again not in seen:
                    seen.add(again)
                    found.append(again)
                    if len(found) > most:
                        return found[1:]
    return found[1:]


def pattern_fits(key: str, country: str) -> bool:
    """Tells whether a key may be of `country`; yes where that country's series are not known."""
    code = iso_country(country)
    series, by_wish = SERIES.get(code), BY_WISH.get(code)
    if series is None:
        return True
    return series.fullmatch(key) is not None or (by_wish is not None and by_wish.fullmatch(key) is not None)


def fits_any_series(key: str) -> bool:
    """Tells whether a key is of the main series of any country of the field."""
    return _ANY_SERIES.fullmatch(key) is not None


def countries_that_fit(key: str) -> tuple[str, ...]:
    """Gives the ISO codes of the countries whose main series a key fits, in alphabetical order."""
    return tuple(sorted(code for code, series in SERIES.items() if series.fullmatch(key)))


def _fold(text: str) -> str:
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).upper())
    return "".join(map(_kept, apart)).translate(LATIN)


@lru_cache(maxsize=4096)
def _kept(character: str) -> str:
    category = unicodedata.category(character)
    gone = category[0] in "MZC" or category in ("Pd", "Pc") or character in SEPARATORS
    return "" if gone else character


def _has_other_script(display: str) -> bool:
    return any(
        letter.isalpha() and not unicodedata.name(letter, "").startswith(("LATIN", "FULLWIDTH LATIN"))
        for letter in display
    )


#: How each ASCII character goes into a key; nothing in ASCII depends on its neighbours.
_ASCII = {code: _fold(chr(code)) for code in range(128)}
