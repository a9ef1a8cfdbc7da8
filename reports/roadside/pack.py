"""The officers' pack: one host state's declarations of a day in one small signed file, for places without coverage.

    RTPDPACK | 4 bytes length | header (JSON) | columns (deflate) | 64 bytes Ed25519 signature

All of it can be read with what a browser has: `reports/pages/static/pack.js` does. A plate is its keyed hash, cut to
16 bits beyond what tells the pack's plates apart: the upper bits choose a group and are stored as the groups' sizes,
the lower 16 stand as they are. One plate in 65 536 that is not declared is found all the same. Declarations stand by
fleet: begin and length in days, flags, 16 bits of the licence's hash, 32 of the id's. No name, number, plate or
address is in the file; who has it can still try plates one by one, so it is for officers.
"""

import hmac
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct
from numpy.typing import NDArray

from reports.verdict import Counts, VerdictCode, judge
from reports.wording import Notice, notice, title
from validate.seal import SIGNATURE_BYTES, SealedCopy, key_id

MAGIC = b"RTPDPACK"
_PURPOSE = b"OpenRTPD officers' pack\0"
_FORMAT = 1
_LEVEL = 9
#: Bits that stand as they are; the chance of a false find is one in two to this power.
_LOW_BITS = 16
#: Flags of a declaration, the first in the lowest bit.
FLAGS = ("withdrawn", "cabotage", "international", "goods", "passengers")
#: The columns in their order, each with the width of its numbers.
_COLUMNS = {
    "group_sizes": "<u1",
    "plate_low": "<u2",
    "plate_class": "<u4",
    "class_sizes": "<u2",
    "class_fleets": "<u4",
    "fleet_sizes": "<u4",
    "start": "<i2",
    "days": "<u2",
    "flags": "<u1",
    "country": "<u1",
    "driver": "<u2",
    "declaration": "<u4",
    "version": "<u2",
}

Numbers = NDArray[Any]


class PackError(ValueError):
    """The file is no officers' pack that can be trusted."""


class MalformedPackError(PackError):
    """The file is no officers' pack, or a part of it is missing."""


class UntrustedPackError(PackError):
    """The pack's signature does not fit a known key: it was changed, or comes from elsewhere."""


class Column(Struct, frozen=True):
    """One column of a pack: `items` numbers of `width` bytes each, all their lowest bytes first."""

    name: str
    width: int
    items: int


class Header(Struct, frozen=True, rename="camel"):
    """What a pack says of itself. `salt` keys its hashes."""

    format: int
    key: bytes
    host: str
    day: date
    built_at: datetime
    salt: bytes
    countries: tuple[str, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Declared:
    """What a pack is built of, by fleet: columns of declarations, and each plate's fleets."""

    columns: dict[str, Numbers]
    ids: list[bytes]
    licences: list[str]
    countries: list[str]
    fleets: int
    plates: dict[str, tuple[int, ...]]


class PackAnswer(Struct, frozen=True, rename="camel"):
    """The verdict on a plate as of the pack's making; what was submitted later it cannot know."""

    host: str
    day: date
    built_at: datetime
    plate_key: str
    verdict: VerdictCode
    title: str
    counts: Counts
    operator_countries: tuple[str, ...]
    notice: Notice


class PackCode(Struct, frozen=True, rename="camel"):
    """What a pack says of a genuine copy: whether the declaration is in it, and a newer version of it exists."""

    found: bool
    outdated: bool | None
    withdrawn: bool | None


class Pack:
    """A pack that was verified, ready to be asked."""

    def __init__(self, header: Header, columns: dict[str, Numbers]) -> None:
        self.header = header
        self._columns = columns
        self._groups = _starts(columns["group_sizes"])
        self._classes = _starts(columns["class_sizes"])
        self._fleets = _starts(columns["fleet_sizes"])

    @property
    def declarations(self) -> int:
        """Declarations in the pack."""
        return len(self._columns["flags"])

    @property
    def plates(self) -> int:
        """Vehicles in the pack."""
        return len(self._columns["plate_low"])

    def look_up(self, key: str, on: date | None = None, licence: str | None = None) -> PackAnswer:
        """Judges a plate by its key on a day (the pack's own if none is given), narrowed to who holds `licence`."""
        at = self._declarations_of(key)
        columns, offset = self._columns, ((on or self.header.day) - self.header.day).days
        withdrawn = (columns["flags"][at] & 1).astype(bool)
        begins = columns["start"][at].astype(int)
        over = begins + columns["days"][at] < offset
        in_force = ~withdrawn & ~over & (begins <= offset)
        own = np.ones(len(at), bool)
        if licence is not None:
            own = columns["driver"][at] == _short(self.header.salt, licence.encode(), 16)
        counts = Counts(
            covering=int((in_force & own).sum()),
            other_driver=int((in_force & ~own).sum()),
            future=int((~withdrawn & (begins > offset)).sum()),
            expired=int((~withdrawn & over).sum()),
            withdrawn=int(withdrawn.sum()),
        )
        verdict = judge(counts, plate_known=True)
        countries = sorted({self.header.countries[number] for number in columns["country"][at]})
        head = self.header
        return PackAnswer(
            head.host,
            head.day,
            head.built_at,
            key,
            verdict.code,
            title(verdict.code),
            counts,
            tuple(countries),
            notice(),
        )

    def look_up_code(self, copy: SealedCopy) -> PackCode:
        """Says whether a genuine copy's declaration stands in the pack as it was sealed."""
        wanted = _short(self.header.salt, copy.declaration_id.bytes, 32)
        found = np.flatnonzero(self._columns["declaration"] == wanted)
        if not len(found):
            return PackCode(False, None, None)
        version = int(self._columns["version"][found].max())
        return PackCode(True, copy.is_outdated(version), bool((self._columns["flags"][found] & 1).all()))

    def _declarations_of(self, key: str) -> Numbers:
        """Gives the places of the declarations that name a plate."""
        groups = len(self._columns["group_sizes"])
        high, low = divmod(_plate_hash(self.header.salt, key, groups), 1 << _LOW_BITS)
        first, last = self._groups[high], self._groups[high + 1]
        found = first + np.flatnonzero(self._columns["plate_low"][first:last] == low)
        fleets: set[int] = set()
        for number in self._columns["plate_class"][found]:
            fleets.update(self._columns["class_fleets"][self._classes[number] : self._classes[number + 1]].tolist())
        runs = [np.arange(self._fleets[fleet], self._fleets[fleet + 1]) for fleet in sorted(fleets)]
        return np.concatenate(runs) if runs else np.zeros(0, np.int64)


def write(declared: Declared, host: str, day: date, built_at: datetime, salt: bytes, key: Ed25519PrivateKey) -> bytes:
    """Makes a pack; `declared.columns` has start, days, flags, version and fleet_no, sorted by fleet."""
    countries = sorted(set(declared.countries))
    number_of = {country: number for number, country in enumerate(countries)}
    columns = _plate_columns(declared.plates, salt) | {
        "fleet_sizes": np.bincount(declared.columns["fleet_no"], minlength=declared.fleets),
        "start": declared.columns["start"],
        "days": declared.columns["days"],
        "flags": declared.columns["flags"],
        "country": np.array([number_of[country] for country in declared.countries], np.int64),
        "driver": np.array([_short(salt, licence.encode(), 16) for licence in declared.licences], np.int64),
        "declaration": np.array([_short(salt, one, 32) for one in declared.ids], np.int64),
        "version": declared.columns["version"],
    }
    described = tuple(Column(name, np.dtype(width).itemsize, len(columns[name])) for name, width in _COLUMNS.items())
    header = msgspec.json.encode(
        Header(_FORMAT, key_id(key.public_key()), host, day, built_at, salt, tuple(countries), described)
    )
    planes = b"".join(_planes(columns[name].astype(width)) for name, width in _COLUMNS.items())
    body = zlib.compress(planes, _LEVEL)
    said = MAGIC + len(header).to_bytes(4, "little") + header + body
    return said + key.sign(_PURPOSE + said)


def read(content: bytes, public_keys: Iterable[Ed25519PublicKey]) -> Pack:
    """Verifies a pack and opens it. Raises `MalformedPackError` or `UntrustedPackError`; both are `PackError`."""
    said, signature = content[:-SIGNATURE_BYTES], content[-SIGNATURE_BYTES:]
    if not said.startswith(MAGIC) or len(said) < len(MAGIC) + 4:
        raise MalformedPackError
    if not any(_fits(key, signature, said) for key in public_keys):
        raise UntrustedPackError
    begin = len(MAGIC) + 4
    end = begin + int.from_bytes(said[len(MAGIC) : begin], "little")
    try:
        header = msgspec.json.decode(said[begin:end], type=Header)
    except msgspec.MsgspecError as error:
        raise MalformedPackError from error
    if header.format != _FORMAT:
        raise MalformedPackError
    planes, columns, place = zlib.decompress(said[end:]), {}, 0
    for column in header.columns:
        size = column.items * column.width
        plane = np.frombuffer(planes, np.uint8, size, place).reshape(column.width, column.items)
        columns[column.name] = np.ascontiguousarray(plane.T).reshape(-1).view(_COLUMNS[column.name])
        place += size
    return Pack(header, columns)


def days_kept(day: date) -> date:
    """Gives the day since which postings that ended are in the pack of a day."""
    return day - timedelta(days=30)


def _plate_columns(plates: dict[str, tuple[int, ...]], salt: bytes) -> dict[str, Numbers]:
    groups = max(len(plates), 1)
    classes = {fleets: number for number, fleets in enumerate(sorted(set(plates.values())))}
    hashed = sorted((_plate_hash(salt, key, groups), classes[fleets]) for key, fleets in plates.items())
    hashes = np.array([one for one, _ in hashed], np.int64)
    return {
        "group_sizes": np.bincount(hashes >> _LOW_BITS, minlength=groups),
        "plate_low": hashes & ((1 << _LOW_BITS) - 1),
        "plate_class": np.array([number for _, number in hashed], np.int64),
        "class_sizes": np.array([len(fleets) for fleets in classes], np.int64),
        "class_fleets": np.array([fleet for fleets in classes for fleet in fleets], np.int64),
    }


def _plate_hash(salt: bytes, key: str, groups: int) -> int:
    return _short(salt, key.encode(), 64) % (groups << _LOW_BITS)


def _short(salt: bytes, value: bytes, bits: int) -> int:
    return int.from_bytes(hmac.digest(salt, value, "sha256")[: bits // 8], "little")


def _planes(numbers: Numbers) -> bytes:
    """Puts the first bytes of all numbers together, then the second: alike bytes compress."""
    return numbers.view(np.uint8).reshape(len(numbers), numbers.dtype.itemsize).T.tobytes()


def _starts(sizes: Numbers) -> Numbers:
    return np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))


def _fits(key: Ed25519PublicKey, signature: bytes, said: bytes) -> bool:
    try:
        key.verify(signature, _PURPOSE + said)
    except InvalidSignature:
        return False
    return True
