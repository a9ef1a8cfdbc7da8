"""Fields that stand twice in a declaration: the decoder takes the last one and says nothing, so they are counted."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import astuple

from schemas.declaration import NO_PLATES, DeclarationLine
from validate.contract import explain
from validate.problems import NOTHING, Found

_FIELDS = DeclarationLine.__struct_fields__
_FLAG = _FIELDS.index("contact_is_transport_manager")
_LISTS = [_FIELDS.index(name) for name in ("plates", "plates_light", "plates_heavy")]
_BLANK_COLONS = (b" :", b"\t:", b"\r:")  # a name before one of them is not counted
_decode_any = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def repeated(data: bytes, lines: Sequence[bytes], rows: Sequence[tuple[Any, ...]]) -> dict[int, Found]:
    """Finds fields that stand more than once on a line; gives what is said of them by the place of the line.

    `data` are the `lines` together, `rows` what was decoded from them (`msgspec.structs.astuple`). A block that
    names as many fields as it sets has none twice, and costs one scan; any other is looked at line by line.
    """
    if data.count(b'":') == _set_fields(rows) and not any(blank in data for blank in _BLANK_COLONS):
        return {}
    return {place: found for place, line in enumerate(lines) if (found := repeated_in(line))}


def repeated_in(line: bytes) -> Found:
    """Finds fields that stand more than once in one declaration that fits the contract."""
    if line.count(b":") == len(_decode_any(line)):
        return NOTHING
    return tuple(one for one in explain(line) if one.code == "duplicate_field")


def repeated_alone(line: bytes, decoded: DeclarationLine) -> Found:
    """Finds fields that stand more than once in one declaration, given what was decoded from it.

    Each field that is named has its colon: as many colons as fields that are set leave none for a second time.
    """
    unset = astuple(decoded).count(None) + (not decoded.contact_is_transport_manager)
    unset += (decoded.plates is NO_PLATES) + (decoded.plates_light is NO_PLATES) + (decoded.plates_heavy is NO_PLATES)
    if line.count(b":") == len(_FIELDS) - unset:
        return NOTHING
    return repeated_in(line)


def _set_fields(rows: Sequence[tuple[Any, ...]]) -> int:
    unset = sum([row.count(None) for row in rows]) + [row[_FLAG] for row in rows].count(False)
    for at in _LISTS:
        unset += sum([row[at] is NO_PLATES for row in rows])
    return len(_FIELDS) * len(rows) - unset
