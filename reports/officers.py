"""Officers: who holds a token, and for which Member State. Known for some seconds, then asked again."""

import asyncio
import hashlib
import hmac
import time
from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import structlog

from reports.openid import OpenId
from reports.refusal import RefusedError
from schemas import statements
from store.officers import (
    TOKEN_PREFIX,
    AuthorityNotOfHostError,
    HostUnknownError,
    OfficerUnknownError,
    Person,
    admit,
)

_SQL = statements.load("reports", "register")
_log = structlog.get_logger("reports.officers")

KNOWN_SECONDS = 5.0
#: Who asks so shortly before the end of what is known is asked about meanwhile.
_AHEAD_SECONDS = 1.0
_MOST_KNOWN = 50_000


@dataclass(frozen=True, slots=True)
class Officer:
    """An officer of one host state."""

    officer_id: UUID
    host: str
    role: str


class Officers:
    """Tells officers by their bearer tokens: ours, of which only the SHA-256 is kept, or those of an OIDC issuer."""

    def __init__(self, pool: asyncpg.Pool, openid: OpenId | None = None) -> None:
        self.openid = openid
        self._pool = pool
        self._known: OrderedDict[bytes, tuple[float, Officer]] = OrderedDict()
        self._asking: dict[bytes, asyncio.Task[None]] = {}

    async def identify(self, authorization: str | None) -> Officer:
        """Gives the officer of an Authorization header. Raises `RefusedError`: unauthorised or key_unknown."""
        scheme, _, token = (authorization or "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise RefusedError("unauthorised")
        token_hash = hashlib.sha256(token.encode()).digest()
        until, officer = self._known.get(token_hash, (0.0, None))
        left = until - time.monotonic()
        if officer is None or left < 0:
            return await self._ask(token_hash, token)
        if left < _AHEAD_SECONDS and token_hash not in self._asking:
            self._asking[token_hash] = asyncio.create_task(self._ask_ahead(token_hash, token))
        return officer

    async def _ask(self, token_hash: bytes, token: str) -> Officer:
        try:
            if self.openid is None or token.startswith(TOKEN_PREFIX):
                officer, seconds = await self._of_token(token_hash), KNOWN_SECONDS
            else:
                person, seconds = await self.openid.bearer(token)
                officer = await self.admitted(person)
        except RefusedError:
            self._known.pop(token_hash, None)
            raise
        self._known[token_hash] = (time.monotonic() + min(seconds, KNOWN_SECONDS), officer)
        self._known.move_to_end(token_hash)
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return officer

    async def _ask_ahead(self, token_hash: bytes, token: str) -> None:
        """Asks anew while what is known still holds, so that who asks often never waits; a refusal holds at once."""
        try:
            await self._ask(token_hash, token)
        except (RefusedError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            _log.info("officer_not_known_anew", kind=type(error).__name__)
        finally:
            del self._asking[token_hash]

    async def admitted(self, person: Person) -> Officer:
        """Gives the officer whom an issuer names, entered if new. Raises `RefusedError`: key_unknown."""
        if self.openid is not None and self.openid.settings.embedded:  # it knows our own officers, by their ids
            row = await self._pool.fetchrow(_SQL["officer_by_id"], UUID(person.subject))
            if row is None:
                raise RefusedError("key_unknown")
            return Officer(**row)
        try:
            async with self._pool.acquire() as connection:
                officer_id, host = await admit(connection, person)
        except (HostUnknownError, AuthorityNotOfHostError, OfficerUnknownError) as error:
            _log.warning("officer_not_admitted", kind=type(error).__name__)
            raise RefusedError("key_unknown") from error
        return Officer(officer_id, host, person.role)

    async def _of_token(self, token_hash: bytes) -> Officer:
        row = await self._pool.fetchrow(_SQL["officer"], token_hash)
        if row is None or not hmac.compare_digest(row["token_hash"], token_hash):
            raise RefusedError("key_unknown")
        if row["used_anew"]:
            await self._pool.execute(_SQL["used"], row["officer_id"])
        return Officer(row["officer_id"], row["host"], row["role"])
