"""Receipts: what was accepted, when, and a digest over it, signed with the service's Ed25519 key."""

import base64
from datetime import UTC, datetime
from functools import lru_cache

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

#: How long a receipt is kept for those who ask for it by its submission.
RECEIPT_SECONDS = 60 * 86_400
_encode = msgspec.json.Encoder(order="sorted").encode


class ReceiptBody(msgspec.Struct, frozen=True, rename="camel"):
    """What a receipt promises: `digest` is SHA-256 (hex) over the accepted lines, each followed by a newline."""

    submission_id: str
    received_at: str
    accepted: int
    refused: int
    digest: str


class Receipt(msgspec.Struct, frozen=True, rename="camel"):
    """A signed promise that `accepted` declarations are on disk. `signature` is over the canonical JSON of the
    other members but `warned` and `keyId`: members sorted by name, no white space."""

    submission_id: str
    received_at: str
    accepted: int
    refused: int
    warned: int
    digest: str
    key_id: str
    signature: str


class Signer:
    """Signs receipts; `private_key` is the raw 32 bytes of an Ed25519 key."""

    def __init__(self, private_key: bytes) -> None:
        self.key = Ed25519PrivateKey.from_private_bytes(private_key)
        public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public_key = base64.b64encode(public).decode()
        self.key_id = base64.urlsafe_b64encode(public[:6]).decode()

    def receipt(self, body: ReceiptBody, warned: int) -> Receipt:
        """Signs a receipt's body."""
        return Receipt(
            body.submission_id,
            body.received_at,
            body.accepted,
            body.refused,
            warned,
            body.digest,
            self.key_id,
            self.sign(body),
        )

    def sign(self, body: object) -> str:
        """Signs the canonical JSON of a body: members sorted by name, no white space."""
        return base64.b64encode(self.key.sign(_encode(body))).decode()


def instant(microseconds: int) -> str:
    """Writes an instant (microseconds since 1970) as RTPD does: ISO 8601, milliseconds, Z."""
    seconds, rest = divmod(microseconds, 1_000_000)
    return f"{_second(seconds)}.{rest // 1000:03}Z"


@lru_cache(maxsize=16)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
