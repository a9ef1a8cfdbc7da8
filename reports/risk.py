"""The risk band of a transport undertaking: Implementing Regulation (EU) 2022/695 (domain.md 6.5)."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from importlib.resources import files
from math import floor
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from reports.checks.hints import Tally
from schemas import statements
from store.operators import Connection, OperatorUnknownError

_SQL = statements.load("reports", "risk")
_HINTS = statements.load("reports", "hints")

Band = Literal["grey", "green", "amber", "red"]
LicenceStatus = Literal["VALID", "SUSPENDED", "WITHDRAWN", "EXPIRED", "NOT_IN_REGISTER", "UNKNOWN"]


class BandUntil(Struct):
    """A band and the highest score in it."""

    name: Band
    until: int | None = None


class Formula(Struct, rename={"bands": "band"}):
    """What stands in reports/data/risk.toml."""

    years: int
    smart_tachograph_factor: str
    weights: dict[str, int]
    bands: list[BandUntil]


#: Weights, window and bands as the Regulation has them.
FORMULA = msgspec.toml.decode((files("reports") / "data" / "risk.toml").read_bytes(), type=Formula)


class Check(Struct, frozen=True, rename="camel"):
    """A check of an undertaking, roadside or at its premises, with the infringements found by their gravity."""

    reference: str
    checked_on: date
    host: str
    vehicles_checked: int
    minor: int = 0
    serious: int = 0
    very_serious: int = 0
    most_serious: int = 0

    @property
    def points(self) -> Fraction:
        """Weighted infringements for each vehicle checked."""
        weighed = sum(weight * int(getattr(self, gravity)) for gravity, weight in FORMULA.weights.items())
        return Fraction(weighed, self.vehicles_checked)


class Rating(Struct, frozen=True, rename="camel"):
    """A band with how it came about; `score` is None, and the band grey, without a check in the window."""

    band: Band
    score: float | None
    checks: int
    factor: float
    since: date
    until: date


class Manager(Struct, frozen=True, rename="camel"):
    """A transport manager of the undertaking as the register has it."""

    name: str
    external: bool
    unfit: bool | None


class RiskCard(Struct, frozen=True, rename="camel"):
    """What is known of an operator; what no loaded register tells is UNKNOWN or None, never taken as good."""

    operator_id: UUID
    name: str
    country: str
    licence_number: str | None
    licence_status: LicenceStatus
    certified_copies: int | None
    managers: list[Manager] | None
    rating: Rating | None
    checks: list[Check]
    hints: list[Tally]


def rate(checks: Sequence[Check], as_of: date, *, all_smart_tachographs: bool) -> Rating:
    """Gives the band of an undertaking on a day, from those of its checks that lie in the window.

    Exact fractions until the end; the score is rounded half up to a whole number to read the band, because the
    bands are published as whole numbers (0-100, 101-200, 201 and more).
    """
    since = _years_before(as_of, FORMULA.years)
    counted = [check for check in checks if since < check.checked_on <= as_of]
    factor = Fraction(FORMULA.smart_tachograph_factor) if all_smart_tachographs else Fraction(1)
    if not counted:
        return Rating("grey", None, 0, float(factor), since, as_of)
    score = sum((check.points for check in counted), Fraction(0)) / len(counted) * factor
    whole = floor(score + Fraction(1, 2))
    band = next(band.name for band in FORMULA.bands if band.until is None or whole <= band.until)
    return Rating(band, float(score), len(counted), float(factor), since, as_of)


async def risk_card(connection: Connection, operator_id: UUID, host: str | None, as_of: date) -> RiskCard:
    """Gives what is known of an operator on a day, with the hints of `host` only (None for all).

    Raises `OperatorUnknownError`.
    """
    operator = await connection.fetchrow(_SQL["operator"], operator_id)
    if operator is None:
        raise OperatorUnknownError(f"there is no operator {operator_id}")
    entry = (operator["country"], operator["licence_key"])
    loaded = {row["record"] for row in await connection.fetch(_SQL["loaded"], operator["country"])}
    status, copies = await _licence(connection, entry, as_of) if "licence" in loaded else ("UNKNOWN", None)
    managers = None
    if "manager" in loaded:
        managers = [Manager(**row) for row in await connection.fetch(_SQL["managers"], *entry, as_of)]
    checks: list[Check] = []
    rating = None
    if "check" in loaded:
        since = _years_before(as_of, FORMULA.years)
        checks = [Check(**row) for row in await connection.fetch(_SQL["checks"], *entry, since, as_of)]
        smart = "vehicle" in loaded and await connection.fetchval(_SQL["tachographs"], *entry)
        rating = rate(checks, as_of, all_smart_tachographs=bool(smart))
    hints = [Tally(**row) for row in await connection.fetch(_HINTS["count_of_operator"], host, operator_id)]
    own = (operator["operator_id"], operator["name"], operator["country"], operator["licence_number"])
    return RiskCard(*own, status, copies, managers, rating, checks, hints)


async def _licence(
    connection: Connection, entry: tuple[str, str | None], as_of: date
) -> tuple[LicenceStatus, int | None]:
    row = await connection.fetchrow(_SQL["licence"], *entry)
    if row is None:
        return "NOT_IN_REGISTER", None
    lapsed = row["status"] == "VALID" and row["valid_until"] is not None and row["valid_until"] < as_of
    return "EXPIRED" if lapsed else row["status"], row["certified_copies"]


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
