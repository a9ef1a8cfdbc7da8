"""/renewals: standing orders to renew, reminders of them, and the worker's part in keeping them.

Renewed `leadDays` before the end, from the day after it: no minute between the two is uncovered. Each order has
an hour of the day of its own, so that what a continent renews on one day is spread over it.
"""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog

from ingest.actions import noted
from ingest.bodies import converted, present, read_object
from ingest.declarations.changes import twice
from ingest.declarations.filters import Filters
from ingest.declarations.lines import moment, version_of
from ingest.declarations.versions import Version, every_version, newest_version
from ingest.events import note
from ingest.http import RefusedError, Request
from ingest.intake import Intake
from ingest.mail import email_submitted
from ingest.paging import MOST, answer_page, identifier, page_of
from ingest.renewal import DriverLeftError, RenewedAlreadyError, renewal_of, submit_renewal
from schemas import statements
from schemas.codes import country
from schemas.operator import OperatorCard
from schemas.renewal import REMINDERS, NextPeriod, StandingOrder, StandingRenewal
from store.postgres import POSTGRES_AWAY
from validate.problems import problem

_SQL = statements.load("ingest", "renewals")
_encode = msgspec.json.Encoder().encode
_log = structlog.get_logger("renewals")
_DAY = timedelta(days=1)
#: Of the day's seconds, those over which the work is spread; the rest is there to catch up.
_SPREAD_SECONDS = 20 * 3600
Row = Mapping[str, Any]


@noted("renewal.ordered")
async def order_renewal(intake: Intake, request: Request) -> None:
    """Handles POST /renewals: one order for each country in which the driver is declared, or for the one named."""
    card = await intake.operator(request, "submit", "change")
    order = converted(present(await read_object(request)), StandingOrder)
    operator_id, driver_id = UUID(bytes=card.operator_id), _uuid(order.driver_id)
    host = country(order.posting_country) if order.posting_country else None
    chains = await _chains(intake, operator_id, driver_id, host)
    if not chains:
        raise RefusedError("content_refused", problem("nothing_to_renew", "/driverId"))
    now = moment(intake.now())
    made = []
    async with intake.pool.acquire() as connection, connection.transaction():
        for version in chains.values():
            row = version.row
            end, posting_country = row["end_date"], row["posting_country"]
            due = _due(driver_id, posting_country, _next_day(end, order.lead_days, None, intake.today() - _DAY))
            arguments = (order.lead_days, version.declaration_id, end, due, now)
            made.append(
                await connection.fetchrow(
                    _SQL["order"], operator_id, intake.fresh_id(), driver_id, posting_country, *arguments
                )
            )
    items = [_shown(row) for row in made]
    await request.answer(201, _encode({"count": len(items), "items": items, "lastEvaluatedKey": None}))


async def list_renewals(intake: Intake, request: Request) -> None:
    """Handles GET /renewals."""
    operator_id = UUID(bytes=(await intake.operator(request, "read")).operator_id)
    asked = request.parameters()
    page, host = page_of(asked, default=MOST), asked.get("postingCountry")
    filters = (identifier(asked, "driverId"), country(host.upper()) if host else None)
    rows = await intake.pool.fetch(_SQL["page"], operator_id, page.after, page.limit + 1, *filters)
    shown = rows[: page.limit]
    last_key = shown[-1]["renewal_id"] if len(rows) > page.limit else None
    await answer_page(request, [_shown(row) for row in shown], last_key)


async def read_renewal(intake: Intake, request: Request) -> None:
    """Handles GET /renewals/{id}."""
    operator_id = UUID(bytes=(await intake.operator(request, "read")).operator_id)
    row = await intake.pool.fetchrow(_SQL["one"], operator_id, request.identifier("renewal_id"))
    if row is None:
        raise RefusedError("not_found")
    await request.answer_unless_known(_encode(_shown(row)))


@noted("renewal.stopped")
async def stop_renewal(intake: Intake, request: Request) -> None:
    """Handles DELETE /renewals/{id}: nothing more is renewed under it; what was declared stays."""
    operator_id = UUID(bytes=(await intake.operator(request, "prepare", "change")).operator_id)
    row = await intake.pool.fetchrow(_SQL["one"], operator_id, request.identifier("renewal_id"))
    if row is None:
        raise RefusedError("not_found")
    await _stop(intake, row, "deleted")
    await request.answer(200, b"{}")


async def stop_of_withdrawn(intake: Intake, operator_id: UUID, declaration_id: UUID) -> None:
    """Stops what would have followed a declaration that was withdrawn."""
    now = moment(intake.now())
    with suppress(*POSTGRES_AWAY):  # the worker finds out when the renewal is due
        async with intake.pool.acquire() as connection, connection.transaction():
            for row in await connection.fetch(_SQL["stop_of_declaration"], operator_id, declaration_id, now):
                await _note(connection, row, "renewal.stopped", now, because="withdrawn")


async def keep_renewals(intake: Intake, most: int) -> int:
    """Does what is due of up to `most` standing renewals, reminders and renewals; gives how many were looked at."""
    rows = await intake.pool.fetch(_SQL["take_due"], moment(intake.now()), most)
    for row in rows:
        try:
            await _keep(intake, row)
        except RefusedError as error:
            await _refused(intake, row, error)
        except Exception as error:  # one order must not hold up the others; it is taken again in ten minutes
            _log.error("renewal_failed", renewal=str(row["renewal_id"]), kind=type(error).__name__)
    return len(rows)


async def _keep(intake: Intake, row: Row) -> None:
    operator_id, today = row["operator_id"], intake.today()
    chain = (await _chains(intake, operator_id, row["driver_id"], row["posting_country"])).get(row["posting_country"])
    last = chain or await newest_version(intake, operator_id, row["declaration_id"])
    if last is None or last.row["withdrawn"]:
        await _stop(intake, row, "withdrawn")
        return
    end, reminded = last.row["end_date"], row["reminded"] if last.row["end_date"] == row["covered_until"] else None
    renews_on = end - row["lead_days"] * _DAY
    if today >= renews_on:
        await _renew(intake, row, last)
        return
    ahead = min((days for days in REMINDERS if today >= renews_on - days * _DAY), default=None)
    if ahead is not None and (reminded is None or ahead < reminded):
        reminded = ahead
        async with intake.pool.acquire() as connection, connection.transaction():
            now = moment(intake.now())
            await _note(connection, row, "renewal.reminder", now, renewsOn=renews_on, coveredUntil=end, daysLeft=ahead)
            await _wait(connection, row, last.declaration_id, end, reminded, today)
        return
    await _wait(intake.pool, row, last.declaration_id, end, reminded, today)


async def _renew(intake: Intake, row: Row, last: Version) -> None:
    """Submits the next declaration once, however often this is tried, and notes it."""
    operator_id = row["operator_id"]
    card = OperatorCard(operator_id.bytes, row["country"])
    key = f"renewal {row['renewal_id']} after {last.declaration_id}"
    claim = await intake.idempotency.claim(operator_id, key, intake.fresh_id(), intake.now())

    async def attempt() -> Version:
        if claim.receipt is not None:
            declared = await newest_version(intake, operator_id, UUID(claim.receipt.decode()))
            assert declared is not None
            return declared
        submission, at = claim.submission_id, claim.received_at
        renewal = await renewal_of(intake, card, last, NextPeriod(), submission, at)
        version = version_of(renewal.entry)
        done = claim.done("", str(version.declaration_id).encode())
        await submit_renewal(intake, renewal, (done,), claim.lease)
        await email_submitted(intake, version)
        return version

    try:
        async with intake.idempotency.held(claim):
            version = await twice(attempt)
    except DriverLeftError:
        await _stop(intake, row, "driver_left")
        return
    except RenewedAlreadyError as error:
        version = error.version
    async with intake.pool.acquire() as connection, connection.transaction():
        details = {"declarationId": str(version.declaration_id), "renewed": str(last.declaration_id)}
        await _note(connection, row, "renewal.submitted", moment(intake.now()), **details)
        await _wait(connection, row, version.declaration_id, version.row["end_date"], None, intake.today())


async def _refused(intake: Intake, row: Row, error: RefusedError) -> None:
    """Tells the operator that a renewal was refused, once a day until the old declaration has ended."""
    today, now = intake.today(), moment(intake.now())
    if row["covered_until"] < today:
        await _stop(intake, row, "not_renewed")
        return
    codes = [found.code for found in error.problems] or [error.code]
    async with intake.pool.acquire() as connection, connection.transaction():
        await _note(connection, row, "renewal.refused", now, codes=codes, coveredUntil=row["covered_until"])
        due = _due(row["driver_id"], row["posting_country"], today + _DAY)
        arguments = (row["declaration_id"], row["covered_until"], row["reminded"], due)
        await connection.execute(_SQL["wait"], row["operator_id"], row["renewal_id"], *arguments)


async def _chains(
    intake: Intake, operator_id: UUID, driver_id: UUID, posting_country: str | None
) -> dict[str, Version]:
    """Finds, for each country in which a driver is declared now or later, the declaration that ends last."""
    filters = Filters(
        driver_id=driver_id, posting_country=posting_country, withdrawn=False, end_from=intake.today(), drafts=False
    )
    found: dict[str, Version] = {}
    async for versions in every_version(intake, operator_id, filters, plates=True):
        for version in versions:
            host = version.row["posting_country"]
            if host not in found or version.row["end_date"] > found[host].row["end_date"]:
                found[host] = version
    return found


async def _wait(connection: Any, row: Row, declaration_id: UUID, end: date, reminded: int | None, today: date) -> None:
    due = _due(row["driver_id"], row["posting_country"], _next_day(end, row["lead_days"], reminded, today))
    arguments = (declaration_id, end, reminded, due)
    await connection.execute(_SQL["wait"], row["operator_id"], row["renewal_id"], *arguments)


async def _stop(intake: Intake, row: Row, because: str) -> None:
    now = moment(intake.now())
    async with intake.pool.acquire() as connection, connection.transaction():
        stopped = await connection.fetchrow(_SQL["stop"], row["operator_id"], row["renewal_id"], now, because)
        if stopped is not None:
            await _note(connection, row, "renewal.stopped", now, because=because)


async def _note(connection: Any, row: Row, kind: str, now: datetime, **details: Any) -> None:
    said = {"driverId": str(row["driver_id"]), "declarationPostingCountry": row["posting_country"]} | details
    await note(connection, row["operator_id"], kind, now, row["renewal_id"], said)


def _next_day(end: date, lead_days: int, reminded: int | None, today: date) -> date:
    """Gives the first day after `today` with something to be done: a reminder that is still owed, or the renewal."""
    renews_on = end - lead_days * _DAY
    left = [days for days in REMINDERS if reminded is None or days < reminded]
    ahead = [renews_on - days * _DAY for days in left]
    return min([day for day in (*ahead, renews_on) if day > today], default=today)


def _due(driver_id: UUID, posting_country: str, day: date) -> datetime:
    """Gives the hour of a day that is the order's own."""
    digest = hashlib.blake2b(driver_id.bytes + posting_country.encode(), digest_size=4).digest()
    offset = timedelta(seconds=int.from_bytes(digest) % _SPREAD_SECONDS)
    return datetime.combine(day, time(), UTC) + offset


def _shown(row: Row) -> StandingRenewal:
    stopped = row["stopped_at"]
    return StandingRenewal(
        renewal_id=str(row["renewal_id"]),
        driver_id=str(row["driver_id"]),
        posting_country=row["posting_country"],
        lead_days=row["lead_days"],
        declaration_id=str(row["declaration_id"]),
        covered_until=row["covered_until"],
        renews_on=None if stopped else row["covered_until"] - row["lead_days"] * _DAY,
        stopped_at=stopped,
        stopped_because=row["stopped_because"],
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise RefusedError("content_refused", problem("not_a_uuid", "/driverId", value=text)) from error
