"""What the scoreboard's page says, in any of the 26 languages: its sentences, numbers and names.

English stands in `reports/data/scoreboard.toml`, the other languages in the catalogues.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from reports import charts
from reports.figures import Facts
from reports.indicators import Indicators, Performance, definitions
from schemas import writing
from schemas.languages import SOURCE, country_name
from web.catalogues import translations
from web.pages import alphabetical

#: The tables of the page, in their order.
DIMENSIONS = ("origins", "hosts", "operations", "carriages", "weeks")
_SIGNS = {"green": "▲", "yellow": "●", "red": "▼"}
_MILLION = 1_000_000

#: Writes a number, None if it is hidden, in a language.
Written = Callable[[int | None, str], str]


@cache
def words(language: str = SOURCE) -> Mapping[str, Any]:
    """Gives the page's words in a language."""
    said: dict[str, Any] = msgspec.toml.decode((files("reports") / "data" / "scoreboard.toml").read_bytes())
    _ = translations(language).gettext
    return {
        name: _(text) if isinstance(text, str) else {code: _(word) for code, word in text.items()}
        for name, text in said["text"].items()
    }


def number(value: int | None, language: str = SOURCE) -> str:
    """Writes a number as the language does, in English as the Scoreboard does, 112 550; a dash for a hidden one."""
    return charts.number(value) if value is None or language == SOURCE else writing.number(value, language)


def rounded(count: int, language: str = SOURCE, written: Written = number) -> str:
    """Gives a large number in round millions, a smaller one as it is."""
    millions = (count + _MILLION // 2) // _MILLION
    if count < _MILLION:
        return written(count, language)
    said = translations(language).ngettext("%(count)s million", "%(count)s million", millions)
    return said % {"count": number(millions, language)}


def about(count: int, language: str = SOURCE, written: Written = number) -> str:
    """Gives a large number as more than so many millions, a smaller one as it is."""
    millions = count // _MILLION
    if count <= _MILLION:
        return written(count, language)
    said = translations(language).ngettext("more than %(count)s million", "more than %(count)s million", millions)
    return said % {"count": number(millions, language)}


def label(table: str, key: str, language: str = SOURCE) -> str:
    """Gives the name of a line: countries by their names, codes by their words, weeks by their Mondays."""
    if table in ("origins", "hosts"):
        return country_name(key, language)
    if table == "weeks":
        return writing.day(date.fromisoformat(key))
    return str(words(language)[table][key])


def period(facts: Facts, language: str = SOURCE) -> str:
    """Names the days that the page is about, both included."""
    return _filled("period", language, since=writing.day(facts.since), until=writing.day(facts.until))


def message(facts: Facts, language: str = SOURCE, written: Written = number) -> str:
    """Gives the key message: round numbers, as the Scoreboard has them; `written` writes those below a million."""
    return _filled(
        "message",
        language,
        operators=about(facts.operators, language, written),
        declarations=rounded(facts.declarations, language, written),
        total=rounded(facts.declarations_total, language, written),
        day=writing.day(facts.first_day),
    )


def fact_lines(facts: Facts, language: str = SOURCE) -> Iterator[str]:
    """Gives the facts and figures, exact numbers."""

    def told(name: str, **counts: int | None) -> str:
        return _filled(name, language, **{blank: number(count, language) for blank, count in counts.items()})

    if facts.authorities is not None:
        yield told("staff", officers=facts.officers, authorities=facts.authorities)
        yield told("exchanges", exchanges=facts.exchanges, total=facts.exchanges_total)
        yield told("alerts", alerts=facts.alerts, notifications=facts.notifications)
    counts = {"operators": facts.operators, "total": facts.declarations_total}
    yield told("declarations", declarations=facts.declarations, **counts)
    if facts.drivers is not None:
        yield told("drivers", drivers=facts.drivers)


def basis(table: Indicators, language: str = SOURCE) -> str:
    """Says which requests count, and how colours are read."""
    said = _filled("basis", language, day=writing.day(table.as_of))
    return f"{said} {definitions(language).sets[table.set].counted}"


def by_name(states: Iterable[Performance], language: str = SOURCE) -> list[Performance]:
    """Sorts Member States by their names in a language."""
    return sorted(states, key=lambda state: alphabetical(country_name(state.country or "", language)))


def state_cells(state: Performance, language: str = SOURCE) -> list[str]:
    """Gives one line of the traffic-light table: each light has a sign and a name beside its colour."""
    said = words(language)
    cells = [said["average"] if state.country is None else country_name(state.country, language)]
    for value in state.values:
        light = _light(value.light, language)
        cells.append(light if value.exact is None else f"{writing.decimal(value.exact, language)} {light}")
    overall = _light(state.overall, language)
    return [*cells, overall if state.score is None else f"{writing.signed(state.score)} {overall}"]


def hidden(facts: Facts, language: str = SOURCE) -> str:
    """Says what the dash stands for."""
    least = facts.smallest
    return _filled("hidden", language, declarations=least.smallest_declarations, operators=least.smallest_operators)


def source(facts: Facts, language: str = SOURCE) -> str:
    """Says from what the figures were reckoned, and when."""
    return _filled("source", language, moment=writing.moment(facts.made_at))


def _light(light: str | None, language: str) -> str:
    said = words(language)
    return f"{_SIGNS[light]} {said['lights'][light]}" if light else str(said["not_rated"])


def _filled(name: str, language: str, **values: object) -> str:
    filled: str = words(language)[name] % values
    return filled
