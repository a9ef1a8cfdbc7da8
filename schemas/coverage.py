"""What is covered: a driver in a country day by day, or a trip that is planned (domain.md 8.1)."""

from datetime import date

from msgspec import Struct, field

from schemas.declaration import Identifier
from schemas.problem import Problem


class Days(Struct, frozen=True):
    """Days from the first to the last, both included."""

    first: date = field(name="from")
    last: date = field(name="to")


class Coverage(Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """One driver in one country: the days that declarations cover, and the days that none does."""

    driver_id: Identifier | None = None
    driver_full_name: str = field(name="driverLatinFullName")
    driver_license_number: str | None = None
    posting_country: str = field(name="declarationPostingCountry")
    covered: list[Days]
    uncovered: list[Days]


class CoverageAnswer(Struct, rename="camel"):
    """Coverage in a time, by driver and country; `uncovered` counts the items that have days without cover."""

    first: date = field(name="from")
    last: date = field(name="to")
    count: int
    uncovered: int
    items: list[Coverage]


class PlannedTrip(Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """A line of a plan and the days that are missing for it; `problems` say what could not be understood."""

    line: int
    driver: str
    country: str
    first: str = field(name="from")
    last: str = field(name="to")
    plate: str = ""
    covered: bool
    missing: list[Days] = []
    problems: tuple[Problem, ...] = ()


class PlanAnswer(Struct, rename="camel"):
    """The verdict on each planned trip; `uncovered` counts those that lack something."""

    count: int
    uncovered: int
    items: list[PlannedTrip]
