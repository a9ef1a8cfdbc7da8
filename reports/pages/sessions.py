"""Signing in with a browser: the officer's token is typed once, then a cookie that no script sees stands for it.

A form is ours if it has the digest of its cookie; the cookie goes to our own pages only (SameSite=Strict).
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
from litestar.datastructures import Cookie

from reports.officers import Officer
from reports.refusal import RefusedError
from schemas import statements

_SQL = statements.load("reports", "roadside_sessions")
COOKIE = "rtpd_officer"
#: What a form of somebody who is not signed in is bound to.
VISITOR_COOKIE = "rtpd_visitor"
_SHIFT = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Session:
    """An officer who is signed in, and the token of the officer's forms."""

    officer: Officer
    name: str
    form_token: str


def form_token(secret: str) -> str:
    """Gives the token that forms carry for a cookie's value."""
    return hashlib.blake2b(secret.encode(), person=b"rtpd-form", digest_size=16).hexdigest()


def is_ours(secret: str, given: object) -> bool:
    """Tells whether a form was made by us for whom it comes from."""
    return (
        bool(secret)
        and isinstance(given, str)
        and hmac.compare_digest(given.encode("utf-8", "replace"), form_token(secret).encode())
    )


def new_secret() -> str:
    """Makes the value of a cookie."""
    return secrets.token_urlsafe(32)


def cookie(name: str, value: str, *, https: bool) -> Cookie:
    """Makes a cookie for our own pages only; an empty value ends it."""
    return Cookie(
        key=name,
        value=value,
        path="/",
        httponly=True,
        samesite="strict",
        secure=https,
        max_age=int(_SHIFT.total_seconds()) if value else 0,
    )


async def open_session(pool: asyncpg.Pool, officer: Officer) -> str:
    """Opens a session for a shift and gives the cookie's value. Raises asyncpg's errors."""
    secret = new_secret()
    await pool.execute(_SQL["sweep"])
    await pool.execute(_SQL["open"], _hash(secret), officer.officer_id, datetime.now(UTC) + _SHIFT)
    return secret


async def close_session(pool: asyncpg.Pool, secret: str) -> None:
    """Ends a session."""
    await pool.execute(_SQL["close"], _hash(secret))


async def session(pool: asyncpg.Pool, secret: str | None) -> Session:
    """Finds who is signed in. Raises `RefusedError`: unauthorised."""
    row = await pool.fetchrow(_SQL["officer"], _hash(secret)) if secret else None
    if row is None or secret is None:
        raise RefusedError("unauthorised")
    return Session(Officer(row["officer_id"], row["host"], row["role"]), row["name"], form_token(secret))


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
