"""Who may speak for whom: keys, operators and delegations, kept in memory and refreshed from Postgres.

A known key costs no round trip. While Postgres is away, what is known stays good, so that intake goes on;
changes are announced on a Redis channel (schemas/keys.py) and take effect at once.
"""

import asyncio
import hashlib
import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, TypeVar
from uuid import UUID

import asyncpg
from redis.asyncio import Redis
from redis.exceptions import RedisError

from ingest.delegated import Delegated
from ingest.together import Together
from schemas import keys, statements
from schemas.operator import OperatorCard
from store.postgres import POSTGRES_AWAY

_SQL = statements.load("ingest", "credentials")

FRESH_SECONDS = 60.0
_MOST_CREDENTIALS = 50_000
_MOST_CARDS = 200_000
#: A key that was asked about so many operators is a software house's: all of its operators are read at once. Anew,
#: when a twentieth of them was asked for meanwhile: then one by one costs more.
_MANY = 200
_PART = 20


class KeyUnknownError(Exception):
    """The API key is missing, unknown, expired or revoked."""


class OperatorNotDelegatedError(Exception):
    """The API key may not speak for this operator, or there is no such operator."""

    def __init__(self, operator_id: str) -> None:
        super().__init__(operator_id)
        self.operator_id = operator_id


class ScopeNotDelegatedError(Exception):
    """The operator lent the API key less than this scope."""

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.scope = scope


class RegistryUnreachableError(Exception):
    """Nothing is known of this key or operator yet, and the register cannot be asked."""


@dataclass(frozen=True, slots=True)
class Credential:
    """An API key's rights; `operator_id` is None for a key that only delegations make useful."""

    credential_id: UUID
    operator_id: UUID | None
    scopes: frozenset[str]
    expires_at: datetime | None

    def may(self, scope: str) -> bool:
        """Says whether the key has a scope: read, submit or administer; who may submit may prepare."""
        return scope in self.scopes or (scope == "prepare" and "submit" in self.scopes)

    @property
    def under_four_eyes(self) -> bool:
        """Says whether this is a person who may submit with another one's approval only."""
        return "prepare" in self.scopes


@dataclass(frozen=True, slots=True)
class _Right:
    """For whom a key may speak, and what an operator lent it: None for its own operator."""

    card: OperatorCard
    scopes: frozenset[str] | None
    expires_at: datetime | None

    def covers(self, scope: str | None) -> bool:
        if self.scopes is None:
            return True
        lent = scope is None or ("submit" if scope == "prepare" else scope) in self.scopes
        return lent and (self.expires_at is None or self.expires_at > datetime.now(UTC))


Value = TypeVar("Value")


@dataclass(slots=True)
class _Known(Generic[Value]):
    """What Postgres said, and when it was asked."""

    value: Value
    asked_at: float


@dataclass(slots=True)
class _House:
    """A key's operators as read at once, when that was, and how many were asked for since."""

    operators: Delegated = field(default_factory=Delegated.none)
    asked_at: float = float("-inf")
    asked: int = 0
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    cards: dict[str, OperatorCard] = field(default_factory=dict)

    def card(self, operator_id: str) -> OperatorCard | None:
        """Gives the card of one operator, found among them once."""
        card = self.cards.get(operator_id)
        if card is None and (card := self.operators.cards((operator_id,)).get(operator_id)) is not None:
            if len(self.cards) >= _MOST_CARDS:
                self.cards.clear()
            self.cards[operator_id] = card
        return card


_NOBODYS: dict[str, _Known[_Right]] = {}


class Registry:
    """Answers from memory; asks Postgres for what is unknown or older than a minute."""

    def __init__(self, pool: asyncpg.Pool, redis: Redis) -> None:
        self._pool = pool
        self._redis = redis
        self._credentials: dict[bytes, _Known[Credential | None]] = {}
        self._rights: dict[UUID, dict[str, _Known[_Right]]] = {}
        self._rights_asked = Together(self._load_rights)
        self._houses: dict[UUID, _House] = {}
        self._used: set[UUID] = set()
        self._changed_at = 0.0

    async def credential(self, api_key: str) -> Credential:
        """Finds a key's rights. Raises `KeyUnknownError` or `RegistryUnreachableError`."""
        digest = hashlib.sha256(api_key.encode()).digest()
        known = self._credentials.get(digest)
        if known is None or known.asked_at < self._oldest_fresh():
            known = await self._load_credential(digest, known)
        if known.value is None or (known.value.expires_at and known.value.expires_at <= datetime.now(UTC)):
            raise KeyUnknownError
        self._used.add(known.value.credential_id)
        return known.value

    async def card(self, credential: Credential, operator_id: str, scope: str = "submit") -> OperatorCard:
        """Finds an operator for whom the key has a scope.

        Raises `OperatorNotDelegatedError`, or `ScopeNotDelegatedError` if the operator lent the key less.
        """
        oldest = self._oldest_fresh()
        known = self._rights.get(credential.credential_id, _NOBODYS).get(operator_id)
        if known is not None and known.asked_at >= oldest and known.value.covers(scope):
            return known.value.card
        house = self._houses.get(credential.credential_id)
        if scope == "submit" and house and house.asked_at >= oldest and (card := house.card(operator_id)) is not None:
            return card
        cards = await self.cards(credential, (operator_id,), scope)
        if operator_id in cards:
            return cards[operator_id]
        if await self.cards(credential, (operator_id,), None):
            raise ScopeNotDelegatedError(scope)
        raise OperatorNotDelegatedError(operator_id)

    async def cards(
        self, credential: Credential, operator_ids: Collection[str], scope: str | None = "submit"
    ) -> dict[str, OperatorCard]:
        """Finds those of some operators (UUIDs as text) for whom the key has a scope, in one round trip or none.

        With None as the scope, those for whom it has any.
        """
        if len(self._rights) > _MOST_CREDENTIALS:
            self._rights.clear()
            self._houses.clear()
        known = self._rights.setdefault(credential.credential_id, {})
        oldest = self._oldest_fresh()
        stale = [name for name in operator_ids if (entry := known.get(name)) is None or entry.asked_at < oldest]
        found: dict[str, OperatorCard] = {}
        if stale and scope == "submit":
            house = self._house(credential.credential_id)
            if await self._is_read(house, credential.credential_id, len(stale)):
                found = house.operators.cards(stale)
                stale = [name for name in stale if name not in found]
        if stale:
            reached = await self._rights_asked.ask((credential.credential_id, stale))
            known = self._rights.get(credential.credential_id, known)
            if not reached and scope == "submit":
                found |= house.operators.cards(stale)
            if not reached and any(name not in known and name not in found for name in stale):
                raise RegistryUnreachableError
        return found | {
            name: right.value.card
            for name in operator_ids
            if name not in found and (right := known.get(name)) is not None and right.value.covers(scope)
        }

    def _oldest_fresh(self) -> float:
        """Gives the moment since which what was asked is still good."""
        return max(self._changed_at, time.monotonic() - FRESH_SECONDS)

    def _house(self, credential_id: UUID) -> _House:
        house = self._houses.get(credential_id)
        if house is None:
            house = self._houses[credential_id] = _House()
        return house

    async def _is_read(self, house: _House, credential_id: UUID, asked: int) -> bool:
        """Says whether a house's operators are known at once, read now if it is worth it."""
        async with house.reading:  # uploads of one house come side by side, and one of them reads
            if house.asked_at >= self._oldest_fresh():
                return True
            house.asked += asked
            if house.asked < max(_MANY, len(house.operators) // _PART):
                return False
            asked_at = time.monotonic()
            try:
                house.operators = await Delegated.read(self._pool, credential_id)
            except POSTGRES_AWAY:
                return False
            house.asked_at, house.asked, house.cards = asked_at, 0, {}
            return True

    async def _load_credential(
        self, digest: bytes, stale: _Known[Credential | None] | None
    ) -> _Known[Credential | None]:
        asked_at = time.monotonic()
        try:
            row = await self._pool.fetchrow(_SQL["credential"], digest)
        except POSTGRES_AWAY as error:
            if stale is None:
                raise RegistryUnreachableError from error
            return stale
        value = None
        if row is not None and row["revoked_at"] is None:
            value = Credential(row["credential_id"], row["operator_id"], frozenset(row["scopes"]), row["expires_at"])
        if len(self._credentials) > _MOST_CREDENTIALS:
            self._credentials.clear()
        known = self._credentials[digest] = _Known(value, asked_at)
        return known

    async def _load_rights(self, asked: Sequence[tuple[UUID, list[str]]]) -> list[bool]:
        """Asks for whom some keys may speak, a round trip a key; says of each whether Postgres was there."""
        wanted: defaultdict[UUID, dict[str, None]] = defaultdict(dict)
        for credential_id, names in asked:
            wanted[credential_id].update(dict.fromkeys(names))
        reached = await asyncio.gather(*[self._load_rights_of(*each) for each in wanted.items()])
        by_credential = dict(zip(wanted, reached, strict=True))
        return [by_credential[credential_id] for credential_id, _ in asked]

    async def _load_rights_of(self, credential_id: UUID, names: Collection[str]) -> bool:
        asked = {parsed: name for name in names if (parsed := _uuid(name)) is not None}
        asked_at = time.monotonic()
        try:
            rows = await self._pool.fetch(_SQL["operators"], credential_id, list(asked))
        except POSTGRES_AWAY:
            return False
        known = self._rights.setdefault(credential_id, {})
        if len(known) > _MOST_CARDS:
            known = self._rights[credential_id] = {}
        for name in names:
            known.pop(name, None)
        for row in rows:
            card = OperatorCard(row["operator_id"].bytes, row["country"])
            lent = None if row["scopes"] is None else frozenset(row["scopes"])
            known[asked[row["operator_id"]]] = _Known(_Right(card, lent, row["expires_at"]), asked_at)
        return True

    async def keep_fresh(self) -> None:
        """Asks anew after what is announced as changed, and notes when keys were last used; runs until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._note_use())

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as channel:
                    await channel.subscribe(keys.REGISTRY_CHANNEL)
                    # What is known is asked anew, and not forgotten: the channel also speaks up when Redis is back,
                    # and Postgres may be away by then.
                    async for _ in channel.listen():
                        self._changed_at = time.monotonic()
            except (RedisError, OSError):
                await asyncio.sleep(1)

    async def _note_use(self) -> None:
        while True:
            await asyncio.sleep(FRESH_SECONDS / 2)
            used, self._used = self._used, set()
            if used:
                try:
                    await self._pool.execute(_SQL["used"], list(used))
                except POSTGRES_AWAY:
                    self._used |= used


def _uuid(text: str) -> UUID | None:
    try:
        parsed = UUID(text)
    except ValueError:
        return None
    return parsed if str(parsed) == text.lower() else None
