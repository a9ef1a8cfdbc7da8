"""/coverage: which days, countries, drivers and plates declarations cover, and which trips of a plan they do not."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from ingest.body import whole
from ingest.declarations.answers import full_name
from ingest.declarations.filters import Filters
from ingest.declarations.periods import Period, gaps, joined, within
from ingest.declarations.versions import every_version
from ingest.http import RefusedError, Request
from ingest.intake import Intake
from ingest.language import worded
from ingest.paging import day, flag
from schemas import statements
from schemas.cells import as_meant, unarmed
from schemas.codes import POSTING_COUNTRIES, country
from schemas.coverage import Coverage, CoverageAnswer, Days, PlanAnswer, PlannedTrip
from validate.plates import plate_key
from validate.problems import problem

_SQL = statements.load("ingest", "coverage")
_encode = msgspec.json.Encoder().encode
_DAYS = 30
_MOST_DAYS = 731
_PLAN_BYTES = 16 << 20
_COLUMNS = ("driver", "country", "from", "to")


class Driver(NamedTuple):
    """A driver: a recorded one has an id, another is told by the number of the driving licence."""

    driver_id: UUID | None
    name: str
    licence_number: str


class Declared(NamedTuple):
    """One period in which a driver is declared for a country, with the key of each plate."""

    period: Period
    plates: frozenset[str]


@dataclass(slots=True)
class Calendar:
    """An operator's drivers, and by driver and country the declarations that count in a time."""

    drivers: list[Driver] = field(default_factory=list)
    declared: dict[tuple[Driver, str], list[Declared]] = field(default_factory=lambda: defaultdict(list))
    _by_name: dict[str, Driver] = field(default_factory=dict)

    def find(self, *names: str | UUID | None) -> Driver | None:
        """Finds a driver by the first that fits of some ids, references and driving licence numbers, in any case."""
        for name in names:
            if name and (found := self._by_name.get(str(name).strip().lower())):
                return found
        return None

    def enter(self, driver: Driver, reference: str | None = None) -> Driver:
        """Enters a driver under all names."""
        self.drivers.append(driver)
        for name in (driver.driver_id, reference, driver.licence_number):
            if name:
                self._by_name.setdefault(str(name).lower(), driver)
        return driver

    def periods(self, driver: Driver, host: str, plate: str | None) -> list[Period]:
        """Gives the periods in which a driver is declared for a country, with a plate if one is named."""
        found = self.declared.get((driver, host), [])
        return [one.period for one in found if plate is None or plate in one.plates]


async def read_coverage(intake: Intake, request: Request) -> None:
    """Handles GET /coverage."""
    operator_id = UUID(bytes=(await intake.operator(request, "read")).operator_id)
    asked = request.parameters()
    start = day(asked, "from") or intake.today()
    end = _end(asked, start)
    host, plate = asked.get("country"), asked.get("plate")
    calendar = await calendar_of(intake, operator_id, start, end, plates=bool(plate))
    key = plate_key(plate).key if plate else None
    drivers = calendar.drivers
    if wanted := asked.get("driver"):
        found = calendar.find(wanted)
        if found is None:
            raise RefusedError("parameter_wrong", name="driver", reason="no driver has this id, reference or licence")
        drivers = [found]
    items = [
        one
        for driver in drivers
        for one in _coverage(calendar, driver, country(host.upper()) if host else None, key, (start, end))
        if one.uncovered or not flag(asked, "uncovered")
    ]
    answer = CoverageAnswer(start, end, len(items), sum(bool(item.uncovered) for item in items), items)
    await request.answer_unless_known(_encode(answer))


async def check_plan(intake: Intake, request: Request) -> None:
    """Handles POST /coverage: planned trips as CSV (driver, country, from, to, plate), answered line by line."""
    operator_id = UUID(bytes=(await intake.operator(request, "read")).operator_id)
    trips = _trips(await whole(request.receive, _PLAN_BYTES))
    planned = [trip for trip in trips if not trip.problems]
    start = min((date.fromisoformat(trip.first) for trip in planned), default=intake.today())
    end = max((date.fromisoformat(trip.last) for trip in planned), default=start)
    plates = any(trip.plate for trip in planned)
    calendar = await calendar_of(intake, operator_id, start, end, plates=plates)
    for trip in planned:
        _judge(calendar, trip)
    for trip in trips:
        trip.problems = worded(trip.problems, request)
    uncovered = sum(not trip.covered for trip in trips)
    if "text/csv" in request.header(b"accept"):
        await request.answer(200, _csv(trips), b"text/csv; charset=utf-8")
    else:
        await request.answer(200, _encode(PlanAnswer(len(trips), uncovered, trips)))


async def calendar_of(intake: Intake, operator_id: UUID, start: date, end: date, *, plates: bool) -> Calendar:
    """Reads an operator's declarations that count on one of some days, and its recorded drivers."""
    calendar = Calendar()
    for row in await intake.pool.fetch(_SQL["drivers"], operator_id, start):
        driver = Driver(row["driver_id"], full_name(dict(row)), row["driver_licence_number"])
        calendar.enter(driver, row["external_reference"])
    keys_of: dict[UUID | None, frozenset[str]] = {None: frozenset()}
    filters = Filters(withdrawn=False, start_to=end, end_from=start, drafts=False)
    async for versions in every_version(intake, operator_id, filters, plates=plates):
        for version in versions:
            said = version.row
            known = calendar.find(said["driver_id"], said["driver_licence_number"])
            driver = known or calendar.enter(
                Driver(said["driver_id"], full_name(said), said["driver_licence_number"] or "")
            )
            fleet_id = said["fleet_id"] if plates else None
            if fleet_id not in keys_of:
                keys_of[fleet_id] = frozenset(plate_key(plate).key for plate in version.plates)
            declared = Declared((said["start_date"], said["end_date"]), keys_of[fleet_id])
            calendar.declared[driver, said["posting_country"]].append(declared)
    return calendar


def _coverage(
    calendar: Calendar, driver: Driver, host: str | None, plate: str | None, time: Period
) -> Iterable[Coverage]:
    """Gives a driver's coverage for a country, or for each for which the driver is declared in the time."""
    declared = sorted(code for one, code in calendar.declared if one == driver)
    for posting_country in declared if host is None else [host]:
        periods = calendar.periods(driver, posting_country, plate)
        yield Coverage(
            driver_id=str(driver.driver_id) if driver.driver_id else None,
            driver_full_name=driver.name,
            driver_license_number=driver.licence_number or None,
            posting_country=posting_country,
            covered=[Days(*period) for period in joined(within(periods, *time))],
            uncovered=[Days(*period) for period in gaps(periods, *time)],
        )


def _judge(calendar: Calendar, trip: PlannedTrip) -> None:
    driver = calendar.find(trip.driver)
    if driver is None:
        trip.problems = (problem("driver_unknown", "/driver"),)
        return
    time = date.fromisoformat(trip.first), date.fromisoformat(trip.last)
    key = plate_key(trip.plate).key if trip.plate else None
    trip.missing = [Days(*period) for period in gaps(calendar.periods(driver, trip.country, key), *time)]
    trip.covered = not trip.missing


def _trips(body: bytes) -> list[PlannedTrip]:
    """Reads a plan, with commas or semicolons. Raises `RefusedError` if it has not the columns."""
    try:
        text = body.decode("utf-8-sig")
        head = text.partition("\n")[0]
        rows = csv.DictReader(io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ",")
        names = {str(name).strip().lower(): name for name in rows.fieldnames or ()}
        if names.keys() >= set(_COLUMNS):
            return [_trip(number, row, names) for number, row in enumerate(rows, 2)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise RefusedError("plan_malformed", columns=", ".join(_COLUMNS)) from error
    raise RefusedError("plan_malformed", columns=", ".join(_COLUMNS))


def _trip(line: int, row: Mapping[str, Any], names: Mapping[str, str]) -> PlannedTrip:
    driver, host, first, last = (as_meant((row.get(names[name]) or "").strip()) for name in _COLUMNS)
    plate = as_meant((row.get(names.get("plate", "")) or "").strip())
    host = country(host.upper())
    trip = PlannedTrip(line=line, driver=driver, country=host, first=first, last=last, plate=plate, covered=False)
    found = []
    if host not in POSTING_COUNTRIES:
        found.append(problem("not_a_code", "/country", value=host))
    days = {"from": first, "to": last}
    found += [problem("not_a_date", f"/{name}", value=text) for name, text in days.items() if not _is_day(text)]
    if not found and first > last:
        found.append(problem("end_before_start", "/to", start=first, end=last))
    trip.problems = tuple(found)
    return trip


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _csv(trips: Iterable[PlannedTrip]) -> bytes:
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(("line", *_COLUMNS, "plate", "covered", "missing", "problems"))
    for trip in trips:
        missing = "; ".join(f"{days.first} {days.last}" for days in trip.missing)
        problems = " ".join(found.text for found in trip.problems)
        said = (trip.driver, trip.country, trip.first, trip.last, trip.plate)
        row = (trip.line, *said, "yes" if trip.covered else "no", missing, problems)
        out.writerow([unarmed(cell) for cell in row])
    return text.getvalue().encode()


def _end(asked: dict[str, str], start: date) -> date:
    end = day(asked, "to") or start + timedelta(days=_DAYS)
    if not start <= end <= start + timedelta(days=_MOST_DAYS):
        raise RefusedError("parameter_wrong", name="to", reason=f"send a day up to {_MOST_DAYS} days after `from`")
    return end
