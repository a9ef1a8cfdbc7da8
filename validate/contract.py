"""What a line breaks of the contract, all of it: the slow way for a line that the strict decoder refused.

msgspec stops at the first failure and words it for programmers; this walks the same types again and gives each
failure its code, place and way out. Limits and codes come from the structs themselves, the declaration or another.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from difflib import get_close_matches
from functools import cache, lru_cache
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import DecodeError, ValidationError, inspect

from schemas.codes import COUNTRY_BY_SIGN
from schemas.declaration import Declaration, DeclarationLine
from schemas.limits import LIMITS
from schemas.problem import Problem
from validate.problems import NOTHING, Found, bounded, problem

#: Decodes one line strictly, its lists left raw.
decode_line = msgspec.json.Decoder(DeclarationLine).decode

_decode_any = msgspec.json.Decoder().decode
_LONG = 100  # characters; no name or code is longer
_MOST = 100  # problems of one line that are looked for
_BYTE = re.compile(r" \(byte (\d+)\)")
_SURROGATES = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_DAY_FIRST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[./-]?(\d{1,2})[./-]?(\d{1,2})(?:[T ].*)?")

_NAMES: dict[type, tuple[str, str]] = {
    inspect.StrType: ("a string", '"text"'),
    inspect.LiteralType: ("a string", '"text"'),
    inspect.DateType: ("a date", '"2026-02-02"'),
    inspect.DateTimeType: ("an instant with its offset from UTC", '"2026-02-02T08:00:00Z"'),
    inspect.BoolType: ("true or false", "true"),
    inspect.ListType: ("a list", '["…"]'),
    inspect.StructType: ("an object", '{"declarationPostingCountry": "FR", …}'),
    inspect.DictType: ("an object", "{…}"),
    inspect.IntType: ("a whole number", "1"),
    inspect.FloatType: ("a number", "1.5"),
    inspect.UUIDType: ("a UUID", '"0190a6f2-7c1e-7d3a-9b54-000000000001"'),
}


class _Contract(NamedTuple):
    """A struct taken apart: its fields by their names on the wire, and those names by their small letters."""

    struct: inspect.StructType
    fields: dict[str, inspect.Field]
    by_small_name: dict[str, str]


@cache
def _contract(kind: type[msgspec.Struct]) -> _Contract:
    struct = inspect.type_info(kind)
    assert isinstance(struct, inspect.StructType)
    fields = {field.encode_name: field for field in struct.fields}
    return _Contract(struct, fields, {name.lower(): name for name in fields})


def explain(line: bytes, kind: type[msgspec.Struct] = Declaration) -> Found:
    """Finds everything that a line breaks of the contract `kind`; never raises, whatever the bytes.

    `line` is one line of NDJSON, or a whole JSON body. Gives nothing for a line that fits.
    """
    return bounded(islice(_explain(line, _contract(kind)), _MOST))


def explain_value(raw: bytes, field: str) -> Found:
    """Finds everything that the raw JSON value of one field (its wire name) breaks of the contract."""
    decoded, found = _decoded(raw)
    if found:
        return found
    return bounded(islice(_check(decoded, _contract(Declaration).fields[field].type, "/" + field), _MOST))


def _explain(line: bytes, contract: _Contract) -> Iterator[Problem]:
    if len(line) > LIMITS.line.bytes:
        yield problem("line_too_long", maximum=LIMITS.line.bytes)
        return
    if line.startswith(b"\xef\xbb\xbf"):
        yield problem("byte_order_mark")
        line = line[3:]
    if not line.strip():
        yield problem("empty_line")
        return
    value, found = _decoded(line)
    yield from found
    if found:
        return
    if not isinstance(value, dict):
        yield _wrong_type(contract.struct, value, "")
        return
    yield from _duplicates(line)
    yield from _fields(value, contract)


def _decoded(raw: bytes) -> tuple[Any, Found]:
    """Decodes any JSON, or says why it is none."""
    try:
        raw.decode("utf-8")
        return _decode_any(raw), NOTHING
    except UnicodeDecodeError as error:
        return None, (problem("invalid_utf8", byte=error.start + 1),)
    except RecursionError:
        return None, (problem("nesting_too_deep"),)
    except DecodeError as error:
        return None, (_syntax(raw, str(error)),)


def _syntax(raw: bytes, reason: str) -> Problem:
    if "out of range" in reason:
        return problem("number_out_of_range")
    if any(len(escape[0]) == 6 for escape in _SURROGATES.finditer(raw)):
        return problem("lone_surrogate")
    reason = reason.removeprefix("JSON is malformed: ")
    return problem("not_json", reason=_BYTE.sub(lambda place: f" at byte {int(place[1]) + 1}", reason))


def _duplicates(line: bytes) -> Iterator[Problem]:
    try:
        pairs = json.loads(line.decode(), object_pairs_hook=list, parse_int=str, parse_float=str)
    except RecursionError:
        return
    for name, count in Counter(name for name, _ in pairs).items():
        if count > 1:
            yield problem("duplicate_field", _pointer(name), field=_shown(name))


def _fields(value: dict[str, Any], contract: _Contract, within: str = "") -> Iterator[Problem]:
    unknown = [name for name in value if name not in contract.fields]
    for name, field in contract.fields.items():
        if name in value:
            yield from _check(value[name], field.type, f"{within}/{name}")
        elif field.required:
            meant = next((other for other in unknown[:_MOST] if _nearest_field(other[:_LONG], contract) == name), None)
            yield problem("missing_field", f"{within}/{name}", field=name, similar=meant and _shown(meant))
    for name in unknown:
        nearest = _nearest_field(name[:_LONG], contract)
        yield problem("unknown_field", within + _pointer(name), field=_shown(name), nearest=nearest)


def _nearest_field(name: str, contract: _Contract) -> str | None:
    near = _nearest(name.lower(), tuple(contract.by_small_name))
    return contract.by_small_name[near] if near else None


@lru_cache(maxsize=1024)
def _nearest(name: str, names: tuple[str, ...]) -> str | None:
    near = get_close_matches(name, names, 1, 0.75)
    return near[0] if near else None


def _check(value: Any, kind: inspect.Type, pointer: str) -> Iterator[Problem]:
    """Walks a value along the type that it should have."""
    match kind:
        case inspect.UnionType():
            if value is not None:
                for one in kind.types:
                    if not isinstance(one, inspect.NoneType):
                        yield from _check(value, one, pointer)
        case inspect.BoolType() if isinstance(value, bool):
            return
        case inspect.ListType() if isinstance(value, list):
            yield from _sized(len(value), kind.min_length, kind.max_length, "too_few", "too_many", pointer)
            for place, item in enumerate(value):
                yield from _check(item, kind.item_type, f"{pointer}/{place}")
        case inspect.StrType() if isinstance(value, str):
            yield from _sized(len(value), kind.min_length, kind.max_length, "too_short", "too_long", pointer)
        case inspect.LiteralType() if isinstance(value, str):
            if value not in kind.values:
                yield problem(
                    "not_a_code", pointer, value=_shown(value), nearest=_nearest_code(value[:_LONG], kind.values)
                )
        case inspect.DateType() if isinstance(value, str):
            if not _is_date(value):
                yield problem("not_a_date", pointer, value=_shown(value), nearest=_nearest_date(value))
        case inspect.DateTimeType() if isinstance(value, str) and _is_instant(value):
            return
        case inspect.UUIDType() if isinstance(value, str):
            if not _is_uuid(value):
                yield problem("not_a_uuid", pointer, value=_shown(value))
        case inspect.StructType() if isinstance(value, dict):
            yield from _fields(value, _contract(kind.cls), pointer)
        case inspect.DictType() if isinstance(value, dict):
            for name, item in value.items():
                yield from _check(item, kind.value_type, pointer + _pointer(name))
        case inspect.IntType() | inspect.FloatType() if isinstance(value, int | float) and not isinstance(value, bool):
            return
        case _:
            yield _wrong_type(kind, value, pointer)


def _sized(length: int, least: int | None, most: int | None, under: str, over: str, pointer: str) -> Iterator[Problem]:
    if least is not None and length < least:
        yield problem(under, pointer, minimum=least, length=length)
    if most is not None and length > most:
        yield problem(over, pointer, maximum=most, length=length)


def _wrong_type(kind: inspect.Type, value: Any, pointer: str) -> Problem:
    expected, example = _NAMES[type(kind)]
    return problem("wrong_type", pointer, expected=expected, actual=_kind_of(value), example=example)


def _kind_of(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
    return "an object"


def _is_date(text: str) -> bool:
    try:
        msgspec.convert(text, date)
    except ValidationError:
        return False
    return True


def _is_instant(text: str) -> bool:
    try:
        return msgspec.convert(text, datetime).tzinfo is not None
    except ValidationError:
        return False


def _is_uuid(text: str) -> bool:
    try:
        msgspec.convert(text, UUID)
    except ValidationError:
        return False
    return True


def _nearest_date(text: str) -> str | None:
    """Reads the ways in which people write dates (day before month, as Europe does)."""
    if found := _DAY_FIRST.fullmatch(text.strip()):
        day, month, year = found.groups()
    elif found := _YEAR_FIRST.fullmatch(text.strip()):
        year, month, day = found.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def _nearest_code(value: str, codes: tuple[Any, ...]) -> str | None:
    capitals = value.strip().upper().replace(" ", "_").replace("-", "_")
    capitals = COUNTRY_BY_SIGN.get(capitals, capitals)
    if capitals in codes:
        return capitals
    near = get_close_matches(capitals, codes, 1, 0.6)
    return str(near[0]) if near else None


def _shown(text: str) -> str:
    """Shortens what a text quotes, and shows its control characters as escapes."""
    text = text if len(text) <= 40 else text[:39] + "…"
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")


def _pointer(name: str) -> str:
    """Points at a member of the line, or at the line where the name is too long to repeat."""
    if len(name) > _LONG:
        return ""
    return f"/{name.replace('~', '~0').replace('/', '~1')}"
