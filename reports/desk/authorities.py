"""The directory of authorities over HTTP."""

from typing import Annotated

from litestar import Response, get, patch
from msgspec import Meta, Struct

from exchange.authorities import AuthorityUnknownError, Level, authority_named
from exchange.directory import Sought, hit, set_four_eyes
from reports.desk.parts import Ask, answer, asked, body, parameters
from reports.refusal import RefusedError
from schemas.codes import country as iso_country


class DirectoryQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The query of GET /authorities: free text in any language, and filters."""

    q: Annotated[str, Meta(max_length=200)] = ""
    country: Annotated[str, Meta(min_length=2, max_length=2)] | None = None
    competence: str | None = None
    level: Level | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 20


class Wishes(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What an authority may set for itself: four eyes on what leaves it."""

    four_eyes: bool


@get("/authorities")
async def search(request: Ask) -> Response[bytes]:
    """Finds authorities by place, competence, country or name."""
    who, query = await asked(request), parameters(request, DirectoryQuery)
    country = iso_country(query.country.upper()) if query.country else None
    directory = await who.parts.directory.newest()
    found = directory.search(Sought(query.q, country, query.competence, query.level, query.limit))
    return answer({"items": [hit(one, who.language) for one in found]})


@get("/authorities/{code:str}")
async def read(request: Ask, code: str) -> Response[bytes]:
    """Gives one authority."""
    who = await asked(request)
    try:
        authority = await authority_named(who.parts.pool, code)
    except AuthorityUnknownError as error:
        raise RefusedError("not_found") from error
    return answer(hit(authority, who.language))


@patch("/authorities/{code:str}")
async def change(request: Ask, code: str) -> Response[bytes]:
    """Sets what the administrator's own authority wishes."""
    who, wishes = await asked(request), await body(request, Wishes)
    if who.officer.role != "administrator" or who.officer.authority != code:
        raise RefusedError("role_missing", role=who.officer.role, roles="administrator of the authority")
    await set_four_eyes(who.parts.pool, code, wanted=wishes.four_eyes)
    return answer(wishes)


ROUTES = [search, read, change]
