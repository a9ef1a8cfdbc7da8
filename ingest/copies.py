"""The driver's copy as a PDF: POST /declarations/{id}/print answers an address that is good for an hour."""

import asyncio
import base64
import binascii
import hmac
import struct
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ingest.bodies import Said, read_object
from ingest.copy.document import Copy
from ingest.copy.typeset import Typesetter
from ingest.declarations.changes import find, impossible
from ingest.declarations.versions import Version, newest_version
from ingest.http import RefusedError, Request
from ingest.intake import Intake
from schemas import statements
from schemas.languages import UnknownLanguageError, language
from schemas.operator import Operator
from validate.problems import problem

_SQL = statements.load("ingest", "mail")
#: Operator, declaration, language, and the second since 1970 at which the link ends.
_LINK = struct.Struct(">16s16s2sI")
_SIGNATURE_BYTES = 16
LINK_SECONDS = 3600


class Link(NamedTuple):
    """What a link to a copy gives access to, until `ends` (seconds since 1970)."""

    operator_id: UUID
    declaration_id: UUID
    language: str
    ends: int


async def print_copy(intake: Intake, request: Request) -> None:
    """Handles POST /declarations/{id}/print: the bare address of the PDF, as text; it needs no key."""
    card = await intake.operator(request, "read")
    tongue = copy_language(await read_object(request, optional=True))
    version = await find(intake, request, card)
    if not version.number:
        raise impossible(intake, version)
    ends = intake.now() // 1_000_000 + LINK_SECONDS
    link = Link(UUID(bytes=card.operator_id), version.declaration_id, tongue, ends)
    address = f"{address_of_service(intake, request)}/copies/{_signed(intake, link)}"
    await request.answer(200, address.encode(), b"text/plain; charset=utf-8")


async def read_copy(intake: Intake, request: Request) -> None:
    """Handles GET /copies/{link}: the copy of the newest version. Who has the link needs no key."""
    link = _opened(intake, request.scope["path_params"]["link"])
    if link is None:
        raise RefusedError("not_found")
    if link.ends < intake.now() // 1_000_000:
        raise RefusedError("link_expired")
    version = await newest_version(intake, link.operator_id, link.declaration_id)
    if version is None:
        raise RefusedError("not_found")
    copy = await copy_of(intake, version)
    pdf = await asyncio.to_thread(typesetter(intake, address_of_service(intake, request)).pdf, copy, link.language)
    headers = (b"content-disposition", f'inline; filename="{copy.number}.pdf"'.encode())
    await request.answer(200, pdf, b"application/pdf", headers)


async def copy_of(intake: Intake, version: Version) -> Copy:
    """Makes the copy of a version, with what only the operator's and the driver's records say."""
    row = version.row
    operator = await intake.pool.fetchrow(_SQL["operator"], row["operator_id"])
    driver = None
    if row["driver_id"] is not None:
        driver = await intake.pool.fetchrow(_SQL["driver"], row["operator_id"], row["driver_id"])
    said = {**row, **(driver or {}), "plates": version.plates, "weights": version.weights}
    return msgspec.convert(said | {"operator": Operator(**dict(operator))}, Copy)


def address_of_service(intake: Intake, request: Request) -> str:
    """Gives the address at which this service is reached: the one that is set, else the one that was asked."""
    if intake.public_url:
        return intake.public_url
    return f"{request.scope.get('scheme', 'http')}://{request.header(b'host') or 'localhost'}"


def typesetter(intake: Intake, address: str) -> Typesetter:
    """Gives what makes copies whose code leads to this service at `address`."""
    return _typesetter(intake.signer.key.private_bytes_raw(), address)


@lru_cache(maxsize=4)
def _typesetter(key: bytes, address: str) -> Typesetter:
    return Typesetter(Ed25519PrivateKey.from_private_bytes(key), address)


def copy_language(said: Said) -> str:
    """Reads the language of a copy under RTPD's name or the one that clients send (domain.md 3.4a).

    English if none is named. Raises `RefusedError`.
    """
    named = said.get("declarationLanguage") or said.get("language") or "en"
    try:
        return language(str(named))
    except UnknownLanguageError as error:
        found = problem("copy_language_unknown", "/declarationLanguage", language=named)
        raise RefusedError("content_refused", found) from error


def _signed(intake: Intake, link: Link) -> str:
    body = _LINK.pack(link.operator_id.bytes, link.declaration_id.bytes, link.language.encode(), link.ends)
    return base64.urlsafe_b64encode(body + _signature(intake, body)).decode()


def _opened(intake: Intake, text: str) -> Link | None:
    try:
        signed = base64.b64decode(text, b"-_", validate=True)
        operator, declaration, tongue, ends = _LINK.unpack(signed[:-_SIGNATURE_BYTES])
    except (binascii.Error, struct.error, ValueError):
        return None
    if not hmac.compare_digest(_signature(intake, signed[:-_SIGNATURE_BYTES]), signed[-_SIGNATURE_BYTES:]):
        return None
    return Link(UUID(bytes=operator), UUID(bytes=declaration), tongue.decode(), ends)


def _signature(intake: Intake, body: bytes) -> bytes:
    return blake2b(body, key=intake.number_secret, person=b"link to a copy", digest_size=_SIGNATURE_BYTES).digest()
