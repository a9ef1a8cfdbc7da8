"""A block of declarations as columns: where each field's value stands in the bytes, and no Python object a line.

Plain lines, which are nearly all that is sent, are proved to fit the contract while they are read (`schemas/scan.py`):
each field once, no escapes, no control characters. Any other line is left to msgspec.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from schemas.declaration import WIRE_NAMES
from schemas.scan import PADDING, lines_in, scan
from schemas.tables import TABLES

__all__ = ["FIELDS", "PADDING", "PLACE", "Columns", "columns_of"]

FIELDS = tuple(WIRE_NAMES)
PLACE = {name: place for place, name in enumerate(FIELDS)}
_LISTS = ("operation_types", "transport_types", "plates", "plates_light", "plates_heavy")
_DATES = ("start_date", "end_date", "driver_birth_date", "driver_contract_start")
_FLAGS = ("contact_is_transport_manager",)


@dataclass(frozen=True, slots=True)
class Columns:
    """A block of lines, each ended by a newline, and where its values stand.

    `data` is the `block` as numbers with `PADDING` behind it; line i is `block[begins[i] : begins[i + 1]]`.
    `spans[i, field]` are the first byte of a value and the one behind it, without quotation marks, both 0 where the
    field is not set, is null or false; lists are left as JSON. Lines that are `plain` fit the contract
    (schemas/declaration.py) but for what is in their lists; of the others no span counts.
    """

    block: bytes
    data: NDArray[np.uint8]
    begins: NDArray[np.int32]
    spans: NDArray[np.int32]
    plain: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.plain)

    def line(self, line: int) -> bytes:
        """Gives a line without its newline."""
        return self.block[self.begins[line] : self.begins[line + 1] - 1]

    def texts(self, lines: NDArray[np.int32], field: str) -> list[str | None]:
        """Gives the texts of one field on some lines, None where not set."""
        block, spans = self.block, self.spans[lines, PLACE[field]].tolist()
        return [block[begin:end].decode() if begin else None for begin, end in spans]

    def values(self, line: int, fields: Sequence[str]) -> tuple[Any, ...]:
        """Gives values of a line as Python has them: text, date, flag, bytes of a list, None where not set."""
        spans = self.spans[line].tolist()
        return tuple([_value(name, self.block, *spans[PLACE[name]]) for name in fields])


def _value(name: str, block: bytes, begin: int, end: int) -> Any:
    if name in _FLAGS:
        return begin > 0
    if name in _LISTS:
        return block[begin:end] if begin else b"[]"
    if not begin:
        return None
    text = block[begin:end].decode()
    return date.fromisoformat(text) if name in _DATES else text


def columns_of(block: bytes) -> Columns:
    """Finds the values of a block of lines; it ends with a newline."""
    data = np.empty(len(block) + PADDING, np.uint8)
    data[: len(block)] = np.frombuffer(block, np.uint8)
    data[len(block) :] = 0
    lines = lines_in(data)
    begins = np.empty(lines + 1, np.int32)
    spans = np.zeros((lines, len(FIELDS), 2), np.int32)
    plain = np.empty(lines, np.bool_)
    scan(data, TABLES, begins, spans, plain)
    return Columns(block, data, begins, spans, plain)
