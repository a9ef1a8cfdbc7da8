"""The code on a driver's copy: genuine or not, outdated or not, and the declaration as it stands now."""

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from reports.lookup import present
from reports.roadside.declarations import declaration
from reports.roadside.history import DeclarationTold
from store.service_keys import service_key
from validate.seal import SealedCopy, SealError, verify

if TYPE_CHECKING:
    from reports.app import Parts


class CodeAnswer(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Whether a code is genuine; what the copy says, and what is declared now.

    A copy for another Member State is told to be genuine and nothing else.
    """

    genuine: bool
    reason: str | None = None
    for_other_state: bool = False
    outdated: bool | None = None
    copy: SealedCopy | None = None
    declaration: DeclarationTold | None = None

    @property
    def verdict(self) -> str:
        """The answer in one word, for the log."""
        if not self.genuine:
            return "NOT_GENUINE"
        if self.for_other_state:
            return "OTHER_STATE"
        return "OUTDATED" if self.outdated else "GENUINE"


async def code_answer(parts: "Parts", code: str, host: str) -> CodeAnswer:
    """Verifies a code and finds its declaration. Raises asyncpg's errors."""
    key = Ed25519PrivateKey.from_private_bytes(await service_key(parts.pool, "receipt")).public_key()
    try:
        copy = verify(code, [key])
    except SealError as error:
        return CodeAnswer(genuine=False, reason=type(error).__doc__)
    if copy.posting_country != host:
        return CodeAnswer(genuine=True, for_other_state=True)
    found = await declaration(parts, copy.declaration_id, host, present())
    outdated = None if found is None else copy.is_outdated(found.newest_version)
    return CodeAnswer(genuine=True, outdated=outdated, copy=copy, declaration=found)
