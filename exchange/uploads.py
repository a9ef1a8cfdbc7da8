"""Files of an exchange: announced, sent in parts from an offset, checked when whole, and receipted by their digest.

A file whose sending broke off goes on at the offset that the server names. What has arrived is on disk before it is
counted. A whole file is examined (exchange/media.py); what is none of the kinds that its document type takes is
refused and removed.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

import asyncpg
from msgspec import Meta, Struct

from exchange.catalogue import document_types, file_limits
from exchange.media import Examined, examine, name_of_kind, safe_name
from exchange.people import Caller, DeskOfficer, OperatorCaller, actors_of, check_acts, sees
from exchange.procedures import Party, procedures
from exchange.record import Code, Exchange, ExchangeRefusedError
from exchange.retention import is_blocked
from exchange.rows import exchange_of
from exchange.storage import Storage
from schemas import statements

_SQL = statements.load("exchange", "uploads")
_DESK = statements.load("exchange", "desk")


class NewUpload(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A file that is about to be sent: for which document type, its name, and its size in bytes."""

    document_type: Code
    file_name: Annotated[str, Meta(min_length=1, max_length=1000)]
    size: Annotated[int, Meta(ge=1, le=1 << 40)]


class Upload(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A file as it stands: `received` of `size` bytes; once kept, its SHA-256 (hex) and kind."""

    upload_id: UUID
    exchange_id: UUID
    party: Party
    document_type: str
    file_name: str
    size: int
    received: int
    state: str
    created_at: datetime
    media_type: str | None = None
    digest: str | None = None
    kept_at: datetime | None = None
    sent_in: int | None = None


class OffsetError(ExchangeRefusedError):
    """A part does not begin where the file has come to."""

    def __init__(self, offset: int) -> None:
        super().__init__("upload_offset_wrong", offset=offset)
        self.offset = offset


class Uploads:
    """Takes, keeps and hands out files."""

    def __init__(self, pool: asyncpg.Pool, storage: Storage) -> None:
        self._pool = pool
        self._storage = storage

    async def announce(self, caller: Caller, exchange_id: UUID, new: NewUpload) -> Upload:
        """Makes ready for a file. Raises `ExchangeRefusedError`."""
        check_acts(caller)
        limits = file_limits()
        if new.size > limits.bytes:
            raise ExchangeRefusedError("upload_too_large", "/size", megabytes=limits.megabytes)
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_DESK["read_for_change"], exchange_id)
            if row is None or not sees(caller, exchange := exchange_of(row)):
                raise ExchangeRefusedError("not_found")
            party = _party(caller, exchange)
            known = document_types()
            if new.document_type not in known or exchange.module not in known[new.document_type].modules:
                names = ", ".join(code for code, one in known.items() if exchange.module in one.modules)
                raise ExchangeRefusedError("not_one_of", "/documentType", value=new.document_type, known=names)
            taken = await connection.fetchrow(_SQL["taken"], exchange_id)
            if taken["files"] >= limits.files or taken["bytes"] + new.size > limits.request_megabytes << 20:
                raise ExchangeRefusedError("uploads_too_many", files=limits.files, megabytes=limits.request_megabytes)
            upload_id = uuid4()
            authority = caller.authority if isinstance(caller, DeskOfficer) else None
            name = safe_name(new.file_name)
            await connection.execute(
                _SQL["add"], upload_id, exchange_id, party, caller.country, authority, new.document_type, name, new.size
            )
            return _upload(await connection.fetchrow(_SQL["one"], upload_id))

    async def append(self, caller: Caller, upload_id: UUID, start: int, body: AsyncIterator[bytes]) -> Upload:
        """Takes the bytes of a file from offset `start` on; a body that breaks off counts as far as it came.

        Raises `OffsetError` if the file has come to another offset, and `ExchangeRefusedError`.
        """
        check_acts(caller)
        upload = await self.own(caller, upload_id)
        if upload.state != "receiving":
            raise ExchangeRefusedError("upload_closed")
        if start != upload.received:
            raise OffsetError(upload.received)
        counted = _Counted(body, upload.size - start)
        path, written = await self._storage.write_part(upload_id, start, counted.pieces())
        if counted.too_many or not written:
            await self._storage.remove([path])
            if counted.too_many:
                raise ExchangeRefusedError("upload_longer_than_announced", size=upload.size)
            return upload
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                row = await connection.fetchrow(_SQL["lock"], upload_id)
                if row is None or row["received"] != start:
                    raise OffsetError(row["received"] if row else 0)
                await connection.execute(_SQL["add_part"], upload_id, start, written, path)
                await connection.execute(_SQL["advance"], upload_id, written)
        except OffsetError:
            await self._storage.remove([path])
            raise
        if counted.broken is not None:
            raise counted.broken
        return await self._finished(upload_id) if start + written == upload.size else await self._one(upload_id)

    async def finish(self, caller: Caller, upload_id: UUID) -> Upload:
        """Gives a file as it stands, and ends what a crash left whole but unexamined."""
        upload = await self.own(caller, upload_id)
        if upload.state == "receiving" and upload.received == upload.size:
            return await self._finished(upload_id)
        return upload

    async def own(self, caller: Caller, upload_id: UUID) -> Upload:
        """Gives a file of the caller's own side. Raises `ExchangeRefusedError`: not_found."""
        upload, exchange = await self._with_exchange(caller, upload_id)
        if upload.party not in {actor.party for actor in actors_of(caller, exchange)}:
            raise ExchangeRefusedError("not_found")
        return upload

    async def readable(self, caller: Caller, upload_id: UUID) -> Upload:
        """Gives a kept file that the caller may read: its own side's, or one that was sent to it.

        Raises `ExchangeRefusedError`: not_found, or blocked_by_age long after the end.
        """
        upload, exchange = await self._with_exchange(caller, upload_id)
        if is_blocked(exchange, datetime.now(UTC)):
            raise ExchangeRefusedError("blocked_by_age")
        if upload.state != "kept" or not _readable(caller, exchange, upload):
            raise ExchangeRefusedError("not_found")
        return upload

    async def listed(self, caller: Caller, exchange: Exchange) -> list[Upload]:
        """Gives the files of an exchange that the caller may know of, and those of the request that led to it."""
        rows = await self._pool.fetch(_SQL["of_exchange"], exchange.exchange_id)
        uploads = [one for one in map(_upload, rows) if _readable(caller, exchange, one)]
        if exchange.parent_id is not None and isinstance(caller, DeskOfficer):
            earlier = await self._pool.fetch(_SQL["of_exchange"], exchange.parent_id)
            uploads += [one for one in map(_upload, earlier) if one.sent_in is not None]
        return uploads

    async def content(self, upload: Upload) -> AsyncIterator[bytes]:
        """Reads a kept file piece by piece."""
        (row,) = await self._pool.fetch(_SQL["parts"], upload.upload_id)
        async for piece in self._storage.pieces(row["path"]):
            yield piece

    async def remove(self, caller: Caller, upload_id: UUID) -> None:
        """Removes a file that was not sent yet. Raises `ExchangeRefusedError`."""
        check_acts(caller)
        upload = await self.own(caller, upload_id)
        if upload.sent_in is not None:
            raise ExchangeRefusedError("upload_sent")
        paths = [row["path"] for row in await self._pool.fetch(_SQL["parts"], upload_id)]
        if await self._pool.execute(_SQL["remove"], upload_id) == "DELETE 0":
            raise ExchangeRefusedError("upload_sent")
        await self._storage.remove(paths)

    async def erase(self, which: str, before: datetime) -> int:
        """Erases files for good: the `abandoned`, those `of_drafts` or `of_closed` exchanges; gives how many."""
        erased = 0
        while rows := await self._pool.fetch(_SQL[which], before):
            for row in rows:
                paths = [part["path"] for part in await self._pool.fetch(_SQL["parts"], row["upload_id"])]
                await self._storage.remove(paths)
                await self._pool.execute(_SQL["erase"], row["upload_id"])
            erased += len(rows)
        return erased

    async def _finished(self, upload_id: UUID) -> Upload:
        upload = await self._one(upload_id)
        paths = [row["path"] for row in await self._pool.fetch(_SQL["parts"], upload_id)]
        path = await self._storage.join(paths, upload_id)
        found = await self._storage.look_at(path, lambda file: examine(file, upload.document_type))
        if found.kind is None or found.size != upload.size:
            await self._refuse(upload, found, [*paths, path])
            raise ExchangeRefusedError("upload_of_wrong_kind", document=upload.document_type)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_SQL["forget_parts"], upload_id)
            await connection.execute(_SQL["add_part"], upload_id, 0, upload.size, path)
            await connection.execute(
                _SQL["keep"], upload_id, found.kind.type, found.digest, name_of_kind(upload.file_name, found.kind)
            )
        await self._storage.remove([one for one in paths if one != path])
        return await self._one(upload_id)

    async def _refuse(self, upload: Upload, found: Examined, paths: list[str]) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_SQL["refuse"], upload.upload_id, found.digest)
            await connection.execute(_SQL["forget_parts"], upload.upload_id)
        await self._storage.remove(paths)

    async def _one(self, upload_id: UUID) -> Upload:
        return _upload(await self._pool.fetchrow(_SQL["one"], upload_id))

    async def _with_exchange(self, caller: Caller, upload_id: UUID) -> tuple[Upload, Exchange]:
        row = await self._pool.fetchrow(_SQL["one"], upload_id)
        if row is not None:
            exchange = exchange_of(await self._pool.fetchrow(_DESK["read"], row["exchange_id"]))
            if sees(caller, exchange) or await self._assists(caller, exchange):
                return _upload(row), exchange
        raise ExchangeRefusedError("not_found")

    async def _assists(self, caller: Caller, exchange: Exchange) -> bool:
        """Tells whether somebody's state was asked for assistance because of this exchange."""
        if isinstance(caller, OperatorCaller):
            return False
        assists: bool = await self._pool.fetchval(_SQL["assists"], exchange.exchange_id, caller.country)
        return assists


class _Counted:
    """A body that is counted while it is read, up to `most` bytes; an error in the middle is kept for later."""

    def __init__(self, body: AsyncIterator[bytes], most: int) -> None:
        self._body = body
        self._most = most
        self.too_many = False
        self.broken: Exception | None = None

    async def pieces(self) -> AsyncIterator[bytes]:
        seen = 0
        try:
            async for piece in self._body:
                seen += len(piece)
                if seen > self._most:
                    self.too_many = True
                    return
                if piece:
                    yield piece
        except Exception as error:
            self.broken = error


def _party(caller: Caller, exchange: Exchange) -> Party:
    """Gives the side for which somebody may send files now. Raises `ExchangeRefusedError`."""
    state = procedures()[exchange.procedure].states[exchange.state]
    parties = [actor.party for actor in actors_of(caller, exchange) if actor.party != "coordinator"]
    if not parties:
        raise ExchangeRefusedError("upload_not_yours")
    if state.final:
        raise ExchangeRefusedError("upload_not_possible", state=exchange.state)
    return next((party for party in parties if party == exchange.ball), parties[0])


def _readable(caller: Caller, exchange: Exchange, upload: Upload) -> bool:
    own = {actor.party for actor in actors_of(caller, exchange)}
    if isinstance(caller, OperatorCaller):
        own = {"replying"}
    return upload.party in own or (upload.sent_in is not None and upload.state == "kept")


def _upload(row: Mapping[str, Any]) -> Upload:
    said = {name: row[name] for name in Upload.__struct_fields__}
    return Upload(**said | {"digest": row["digest"].hex() if row["digest"] else None})
