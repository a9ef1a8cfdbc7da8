"""/plate-numbers/files: the vehicle register from CSV or XLSX, and back as the official template (domain.md 3.4)."""

import asyncio
from collections.abc import Iterator
from typing import BinaryIO
from uuid import UUID

import asyncpg
import msgspec

from ingest.actions import noted
from ingest.declarations.lines import moment
from ingest.files.answers import TakenVehicles
from ingest.files.body import Table, receive_file, spool
from ingest.files.columns import names
from ingest.files.declarations import XLSX
from ingest.files.official import COLUMNS, NO_WEIGHT, official_template
from ingest.findings import LineFinding
from ingest.http import RefusedError, Request
from ingest.intake import Intake
from ingest.language import worded
from ingest.vehicles import columns, judged
from schemas import statements
from schemas.vehicle import Vehicle
from validate.problems import problem

_SQL = statements.load("ingest", "vehicle_files")
_ANSWERED = ("plateNumberId", "operatorId")
_FIELDS = ("plateNumber", "registrationCountry", "transportType", "vehicleWeight", "externalReference")
KNOWN = names(COLUMNS | {name: name for name in (*_FIELDS, *_ANSWERED)})
_MOST_ROWS = 100_000
_encode = msgspec.json.Encoder().encode


@noted("vehicles.taken")
async def take_vehicles(intake: Intake, request: Request) -> None:
    """Handles POST /plate-numbers/files: a bad row never refuses its neighbours."""
    operator_id = UUID(bytes=(await intake.operator(request, "prepare", "bulk")).operator_id)
    with spool() as file:
        await receive_file(request, file)
        good, refused = await asyncio.to_thread(_judge, file)
    created = changed = 0
    if good and not request.asks(b"dryRun"):
        now = moment(intake.now())
        ids = [intake.fresh_id() for _ in good]
        try:
            created, changed = await intake.pool.fetchrow(_SQL["take"], operator_id, ids, now, *zip(*good, strict=True))
        except asyncpg.UniqueViolationError as error:
            raise RefusedError("content_refused", problem("references_clash", "/externalReference")) from error
    refused = [LineFinding(one.line, one.accepted, worded(one.problems, request)) for one in refused]
    answer = TakenVehicles(created, changed, len(good) - created - changed, len(refused), refused)
    await request.answer(200, _encode(answer))


async def read_vehicles(intake: Intake, request: Request) -> None:
    """Handles GET /plate-numbers/files: the official template with the vehicles of the register, or `?empty=true`."""
    operator_id = UUID(bytes=(await intake.operator(request, "read")).operator_id)
    rows = [] if request.asks(b"empty") else await intake.pool.fetch(_SQL["all"], operator_id)
    vehicles = [tuple(row) for row in rows]
    body = await asyncio.to_thread(official_template, vehicles)
    await request.answer(200, body, XLSX, (b"content-disposition", b'attachment; filename="vehicles.xlsx"'))


def _judge(file: BinaryIO) -> tuple[list[tuple[str | None, ...]], list[LineFinding]]:
    """Judges all rows; of a vehicle that comes twice the last row counts."""
    table = Table(file, KNOWN)
    good: dict[tuple[str | None, ...], tuple[str | None, ...]] = {}
    refused: list[LineFinding] = []
    for number, said in _said(table):
        try:
            vehicle: Vehicle = judged(said)
        except RefusedError as error:
            refused.append(LineFinding(number, False, error.problems))
        else:
            row = columns(vehicle)
            good[row[:3]] = row
    return list(good.values()), refused


def _said(table: Table) -> Iterator[tuple[int, dict[str, str]]]:
    for number, row in enumerate(table.rows(), table.heading_row + 1):
        said = {name: cell for name, cell in table.columns.given(row).items() if name not in _ANSWERED}
        if said.get("vehicleWeight") == NO_WEIGHT:
            del said["vehicleWeight"]
        if said:
            yield number, said
        if number > _MOST_ROWS:
            raise RefusedError("file_too_large", maximum=_MOST_ROWS, unit="rows")
