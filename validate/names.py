"""Names of people: whether they stand in Latin letters, and how they would (domain.md 5.10)."""

import re
import tomllib
import unicodedata
from importlib.resources import files

_LETTERS = {
    letter: latin
    for script in tomllib.loads((files("schemas") / "data" / "transliteration.toml").read_text("utf-8")).values()
    for letter, latin in script.items()
}
_PLAIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏ .,'’-]*")
_SIGNS = frozenset(" .,-'’ʼ`´·‐‑")


def is_plain(name: str) -> bool:
    """Tells at once that a name has Latin letters and the usual signs only; a no needs a closer look."""
    return _PLAIN.fullmatch(name) is not None


def script_is_latin(name: str) -> bool:
    """Tells whether all letters of a name are Latin, diacritics included."""
    return name.isascii() or all(
        unicodedata.name(letter, "").startswith("LATIN") for letter in name if letter.isalpha() and letter != "ʼ"
    )


def unusual_character(name: str) -> str | None:
    """Gives the first character that is no letter, mark, blank, hyphen, apostrophe, dot or comma."""
    for character in name:
        if character not in _SIGNS and unicodedata.category(character)[0] not in "LM":
            return character
    return None


def latin_spelling(name: str) -> str | None:
    """Spells a Cyrillic or Greek name in Latin capitals, or gives None where a letter has no known spelling.

    Source: ICAO Doc 9303, part 3, section 6; ISO 843.
    """
    spelt = []
    for letter in unicodedata.normalize("NFC", name).upper():
        base = letter if letter in _LETTERS else unicodedata.normalize("NFD", letter)[0]
        if base in _LETTERS:
            spelt.append(_LETTERS[base])
        elif letter.isascii() or unicodedata.name(letter, "").startswith("LATIN"):
            spelt.append(letter)
        elif unicodedata.category(letter)[0] != "M":
            return None
    return "".join(spelt)
