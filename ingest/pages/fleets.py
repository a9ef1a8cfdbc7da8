"""Fleets on pages: what a change would do is shown before it is done."""

from typing import Any

import msgspec

from ingest.fleets import change_fleet, create_fleet, delete_fleet, read_fleet_record
from ingest.http import RefusedError
from ingest.pages.entering import lines_of
from ingest.pages.visit import AnyResponse, Visit
from schemas.fleet import FleetPreview, RecordedFleet

_LISTS = ("declarationVehiclePlateNumber", "declarationVehiclePlateNumberLight", "declarationVehiclePlateNumberHeavy")


async def show_new(visit: Visit) -> AnyResponse:
    """Shows an empty fleet."""
    return _shown(visit, {})


async def create(visit: Visit) -> AnyResponse:
    """Keeps a set of plates under a name."""
    entered = _entered(await visit.form())
    try:
        await visit.ask(create_fleet, said=entered)
    except RefusedError as error:
        return _shown(visit, entered, problems=visit.worded(error))
    return visit.go("/my/vehicles", said="saved")


async def show(visit: Visit) -> AnyResponse:
    """Shows one fleet."""
    answer = await visit.ask(read_fleet_record, path=_path(visit))
    known = msgspec.json.decode(answer.body, type=RecordedFleet)
    return _shown(visit, msgspec.json.decode(answer.body), known=known, etag=answer.headers["etag"])


async def change(visit: Visit) -> AnyResponse:
    """Shows what a change would do, changes or deletes a fleet."""
    form = await visit.form()
    entered, etag, action = _entered(form), str(form.get("etag", "")), form.get("action")
    known = await visit.read(read_fleet_record, RecordedFleet, path=_path(visit))
    try:
        if action == "delete":
            await visit.ask(delete_fleet, path=_path(visit), etag=etag)
            return visit.go("/my/vehicles", said="deleted")
        query = {} if action == "change" else {"dryRun": "true"}
        answer = await visit.ask(change_fleet, path=_path(visit), etag=etag, said=entered, query=query)
    except RefusedError as error:
        return _shown(visit, entered, known=known, etag=etag, problems=visit.worded(error))
    if action == "change":
        return visit.go("/my/vehicles", said="saved")
    preview = msgspec.json.decode(answer.body, type=FleetPreview)
    return _shown(visit, entered, known=known, etag=etag, preview=preview)


def _path(visit: Visit) -> dict[str, str]:
    return {"fleet_id": visit.part("fleet_id")}


def _entered(form: Any) -> dict[str, Any]:
    return {"fleetName": str(form.get("fleetName", "")).strip()} | {
        name: lines_of(str(form.get(name, ""))) for name in _LISTS
    }


def _shown(visit: Visit, entered: dict[str, Any], **context: Any) -> AnyResponse:
    plates = {name: entered.get(name, []) for name in _LISTS}
    shared = {"known": None, "preview": None, "problems": (), "etag": "", "plates": plates}
    named = {"name": entered.get("fleetName", "")}
    status = 422 if context.get("problems") else 200
    return visit.page("fleet.html", shared | named | context, status=status)
