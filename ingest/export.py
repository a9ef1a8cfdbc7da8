"""GET /export: all that an operator has here, streamed as NDJSON, CSV or Parquet."""

from collections.abc import AsyncIterator
from uuid import UUID

import pyarrow as pa
from msgspec import Struct, inspect

from ingest.declarations.answers import detail
from ingest.declarations.filters import filters_of
from ingest.declarations.versions import every_version, history_of
from ingest.formats import FORMATS, Said, Writer, fields_of, writer_of
from ingest.http import RefusedError, Request
from ingest.intake import Intake
from ingest.paging import MOST
from schemas import statements
from schemas.declared import DeclarationDetail
from schemas.driver import Driver
from schemas.fleet import NamedFleet
from schemas.vehicle import Vehicle

_SQL = statements.load("ingest", "export")
_BLOCK = 128 << 10
_DECLARATIONS = fields_of(DeclarationDetail, ("warnings", "declarationEmailStatus"))
#: The registers: what they hold, the column of the id and its name on the wire.
_REGISTERS: dict[str, tuple[type[Struct], str, str]] = {
    "drivers": (Driver, "driver_id", "driverId"),
    "plate-numbers": (Vehicle, "plate_number_id", "plateNumberId"),
    "fleets": (NamedFleet, "named_fleet_id", "fleetId"),
}
_EXPORTED = ("declarations", *_REGISTERS)


async def export(intake: Intake, request: Request) -> None:
    """Handles GET /export: `of` what (declarations if it is left out), in which `format` (or as Accept says)."""
    operator_id = UUID(bytes=(await intake.operator(request, "read", "bulk")).operator_id)
    asked = request.parameters()
    of = asked.get("of") or "declarations"
    if of not in _EXPORTED:
        raise RefusedError("parameter_wrong", name="of", reason=f"send one of {', '.join(_EXPORTED)}")
    make_writer = writer_of(asked.get("format") or None, request.header(b"accept"))
    if make_writer is None:
        raise RefusedError("parameter_wrong", name="format", reason=f"send one of {', '.join(FORMATS)}")
    if of in _REGISTERS:
        kind, _, key = _REGISTERS[of]
        writer, rows = make_writer({key: pa.string()} | fields_of(kind)), _records(intake, operator_id, of)
    else:
        writer, rows = make_writer(_DECLARATIONS), _declarations(intake, operator_id, asked)
    # What is wrong with the filters is a refusal, which cannot come once the answer has begun.
    first = await anext(rows, None)
    name = f"{of}-{intake.today()}.{writer.suffix}"
    headers = ((b"content-disposition", f'attachment; filename="{name}"'.encode()),)
    await request.stream(200, _pieces(writer, first, rows), writer.media_type.encode(), *headers)


async def _pieces(writer: Writer, first: list[Said] | None, rows: AsyncIterator[list[Said]]) -> AsyncIterator[bytes]:
    piece = bytearray(writer.rows(first or []))
    async for some in rows:
        piece += writer.rows(some)
        if len(piece) >= _BLOCK:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece) + writer.end()


async def _declarations(intake: Intake, operator_id: UUID, asked: dict[str, str]) -> AsyncIterator[list[Said]]:
    today = intake.today()
    history = asked.get("versions") == "all"
    async for versions in every_version(intake, operator_id, filters_of(asked, today)):
        drafts = [version for version in versions if not version.number] if history else []
        shown = [*drafts, *await history_of(intake, operator_id, versions)] if history else versions
        yield [detail(version, today) for version in shown]


async def _records(intake: Intake, operator_id: UUID, of: str) -> AsyncIterator[list[Said]]:
    kind, key, wire_key = _REGISTERS[of]
    struct = inspect.type_info(kind)
    assert isinstance(struct, inspect.StructType)
    columns = {key: wire_key} | {field.name: field.encode_name for field in struct.fields}
    after = UUID(int=0)
    while rows := await intake.pool.fetch(_SQL[of.replace("-", "_")], operator_id, after, MOST):
        after = rows[-1][key]
        yield [{wire: value for name, wire in columns.items() if (value := row[name]) is not None} for row in rows]
