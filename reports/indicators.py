"""The five performance indicators of the Single Market Scoreboard, by Member State and period (domain.md 4.4)."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from functools import cache
from importlib.resources import files
from math import floor
from operator import ge, le, lt
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from schemas import statements
from schemas.codes import COUNTRIES
from schemas.languages import SOURCE
from store.operators import Connection
from web.catalogues import translations

_SQL = statements.load("reports", "indicators")
_COMPARISONS = {"<": lt, "<=": le, ">=": ge}

Light = Literal["green", "yellow", "red"]
SetName = Literal["scoreboard", "road"]


class Threshold(Struct, frozen=True):
    """When a value is in a band; `shown` is how the Scoreboard prints it."""

    shown: str
    comparison: Literal["<", "<=", ">="] | None = msgspec.field(default=None, name="is")
    than: int | None = None

    def holds(self, value: Fraction) -> bool:
        """Tells whether a value is in the band; the last band takes what is left."""
        return self.comparison is None or self.than is None or bool(_COMPARISONS[self.comparison](value, self.than))


class Indicator(Struct, frozen=True):
    """One indicator with its bands."""

    number: int
    label: str
    unit: Literal["percent", "days"]
    green: Threshold
    yellow: Threshold
    red: Threshold

    def light(self, value: Fraction) -> Light:
        """Gives the band of an exact value: percentages are rounded half up first, days are not."""
        compared = Fraction(floor(value + Fraction(1, 2))) if self.unit == "percent" else value
        return "green" if self.green.holds(compared) else "yellow" if self.yellow.holds(compared) else "red"


class _Overall(Struct):
    green: int
    red: int


class RequestSet(Struct, frozen=True):
    """Which requests count: said in one sentence; procedures with their modules, for speed and for ratings."""

    counted: str
    speed: dict[str, list[str]]
    ratings: dict[str, list[str]]


class Definitions(Struct, rename={"indicators": "indicator", "sets": "set"}):
    """What stands in reports/data/indicators.toml."""

    indicators: list[Indicator]
    overall: _Overall
    sets: dict[str, RequestSet]


class Value(Struct, frozen=True, rename="camel"):
    """One indicator of one state: `numerator` of `denominator` requests, in percent or as average days.

    `exact` and `light` are None where no request counted: then there is nothing to judge.
    """

    indicator: int
    numerator: int
    denominator: int
    exact: float | None
    light: Light | None


class Performance(Struct, frozen=True, rename="camel"):
    """One state's five indicators and the overall score; `country` is None for all states together."""

    country: str | None
    values: list[Value]
    score: int | None
    overall: Light | None


class Indicators(Struct, frozen=True, rename="camel"):
    """The table of a period: requests sent in it, as they stood on the day `as_of`."""

    set: str
    since: date
    until: date
    as_of: date
    states: list[Performance]
    average: Performance


class Counted(Struct, frozen=True, rename="camel"):
    """One request behind a state's numbers; what does not count for an indicator is None."""

    number: int
    module: str
    requesting_country: str
    sent_on: date
    accepted_on: date | None
    agreed_due: date | None
    answered_on: date | None
    timeliness: str | None
    effort: str | None
    accepted_in_time: bool | None
    days_to_answer: int | None
    answered_by_date: bool | None
    timeliness_negative: bool | None
    effort_negative: bool | None


@cache
def definitions(language: str = SOURCE) -> Definitions:
    """Gives the indicators, the overall score and the sets of requests, worded in a language."""
    read = msgspec.toml.decode((files("reports") / "data" / "indicators.toml").read_bytes(), type=Definitions)
    _ = translations(language).gettext
    return Definitions(
        [replace(each, label=_(each.label)) for each in read.indicators],
        read.overall,
        {name: replace(each, counted=_(each.counted)) for name, each in read.sets.items()},
    )


async def indicators(connection: Connection, set_name: SetName, since: date, until: date, as_of: date) -> Indicators:
    """Computes the table for the requests sent from `since` to `until`, as they stood at the end of `as_of`."""
    rows = await connection.fetch(_SQL["counts"], *_parameters(set_name, since, until, as_of))
    counts = {row["country"]: _pairs(row) for row in rows}
    states = [performance(country, pairs) for country, pairs in counts.items() if any(part for _, part in pairs)]
    together = [
        (sum(pair[0] for pair in column), sum(pair[1] for pair in column))
        for column in zip(*counts.values(), strict=True)
    ]
    return Indicators(set_name, since, until, as_of, states, performance(None, together or [(0, 0)] * 5))


async def requests_behind(
    connection: Connection, set_name: SetName, since: date, until: date, as_of: date, country: str
) -> list[Counted]:
    """Gives the requests to `country` from which its numbers come."""
    rows = await connection.fetch(_SQL["exchanges"], *_parameters(set_name, since, until, as_of), country)
    return [Counted(**row) for row in rows]


def performance(country: str | None, pairs: Sequence[tuple[int, int]]) -> Performance:
    """Judges a state by its counts: for each indicator, the numerator and the denominator."""
    values = [_value(indicator, *pair) for indicator, pair in zip(definitions().indicators, pairs, strict=True)]
    points = {"green": 1, "yellow": 0, "red": -1}
    lights = [value.light for value in values if value.light]
    if not lights:
        return Performance(country, values, None, None)
    score = sum(points[light] for light in lights)
    bounds = definitions().overall
    overall: Light = "green" if score >= bounds.green else "red" if score <= bounds.red else "yellow"
    return Performance(country, values, score, overall)


def _value(indicator: Indicator, numerator: int, denominator: int) -> Value:
    if not denominator:
        return Value(indicator.number, numerator, denominator, None, None)
    exact = Fraction(numerator * (100 if indicator.unit == "percent" else 1), denominator)
    return Value(indicator.number, numerator, denominator, float(exact), indicator.light(exact))


def _pairs(row: Any) -> list[tuple[int, int]]:
    names = (
        ("accepted", "received"),
        ("days", "answered"),
        ("in_date", "dated"),
        ("timeliness_negative", "timeliness_rated"),
        ("effort_negative", "effort_rated"),
    )
    return [(row[numerator], row[denominator]) for numerator, denominator in names]


def _parameters(set_name: SetName, since: date, until: date, as_of: date) -> list[Any]:
    chosen = definitions().sets[set_name]
    lists = []
    for table in (chosen.speed, chosen.ratings):
        pairs = [(procedure, module) for procedure, modules in table.items() for module in modules]
        lists += [[pair[0] for pair in pairs], [pair[1] for pair in pairs]]
    zones = [(country.code, country.zone) for country in COUNTRIES.values()]
    return [since, until, as_of, *lists, _negative(), [code for code, _ in zones], [zone for _, zone in zones]]


@cache
def _negative() -> list[str]:
    """Gives the ratings that are negative, as the exchange's questionnaire has them."""
    codes = msgspec.toml.decode((files("schemas") / "data" / "exchange" / "codes.toml").read_bytes())
    negative: list[str] = codes["rating"]["negative"]
    return negative
