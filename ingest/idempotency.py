"""Idempotency keys: a request sent again gets the receipt of the first, or goes on where it broke off.

A record in Redis holds, for each key of a credential, the submission that it began, how many lines of it are in
the journal and the digest of those lines, and in the end the receipt. While a request is at work it holds a
lease; a second request with the same key is told to wait (KSeF and the IETF draft on idempotency keys do alike).
"""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

from redis.asyncio import Redis
from redis.exceptions import RedisError

from ingest.journal import JournalUnreachableError, Lease, Record
from schemas import keys
from schemas.scripts import Script

KEEP_SECONDS = 7 * 86_400
LEASE_MILLISECONDS = 15_000
MOST_CHARACTERS = 255
_claim = Script("ingest", "claim")


class SubmissionInProgressError(Exception):
    """Another request with the same idempotency key is still at work."""

    def __init__(self, milliseconds: int) -> None:
        super().__init__(milliseconds)
        self.seconds = max(1, -(-milliseconds // 1000))


class KeyReusedError(Exception):
    """The idempotency key was used before, with another body."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A request's hold on its key: `lines` lines with digest `prefix` are in the journal already.

    `receipt` is the stored answer of a request that ended; `fingerprint` the digest of its body.
    """

    lease: Lease
    submission_id: UUID
    received_at: int
    lines: int
    prefix: str
    fingerprint: str
    receipt: bytes | None

    def progress(self, lines: int, prefix: str) -> Record:
        """Says, in the same commit as the frames, how far the submission is in the journal."""
        return Record(self.lease.key, {"lines": lines, "prefix": prefix}, KEEP_SECONDS)

    def done(self, fingerprint: str, receipt: bytes) -> Record:
        """Says, in the same commit as the last frames, that the submission is complete."""
        return Record(self.lease.key, {"state": "done", "fingerprint": fingerprint, "receipt": receipt}, KEEP_SECONDS)


class IdempotencyKeys:
    """Claims keys in Redis."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def claim(self, credential_id: UUID, key: str, submission_id: UUID, received_at: int) -> Claim:
        """Claims `key`; a fresh claim takes `submission_id` and `received_at` (microseconds since 1970).

        Raises `SubmissionInProgressError` while another request holds it, `JournalUnreachableError`.
        """
        name = keys.idempotency(credential_id, hashlib.sha256(key.encode()).hexdigest())
        token = uuid4().hex.encode()
        try:
            answer = await self._claim(name, token, submission_id, received_at)
        except (RedisError, OSError) as error:
            raise JournalUnreachableError from error
        if isinstance(answer, int):
            raise SubmissionInProgressError(answer)
        fields = dict(zip(answer[::2], answer[1::2], strict=True))
        return Claim(
            Lease(name, token),
            UUID(fields[b"submission"].decode()),
            int(fields[b"received_at"]),
            int(fields[b"lines"]),
            fields.get(b"prefix", b"").decode(),
            fields.get(b"fingerprint", b"").decode(),
            fields.get(b"receipt") if fields[b"state"] == b"done" else None,
        )

    async def _claim(self, name: str, token: bytes, submission_id: UUID, received_at: int) -> list[bytes] | int:
        return await _claim(  # type: ignore[no-any-return]
            self._redis, [name], token, LEASE_MILLISECONDS, KEEP_SECONDS, str(submission_id), received_at
        )

    @contextlib.asynccontextmanager
    async def held(self, claim: Claim) -> AsyncIterator[None]:
        """Keeps the claim's lease alive while the block runs; gives it up if the block fails."""
        renewal = asyncio.create_task(self._renew(claim))
        try:
            yield
        except BaseException:
            with contextlib.suppress(RedisError, OSError):
                await self._redis.hset(claim.lease.key, "lease_until", "0")  # type: ignore[misc]
            raise
        finally:
            renewal.cancel()

    async def _renew(self, claim: Claim) -> None:
        while True:
            await asyncio.sleep(LEASE_MILLISECONDS / 3000)
            with contextlib.suppress(RedisError, OSError):
                await self._claim(claim.lease.key, claim.lease.token, claim.submission_id, claim.received_at)
