"""Drivers on pages: the list, one driver's record, a new one."""

from typing import Any

import msgspec

from ingest.drivers import change_driver, create_driver, delete_driver, list_drivers, read_driver
from ingest.http import RefusedError
from ingest.pages.visit import AnyResponse, Visit
from schemas.codes import WORLD
from schemas.driver import DriverPage, RecordedDriver

PAGE = 100
#: Fields of the form in the order of the copy: name on the wire, line of the copy (or text), kind, needed.
FIELDS = (
    ("driverLatinFirstName", "first_name", "text", True),
    ("driverLatinLastName", "last_name", "text", True),
    ("driverDateOfBirth", "c.2", "date", True),
    ("driverLicenseNumber", "c.3", "text", True),
    ("driverCardNumber", "c.4", "text", False),
    ("driverContractStartDate", "c.6", "date", True),
    ("driverContractEndDate", "contract_end", "date", False),
    ("driverApplicableLaw", "c.7", "country", True),
    ("driverAddressStreet", "street", "text", True),
    ("driverAddressPostCode", "post_code", "text", False),
    ("driverAddressCity", "city", "text", True),
    ("driverAddressCountry", "country", "country", True),
    ("driverDocumentType", "d.1", "document", True),
    ("driverDocumentNumber", "d.2", "text", True),
    ("driverDocumentIssueDate", "d.3", "date", False),
    ("driverDocumentExpiryDate", "d.4", "date", False),
    ("driverDocumentIssuingCountry", "d.5", "country", True),
    ("driverEmail", "e.2", "email", False),
    ("externalReference", "reference", "text", False),
)
_NAMES = tuple(name for name, *_ in FIELDS)


async def show_list(visit: Visit) -> AnyResponse:
    """Shows the drivers, all or those whose name has what was searched for."""
    wanted = visit.sealed("show")
    after = visit.request.query_params.get("after", "")
    query = {"limit": str(PAGE)} | wanted | ({"startKey": after} if after else {})
    page = await visit.read(list_drivers, DriverPage, query=query)
    term = wanted.get("term", "")
    context = {"found": page.items, "term": term, "show": visit.seal(wanted), "next": page.last_evaluated_key}
    return visit.page("drivers.html", context)


async def search(visit: Visit) -> AnyResponse:
    """Takes a part of a name; it stands sealed in the address."""
    form = await visit.form()
    return visit.go("/my/drivers", show=visit.seal({"term": str(form.get("term", "")).strip()}))


async def show_new(visit: Visit) -> AnyResponse:
    """Shows an empty record."""
    return _shown(visit, {}, None)


async def create(visit: Visit) -> AnyResponse:
    """Records a driver."""
    entered = _entered(await visit.form())
    try:
        await visit.ask(create_driver, said=entered)
    except RefusedError as error:
        return _shown(visit, entered, None, problems=visit.worded(error))
    return visit.go("/my/drivers", said="saved")


async def show(visit: Visit) -> AnyResponse:
    """Shows one driver's record."""
    answer = await visit.ask(read_driver, path=_path(visit))
    known = msgspec.json.decode(answer.body, type=RecordedDriver)
    return _shown(visit, msgspec.json.decode(answer.body), known, etag=answer.headers["etag"])


async def change(visit: Visit) -> AnyResponse:
    """Changes a record, which reaches all active declarations of the driver, or deletes it."""
    form = await visit.form()
    entered, etag = _entered(form), str(form.get("etag", ""))
    try:
        if form.get("action") == "delete":
            await visit.ask(delete_driver, path=_path(visit), etag=etag)
            return visit.go("/my/drivers", said="deleted")
        await visit.ask(change_driver, path=_path(visit), etag=etag, said=entered)
    except RefusedError as error:
        known = await visit.read(read_driver, RecordedDriver, path=_path(visit))
        return _shown(visit, entered, known, etag=etag, problems=visit.worded(error))
    return visit.go("/my/drivers", said="saved")


def _path(visit: Visit) -> dict[str, str]:
    return {"driver_id": visit.part("driver_id")}


def _entered(form: Any) -> dict[str, str | None]:
    return {name: str(form.get(name, "")).strip() or None for name in _NAMES}


def _shown(visit: Visit, entered: dict[str, Any], known: RecordedDriver | None, **context: Any) -> AnyResponse:
    shared = {"fields": FIELDS, "entered": entered, "known": known, "countries_of_world": WORLD, "etag": ""}
    status = 422 if context.get("problems") else 200
    return visit.page("driver.html", shared | {"problems": ()} | context, status=status)
