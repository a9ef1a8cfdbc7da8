"""Words as they are looked for: without case, accents or script, in each of their usual spellings."""

import re
import tomllib
import unicodedata
from functools import lru_cache

from schemas.codes import DATA

_WORDS = re.compile(r"[a-z0-9]+")
_ACUTE = "\N{COMBINING ACUTE ACCENT}"


def _tables() -> tuple[dict[int, str], tuple[tuple[str, str], ...]]:
    scripts = tomllib.loads((DATA / "transliteration.toml").read_text("utf-8"))
    places = tomllib.loads((DATA / "authorities" / "places.toml").read_text("utf-8"))
    plain = {ord(letter.lower()): latin.lower() for script in scripts.values() for letter, latin in script.items()}
    plain |= {ord(letter): latin for letter, latin in places["letters"].items()}
    full = sorted(places["full"].items(), key=lambda pair: -len(pair[0]))
    return plain, tuple(full)


_PLAIN, _FULL = _tables()


def fold(text: str) -> str:
    """Writes a text in small Latin letters without accents: Köln is koln, Θεσσαλονίκη thessaloniki."""
    return _without_marks(_small(text)).translate(_PLAIN)


def words(text: str) -> list[frozenset[str]]:
    """Gives the words of a text, each in its spellings: plain (koln) and, where there is one, full (koeln)."""
    return [spellings(word) for word in re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text))]


@lru_cache(maxsize=1 << 17)
def spellings(word: str) -> frozenset[str]:
    """Gives the spellings under which one word is found."""
    written = unicodedata.normalize("NFKD", _small(word)).replace(_ACUTE, "")
    written = unicodedata.normalize("NFC", written)
    for letters, latin in _FULL:
        written = written.replace(letters, latin)
    return frozenset(part for text in (word, written) for part in _WORDS.findall(fold(text)))


def _small(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _without_marks(text: str) -> str:
    if text.isascii():
        return text
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
