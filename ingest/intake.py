"""What every way of submitting needs: who is asking, the clock of serials, the journal, the signer."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from ingest.http import RefusedError, Request
from ingest.idempotency import MOST_CHARACTERS, IdempotencyKeys
from ingest.journal import Journal
from ingest.receipt import Signer
from ingest.registry import Credential, Registry
from schemas.identity import SerialClock
from schemas.operator import OperatorCard
from validate.judge import Judge


@dataclass(slots=True)
class Intake:
    """The parts of one ingest process; `number_secret` keys the digest in declaration ids."""

    registry: Registry
    journal: Journal
    idempotency: IdempotencyKeys
    signer: Signer
    clock: SerialClock
    number_secret: bytes
    _judges: dict[date, Judge] = field(default_factory=dict)

    def judge_on(self, received_at: int) -> Judge:
        """Gives the judge of the day on which a submission came (microseconds since 1970)."""
        day = datetime.fromtimestamp(received_at / 1e6, UTC).date()
        judge = self._judges.get(day)
        if judge is None:
            if len(self._judges) > 3:  # today's, yesterday's and that of an upload sent again
                self._judges.clear()
            judge = self._judges[day] = Judge(received_on=day)
        return judge

    async def caller(self, request: Request, scope: str) -> tuple[Credential, str]:
        """Finds who is asking and for which operator. Raises `RefusedError` or what the registry raises."""
        api_key = request.header(b"x-api-key")
        if not api_key:
            raise RefusedError("unauthorised")
        credential = await self.registry.credential(api_key)
        if not credential.may(scope):
            raise RefusedError("scope_missing", scope=scope)
        named = request.header(b"x-operator-id") or str(credential.operator_id or "")
        if not named:
            raise RefusedError("unauthorised")
        return credential, named

    async def card(self, credential: Credential, operator_id: str) -> OperatorCard:
        """Finds the operator for whom the caller speaks."""
        return await self.registry.card(credential, operator_id)


def idempotency_key(request: Request) -> str:
    """Gives the request's Idempotency-Key, empty where there is none. Raises `RefusedError`."""
    key = request.header(b"idempotency-key")
    if len(key) > MOST_CHARACTERS or not key.isascii() or (key and not key.isprintable()):
        raise RefusedError("idempotency_key_malformed", maximum=MOST_CHARACTERS)
    return key
