"""The multilingual search for an authority: by place, competence, country or name, typed in any of 26 languages.

The whole directory (IMI has some 12 500 authorities) is kept in memory as an index from words to authorities.
A word is found by its beginning, in each of its spellings, and a slip of the keyboard is forgiven when nothing
else fits.
"""

import asyncio
import difflib
import re
import tomllib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from babel import Locale
from msgspec import Struct

from exchange.authorities import Authority, authority_of
from exchange.folding import words
from exchange.texts import table
from schemas import statements
from schemas.codes import COUNTRIES, DATA, country
from schemas.languages import LANGUAGES, country_name

_SQL = statements.load("exchange", "directory")

#: How much a word counts by what it names.
_NAME, _PLACE, _COMPETENCE, _COUNTRY = 3.0, 3.0, 2.0, 3.5
_WHOLE, _BEGINNING, _STEM, _SLIP = 1.0, 0.7, 0.5, 0.4
_SHORTEST_STEM = 6
_SHORTEST_SLIP = 5


class Hit(Struct, frozen=True, rename="camel"):
    """An authority that was found, in the words of who looks for it."""

    code: str
    country: str
    country_name: str
    level: str
    name: str
    own_name: str
    place: str
    competences: dict[str, str]
    languages: list[str]
    coordinator: bool
    email: str | None
    phone: str | None


@dataclass(slots=True)
class Sought:
    """What is looked for: free text, and what the authority must have."""

    text: str = ""
    country: str | None = None
    competence: str | None = None
    level: str | None = None
    limit: int = 20


class Directory:
    """An index over authorities."""

    def __init__(self, authorities: Iterable[Authority]) -> None:
        self.authorities = [authority for authority in authorities if authority.active]
        self._found: dict[str, list[tuple[Sequence[int], float]]] = defaultdict(list)
        self._index()
        self._vocabulary = sorted(self._found)

    def search(self, sought: Sought) -> list[Authority]:
        """Gives the authorities that fit most of the words, the best first; without words, all by code."""
        asked, codes = _asked(sought.text)
        countries = {sought.country} if sought.country else codes
        fits = [_fits(one, sought) and (not countries or one.country in countries) for one in self.authorities]
        if not asked:
            return [one for one, fit in zip(self.authorities, fits, strict=True) if fit][: sought.limit]
        scores: dict[int, float] = defaultdict(float)
        fitting: dict[int, int] = defaultdict(int)
        for spellings in asked:
            for number, score in self._matches(spellings).items():
                scores[number] += score
                fitting[number] += 1
        candidates = [number for number in scores if fits[number]]
        most = max((fitting[number] for number in candidates), default=0)
        best = [number for number in candidates if fitting[number] == most]
        if not best and countries:  # nothing in this country fits: show whom it has
            best = [number for number, fit in enumerate(fits) if fit]
        best.sort(key=lambda number: (-scores[number] - _standing(self.authorities[number]), number))
        return [self.authorities[number] for number in best[: sought.limit]]

    def _matches(self, spellings: frozenset[str]) -> dict[int, float]:
        scores: dict[int, float] = {}
        for spelling in spellings:
            for word, quality in self._near(spelling):
                for members, weight in self._found[word]:
                    score = weight * quality
                    for number in members:
                        if scores.get(number, 0.0) < score:
                            scores[number] = score
        return scores or self._slips(spellings)

    def _near(self, spelling: str) -> Iterator[tuple[str, float]]:
        if spelling in self._found:
            yield spelling, _WHOLE
        if len(spelling) < 3:
            return
        stem = spelling[: max(_SHORTEST_STEM, len(spelling) * 3 // 5)]  # inspectorate finds inspection
        place = bisect_left(self._vocabulary, stem)
        while place < len(self._vocabulary) and (word := self._vocabulary[place]).startswith(stem):
            if word != spelling:
                yield word, _BEGINNING if word.startswith(spelling) else _STEM
            place += 1

    def _slips(self, spellings: frozenset[str]) -> dict[int, float]:
        scores: dict[int, float] = {}
        for spelling in spellings:
            if len(spelling) < _SHORTEST_SLIP:
                continue
            first = bisect_left(self._vocabulary, spelling[0])
            last = bisect_left(self._vocabulary, chr(ord(spelling[0]) + 1))
            for word in difflib.get_close_matches(spelling, self._vocabulary[first:last], n=3, cutoff=0.8):
                for members, weight in self._found[word]:
                    scores |= {number: max(scores.get(number, 0.0), weight * _SLIP) for number in members}
        return scores

    def _index(self) -> None:
        by_country, by_competence, by_place = defaultdict(list), defaultdict(list), defaultdict(list)
        for number, authority in enumerate(self.authorities):
            by_country[authority.country].append(number)
            by_place[authority.place].append(number)
            for competence in authority.competences:
                by_competence[competence].append(number)
            own = {spelling for name in authority.names.values() for word in words(name) for spelling in word}
            for spelling in own:
                self._found[spelling].append(((number,), _NAME))
            self._found[authority.code.lower()].append(((number,), _NAME))
        for code, members in by_country.items():
            self._add(members, _COUNTRY, country_words(code))
        for code, members in by_competence.items():
            self._add(members, _COMPETENCE, competence_words(code))
        exonyms = exonyms_by_place()
        for place, members in by_place.items():
            self._add(members, _PLACE, (place, *exonyms.get(place, ())))

    def _add(self, members: Sequence[int], weight: float, names: Iterable[str]) -> None:
        for spelling in {spelling for name in names for word in words(name) for spelling in word}:
            self._found[spelling].append((members, weight))


class DirectoryInMemory:
    """The directory of the register, built anew when the register has changed."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._directory = Directory(())
        self._state: tuple[int, datetime | None] | None = None
        self._building = asyncio.Lock()

    async def newest(self) -> Directory:
        """Gives the directory as it is now."""
        state = tuple(await self._pool.fetchrow(_SQL["state"]))
        if state != self._state:
            async with self._building:
                if state != self._state:
                    rows = await self._pool.fetch(_SQL["authorities"])
                    self._directory = await asyncio.to_thread(lambda: Directory(map(authority_of, rows)))
                    self._state = state
        return self._directory


async def set_four_eyes(pool: asyncpg.Pool, code: str, *, wanted: bool) -> None:
    """Sets whether what leaves an authority is released by a second officer."""
    await pool.execute(_SQL["four_eyes"], code, wanted)


def hit(authority: Authority, language: str) -> Hit:
    """Words an authority for somebody who reads `language`."""
    competences = table(language, "competence")
    own = next((authority.names[one] for one in authority.languages if one in authority.names), "")
    return Hit(
        authority.code,
        authority.country,
        country_name(authority.country, language),
        authority.level,
        authority.name(language),
        own or authority.name(language),
        authority.place,
        {code: competences[code] for code in authority.competences},
        authority.languages,
        authority.coordinator,
        authority.email,
        authority.phone,
    )


def country_words(code: str) -> Iterator[str]:
    """Gives what a country is called: its codes, its sign, and its name in every language."""
    known = COUNTRIES.get(code)
    yield code
    if known:
        yield from (known.eu, known.sign)
    for language in LANGUAGES:
        yield country_name(code, language)


def competence_words(code: str) -> Iterator[str]:
    """Gives what a competence is called, and further words for it, in every language."""
    for language in LANGUAGES:
        yield table(language, "competence")[code]
        yield table(language, "competence_terms").get(code, "")


def exonyms_by_place() -> dict[str, list[str]]:
    """Gives, for a place as the directory names it, what other languages call it."""
    places = tomllib.loads((DATA / "authorities" / "places.toml").read_text("utf-8"))
    exonyms: dict[str, list[str]] = places["exonyms"]
    for code, capital in places["capital"].items():
        zone = COUNTRIES[code].zone
        named = [Locale.parse(one).time_zones.get(zone, {}).get("city") for one in LANGUAGES]
        spoken = [name.replace("\N{SOFT HYPHEN}", "") for name in named if name]
        exonyms.setdefault(capital, []).extend([zone.rpartition("/")[2], *spoken])
    return exonyms


def _asked(text: str) -> tuple[list[frozenset[str]], set[str]]:
    """Gives the words that count and the countries that are named by their code.

    A word of two letters in capitals is a code (`labour DE`); in small letters it says nothing (`de`) unless it
    stands alone.
    """
    found = words(text)
    long = [spellings for spellings in found if max(map(len, spellings), default=0) > 2]
    short = [word for word in re.split(r"[\W_]+", text) if len(word) == 2 and (word.isupper() or not long)]
    codes = {country(word.upper()) for word in short}
    return long, codes & COUNTRIES.keys()


def _fits(authority: Authority, sought: Sought) -> bool:
    return (sought.competence is None or sought.competence in authority.competences) and (
        sought.level is None or authority.level == sought.level
    )


def _standing(authority: Authority) -> float:
    """Gives a small advantage to who is likelier meant: coordinators, then national authorities."""
    return 0.2 * authority.coordinator + 0.1 * (authority.level == "national")
