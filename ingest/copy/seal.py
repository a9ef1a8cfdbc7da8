"""The seal: what a copy says, so short that a QR code holds it, signed so that it verifies without a network.

`validate/seal.py` has the format and reads it. Base32 in capitals, because a QR code packs capitals and digits into
5.5 bits each; the address around it is in capitals for the same reason. Who holds the address holds the copy: nobody
guesses a signature.
"""

import base64
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ingest.copy.document import Copy
from validate.seal import DAY_ZERO, FLAGS, FORMAT, PURPOSE, SIGNATURE_BYTES, SealedFields, key_id

#: Bytes that a payload may take; what remains after the fields is filled with number plates.
MAX_BYTES = 280
#: Path of the live copy; in capitals, as it stands in the code.
LIVE_PATH = "/C/"

_NAME_BYTES = 48


def seal(copy: Copy, key: Ed25519PrivateKey) -> str:
    """Signs what a copy says and gives the payload, at most `MAX_BYTES` bytes before base32."""
    head = FORMAT + key_id(key.public_key())
    body = head + _fitted(copy, MAX_BYTES - len(head) - SIGNATURE_BYTES)
    return base64.b32encode(body + key.sign(PURPOSE + body)).decode().rstrip("=")


def live_address(base_url: str, payload: str) -> str:
    """Gives the address of the live copy, in capitals throughout: it is what the QR code holds.

    `base_url` is scheme and host, with the port where it has one. Raises `ValueError` if it has a path, which
    capitals would change.
    """
    parts = urlsplit(base_url)
    if parts.path.strip("/"):
        raise ValueError(f"the address of live copies cannot have a path: {base_url}")
    return f"{parts.scheme}://{parts.netloc}{LIVE_PATH}{payload}".upper()


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


def _fields(copy: Copy, plates: tuple[str, ...]) -> SealedFields:
    birth = copy.driver_birth_date
    return SealedFields(
        copy.declaration_id.bytes,
        copy.version,
        sum(getattr(copy, flag) << place for place, flag in enumerate(FLAGS)),
        copy.posting_country,
        (copy.start_date - DAY_ZERO).days,
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
