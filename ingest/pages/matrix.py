"""New declarations: drivers by countries for one period, checked first, then submitted in one commit."""

from collections import defaultdict
from typing import Any

import msgspec
from msgspec import Struct

from ingest.drivers import list_drivers
from ingest.fleets import list_fleets
from ingest.http import RefusedError
from ingest.matrix import submit_matrix
from ingest.pages.entering import lines_of
from ingest.pages.visit import AnyResponse, Visit
from schemas.codes import POSTING_COUNTRIES
from schemas.driver import DriverPage, RecordedDriver
from schemas.fleet import FleetPage
from schemas.matrix import MatrixVerdict
from validate.problems import in_language
from web.pages import alphabetical

#: Drivers that one form shows; who has more finds them by name.
MOST_DRIVERS = 1_000
_MANY = ("driverIds", "declarationPostingCountries", "declarationOperationType", "declarationTransportType")
_ONE = ("declarationStartDate", "declarationEndDate", "fleetId", "declarationVehiclePlateNumber", "skipCovered")
_FIRST = {
    "declarationOperationType": ["INTERNATIONAL_CARRIAGE"],
    "declarationTransportType": ["CARRIAGE_OF_GOODS"],
    "skipCovered": "true",
}


class Verdicts(Struct, rename="camel"):
    """What the API answers to a matrix, as far as a page shows it."""

    submission_id: str
    accepted: int
    refused: int
    verdicts: list[MatrixVerdict]


async def show(visit: Visit) -> AnyResponse:
    """Shows the empty form; drivers who are named in the address are chosen."""
    chosen = visit.request.query_params.getall("driver", [])
    return await _shown(visit, _empty() | _FIRST | {"driverIds": chosen})


async def declare(visit: Visit) -> AnyResponse:
    """Checks what was entered and shows the verdict on each driver and country, or submits it."""
    form = await visit.form()
    entered: dict[str, Any] = {name: form.getall(name, []) for name in _MANY}
    entered |= {name: str(form.get(name, "")).strip() for name in _ONE}
    checking = form.get("action") != "submit"
    try:
        answer = await visit.ask(submit_matrix, query={"dryRun": "true"} if checking else {}, said=_said(entered))
    except RefusedError as error:
        return await _shown(visit, entered, problems=visit.worded(error))
    verdicts = msgspec.json.decode(answer.body, type=Verdicts)
    return await _shown(visit, entered, verdicts=verdicts, checking=checking)


def _empty() -> dict[str, Any]:
    return {name: [] for name in _MANY} | dict.fromkeys(_ONE, "")


def _said(entered: dict[str, Any]) -> dict[str, Any]:
    plates = [] if entered["fleetId"] else lines_of(entered["declarationVehiclePlateNumber"])
    return entered | {
        "declarationVehiclePlateNumber": plates,
        "otherContactAsTransportManager": True,
        "skipCovered": entered["skipCovered"] == "true",
    }


async def _shown(
    visit: Visit,
    entered: dict[str, Any],
    *,
    problems: tuple[Any, ...] = (),
    verdicts: Verdicts | None = None,
    checking: bool = True,
) -> AnyResponse:
    drivers = await all_drivers(visit)
    fleets = await visit.read(list_fleets, FleetPage)
    by_driver: defaultdict[str, dict[str, MatrixVerdict]] = defaultdict(dict)
    told: defaultdict[str, list[str]] = defaultdict(list)
    for verdict in verdicts.verdicts if verdicts else ():
        by_driver[verdict.driver_id][verdict.posting_country] = verdict
        for one in verdict.problems:
            worded = in_language(one, visit.language)
            told[" ".join(filter(None, (worded.text, worded.suggestion)))].append(verdict.posting_country)
    return visit.page(
        "matrix.html",
        {
            "entered": entered,
            "drivers": drivers,
            "fleets": fleets.items,
            "posting_countries": POSTING_COUNTRIES,
            "problems": problems,
            "verdicts": verdicts,
            "by_driver": [(one, by_driver[one.driver_id]) for one in drivers if one.driver_id in by_driver],
            "told": [(text, list(dict.fromkeys(hosts))) for text, hosts in told.items()],
            "checking": checking,
        },
        status=422 if problems else 200,
    )


async def all_drivers(visit: Visit) -> list[RecordedDriver]:
    """Gives the drivers that an operator has recorded, sorted by their last names."""
    found: list[RecordedDriver] = []
    query = {"limit": "250"}
    while len(found) < MOST_DRIVERS:
        page = await visit.read(list_drivers, DriverPage, query=query)
        found += page.items
        if page.last_evaluated_key is None:
            break
        query["startKey"] = page.last_evaluated_key
    return sorted(found, key=lambda one: alphabetical(f"{one.driver_last_name} {one.driver_first_name}"))
