"""The seal: what a copy says, so short that a QR code holds it, signed so that it verifies without a network.

    payload = base32(1 byte format | 4 bytes key | MessagePack of the fields | 64 bytes Ed25519 signature)

Base32 in capitals, because a QR code packs capitals and digits into 5.5 bits each; the address around it is in
capitals for the same reason. Who holds the address holds the copy: nobody guesses a signature.
"""

import base64
import binascii
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from ingest.copy.document import Copy
from schemas.identity import number_of

#: Bytes that a payload may take; what remains after the fields is filled with number plates.
MAX_BYTES = 280
#: Path of the live copy; in capitals, as it stands in the code.
LIVE_PATH = "/C/"

_FORMAT = b"\x01"
_PURPOSE = b"OpenRTPD driver's copy\0"
_KEY_BYTES = 4
_SIGNATURE_BYTES = 64
_NAME_BYTES = 48
_DAY_ZERO = date(2022, 1, 1)
_FLAGS = ("withdrawn", "cabotage", "international", "goods", "passengers")


class SealError(ValueError):
    """The code is no seal that can be trusted."""


class MalformedSealError(SealError):
    """The code is no seal: letters are missing or wrong."""


class UnknownKeyError(SealError):
    """The seal was signed with a key that is not among the known ones."""


class BadSignatureError(SealError):
    """The signature does not fit: the content was changed or invented."""


class _Fields(Struct, frozen=True, array_like=True):
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


class SealedCopy(Struct, frozen=True, kw_only=True):
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


def seal(copy: Copy, key: Ed25519PrivateKey) -> str:
    """Signs what a copy says and gives the payload, at most `MAX_BYTES` bytes before base32."""
    head = _FORMAT + key_id(key.public_key())
    body = head + _fitted(copy, MAX_BYTES - len(head) - _SIGNATURE_BYTES)
    return base64.b32encode(body + key.sign(_PURPOSE + body)).decode().rstrip("=")


def live_address(base_url: str, payload: str) -> str:
    """Gives the address of the live copy, in capitals throughout: it is what the QR code holds.

    `base_url` is scheme and host, with the port where it has one. Raises `ValueError` if it has a path, which
    capitals would change.
    """
    parts = urlsplit(base_url)
    if parts.path.strip("/"):
        raise ValueError(f"the address of live copies cannot have a path: {base_url}")
    return f"{parts.scheme}://{parts.netloc}{LIVE_PATH}{payload}".upper()


def verify(code: str, public_keys: Iterable[Ed25519PublicKey]) -> SealedCopy:
    """Verifies a payload, or the address that holds one, without a network, and gives what it says.

    Raises `MalformedSealError`, `UnknownKeyError` or `BadSignatureError`; all are `SealError`.
    """
    signed = _decoded(code)
    body, signature = signed[:-_SIGNATURE_BYTES], signed[-_SIGNATURE_BYTES:]
    if len(body) <= len(_FORMAT) + _KEY_BYTES or body[:1] != _FORMAT:
        raise MalformedSealError
    named = body[1 : 1 + _KEY_BYTES]
    keys = [key for key in public_keys if key_id(key) == named]
    if not keys:
        raise UnknownKeyError
    if not any(_fits(key, signature, body) for key in keys):
        raise BadSignatureError
    return _opened(msgspec.msgpack.decode(body[1 + _KEY_BYTES :], type=_Fields))


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
        key.verify(signature, _PURPOSE + body)
    except InvalidSignature:
        return False
    return True


def _fitted(copy: Copy, room: int) -> bytes:
    """Encodes the fields with as many number plates as there is room for."""
    bare = msgspec.msgpack.encode(_fields(copy, ()))
    left = room - len(bare) - 2  # a list of more than 15 takes two more bytes for its length
    plates = []
    for plate in copy.plates:
        left -= len(plate.encode()) + 2
        if left < 0:
            break
        plates.append(plate)
    return msgspec.msgpack.encode(_fields(copy, tuple(plates))) if plates else bare


def _fields(copy: Copy, plates: tuple[str, ...]) -> _Fields:
    birth = copy.driver_birth_date
    return _Fields(
        copy.declaration_id.bytes,
        copy.version,
        sum(getattr(copy, flag) << place for place, flag in enumerate(_FLAGS)),
        copy.posting_country,
        (copy.start_date - _DAY_ZERO).days,
        (copy.end_date - copy.start_date).days,
        copy.operator.country,
        _short(copy.operator.name),
        _short(f"{copy.driver_first_name or ''} {copy.driver_last_name or ''}".strip()),
        birth.year if birth else 0,
        (copy.driver_licence_number or "")[-4:],
        int(copy.submitted_at.timestamp()),
        copy.fleet_id.bytes if copy.fleet_id else b"",
        len(copy.plates),
        plates,
    )


def _short(name: str) -> str:
    if len(name.encode()) <= _NAME_BYTES:
        return name
    return name.encode()[: _NAME_BYTES - 3].decode(errors="ignore").rstrip() + "…"


def _opened(fields: _Fields) -> SealedCopy:
    flags = {flag: bool(fields.flags >> place & 1) for place, flag in enumerate(_FLAGS)}
    start = _DAY_ZERO + timedelta(days=fields.start_day)
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
