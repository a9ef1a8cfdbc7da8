"""`rtpd verify-qr`: says whether the code on a driver's copy is genuine, without a network."""

import asyncio
import base64
import binascii
import re
from collections.abc import Sequence
from pathlib import Path

import asyncpg
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from msgspec import Struct

from rtpd.addresses import addresses_of
from rtpd.output import Json, print_json, print_table
from rtpd.settings import read_settings
from store.service_keys import service_key
from validate.seal import SealedCopy, SealError, verify

_PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", re.DOTALL)


class KeyFileError(ValueError):
    """The file holds no Ed25519 public keys, neither as PEM nor as one base64 line each."""


class Verdict(Struct, frozen=True, omit_defaults=True):
    """Whether the code is genuine: what it says if so, why not otherwise."""

    genuine: bool
    copy: SealedCopy | None = None
    reason: str | None = None


def verify_qr(payload: str, /, *, key: Path | None = None, json: Json = False) -> int:
    """Say whether the code on a driver's copy is genuine, and what it says; no network is needed.

    Ends with 1 if the code is not genuine. Whether a newer version exists, only the live copy can say.

    Example: `rtpd verify-qr HTTPS://POSTING.EXAMPLE.EU/C/AGZ2QTMX... --key keys.pem`

    Parameters
    ----------
    payload: What the QR code holds: the address, or what stands in it after /C/.
    key: File with the service's public keys, PEM or base64 lines; without it, the key of the running system.
    """
    keys = public_keys(key.read_bytes()) if key else [asyncio.run(own_key())]
    try:
        verdict = Verdict(True, verify(payload, keys))
    except SealError as error:
        verdict = Verdict(False, reason=type(error).__doc__)
    if json:
        print_json(verdict)
    elif verdict.copy is None:
        print(f"Not genuine. {verdict.reason}")
    else:
        print_table("Genuine", ("field", "value"), _rows(verdict.copy))
    return 0 if verdict.genuine else 1


def public_keys(content: bytes) -> Sequence[Ed25519PublicKey]:
    """Reads Ed25519 public keys: PEM blocks, or lines of base64 over the raw 32 bytes.

    Raises `KeyFileError` if there is none, or something else stands there.
    """
    try:
        blocks = _PEM.findall(content)
        keys = (
            [load_pem_public_key(block) for block in blocks]
            if blocks
            else [Ed25519PublicKey.from_public_bytes(base64.b64decode(line, validate=True)) for line in content.split()]
        )
    except (ValueError, binascii.Error, UnsupportedAlgorithm) as error:
        raise KeyFileError from error
    found = [key for key in keys if isinstance(key, Ed25519PublicKey)]
    if not found or len(found) < len(keys):
        raise KeyFileError
    return found


async def own_key() -> Ed25519PublicKey:
    """Gives the public key of the running system. Raises asyncpg's errors."""
    async with asyncpg.create_pool(addresses_of(read_settings()).database_url, min_size=1, max_size=1) as pool:
        return Ed25519PrivateKey.from_private_bytes(await service_key(pool, "receipt")).public_key()


def _rows(copy: SealedCopy) -> list[tuple[str, object]]:
    operations = {"cabotage": copy.cabotage, "international carriage": copy.international}
    carriages = {"goods": copy.goods, "passengers": copy.passengers}
    more = copy.plate_count - len(copy.plates)
    return [
        ("declaration", f"{copy.number}, version {copy.version}" + (", WITHDRAWN" if copy.withdrawn else "")),
        ("posting country", copy.posting_country),
        ("period", f"{copy.start_date:%d/%m/%Y} – {copy.end_date:%d/%m/%Y}"),
        ("operations", ", ".join(name for name, declared in operations.items() if declared)),
        ("carriages", ", ".join(name for name, declared in carriages.items() if declared)),
        ("operator", f"{copy.operator_name} ({copy.operator_country})"),
        ("driver", f"{copy.driver_name}, born {copy.driver_birth_year or 'unknown'}"),
        ("driving licence", f"…{copy.driver_licence_tail}" if copy.driver_licence_tail else None),
        ("number plates", ", ".join(copy.plates) + (f" and {more} more" if more else "")),
        ("submitted", f"{copy.submitted_at:%d/%m/%Y %H:%M} UTC"),
    ]
