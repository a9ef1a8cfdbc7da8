"""POST /declarations/{id}/renew: the same posting again, from the day after, with what the records say by now."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from ingest.actions import noted
from ingest.bodies import converted, present, read_object
from ingest.declarations.answers import content
from ingest.declarations.changes import answer_version, find, impossible, twice
from ingest.declarations.filters import Filters
from ingest.declarations.judging import judged, line_from
from ingest.declarations.lines import version_of
from ingest.declarations.periods import following
from ingest.declarations.versions import Version, every_version
from ingest.http import RefusedError, Request
from ingest.intake import Intake
from ingest.journal import Guard, Lease, Record, seal
from ingest.mail import email_submitted
from ingest.metrics import accepted_total
from schemas import keys, statements
from schemas.declaration import WIRE_NAMES
from schemas.frame import Entries, Entry
from schemas.identity import declaration_id
from schemas.operator import OperatorCard
from schemas.problem import Problem
from schemas.renewal import NextPeriod

_DRIVERS, _FLEETS = statements.load("ingest", "drivers"), statements.load("ingest", "fleets")
_DAY = timedelta(days=1)
_SAME_DRIVER = ("driver_licence_number", "driver_birth_date")


class RenewedAlreadyError(Exception):
    """There is a declaration for the day on which the renewal would begin."""

    def __init__(self, version: Version) -> None:
        super().__init__(str(version.declaration_id))
        self.version = version


class DriverLeftError(Exception):
    """The driver's contract ends before the renewal would begin."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """A renewal that is judged and can be submitted."""

    entry: Entry
    guards: tuple[Guard, ...]
    warnings: tuple[Problem, ...]


@noted("declaration.renewed")
async def renew(intake: Intake, request: Request) -> None:
    """Handles POST /declarations/{id}/renew."""
    card = await intake.operator(request, "submit", "submit")
    period = converted(present(await read_object(request, optional=True)), NextPeriod)

    async def attempt() -> None:
        await intake.journal.check_room()
        version = await find(intake, request, card)
        if version.state(intake.today()) not in ("SUBMITTED", "EXPIRED"):
            raise impossible(intake, version)
        request.check_if_match(version.etag(intake.today()))
        try:
            renewal = await renewal_of(intake, card, version, period, intake.fresh_id(), intake.now())
        except RenewedAlreadyError as error:
            raise RefusedError("renewed_already", declaration=error.version.declaration_id) from error
        except DriverLeftError as error:
            raise RefusedError("driver_left") from error
        await submit_renewal(intake, renewal)
        renewed = version_of(renewal.entry)
        await email_submitted(intake, renewed, request)
        await answer_version(intake, request, renewed, renewal.warnings, 201)

    await twice(attempt)


async def renewal_of(
    intake: Intake, card: OperatorCard, version: Version, period: NextPeriod, submission: UUID, at: int
) -> Renewal:
    """Makes the declaration that follows a version; `at` in microseconds since 1970.

    A recorded driver's details and a fleet's plates are those of now. The driver's contract bounds the period.
    Raises `RenewedAlreadyError`, `DriverLeftError` or `RefusedError`.
    """
    row, operator_id = version.row, UUID(bytes=card.operator_id)
    start = period.start_date or max(row["end_date"] + _DAY, intake.today())
    end = period.end_date or following(row["start_date"], row["end_date"], start)
    driver = await _record(intake, _DRIVERS["one"], operator_id, row["driver_id"])
    if driver is not None and (left := driver["driver_contract_end"]) is not None:
        if left < start:
            raise DriverLeftError
        end = min(end, left)
    if other := await _declared_on(intake, operator_id, version, start):
        raise RenewedAlreadyError(other)
    said = msgspec.to_builtins(content(version))
    if driver is None:
        said.pop("driverId", None)
    if await _record(intake, _FLEETS["one"], operator_id, row["named_fleet_id"]) is None:
        said.pop("fleetId", None)
    said |= {WIRE_NAMES["start_date"]: start.isoformat(), WIRE_NAMES["end_date"]: end.isoformat()}
    line = line_from(said)
    judgement, guards = await judged(intake, card, line, at, declared=version.plates)
    entry = Entry(line, judgement, card, declaration_id(submission, 1).bytes, 1, False, at, at)
    shard = keys.shard_of(card.operator_id, intake.journal.shards)
    once = Guard(keys.renewal(shard, version.declaration_id), start.toordinal())
    return Renewal(entry, (once, *guards), judgement.problems)


async def submit_renewal(
    intake: Intake, renewal: Renewal, records: tuple[Record, ...] = (), lease: Lease | None = None
) -> None:
    """Puts a renewal into the journal. Raises `VersionConflictError` if another one was quicker."""
    entries = Entries()
    entries.add(renewal.entry)
    shard = keys.shard_of(renewal.entry.card.operator_id, intake.journal.shards)
    await intake.journal.commit({shard: [seal(entries)]}, records, lease, renewal.guards)
    accepted_total.inc()


async def _record(intake: Intake, statement: str, operator_id: UUID, key: UUID | None) -> asyncpg.Record | None:
    return None if key is None else await intake.pool.fetchrow(statement, operator_id, key)


async def _declared_on(intake: Intake, operator_id: UUID, version: Version, day: date) -> Version | None:
    """Finds another declaration of the same driver for the same country that covers a day."""
    row = version.row
    filters = Filters(
        posting_country=row["posting_country"],
        withdrawn=False,
        start_to=day,
        end_from=day,
        driver_id=row["driver_id"],
        drafts=False,
    )
    async for versions in every_version(intake, operator_id, filters, plates=False):
        for other in versions:
            if other.declaration_id != version.declaration_id and _same_driver(row, other.row):
                return other
    return None


def _same_driver(row: dict[str, Any], other: dict[str, Any]) -> bool:
    return row["driver_id"] is not None or all(row[name] == other[name] for name in _SAME_DRIVER)
