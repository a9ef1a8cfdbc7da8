"""What every way of submitting needs: who is asking, the clock of serials, the journal, the signer."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

import asyncpg
from redis.asyncio import Redis

from exchange.storage import Storage
from exchange.uploads import Uploads
from ingest.http import RefusedError, Request
from ingest.idempotency import MOST_CHARACTERS, IdempotencyKeys
from ingest.journal import Journal
from ingest.rates import Kind, Rates
from ingest.receipt import Signer
from ingest.registry import Credential, Registry, ScopeNotDelegatedError
from ingest.turns import Turns
from schemas.identity import SerialClock, submission_id
from schemas.operator import OperatorCard
from store import postgres
from store.service_keys import service_key
from validate.alone import AloneJudge
from validate.judge import Judge

if TYPE_CHECKING:
    from validate.block import BlockJudge

_Judge = TypeVar("_Judge", "AloneJudge", "BlockJudge")

#: What the scope of a request has that a second person approved; no client can send it.
APPROVED = "rtpd.approved"
_NODE_KEY = "rtpd:node"
_DAY = 86_400_000_000  # microseconds
_EPOCH = date(1970, 1, 1)
_KIND_OF_SCOPE: dict[str, Kind] = {
    "read": "read",
    "prepare": "change",
    "submit": "submit",
    "administer": "change",
}


def wall_clock() -> int:
    """Gives the present instant in microseconds since 1970."""
    return time.time_ns() // 1000


@dataclass(slots=True)
class Options:
    """What an ingest process needs to know: addresses, number of shards, the queue's limit in declarations.

    `now` gives the present instant in microseconds since 1970; `documents` is where the files of requests lie,
    `private_webhooks` lets webhooks go to addresses that the internet does not reach. `public_url` is the scheme and
    host by which operators and drivers reach intake, if it is set.
    """

    database_url: str
    redis_url: str
    shards: int
    queue_limit: int
    rate_factor: int = 1
    documents: str = "documents"
    public_url: str | None = None
    sends_mail: bool = False
    now: Callable[[], int] = wall_clock
    private_webhooks: bool = False


@dataclass(slots=True)
class Intake:
    """The parts of one ingest process; `number_secret` keys the digest in declaration ids.

    `now`, `public_url` and `sends_mail` are those of the options.
    """

    registry: Registry
    pool: asyncpg.Pool
    journal: Journal
    idempotency: IdempotencyKeys
    signer: Signer
    clock: SerialClock
    number_secret: bytes
    rates: Rates
    now: Callable[[], int]
    uploads: Uploads
    private_webhooks: bool = False
    public_url: str | None = None
    sends_mail: bool = False
    turns: Turns = field(default_factory=Turns)
    _judges: dict[int, AloneJudge] = field(default_factory=dict)
    _block_judges: "dict[int, BlockJudge]" = field(default_factory=dict)

    def today(self) -> date:
        """Gives the present day in UTC, by which declarations expire; no posting country's clock is behind it."""
        return datetime.fromtimestamp(self.now() / 1e6, UTC).date()

    def fresh_id(self) -> UUID:
        """Makes the id of a submission, or of anything else that an operator records: a UUIDv7."""
        return submission_id(self.clock.next(), self.number_secret)

    def judge_on(self, received_at: int) -> Judge:
        """Gives the judge of the day on which a submission came (microseconds since 1970)."""
        return _of_the_day(self._judges, AloneJudge, received_at)

    def block_judge_on(self, received_at: int) -> "BlockJudge":
        """Gives the judge of blocks of the day on which a submission came (microseconds since 1970)."""
        from validate.block import BlockJudge  # compiled code, which only those who judge blocks need

        return _of_the_day(self._block_judges, BlockJudge, received_at)

    async def caller(self, request: Request, scope: str, kind: Kind | None = None) -> tuple[Credential, str]:
        """Finds who is asking and for which operator, and counts the request against its allowance.

        `kind` is the allowance, the one of the scope if it is not named.

        Raises `RefusedError`, `TooManyRequestsError` or what the registry raises.
        """
        api_key = request.header(b"x-api-key")
        if not api_key:
            raise RefusedError("unauthorised")
        credential = await self.registry.credential(api_key)
        if not credential.may(scope) and not (scope == "submit" and credential.under_four_eyes and approved(request)):
            if credential.under_four_eyes and scope == "submit":
                raise RefusedError("operator_wants_four_eyes")
            raise RefusedError("scope_missing", scope="submit" if scope == "prepare" else scope)
        named = request.header(b"x-operator-id") or str(credential.operator_id or "")
        if not named:
            raise RefusedError("unauthorised")
        rate = await self.rates.take(named, kind or _KIND_OF_SCOPE[scope])
        request.extra_headers = rate.headers
        return credential, named

    async def operator(self, request: Request, scope: str, kind: Kind | None = None) -> OperatorCard:
        """Finds the operator for whom the caller asks. Raises what `caller` and `card` raise."""
        return await self.card(*await self.caller(request, scope, kind), scope)

    async def card(self, credential: Credential, operator_id: str, scope: str = "submit") -> OperatorCard:
        """Finds the operator for whom the caller speaks. Raises `RefusedError` and what the registry raises."""
        try:
            return await self.registry.card(credential, operator_id, scope)
        except ScopeNotDelegatedError as error:
            raise RefusedError("scope_missing", scope="submit" if scope == "prepare" else scope) from error


def _of_the_day(made: dict[int, _Judge], make: Callable[[date], _Judge], received_at: int) -> _Judge:
    day = received_at // _DAY  # in UTC
    judge = made.get(day)
    if judge is None:
        if len(made) > 3:  # today's, yesterday's and that of an upload sent again
            made.clear()
        judge = made[day] = make(_EPOCH + timedelta(days=day))
    return judge


@asynccontextmanager
async def open_intake(options: Options) -> AsyncIterator[Intake]:
    """Connects the parts of a process and keeps its register fresh while the block runs."""
    redis = Redis.from_url(options.redis_url)
    pool = await postgres.connect(options.database_url, largest=8, stateless=True)
    registry = Registry(pool, redis)
    intake = Intake(
        registry,
        pool,
        Journal(redis, options.shards, options.queue_limit),
        IdempotencyKeys(redis),
        Signer(await service_key(pool, "receipt")),
        SerialClock(await redis.incr(_NODE_KEY)),
        await service_key(pool, "number"),
        Rates(redis, options.rate_factor),
        options.now,
        Uploads(pool, Storage(options.documents)),
        options.private_webhooks,
        options.public_url,
        options.sends_mail,
    )
    fresh = asyncio.create_task(registry.keep_fresh())
    try:
        yield intake
    finally:
        fresh.cancel()
        await pool.close()
        await redis.aclose()


def approved(request: Request) -> bool:
    """Says whether a second person stands behind a request, or it is a dry run (ingest/approvals.py)."""
    return bool(request.scope.get(APPROVED))


def idempotency_key(request: Request) -> str:
    """Gives the request's Idempotency-Key, empty where there is none. Raises `RefusedError`."""
    key = request.header(b"idempotency-key")
    if len(key) > MOST_CHARACTERS or not key.isascii() or (key and not key.isprintable()):
        raise RefusedError("idempotency_key_malformed", maximum=MOST_CHARACTERS)
    return key
