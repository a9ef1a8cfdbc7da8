"""Problems by their code: severity, text and legal reference stand in `schemas/data/problems.toml`."""

from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from string import Formatter

import msgspec
from msgspec import Struct

from schemas.limits import LIMITS
from schemas.problem import Problem, Severity

DATA = files("schemas") / "data"

Found = tuple[Problem, ...]
NOTHING: Found = ()


class Wording(Struct, frozen=True, forbid_unknown_fields=True):
    """How one language says a problem; `{values}` are filled in."""

    text: str
    suggestion: str | None = None


class Kind(Wording, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is fixed about a problem: its severity, legal reference, and HTTP status if a request has it."""

    severity: Severity
    legal_reference: str | None = None
    status: int = 422


KINDS = msgspec.toml.decode((DATA / "problems.toml").read_bytes(), type=dict[str, Kind])


def problem(code: str, pointer: str = "", **values: object) -> Problem:
    """Words one problem in English.

    `code` is a table of problems.toml, `pointer` a JSON pointer (RFC 6901), `values` fill in the texts.
    Raises `KeyError` if the code, or a value of its text, is unknown.
    """
    kind = KINDS[code]
    said = {name: str(value) for name, value in values.items() if value is not None}
    return Problem(
        code=code,
        pointer=pointer,
        severity=kind.severity,
        text=kind.text.format_map(said),
        suggestion=_suggestion(kind, said),
        legal_reference=kind.legal_reference,
        values=said or None,
    )


def in_language(found: Problem, language: str) -> Problem:
    """Words a problem in another language (ISO 639-1), or in English where that language has no text."""
    wording = _wordings(language).get(found.code)
    if wording is None:
        return found
    said = found.values or {}
    return msgspec.structs.replace(found, text=wording.text.format_map(said), suggestion=_suggestion(wording, said))


def bounded(found: Iterable[Problem]) -> Found:
    """Keeps what one line is told at most, refusals first, and counts the rest."""
    ordered = sorted(found, key=_is_warning)
    most = LIMITS.line.problems
    if len(ordered) <= most:
        return tuple(ordered)
    return (*ordered[:most], problem("more_problems", count=len(ordered) - most))


def refuses(found: Iterable[Problem]) -> bool:
    """Tells whether one of the problems refuses the declaration."""
    return any(one.severity == "reject" for one in found)


def _is_warning(found: Problem) -> bool:
    return found.severity == "warn"


def _suggestion(wording: Wording, said: dict[str, str]) -> str | None:
    template = wording.suggestion
    if template is None or not _names(template) <= said.keys():
        return None
    return template.format_map(said)


@lru_cache(maxsize=1024)
def _names(template: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


@lru_cache(maxsize=64)
def _wordings(language: str) -> dict[str, Wording]:
    path = DATA / "texts" / f"{language}.toml"
    if not language.isalpha() or not path.is_file():
        return {}
    return msgspec.toml.decode(path.read_bytes(), type=dict[str, Wording])
