"""Vehicles on pages: the register, with the fleets that are kept under a name beside it."""

from ingest.fleets import list_fleets
from ingest.http import RefusedError
from ingest.pages.visit import AnyResponse, Visit
from ingest.vehicles import create_vehicle, delete_vehicle, list_vehicles
from schemas.codes import REGISTRATION_COUNTRIES
from schemas.fleet import FleetPage
from schemas.vehicle import VehiclePage

_FIELDS = ("plateNumber", "registrationCountry", "transportType", "vehicleWeight")


async def show_list(visit: Visit) -> AnyResponse:
    """Shows fleets and vehicles, all or those whose plate has what was searched for."""
    return await _shown(visit, {}, ())


async def act(visit: Visit) -> AnyResponse:
    """Searches, registers a vehicle or takes vehicles out of the register."""
    form = await visit.form()
    action = form.get("action")
    entered = {name: str(form.get(name, "")).strip() for name in _FIELDS}
    if action == "search":
        return visit.go("/my/vehicles", show=visit.seal({"term": str(form.get("term", "")).strip()}))
    try:
        if action == "delete":
            for vehicle_id in form.getall("vehicle", []):
                await visit.ask(delete_vehicle, path={"plate_number_id": vehicle_id})
            return visit.go("/my/vehicles", said="deleted")
        await visit.ask(create_vehicle, said=entered)
    except RefusedError as error:
        return await _shown(visit, entered, visit.worded(error))
    return visit.go("/my/vehicles", said="saved")


async def _shown(visit: Visit, entered: dict[str, str], problems: tuple[object, ...]) -> AnyResponse:
    wanted = visit.sealed("show")
    after = visit.request.query_params.get("after", "")
    query = {"limit": "100"} | wanted | ({"startKey": after} if after else {})
    page = await visit.read(list_vehicles, VehiclePage, query=query)
    fleets = await visit.read(list_fleets, FleetPage)
    context = {
        "found": page.items,
        "fleets": fleets.items,
        "term": wanted.get("term", ""),
        "show": visit.seal(wanted),
        "next": page.last_evaluated_key,
        "entered": {name: entered.get(name, "") for name in _FIELDS},
        "problems": problems,
        "registration_countries": REGISTRATION_COUNTRIES,
    }
    return visit.page("vehicles.html", context, status=422 if problems else 200)
