"""Rules over what is carried and how: Directive (EU) 2020/1057, Article 1(11)(a)(vii)."""

from collections.abc import Callable
from typing import Annotated, get_args

import msgspec
from msgspec import Meta

from schemas.codes import OperationType, TransportType
from schemas.declaration import WIRE_NAMES
from validate.contract import explain_value
from validate.problems import NOTHING, Found, problem

CABOTAGE, INTERNATIONAL = get_args(OperationType)
GOODS, PASSENGERS = get_args(TransportType)

_Decode = Callable[[bytes], list[str]]
_decode_operations: _Decode = msgspec.json.Decoder(
    Annotated[list[OperationType], Meta(min_length=1, max_length=2)]
).decode
_decode_transports: _Decode = msgspec.json.Decoder(
    Annotated[list[TransportType], Meta(min_length=1, max_length=2)]
).decode


def read_operations(raw: bytes) -> tuple[bool, bool, Found]:
    """Reads the raw list of operation types: cabotage, international, and what is wrong with it."""
    return _read(raw, "operation_types", _decode_operations, CABOTAGE, INTERNATIONAL)


def read_transports(raw: bytes) -> tuple[bool, bool, Found]:
    """Reads the raw list of transport types: goods, passengers, and what is wrong with it."""
    return _read(raw, "transport_types", _decode_transports, GOODS, PASSENGERS)


def _read(raw: bytes, name: str, decode: _Decode, first: str, second: str) -> tuple[bool, bool, Found]:
    field = WIRE_NAMES[name]
    try:
        codes = decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False, False, explain_value(raw, field)
    found = NOTHING
    if len(set(codes)) < len(codes):
        other = second if codes[0] == first else first
        found = (problem("duplicate_code", f"/{field}/1", value=codes[0], other=other),)
    return first in codes, second in codes, found
