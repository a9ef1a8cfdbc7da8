"""Officers' packs to download: one a host state, made when it is asked for and kept for an hour."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from reports.roadside.asking import MAY_CONTROL, Asked
from reports.roadside.pack_build import build
from schemas.codes import COUNTRIES
from store.service_keys import service_key

MEDIA_TYPE = "application/vnd.openrtpd.pack"
_FRESH_SECONDS = 3_600


class PackShelf:
    """The packs that this process has made; one is built at a time."""

    def __init__(self, pool: asyncpg.Pool, database_url: str, lake: str) -> None:
        self._pool = pool
        self._database_url = database_url
        self._lake = lake
        self._folder = TemporaryDirectory(prefix="openrtpd-packs-")
        self._made: dict[str, float] = {}
        self._building = asyncio.Lock()

    async def pack(self, who: Asked) -> bytes:
        """Gives the pack of the officer's state for its present day.

        Raises `RefusedError`: role_missing; `duckdb.Error` if a file cannot be read.
        """
        who.of_role(*MAY_CONTROL)
        async with self._building:
            if time.monotonic() - self._made.get(who.host, -_FRESH_SECONDS) >= _FRESH_SECONDS:
                await self._build(who.host)
        return await asyncio.to_thread(self._file(who.host).read_bytes)

    async def public_key(self) -> Ed25519PublicKey:
        """Gives the key with which packs and copies are verified."""
        return (await self._private_key()).public_key()

    def close(self) -> None:
        """Deletes the packs."""
        self._folder.cleanup()

    async def _build(self, host: str) -> None:
        today = datetime.now(UTC).astimezone(ZoneInfo(COUNTRIES[host].zone)).date()
        key = await self._private_key()
        content = await asyncio.to_thread(build, self._database_url, self._lake, host, today, key)
        await asyncio.to_thread(self._file(host).write_bytes, content)
        self._made[host] = time.monotonic()

    async def _private_key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(await service_key(self._pool, "receipt"))

    def _file(self, host: str) -> Path:
        return Path(self._folder.name) / f"{host}.rtpdpack"
