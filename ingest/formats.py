"""Rows as NDJSON, CSV or Parquet, written some at a time in bounded memory."""

import csv
import io
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import inspect

from schemas.cells import unarmed

_encode = msgspec.json.Encoder().encode
_ROW_GROUP = 16_000
Said = Mapping[str, Any]
#: The members of a row by their names on the wire, each with its column's type.
Fields = dict[str, pa.DataType]


def fields_of(kind: type[msgspec.Struct], left_out: Collection[str] = ()) -> Fields:
    """Gives the members of a struct, without those `left_out`."""
    struct = inspect.type_info(kind)
    assert isinstance(struct, inspect.StructType)
    members = {field.encode_name: _column(field.type) for field in struct.fields}
    return {name: column for name, column in members.items() if name not in left_out}


class Writer(Protocol):
    """Writes rows in one format, some at a time; `end` gives what comes after the last of them."""

    media_type: str
    suffix: str

    def rows(self, rows: Sequence[Said]) -> bytes: ...
    def end(self) -> bytes: ...


class _Ndjson:
    media_type, suffix = "application/x-ndjson", "ndjson"

    def __init__(self, _fields: Fields) -> None:
        return

    def rows(self, rows: Sequence[Said]) -> bytes:
        return b"".join(_encode(row) + b"\n" for row in rows)

    def end(self) -> bytes:
        return b""


class _Csv:
    media_type, suffix = "text/csv; charset=utf-8", "csv"

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._text = io.StringIO()
        self._out = csv.writer(self._text)
        self._out.writerow(fields)

    def rows(self, rows: Sequence[Said]) -> bytes:
        self._out.writerows([_cell(row.get(name)) for name in self._fields] for row in rows)
        return self.end()

    def end(self) -> bytes:
        written = self._text.getvalue()
        self._text.seek(0)
        self._text.truncate()
        return written.encode()


class _Parquet:
    media_type, suffix = "application/vnd.apache.parquet", "parquet"

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._sink = _Sink()
        schema = pa.schema(list(fields.items()))
        self._file = pq.ParquetWriter(pa.PythonFile(self._sink, "w"), schema, compression="zstd")
        self._waiting: list[Said] = []

    def rows(self, rows: Sequence[Said]) -> bytes:
        self._waiting += rows
        if len(self._waiting) >= _ROW_GROUP:
            self._write()
        return self._sink.take()

    def end(self) -> bytes:
        if self._waiting:
            self._write()
        self._file.close()
        return self._sink.take()

    def _write(self) -> None:
        rows, self._waiting = self._waiting, []
        columns = {name: _array([row.get(name) for row in rows], kind) for name, kind in self._fields.items()}
        self._file.write_table(pa.table(columns))


class _Sink(io.RawIOBase):
    """A file that is read away while it is written."""

    def __init__(self) -> None:
        self._written = bytearray()
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._written += data
        self._position += len(data)
        return len(data)

    def tell(self) -> int:
        return self._position

    def take(self) -> bytes:
        """Gives what was written since the last time."""
        taken = bytes(self._written)
        self._written.clear()
        return taken


_WRITERS: dict[str, type[_Ndjson] | type[_Csv] | type[_Parquet]] = {
    writer.suffix: writer for writer in (_Ndjson, _Csv, _Parquet)
}
FORMATS = tuple(_WRITERS)


def _column(kind: inspect.Type) -> pa.DataType:
    """Gives the column type of a member."""
    match kind:
        case inspect.UnionType():
            return _column(next(one for one in kind.types if not isinstance(one, inspect.NoneType)))
        case inspect.DateType():
            return pa.date32()
        case inspect.DateTimeType():
            return pa.timestamp("ms", tz="UTC")
        case inspect.BoolType():
            return pa.bool_()
        case inspect.IntType():
            return pa.int32()
        case inspect.ListType():
            return pa.list_(_column(kind.item_type))
    return pa.string()


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(kind):
        return pa.array(values, pa.string()).cast(kind)
    return pa.array([str(value) if isinstance(value, UUID) else value for value in values], kind)


def _cell(value: Any) -> Any:
    match value:
        case list():
            return unarmed(";".join(value))
        case bool():
            return "true" if value else "false"
        case date() | datetime():
            return value.isoformat()
    return unarmed(value)


def writer_of(name: str | None, accept: str) -> Callable[[Fields], Writer] | None:
    """Gives the writer of a format, or the first that an Accept header names; None if there is no such format."""
    if name is not None:
        return _WRITERS.get(name)
    accepted = (writer for writer in _WRITERS.values() if writer.media_type.partition(";")[0] in accept)
    return next(accepted, _Ndjson)
