"""How dates, instants, periods, countries and numbers are written for people, on paper and on screens alike.

Dates as the official copy writes them: day, month, year in every language (domain.md 3.6); numbers as the language
does.
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal

from schemas.languages import country_name


def day(when: date | None) -> str:
    """Writes a date: dd/mm/yyyy; nothing for none."""
    return f"{when:%d/%m/%Y}" if when else ""


def moment(when: datetime, zone: str = "UTC") -> str:
    """Writes an instant in the civil time of a zone (`Europe/Berlin`), with its distance from UTC."""
    if zone == "UTC":
        return f"{when.astimezone(UTC):%d/%m/%Y %H:%M} UTC"
    local = when.astimezone(ZoneInfo(zone))
    return f"{local:%d/%m/%Y %H:%M} (UTC{local.isoformat()[-6:]})"


def period(start: date, end: date) -> str:
    """Writes a period, both ends in it: dd/mm/yyyy – dd/mm/yyyy."""
    return f"{day(start)} – {day(end)}"


def country_with_code(code: str | None, language: str) -> str:
    """Writes a country by its name in a language and its ISO code: `Germany (DE)`; nothing for none."""
    return f"{country_name(code, language)} ({code})" if code else ""


def number(value: int, language: str) -> str:
    """Writes a whole number with the language's marks between thousands: 112.550 in German."""
    return str(format_decimal(value, locale=language))


def signed(value: int) -> str:
    """Writes a whole number with its sign, a true minus: +2, −1; nothing before 0."""
    return f"{value:+d}".replace("-", "\N{MINUS SIGN}") if value else "0"


def decimal(value: float, language: str, places: int = 1) -> str:
    """Writes a number with so many decimals after the language's mark: 18,0 in Polish."""
    return str(format_decimal(value, format=f"#,##0.{'0' * places}", locale=language))
