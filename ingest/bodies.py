"""Bodies that are one JSON object: read leniently where RTPD's clients are, converted strictly, explained whole."""

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

import msgspec

from ingest.body import whole
from ingest.http import RefusedError, Request
from schemas.limits import LIMITS
from schemas.problem import Problem
from validate.contract import explain
from validate.problems import problem
from validate.text import CONTROL, is_suspicious, named

Kind = TypeVar("Kind", bound=msgspec.Struct)
Said = dict[str, Any]

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_decoder = cache(msgspec.json.Decoder)


async def read_object(request: Request, *, ignored: Collection[str] = (), optional: bool = False) -> Said:
    """Reads a body that is a JSON object, without its members `ignored` (what we answer, clients send back).

    With `optional` an empty body counts as an object without members. Raises `RefusedError`.
    """
    body = await whole(request.receive, LIMITS.line.bytes, request.announced_length)
    if optional and not body.strip():
        return {}
    try:
        said = _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError("body_malformed", *explain(body)) from error
    if not isinstance(said, dict):
        raise RefusedError("body_malformed", *explain(body))
    if is_suspicious(body) and (found := tuple(_control_characters(said, ""))):
        raise RefusedError("content_refused", *found)
    return {name: value for name, value in said.items() if name not in ignored}


def present(said: Mapping[str, Any]) -> Said:
    """Gives the members that say something: null and empty text are how many clients leave a field out."""
    return {name: value for name, value in said.items() if value is not None and value != ""}


def merged(known: Mapping[str, Any], said: Mapping[str, Any]) -> Said:
    """Gives what is known with the members of `said` in their place; null or empty text takes one out."""
    return present({**known, **said})


def converted(
    said: Mapping[str, Any],
    kind: type[Kind],
    *,
    code: str = "content_refused",
    explained_as: type[msgspec.Struct] | None = None,
) -> Kind:
    """Makes a struct of what was said. Raises `RefusedError` (`code`) with all that does not fit.

    `explained_as` is the struct that says more about the contract than `kind`, which leaves lists as they came.
    """
    body = _encode(said)
    try:
        result: Kind = _decoder(kind).decode(body)
    except msgspec.ValidationError as error:
        found = explain(body, explained_as or kind) or (problem("contract", reason=str(error)),)
        raise RefusedError(code, *found) from error
    return result


def _control_characters(value: Any, pointer: str) -> Iterator[Problem]:
    match value:
        case str() if found := CONTROL.search(value):
            yield problem("control_character", pointer, character=named(found[0]))
        case list():
            for place, item in enumerate(value):
                yield from _control_characters(item, f"{pointer}/{place}")
        case dict():
            for name, item in value.items():
                yield from _control_characters(item, f"{pointer}/{name}")
