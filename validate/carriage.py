"""Rules over what is carried and how: Directive (EU) 2020/1057, Article 1(11)(a)(vii)."""

from collections.abc import Callable
from typing import Annotated, NamedTuple, get_args

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


class Carriage(NamedTuple):
    """What is carried and how, with what is wrong with the lists that say so."""

    cabotage: bool
    international: bool
    goods: bool
    passengers: bool
    problems: Found


def read_carriage(raw: tuple[bytes, bytes]) -> Carriage:
    """Reads and judges the raw lists of operation types and of transport types."""
    operations, transports = raw
    cabotage, international, about_operations = _read(
        operations, "operation_types", _decode_operations, CABOTAGE, INTERNATIONAL
    )
    goods, passengers, about_transports = _read(transports, "transport_types", _decode_transports, GOODS, PASSENGERS)
    return Carriage(cabotage, international, goods, passengers, about_operations + about_transports)


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
