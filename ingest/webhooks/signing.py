"""The signature of a webhook, as Standard Webhooks has it: HMAC-SHA256 over id, timestamp and body.

A receiver refuses what is older than the replay window, and what came before under the same id.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping

SECRET_PREFIX = "whsec_"  # noqa: S105 - what a secret begins with
REPLAY_WINDOW_SECONDS = 300
_SECRET_BYTES = 32


class SignatureError(ValueError):
    """The request is not from the service, or is too old."""


def new_secret() -> str:
    """Makes the secret that both sides of a webhook know."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Gives the headers of a signed request; `timestamp` is in seconds since 1970."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{_signature(secret, message_id, str(timestamp), body)}",
    }


def check(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> None:
    """Checks a request as a receiver does; `now` is in seconds since 1970. Raises `SignatureError`."""
    try:
        message_id, timestamp, given = (headers[f"webhook-{part}"] for part in ("id", "timestamp", "signature"))
        age = abs(now - int(timestamp))
    except (KeyError, ValueError) as error:
        raise SignatureError("a header of the signature is missing or malformed") from error
    if age > REPLAY_WINDOW_SECONDS:
        raise SignatureError(f"the request is not from the last {REPLAY_WINDOW_SECONDS} seconds")
    expected = f"v1,{_signature(secret, message_id, timestamp, body)}"
    if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in given.split()):
        raise SignatureError("the signature is another one")


def _signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    said = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(key, said, hashlib.sha256)).decode()
