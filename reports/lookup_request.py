"""The query of GET /lookup: what an officer may ask, and what is wrong with what cannot be asked."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from reports.answer import PageKey
from reports.lookup import Question, present
from reports.officers import Officer
from reports.refusal import RefusedError
from schemas.codes import COUNTRY_BY_SIGN, POSTING_COUNTRIES, WORLD
from schemas.codes import country as iso_country
from validate.plates import plate_key


class LookupParameters(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The query of GET /lookup."""

    plate: Annotated[str, Meta(min_length=1, max_length=40)]
    host: Annotated[str, Meta(min_length=1, max_length=3)]
    country: Annotated[str, Meta(min_length=1, max_length=4)] | None = None
    at: Annotated[datetime, Meta(tz=True)] | None = None
    driver: Annotated[str, Meta(min_length=2, max_length=255)] | None = None
    purpose: Annotated[str, Meta(max_length=500)] | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    start_key: str | None = None


def lookup_parameters(query: Iterable[tuple[str, str]]) -> LookupParameters:
    """Reads the query's parameters. Raises `RefusedError`: parameter_wrong."""
    try:
        return msgspec.convert(dict(query), LookupParameters, strict=False)
    except msgspec.ValidationError as error:
        text, _, where = str(error).partition(" - at `$.")
        raise RefusedError("parameter_wrong", name=where.rstrip("`") or "query", reason=text) from error


def question_of(parameters: LookupParameters, officer: Officer) -> Question:
    """Makes an officer's question of them. Raises `RefusedError`: parameter_wrong, host_not_yours."""
    host = _country("host", parameters.host)
    if host not in POSTING_COUNTRIES:
        raise RefusedError("parameter_wrong", name="host", reason=f"nobody is posted to {host}")
    if host != officer.host:
        raise RefusedError("host_not_yours", own=officer.host, host=host)
    plate = plate_key(parameters.plate)
    if not 2 <= len(plate.key) <= 15:
        raise RefusedError("parameter_wrong", name="plate", reason="a plate has 2 to 15 letters and digits")
    return Question(
        plate,
        host,
        parameters.at or present(),
        parameters.limit,
        _country("country", parameters.country) if parameters.country else None,
        parameters.driver,
        _page_key(parameters.start_key),
    )


def _country(name: str, text: str) -> str:
    """Reads an ISO code, the Union's EL and UK, or a vehicle's sign where it is no ISO code."""
    code = iso_country(text.strip().upper())
    if code in WORLD:
        return code
    if code in COUNTRY_BY_SIGN:
        return COUNTRY_BY_SIGN[code]
    raise RefusedError("parameter_wrong", name=name, reason=f"'{text}' is no country")


def _page_key(text: str | None) -> PageKey | None:
    if text is None:
        return None
    try:
        return PageKey.parse(text)
    except ValueError as error:
        raise RefusedError("parameter_wrong", name="startKey", reason="it is not one that an answer gave") from error
