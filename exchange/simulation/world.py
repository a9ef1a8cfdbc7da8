"""The world of a simulation: its authorities and their manners, and everything that is drawn by chance."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from exchange.authorities import Authority
from exchange.catalogue import modules
from exchange.procedures import Party
from exchange.record import Actor, Exchange, Words
from exchange.simulation.assumptions import assumptions

_OFFICERS = UUID("5d9c1f2e-6f0b-4c0a-9a56-3f6d0c7e1b11")
#: Languages of states whose code is not their language's.
_LANGUAGES = {"AT": "de", "BE": "fr", "LU": "fr", "LI": "de", "DK": "da"}


@dataclass(frozen=True, slots=True)
class Manner:
    """How one state's authorities deal with requests: median days, and how often counterparts are content."""

    days_to_accept: float
    days_to_answer: float
    diligence: float


class World:
    """States, authorities and chance."""

    def __init__(self, authorities: Sequence[Authority], seed: int, since: date, until: datetime) -> None:
        self.until = until
        self.authorities = [one for one in authorities if one.active]
        self._since = since
        self.rng = random.Random(seed)  # noqa: S311  (a simulation that repeats itself is the point)
        known = {one.country for one in self.authorities}
        self._requesting = _known(assumptions().requesting, known)
        self._replying = _known(assumptions().replying, known)
        self.manners = {country: self._manner() for country in sorted(known)}

    def happens(self, probability: float) -> bool:
        """Says whether something happens this time."""
        return self.rng.random() < probability

    def days(self, median: float) -> float:
        """Draws how many days something takes."""
        return self.rng.lognormvariate(0, 0.55) * median

    def uuid(self) -> UUID:
        """Draws an id."""
        return UUID(int=self.rng.getrandbits(128), version=4)

    def pair(self) -> tuple[str, str]:
        """Draws who asks and who is asked, two states."""
        while True:
            host, origin = self.host(), self.origin()
            if host != origin:
                return host, origin

    def host(self) -> str:
        """Draws a state that asks."""
        return self.rng.choices(list(self._requesting), list(self._requesting.values()))[0]

    def origin(self) -> str:
        """Draws a state that is asked."""
        return self.rng.choices(list(self._replying), list(self._replying.values()))[0]

    def moment(self) -> datetime:
        """Draws a moment at which somebody is at a desk, in August and at Christmas less often."""
        days = (self.until.date() - self._since).days
        while True:
            day = self._since + timedelta(days=self.rng.randrange(max(days, 1)))
            quiet = day.month == 8 or (day.month, day.day) >= (12, 20)
            if day.weekday() < 5 and not (quiet and self.happens(0.5)):
                midnight = datetime(day.year, day.month, day.day, tzinfo=self.until.tzinfo)
                return midnight + timedelta(minutes=self.rng.randint(7 * 60, 16 * 60), seconds=self.rng.randrange(60))

    def authority(self, country: str, competence: str) -> str:
        """Draws an authority of a state that has a competence, its coordinator more often."""
        fitting = [one for one in self.authorities if one.country == country and competence in one.competences]
        weights = [4.0 if one.coordinator else 1.0 for one in fitting]
        return self.rng.choices(fitting, weights)[0].code

    def colleague(self, authority: str) -> str | None:
        """Draws another authority of the same state, below the national level."""
        fitting = [
            one.code
            for one in self.authorities
            if one.country == authority[:2] and one.code != authority and one.level != "national"
        ]
        return self.rng.choice(fitting) if fitting else None

    def exchange(self, procedure: str, module: str, host: str, origin: str, asking: str | None = None) -> Exchange:
        """Makes an exchange that has not begun, of the authority `asking` or one that is drawn."""
        competence = modules()[module].competence
        return Exchange(
            exchange_id=self.uuid(),
            procedure=procedure,
            module=module,
            requesting_country=host,
            requesting_authority=asking or self.authority(host, competence),
            replying_country=origin,
            replying_authority=self.authority(origin, competence) if procedure == "mutual_assistance" else None,
        )

    def words(self, country: str) -> Words:
        """Draws a text in the language of a state, or in English."""
        texts = assumptions().text
        own = _LANGUAGES.get(country, country.lower())
        language = own if own in texts else "en"
        return Words(self.rng.choice(texts[language]), language)

    def fields(self, country: str) -> dict[str, str]:
        """Draws an operator of a state, for a form."""
        return {
            "operator_name": f"Transport {country} {self.rng.randint(1, 99_999)}",
            "licence_number": f"{country}-{self.rng.randint(1, 999_999):07}",
        }

    def _manner(self) -> Manner:
        habits, draw = assumptions().authority, self.rng.uniform
        return Manner(draw(*habits.days_to_accept), draw(*habits.days_to_answer), draw(*habits.diligence))


def officer_of(authority: str) -> UUID:
    """Gives the id of the simulated officer of an authority."""
    return uuid5(_OFFICERS, authority)


def clerk(exchange: Exchange, party: Party) -> Actor:
    """Gives the officer who acts for one side of an exchange."""
    requesting = party == "requesting"
    authority = exchange.requesting_authority if requesting else exchange.replying_authority
    country = exchange.requesting_country if requesting else exchange.replying_country
    assert authority
    return Actor(party, country, authority, officer_of(authority), "desk")


def _known(weights: Mapping[str, float], countries: set[str]) -> dict[str, float]:
    return {country: weight for country, weight in weights.items() if country in countries}
