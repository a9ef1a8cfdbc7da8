"""Officers: who holds a token, and for which Member State. Known for some seconds, then asked again."""

import hashlib
import hmac
import time
from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from reports.refusal import RefusedError
from schemas import statements

_SQL = statements.load("reports", "register")

KNOWN_SECONDS = 5.0
_MOST_KNOWN = 50_000


@dataclass(frozen=True, slots=True)
class Officer:
    """An officer of one host state."""

    officer_id: UUID
    host: str
    role: str


class Officers:
    """Tells officers by their bearer tokens, of which only the SHA-256 is kept anywhere."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._known: OrderedDict[bytes, tuple[float, Officer]] = OrderedDict()

    async def identify(self, authorization: str | None) -> Officer:
        """Gives the officer of an Authorization header. Raises `RefusedError`: unauthorised or key_unknown."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise RefusedError("unauthorised")
        token_hash = hashlib.sha256(token.strip().encode()).digest()
        until, officer = self._known.get(token_hash, (0.0, None))
        if officer is None or until < time.monotonic():
            officer = await self._ask(token_hash)
        return officer

    async def _ask(self, token_hash: bytes) -> Officer:
        row = await self._pool.fetchrow(_SQL["officer"], token_hash)
        if row is None or not hmac.compare_digest(row["token_hash"], token_hash):
            self._known.pop(token_hash, None)
            raise RefusedError("key_unknown")
        officer = Officer(row["officer_id"], row["host"], row["role"])
        self._known[token_hash] = (time.monotonic() + KNOWN_SECONDS, officer)
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return officer
