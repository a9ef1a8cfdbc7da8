"""Routes of the roadside beside the look-up. Each reading is logged, with its purpose, before it is answered."""

import asyncio
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from reports import metrics
from reports.desk.parts import HEADERS, answer, body, identifier, parameters
from reports.lookup import present
from reports.refusal import RefusedError
from reports.roadside import controls, declarations
from reports.roadside.accesses import DriverNamed, access_report
from reports.roadside.asking import MAY_AUDIT, Ask, Asked, asked, declaration_named
from reports.roadside.batch import PlatesAsked, near_misses, verdicts
from reports.roadside.codes import code_answer
from reports.roadside.controls import ControlParameters, NewControl
from reports.roadside.copies import printed_copy
from reports.roadside.pack_shelf import MEDIA_TYPE
from schemas.identity import number_of

Purpose = Annotated[str, Meta(max_length=500)] | None
_encode_lines = msgspec.json.Encoder().encode_lines
Limit = Annotated[int, Meta(ge=1, le=100)]


class OneParameters(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The query of GET /declarations/{declaration}: `at` is now if left out."""

    at: Annotated[datetime, Meta(tz=True)] | None = None
    purpose: Purpose = None


class DriverParameters(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The query of GET /drivers/declarations: a licence's number, or name and day of birth."""

    licence: Annotated[str, Meta(min_length=3, max_length=50)] | None = None
    name: Annotated[str, Meta(min_length=2, max_length=255)] | None = None
    born: date | None = None
    limit: Limit = 20
    start_key: UUID | None = None
    purpose: Purpose = None


class OperatorParameters(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The query of GET /operators/{operator}/declarations."""

    host: Annotated[str, Meta(min_length=1, max_length=3)] | None = None
    limit: Limit = 20
    start_key: UUID | None = None
    purpose: Purpose = None


class SuggestionParameters(Struct, frozen=True, forbid_unknown_fields=True):
    """The query of GET /lookup/suggestions."""

    plate: Annotated[str, Meta(min_length=2, max_length=40)]
    at: Annotated[datetime, Meta(tz=True)] | None = None
    purpose: Purpose = None


class Code(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /lookup/code: what the QR code holds."""

    code: Annotated[str, Meta(min_length=10, max_length=2_000)]
    purpose: Purpose = None


@get("/declarations/{declaration:str}")
async def one_declaration(request: Ask, declaration: str) -> Response[bytes]:
    """Tells a declaration as it stood, and what changed since; another state's is as if it did not exist."""
    who, given = await asked(request), parameters(request, OneParameters)
    named = await declaration_named(who.parts, declaration)
    found = named and await declarations.declaration(who.parts, named, who.host, given.at or present())
    await who.log("declaration", declaration, found.standing if found else "NOT_FOUND", given.purpose)
    if not found:
        raise RefusedError("not_found")
    return answer(found)


@get("/declarations/{declaration:str}/copy")
async def copy(request: Ask, declaration: str) -> Response[bytes]:
    """Gives the driver's copy of a declaration as it stood, as a PDF in the officer's language."""
    who, given = await asked(request), parameters(request, OneParameters)
    return await copy_answer(who, declaration, given.at or present(), given.purpose)


@get("/drivers/declarations")
async def of_driver(request: Ask) -> Response[bytes]:
    """Lists a driver's declarations for the officer's state."""
    who, given = await asked(request), parameters(request, DriverParameters)
    if given.licence is not None:
        found = await declarations.of_licence(who.parts, who.host, given.licence, given.limit, given.start_key)
        sought = given.licence
    elif given.name is not None and given.born is not None:
        found = await declarations.of_person(who.parts, who.host, given.name, given.born, given.limit, given.start_key)
        sought = f"{given.name}, {given.born}"
    else:
        raise RefusedError("parameter_wrong", name="licence", reason="give a licence, or name and born")
    await who.log("driver", sought, "FOUND" if found.declarations else "NONE", given.purpose)
    return answer(found)


@get("/drivers/accesses")
async def accesses(request: Ask) -> Response[bytes]:
    """Reports to a driver who read what about them; for auditors."""
    who = await asked(request)
    who.of_role(*MAY_AUDIT)
    given = parameters(request, DriverNamed)
    found = await access_report(who, given)
    await who.log("accesses", given.licence, "FOUND" if found.accesses else "NONE", None)
    return answer(found)


@get("/operators/{operator:str}/declarations")
async def of_operator(request: Ask, operator: str) -> Response[bytes]:
    """Lists an operator's declarations for the officer's state."""
    who, given = await asked(request), parameters(request, OperatorParameters)
    who.of_own_host(given.host)
    found = await declarations.of_operator(who.parts, who.host, identifier(operator), given.limit, given.start_key)
    await who.log("operator", operator, "FOUND" if found.declarations else "NONE", given.purpose)
    return answer(found)


@post("/lookup/code", status_code=200)
async def by_code(request: Ask) -> Response[bytes]:
    """Says whether the code on a copy is genuine and up to date."""
    who, given = await asked(request), await body(request, Code)
    found = await code_answer(who.parts, given.code, who.host)
    sought = found.copy.number if found.copy else given.code[-40:]
    await who.log("code", sought, found.verdict, given.purpose)
    return answer(found)


@get("/lookup/suggestions")
async def suggestions(request: Ask) -> Response[bytes]:
    """Gives vehicles declared for the officer's state whose plates are easily misread as the one asked."""
    who, given = await asked(request), parameters(request, SuggestionParameters)
    found = await near_misses(who.parts, given.plate, who.host, given.at or present())
    await who.log("near_miss", given.plate, "FOUND" if found.suggestions else "NONE", given.purpose)
    return answer(found)


@post("/lookups", status_code=200)
async def many(request: Ask) -> Response[bytes]:
    """Judges up to 10 000 plates; as lines of JSON for who accepts them, else as one document."""
    who, given = await asked(request), await body(request, PlatesAsked)
    found = await verdicts(who.parts, given.plates, who.host, given.at or present(), who.language)
    await asyncio.gather(*(who.log("plate", one.plate, one.verdict, given.purpose) for one in found.verdicts))
    metrics.lookups_total.labels("BATCH").inc(len(found.verdicts))
    if "application/x-ndjson" not in request.headers.get("accept", ""):
        return answer(found)
    return Response(_encode_lines(found.verdicts), media_type="application/x-ndjson", headers=HEADERS)


@get("/pack")
async def pack(request: Ask) -> Response[bytes]:
    """Gives the officers' pack of the officer's state, for places without coverage."""
    who = await asked(request)
    content = await who.parts.packs.pack(who)
    await who.log("pack", who.host, "READ", None)
    return Response(content, media_type=MEDIA_TYPE, headers=HEADERS)


@post("/controls")
async def record_control(request: Ask) -> Response[bytes]:
    """Keeps what an officer met."""
    who, given = await asked(request), await body(request, NewControl)
    named = await declaration_named(who.parts, given.declaration) if given.declaration else None
    if given.declaration and named is None:
        raise RefusedError("parameter_wrong", name="declaration", reason="no declaration has this number")
    kept = await controls.record(who.parts.pool, who.officer, given, named)
    return answer(kept, status=201)


@get("/controls")
async def list_controls(request: Ask) -> Response[bytes]:
    """Lists the controls of the officer's state."""
    who, given = await asked(request), parameters(request, ControlParameters)
    found = await controls.page(who.parts.pool, who.host, given)
    await who.log("controls", given.plate or "*", "READ", given.purpose)
    return answer(found)


@get("/controls/{control:str}")
async def one_control(request: Ask, control: str) -> Response[bytes]:
    """Gives one control of the officer's state."""
    who = await asked(request)
    found = await controls.one(who.parts.pool, identifier(control), who.host)
    await who.log("control", control, "READ", None)
    return answer(found)


async def copy_answer(who: Asked, declaration: str, at: datetime, purpose: str | None) -> Response[bytes]:
    """Answers with a driver's copy, once that is logged. Raises `RefusedError`: not_found."""
    named = await declaration_named(who.parts, declaration)
    if named is None:
        raise RefusedError("not_found")
    pdf = await printed_copy(who, named, at)
    await who.log("copy", declaration, "READ", purpose)
    headers = HEADERS | {"content-disposition": f'inline; filename="{number_of(named)}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


ROUTES: list[HTTPRouteHandler] = [
    one_declaration,
    copy,
    of_driver,
    accesses,
    of_operator,
    by_code,
    suggestions,
    many,
    pack,
    record_control,
    list_controls,
    one_control,
]
