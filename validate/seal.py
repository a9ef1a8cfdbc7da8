"""The seal on a driver's copy, as it is read: what the QR code says, verified without a network.

    payload = base32(1 byte format | 4 bytes key | MessagePack of the fields | 64 bytes Ed25519 signature)

`ingest/copy/seal.py` makes it; officers, the offline pack and the command line read it.
"""

import base64
import binascii
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Struct

from schemas.identity import number_of

#: The first byte of a payload, and what its signature covers beside it.
FORMAT = b"\x01"
PURPOSE = b"OpenRTPD driver's copy\0"
SIGNATURE_BYTES = 64
#: Days are counted from here; flags stand in this order, the first in the lowest bit.
DAY_ZERO = date(2022, 1, 1)
FLAGS = ("withdrawn", "cabotage", "international", "goods", "passengers")
_KEY_BYTES = 4


class SealError(ValueError):
    """The code is no seal that can be trusted."""


class MalformedSealError(SealError):
    """The code is no seal: letters are missing or wrong."""


class UnknownKeyError(SealError):
    """The seal was signed with a key that is not among the known ones."""


class BadSignatureError(SealError):
    """The signature does not fit: the content was changed or invented."""


class SealedFields(Struct, frozen=True, array_like=True):
    """The fields in their order, as MessagePack has them."""

    declaration: bytes
    version: int
    flags: int
    posting_country: str
    start_day: int
    days: int
    operator_country: str
    operator: str
    driver: str
    birth_year: int
    licence_tail: str
    submitted_s: int
    fleet: bytes
    plate_count: int
    plates: tuple[str, ...]


class SealedCopy(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a verified seal says. Long names are cut and end in an ellipsis.

    `plates` are all `plate_count` of them if they fit, else the first few; `fleet_id` stands for the whole list.
    """

    declaration_id: UUID
    number: str
    version: int
    withdrawn: bool
    posting_country: str
    start_date: date
    end_date: date
    operator_country: str
    operator_name: str
    driver_name: str
    driver_birth_year: int | None
    driver_licence_tail: str
    cabotage: bool
    international: bool
    goods: bool
    passengers: bool
    submitted_at: datetime
    fleet_id: UUID | None
    plate_count: int
    plates: tuple[str, ...]

    def is_outdated(self, newest_version: int) -> bool:
        """Says whether a newer version of the declaration exists than the one that was sealed."""
        return newest_version > self.version


def key_id(key: Ed25519PublicKey) -> bytes:
    """Gives the bytes by which a seal names its key."""
    return key.public_bytes_raw()[:_KEY_BYTES]


def verify(code: str, public_keys: Iterable[Ed25519PublicKey]) -> SealedCopy:
    """Verifies a payload, or the address that holds one, without a network, and gives what it says.

    Raises `MalformedSealError`, `UnknownKeyError` or `BadSignatureError`; all are `SealError`.
    """
    signed = _decoded(code)
    body, signature = signed[:-SIGNATURE_BYTES], signed[-SIGNATURE_BYTES:]
    if len(body) <= len(FORMAT) + _KEY_BYTES or body[:1] != FORMAT:
        raise MalformedSealError
    named = body[1 : 1 + _KEY_BYTES]
    keys = [key for key in public_keys if key_id(key) == named]
    if not keys:
        raise UnknownKeyError
    if not any(_fits(key, signature, body) for key in keys):
        raise BadSignatureError
    return _opened(msgspec.msgpack.decode(body[1 + _KEY_BYTES :], type=SealedFields))


def _decoded(code: str) -> bytes:
    payload = code.strip().upper().rpartition("/")[2]
    try:
        signed = base64.b32decode(payload + "=" * (-len(payload) % 8))
    except (binascii.Error, ValueError) as error:
        raise MalformedSealError from error
    if base64.b32encode(signed).decode().rstrip("=") != payload:  # spare bits at the end were set
        raise MalformedSealError
    return signed


def _fits(key: Ed25519PublicKey, signature: bytes, body: bytes) -> bool:
    try:
        key.verify(signature, PURPOSE + body)
    except InvalidSignature:
        return False
    return True


def _opened(fields: SealedFields) -> SealedCopy:
    flags = {flag: bool(fields.flags >> place & 1) for place, flag in enumerate(FLAGS)}
    start = DAY_ZERO + timedelta(days=fields.start_day)
    declaration = UUID(bytes=fields.declaration)
    return SealedCopy(
        declaration_id=declaration,
        number=number_of(declaration),
        version=fields.version,
        posting_country=fields.posting_country,
        start_date=start,
        end_date=start + timedelta(days=fields.days),
        operator_country=fields.operator_country,
        operator_name=fields.operator,
        driver_name=fields.driver,
        driver_birth_year=fields.birth_year or None,
        driver_licence_tail=fields.licence_tail,
        submitted_at=datetime.fromtimestamp(fields.submitted_s, UTC),
        fleet_id=UUID(bytes=fields.fleet) if fields.fleet else None,
        plate_count=fields.plate_count,
        plates=fields.plates,
        **flags,
    )
