"""What is done with many declarations at once: renewed, withdrawn, given a fleet, printed; shown before it is done."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from ingest.declarations.changes import amend
from ingest.declarations.reading import list_declarations, read_declaration
from ingest.declarations.withdrawal import withdraw
from ingest.fleets import list_fleets
from ingest.http import RefusedError
from ingest.pages.copies import download_all
from ingest.pages.visit import AnyResponse, Visit, WaitsForApprovalError
from ingest.renewal import renew
from schemas.declared import DeclarationDetail
from schemas.fleet import FleetPage

#: As many as a page of the list has, and more.
MOST = 250


class _Line(Struct, rename="camel"):
    declaration_id: str


class _Listed(Struct, rename="camel"):
    items: list[_Line]
    last_evaluated_key: str | None


Change = Callable[[Visit, DeclarationDetail, str], Awaitable[Any]]


async def _withdrawn(visit: Visit, one: DeclarationDetail, _fleet: str) -> None:
    await visit.ask(withdraw, path={"declaration_id": one.declaration_id})


async def _with_fleet(visit: Visit, one: DeclarationDetail, fleet: str) -> None:
    await visit.ask(amend, path={"declaration_id": one.declaration_id}, said={"fleetId": fleet})


async def _renewed(visit: Visit, one: DeclarationDetail, _fleet: str) -> None:
    await visit.ask(renew, path={"declaration_id": one.declaration_id}, said={})


CHANGES: dict[str, Change] = {"withdraw": _withdrawn, "fleet": _with_fleet, "renew": _renewed}


async def act(visit: Visit) -> AnyResponse:
    """Prints at once; shows what else would happen, and does it when that is confirmed."""
    form = await visit.form()
    chosen, action = [str(one) for one in form.getall("declaration", [])][:MOST], str(form.get("action", ""))
    fleet = str(form.get("fleet", ""))
    if action == "print":
        return await download_all(visit, _each(chosen))
    if action == "print_all":
        return await download_all(visit, _listed(visit, visit.opened(str(form.get("show", "")))))
    if not chosen or action not in CHANGES or (action == "fleet" and not fleet):
        return visit.go("/my/declarations", said="nothing_chosen")
    found = [await _read(visit, one) for one in chosen]
    results: list[tuple[DeclarationDetail, tuple[Any, ...]]] = []
    confirmed = form.get("confirmed") == "true"
    if confirmed:
        results = [(one, await _changed(visit, one, action, fleet)) for one in found]
    fleets = await visit.read(list_fleets, FleetPage)
    name = next((one.name for one in fleets.items if one.named_fleet_id == fleet), "")
    context = {
        "action": action,
        "found": found,
        "fleet": fleet,
        "fleet_name": name,
        "results": results,
        "confirmed": confirmed,
    }
    return visit.page("selected.html", context)


async def _each(chosen: Sequence[str]) -> AsyncIterator[str]:
    for declaration_id in chosen:
        yield declaration_id


async def _listed(visit: Visit, wanted: Mapping[str, str]) -> AsyncIterator[str]:
    """Gives the ids of all declarations that the list's filters let through, page after page."""
    query = {name: value for name, value in wanted.items() if value} | {"limit": str(MOST)}
    while True:
        page = await visit.read(list_declarations, _Listed, query=query)
        for one in page.items:
            yield one.declaration_id
        if page.last_evaluated_key is None:
            return
        query["startKey"] = page.last_evaluated_key


async def _read(visit: Visit, declaration_id: str) -> DeclarationDetail:
    return await visit.read(read_declaration, DeclarationDetail, path={"declaration_id": declaration_id})


async def _changed(visit: Visit, one: DeclarationDetail, action: str, fleet: str) -> tuple[Any, ...]:
    """Changes one declaration; what is wrong with one, or waits for approval, does not hold up the others."""
    try:
        await CHANGES[action](visit, one, fleet)
    except RefusedError as error:
        return visit.worded(error)
    except WaitsForApprovalError:
        return visit.worded(RefusedError("operator_wants_four_eyes"))
    return ()
