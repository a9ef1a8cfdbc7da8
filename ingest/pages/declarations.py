"""Declarations on pages: the list with its filters, one declaration with its versions, and its changes."""

from typing import Any

import msgspec
from msgspec import Struct

from ingest.copy.wording import sections
from ingest.declarations.changes import amend
from ingest.declarations.drafts import delete_draft, submit_draft
from ingest.declarations.reading import list_declarations, read_declaration, read_versions
from ingest.declarations.withdrawal import withdraw
from ingest.fleets import list_fleets
from ingest.http import RefusedError
from ingest.pages.copies import copy_of
from ingest.pages.entering import lines_of
from ingest.pages.visit import AnyResponse, Visit
from ingest.renewal import renew
from schemas.codes import POSTING_COUNTRIES
from schemas.declared import DeclarationDetail, DeclarationVersions
from schemas.fleet import FleetPage

PAGE = 50
FILTERS = ("status", "postingCountry", "plate", "endDateFrom", "endDateTo", "externalReference")
AMENDED = ("declarationEndDate", "declarationOperationType", "fleetId", "declarationVehiclePlateNumber")
#: The number of the copy's line, or the text, under which a change of a member is told.
_LINES = {
    "end_date": "a.2",
    "operation_types": "a.3",
    "transport_types": "a.4",
    "plates": "plates",
    "plates_light": "plates",
    "plates_heavy": "plates",
    "driver_full_name": "c.1",
    "driver_birth_date": "c.2",
    "driver_licence_number": "c.3",
    "driver_street": "c.5",
    "driver_post_code": "c.5",
    "driver_city": "c.5",
    "driver_country": "c.5",
    "driver_contract_start": "c.6",
    "driver_applicable_law": "c.7",
    "driver_document_type": "d.1",
    "driver_document_number": "d.2",
    "driver_document_country": "d.5",
    "contact_first_name": "g.1",
    "contact_last_name": "g.1",
    "contact_email": "g.2",
    "contact_phone": "g.3",
}


class Declarations(Struct, rename="camel"):
    """A page of whole declarations."""

    count: int
    items: list[DeclarationDetail]
    last_evaluated_key: str | None


async def show_list(visit: Visit) -> AnyResponse:
    """Shows the declarations that the filters let through, a page of them."""
    wanted = visit.sealed("show") or {"status": "SUBMITTED"}
    query = {name: value for name, value in wanted.items() if value}
    after = visit.request.query_params.get("after", "")
    limit = {"limit": str(PAGE), "fields": "full"} | ({"startKey": after} if after else {})
    found: Declarations | None = None
    problems: tuple[Any, ...] = ()
    try:
        found = await visit.read(list_declarations, Declarations, query=query | limit)
    except RefusedError as error:
        problems = visit.worded(error)
    fleets = await visit.read(list_fleets, FleetPage)
    return visit.page(
        "declarations.html",
        {
            "found": found.items if found else [],
            "problems": problems,
            "wanted": {name: wanted.get(name, "") for name in FILTERS},
            "show": visit.seal(wanted),
            "next": found.last_evaluated_key if found else None,
            "fleets": fleets.items,
            "posting_countries": POSTING_COUNTRIES,
        },
    )


async def search(visit: Visit) -> AnyResponse:
    """Takes the filters and shows the list; what was searched for stands sealed in the address."""
    form = await visit.form()
    number = str(form.get("number", "")).strip()
    if number:
        found = await visit.read(read_declaration, DeclarationDetail, path={"declaration_id": number})
        return visit.go(f"/my/declarations/{found.declaration_id}")
    return visit.go("/my/declarations", show=visit.seal({name: str(form.get(name, "")).strip() for name in FILTERS}))


async def show(visit: Visit) -> AnyResponse:
    """Shows one declaration with all that it says, and its versions."""
    return await _shown(visit, (), {})


async def change(visit: Visit) -> AnyResponse:
    """Amends, withdraws, submits or deletes; a refusal is shown above the form, with what was entered."""
    form = await visit.form()
    declaration_id, action = visit.part("declaration_id"), str(form.get("action", ""))
    asked: dict[str, Any] = {"path": {"declaration_id": declaration_id}, "etag": str(form.get("etag", ""))}
    entered = {name: form.getall(name, []) for name in AMENDED}
    try:
        match action:
            case "amend":
                await visit.ask(amend, **asked, said=_amended(entered))
            case "withdraw":
                await visit.ask(withdraw, **asked)
            case "renew":
                renewed = msgspec.json.decode((await visit.ask(renew, **asked, said={})).body, type=DeclarationDetail)
                return visit.go(f"/my/declarations/{renewed.declaration_id}", said="submit")
            case "submit":
                await visit.ask(submit_draft, **asked)
            case "delete":
                await visit.ask(delete_draft, **asked)
                return visit.go("/my/declarations", said="deleted")
            case _:
                raise RefusedError("not_found")
    except RefusedError as error:
        return await _shown(visit, visit.worded(error), entered if action == "amend" else {})
    return visit.go(f"/my/declarations/{declaration_id}", said=action)


def _amended(entered: dict[str, list[Any]]) -> dict[str, Any]:
    """Writes what is to change; plates are named one by one, or by their fleet."""
    said: dict[str, Any] = {
        "declarationEndDate": "".join(entered["declarationEndDate"]),
        "declarationOperationType": entered["declarationOperationType"],
    }
    if fleet := "".join(entered["fleetId"]):
        return said | {"fleetId": fleet}
    if plates := lines_of("".join(entered["declarationVehiclePlateNumber"])):
        said["declarationVehiclePlateNumber"] = plates
    return said


async def _shown(visit: Visit, problems: tuple[Any, ...], entered: dict[str, list[Any]]) -> AnyResponse:
    path = {"declaration_id": visit.part("declaration_id")}
    answer = await visit.ask(read_declaration, path=path)
    found = await visit.read(read_declaration, DeclarationDetail, path=path)
    versions: list[DeclarationDetail] = []
    if found.declaration_version:
        named = {"declaration_id": found.declaration_id}
        versions = (await visit.read(read_versions, DeclarationVersions, path=named)).items
    fleets = await visit.read(list_fleets, FleetPage)
    return visit.page(
        "declaration.html",
        {
            "found": found,
            "etag": answer.headers["etag"],
            "sections": sections(await copy_of(visit, found), visit.language),
            "plates": [*found.plates, *found.plates_light, *found.plates_heavy],
            "history": history(versions),
            "fleets": fleets.items,
            "problems": problems,
            "entered": entered,
        },
        status=422 if problems else 200,
    )


def history(versions: list[DeclarationDetail]) -> list[dict[str, Any]]:
    """Tells what became of a declaration: the instant, the version, and the lines that it changed."""
    told: list[dict[str, Any]] = []
    before: DeclarationDetail | None = None
    for version in versions:
        changed = [line for name, line in _LINES.items() if before and getattr(before, name) != getattr(version, name)]
        told.append(
            {
                "at": version.last_update,
                "version": version.declaration_version,
                "withdrawn": version.declaration_status == "WITHDRAWN",
                "changed": list(dict.fromkeys(changed)),
            }
        )
        before = version
    return told
