"""The catalogue of patterns (domain.md 6.2): one SQL file each, whose heading says what it finds and why it matters.

Its English is translated by the catalogues in web/locale.
"""

import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from schemas.languages import SOURCE
from web.catalogues import translations

Severity = Literal["info", "low", "medium", "high"]
Parts = Literal["operator", "subject"]
_HEADING = re.compile(r"-- (title|severity|weight|legal|needs|parts): (.+)")


class PatternUnknownError(LookupError):
    """There is no such pattern."""


class PatternFileError(ValueError):
    """The heading of a pattern's file is incomplete or wrong."""


class Pattern(Struct, frozen=True):
    """One pattern: `weight` is that of one find, `needs` the kind of register record without which it is UNKNOWN.

    `parts` says by what it can be done in parts: operators, or the subjects that it compares across operators.
    """

    code: str
    title: str
    severity: Severity
    weight: float
    legal_basis: str
    description: str
    sql: str
    needs: str | None = None
    parts: Parts = "operator"


@cache
def patterns(language: str = SOURCE) -> dict[str, Pattern]:
    """Gives every pattern by its code, P01 first, worded in a language. Raises `PatternFileError`."""
    if language != SOURCE:
        return {code: _worded(pattern, translations(language).gettext) for code, pattern in patterns().items()}
    folder = files("reports") / "checks" / "sql"
    names = sorted(path.name for path in folder.iterdir() if path.name.endswith(".sql"))
    found = [_read(name.removesuffix(".sql").upper(), (folder / name).read_text("utf-8")) for name in names]
    return {pattern.code: pattern for pattern in found}


def pattern_of(code: str) -> Pattern:
    """Gives one pattern. Raises `PatternUnknownError`."""
    try:
        return patterns()[code.upper()]
    except KeyError:
        raise PatternUnknownError(f"there is no pattern {code}; they are {' '.join(patterns())}") from None


def _worded(pattern: Pattern, said: Callable[[str], str]) -> Pattern:
    title, description = said(pattern.title), said(pattern.description)
    return replace(pattern, title=title, description=description, legal_basis=said(pattern.legal_basis))


def _read(code: str, text: str) -> Pattern:
    heading: dict[str, str] = {}
    description: list[str] = []
    lines = text.splitlines()
    size = next(number for number, line in enumerate(lines) if not line.startswith("--"))
    for line in lines[:size]:
        if match := _HEADING.fullmatch(line):
            heading[match[1]] = match[2]
        else:
            description.append(line.removeprefix("--").strip())
    if not {"title", "severity", "weight", "legal"} <= heading.keys() or not description:
        raise PatternFileError(f"{code}: the heading needs title, severity, weight, legal and a description")
    severity = msgspec.convert(heading["severity"], Severity)
    return Pattern(
        code,
        heading["title"],
        severity,
        float(heading["weight"]),
        heading["legal"],
        " ".join(description),
        "\n".join(lines[size:]),
        heading.get("needs"),
        msgspec.convert(heading.get("parts", "operator"), Parts),
    )
