"""Who is signed in, in a cookie that only the service can read: encrypted and authenticated (AES-GCM)."""

import base64
import binascii
import secrets
import time
from typing import TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from litestar.datastructures import Cookie
from msgspec import Struct

COOKIE = "rtpd_session"
#: A working day; after it one signs in again.
SECONDS = 12 * 3600
_NONCE_BYTES = 12
Kind = TypeVar("Kind")


class Session(Struct, frozen=True, array_like=True):
    """A visitor: `token` proves that a form is ours; without `api_key` nobody is signed in.

    `until` is the end of the session in seconds since 1970; `person` and `role` are empty for a key of software.
    """

    token: str
    until: int
    api_key: str = ""
    operator_id: str = ""
    operator_name: str = ""
    person: str = ""
    role: str = ""


class Envelope:
    """Seals small things that travel through the browser, such as sessions and what one searches for."""

    def __init__(self, secret: bytes) -> None:
        key = HKDF(SHA256(), 32, salt=None, info=b"OpenRTPD pages").derive(secret)
        self._cipher = AESGCM(key)

    def seal(self, content: object, purpose: str) -> str:
        """Encrypts what msgspec can encode, for one purpose."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, msgspec.msgpack.encode(content), purpose.encode())
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, text: str, kind: type[Kind], purpose: str) -> Kind | None:
        """Gives what was sealed for this purpose; None for anything else."""
        try:
            sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            content = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode())
            return msgspec.msgpack.decode(content, type=kind)
        except (binascii.Error, ValueError, InvalidTag, msgspec.MsgspecError):
            return None


def begun(
    api_key: str = "", operator_id: str = "", operator_name: str = "", person: str = "", role: str = ""
) -> Session:
    """Begins a session with a token of its own."""
    until = int(time.time()) + SECONDS
    return Session(secrets.token_urlsafe(24), until, api_key, operator_id, operator_name, person, role)


def session_of(envelope: Envelope, cookie: str) -> Session | None:
    """Gives the session that a cookie holds, None if it is over or none of ours."""
    session = envelope.open(cookie, Session, COOKIE)
    return session if session is not None and session.until > time.time() else None


def cookie_of(envelope: Envelope, session: Session, *, secure: bool) -> Cookie:
    """Makes the cookie that keeps a session."""
    return Cookie(
        key=COOKIE,
        value=envelope.seal(session, COOKIE),
        max_age=SECONDS,
        path="/",
        httponly=True,
        samesite="strict",
        secure=secure,
    )
