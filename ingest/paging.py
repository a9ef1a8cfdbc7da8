"""Lists page by page, as RTPD has them: `limit`, `startKey`, and the last key back (domain.md 3.3, 3.4a)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from ingest.http import RefusedError, Request

MOST = 250
_FIRST = UUID(int=0)
Kind = TypeVar("Kind")
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Page:
    """What part of a list is asked for: at most `limit` items after the key `after`."""

    limit: int
    after: UUID


def page_of(parameters: dict[str, str], *, default: int | None = None) -> Page:
    """Reads `limit` (1 to 250, `default` if it may be missing) and `startKey`. Raises `RefusedError`, a 400."""
    limit = parameters.get("limit", default)
    try:
        number = int(limit or 0)
    except ValueError:
        number = 0
    if not 1 <= number <= MOST:
        raise RefusedError("parameter_wrong", name="limit", reason=f"send a number from 1 to {MOST}")
    return Page(number, identifier(parameters, "startKey") or _FIRST)


async def answer_page(request: Request, items: Sequence[Any], last_key: UUID | None) -> None:
    """Answers a page: the number of items, the items, and the key after which the next page begins, or null."""
    body = {"count": len(items), "items": items, "lastEvaluatedKey": last_key and str(last_key)}
    await request.answer_unless_known(_encode(body))


def identifier(parameters: dict[str, str], name: str) -> UUID | None:
    """Reads a parameter that is a UUID, None where it is missing. Raises `RefusedError`, a 400."""
    text = parameters.get(name)
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise RefusedError("parameter_wrong", name=name, reason="send a UUID") from error


def parameter(parameters: dict[str, str], name: str, kind: type[Kind], example: str) -> Kind | None:
    """Reads a parameter of a type that msgspec knows, None where it is missing. Raises `RefusedError`, a 400."""
    text = parameters.get(name)
    if not text:
        return None
    try:
        return msgspec.convert(text, kind, strict=False)
    except msgspec.ValidationError as error:
        raise RefusedError("parameter_wrong", name=name, reason=f"send for example {example}") from error


def day(parameters: dict[str, str], name: str) -> date | None:
    """Reads a parameter that is a date."""
    return parameter(parameters, name, date, "2026-02-02")


def moment(parameters: dict[str, str], name: str) -> datetime | None:
    """Reads a parameter that is an instant with its distance from UTC."""
    found = parameter(parameters, name, datetime, "2026-02-02T08:00:00Z")
    if found is not None and found.tzinfo is None:
        raise RefusedError("parameter_wrong", name=name, reason="send for example 2026-02-02T08:00:00Z")
    return found


def flag(parameters: dict[str, str], name: str) -> bool:
    """Reads a parameter that is 0 or 1, false or true; missing is 0. Raises `RefusedError`: parameter_wrong."""
    said = parameters.get(name, "").lower()
    if said not in ("", "0", "1", "false", "true"):
        raise RefusedError("parameter_wrong", name=name, reason="send true or false")
    return said in ("1", "true")
