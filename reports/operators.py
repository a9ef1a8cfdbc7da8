"""Names of operators, asked of the register and remembered for a minute."""

import time
from collections import OrderedDict
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from reports.answer import OperatorName
from schemas import statements

_SQL = statements.load("reports", "register")
_KNOWN_SECONDS = 60.0
_MOST_KNOWN = 20_000


class Operators:
    """The register's operators by id."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._known: OrderedDict[UUID, tuple[float, OperatorName]] = OrderedDict()

    async def named(self, operators: Sequence[UUID]) -> dict[UUID, OperatorName]:
        """Gives those of the operators that the register has. Raises asyncpg's errors."""
        now = time.monotonic()
        missing = [one for one in operators if one not in self._known or self._known[one][0] < now]
        if missing:
            for row in await self._pool.fetch(_SQL["operators"], missing):
                self._known[row["operator_id"]] = (now + _KNOWN_SECONDS, OperatorName(**row))
        answer = {one: self._known[one][1] for one in operators if one in self._known}
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return answer
