"""What the roadside's routes share: the officer who asks, bound to one host state, and the log of what was read."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from litestar import Request
from litestar.datastructures import State

from reports.lookup_log import Entry
from reports.officers import Officer
from reports.refusal import RefusedError
from schemas.codes import country
from schemas.identity import InvalidNumberError, parse_number
from store.service_keys import service_key
from web.choice import language_of

if TYPE_CHECKING:
    from reports.app import Parts

#: The roles that read the log, and those that stand at the roadside or answer for who does.
MAY_AUDIT = ("auditor", "administrator")
MAY_CONTROL = ("roadside", "desk", "coordinator")

Ask = Request[Any, Any, State]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks and in which language, and the parts of the process that answers."""

    parts: "Parts"
    officer: Officer
    language: str

    @property
    def host(self) -> str:
        """The officer's Member State: nothing else is ever read."""
        return self.officer.host

    async def log(self, kind: str, sought: str, verdict: str, purpose: str | None) -> None:
        """Writes into the log what was read; nothing is answered before."""
        await self.parts.log.add(Entry(self.officer.officer_id, self.host, kind, sought[:500], purpose, verdict))

    def of_role(self, *roles: str) -> None:
        """Raises `RefusedError` (role_missing) if the officer has none of these roles."""
        if self.officer.role not in roles:
            raise RefusedError("role_missing", role=self.officer.role, roles=", ".join(roles))

    def of_own_host(self, text: str | None) -> None:
        """Raises `RefusedError` if a host state is named that is not the officer's."""
        if text is not None and country(text.strip().upper()) != self.host:
            raise RefusedError("host_not_yours", own=self.host, host=text.strip().upper())


async def asked(request: Ask) -> Asked:
    """Finds who is asking. Raises `RefusedError`."""
    parts: Parts = request.app.state.parts
    officer = await parts.officers.identify(request.headers.get("authorization"))
    return Asked(parts, officer, language_of(request))


async def declaration_named(parts: "Parts", text: str) -> UUID | None:
    """Gives the id for a declaration's number or id in any spelling; None for what can be neither."""
    try:
        return UUID(text.strip())
    except ValueError:
        pass
    try:
        return parse_number(text, await service_key(parts.pool, "number"))
    except InvalidNumberError:
        return None
