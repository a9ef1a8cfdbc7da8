"""The driver's copy: as a PDF for those who are signed in, live for those who hold its code."""

import asyncio
from collections.abc import AsyncIterator
from functools import lru_cache
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from litestar import Response
from litestar.response import Stream

from ingest import copies
from ingest.copy.archive import archive
from ingest.copy.document import Copy
from ingest.copy.typeset import Typesetter
from ingest.copy.wording import sections
from ingest.declarations.reading import read_declaration
from ingest.declarations.versions import draft, newest_version
from ingest.http import RefusedError
from ingest.pages.visit import AnyResponse, Visit
from schemas import statements
from schemas.declared import DeclarationDetail
from schemas.languages import UnknownLanguageError, language
from store.service_keys import service_key
from validate.seal import SealError, verify

_SQL = statements.load("ingest", "pages")
_PRIVATE = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


async def copy_of(visit: Visit, found: DeclarationDetail) -> Copy:
    """Makes the copy of a declaration that the visitor has read. Raises `RefusedError` if it went meanwhile."""
    operator_id, declaration_id = UUID(visit.session.operator_id), UUID(found.declaration_id)
    find = newest_version if found.declaration_version else draft
    version = await find(visit.intake, operator_id, declaration_id)
    if version is None:
        raise RefusedError("not_found")
    return await copies.copy_of(visit.intake, version)


async def download(visit: Visit) -> AnyResponse:
    """Gives the copy as a PDF, in the language that the address names, else in that of the page."""
    found = await visit.read(read_declaration, DeclarationDetail, path={"declaration_id": visit.part("declaration_id")})
    if not found.declaration_version:
        raise RefusedError("not_possible_in_this_state", state="DRAFT")
    typesetter = (await typesetters(visit))[0]
    pdf = await asyncio.to_thread(typesetter.pdf, await copy_of(visit, found), language_of_copy(visit))
    name = f"{found.posting_country} {found.declaration_number}.pdf"
    return Response(pdf, media_type="application/pdf", headers={**_PRIVATE, "content-disposition": _inline(name)})


async def download_all(visit: Visit, declaration_ids: AsyncIterator[str]) -> AnyResponse:
    """Gives the copies of several declarations as a ZIP, written while it is sent."""

    async def each_copy() -> AsyncIterator[Copy]:
        async for declaration_id in declaration_ids:
            path = {"declaration_id": declaration_id}
            found = await visit.read(read_declaration, DeclarationDetail, path=path)
            if found.declaration_version:
                yield await copy_of(visit, found)

    pieces = archive(each_copy(), await typesetters(visit), language_of_copy(visit))
    headers = {**_PRIVATE, "content-disposition": 'attachment; filename="copies.zip"'}
    return Stream(pieces, media_type="application/zip", headers=headers)


async def live(visit: Visit) -> AnyResponse:
    """Shows what the code of a copy holds, and whether a newer version exists; without the code there is nothing."""
    key = await _key(visit)
    try:
        sealed = verify(visit.part("payload"), [key.public_key()])
    except SealError:
        return visit.page("live_unknown.html", status=404)
    operator_id = await visit.intake.pool.fetchval(_SQL["operator_of"], sealed.declaration_id)
    version = None
    if operator_id is not None:
        version = await newest_version(visit.intake, operator_id, sealed.declaration_id)
    newest = await copies.copy_of(visit.intake, version) if version else None
    shown = sections(newest, visit.language) if newest else ()
    context = {"sealed": sealed, "newest": newest, "sections": shown, "number": sealed.number}
    return visit.page("live.html", context)


def language_of_copy(visit: Visit) -> str:
    """Gives the language in which a copy is asked for."""
    try:
        return language(visit.request.query_params.get("language", "") or visit.language)
    except UnknownLanguageError:
        return visit.language


async def typesetters(visit: Visit) -> tuple[Typesetter, ...]:
    """Gives what makes copies that name this service's own address."""
    url = visit.request.base_url
    return _typesetters((await _key(visit)).private_bytes_raw(), f"{url.scheme}://{url.netloc}")


@lru_cache(maxsize=4)
def _typesetters(key: bytes, base_url: str) -> tuple[Typesetter, ...]:
    return tuple(Typesetter(Ed25519PrivateKey.from_private_bytes(key), base_url) for _ in range(2))


async def _key(visit: Visit) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(await service_key(visit.intake.pool, "receipt"))


def _inline(name: str) -> str:
    return f'inline; filename="{name}"'
