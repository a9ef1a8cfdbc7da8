"""Backup and restore: PostgreSQL and the lake's files as of one moment, in one folder.

The lake's catalog lies in PostgreSQL, so one dump is consistent with the files that it names. While the dump and the
copy run nobody changes the lake; intake, drains and look-ups go on. What is in the journal and not stored yet stays
there: after a restore its frames are delivered again, and the ledger knows which of them it has.
"""

import asyncio
import hashlib
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import msgspec

from schemas import __version__, statements
from store.lake import sole_writer
from store.migrate import connect_or_create

_SQL = statements.load("store", "backup")
_DUMP, _LAKE, _MANIFEST = "postgres", "lake", "manifest.json"

#: Runs a program of PostgreSQL (pg_dump, pg_restore) with arguments; raises if it fails.
Run = Callable[[str, list[str]], None]


class BackupError(Exception):
    """A backup cannot be made here, or this is none."""


class Manifest(msgspec.Struct, rename="camel"):
    """What a backup holds: `files` of the lake by their path below it, with size and digest (SHA-256)."""

    release: str
    made_at: str
    declarations: int
    files: dict[str, tuple[int, str]]


async def backup(database_url: str, lake: Path, folder: Path, run: Run) -> Manifest:
    """Writes a backup into an empty or new folder.

    Raises `BackupError` if the folder is in use or another process keeps changing the lake.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BackupError(f"{folder} is not empty")
    folder.mkdir(parents=True, exist_ok=True)
    async with asyncpg.create_pool(database_url, min_size=0, max_size=3) as pool, sole_writer(pool) as allowed:
        if not allowed:
            raise BackupError("the lake is being changed; try again in a moment")
        async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            snapshot = await connection.fetchval(_SQL["export_snapshot"])
            declarations = await connection.fetchval(_SQL["declarations"])
            named = [row["path"] for row in await connection.fetch(_SQL["files"])]
            dumping = asyncio.to_thread(
                run, "pg_dump", ["-Fd", "-Z1", f"--snapshot={snapshot}", f"--file={folder / _DUMP}", database_url]
            )
            copying = asyncio.to_thread(_copy_all, lake, folder / _LAKE, named)
            _, files = await asyncio.gather(dumping, copying)
    manifest = Manifest(__version__, datetime.now(UTC).isoformat(timespec="seconds"), declarations, files)
    (folder / _MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
    return manifest


async def restore(database_url: str, lake: Path, folder: Path, run: Run) -> Manifest:
    """Restores a backup into an empty database (made if it is missing) and an empty lake.

    Raises `BackupError` if the folder is no whole backup, or where there are data already.
    """
    try:
        manifest = msgspec.json.decode((folder / _MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError) as error:
        raise BackupError(f"{folder} holds no backup") from error
    if lake.exists() and any(lake.rglob("*.parquet")):
        raise BackupError(f"{lake} is not empty")
    for path, (size, digest) in manifest.files.items():
        if _measure(folder / _LAKE / path) != (size, digest):
            raise BackupError(f"{path} is missing or damaged in the backup")
    connection = await connect_or_create(database_url)
    try:
        if await connection.fetchval(_SQL["has_tables"]):
            raise BackupError("the database is not empty")
    finally:
        await connection.close()
    arguments = ["--exit-on-error", "--no-owner", f"--dbname={database_url}", str(folder / _DUMP)]
    await asyncio.to_thread(run, "pg_restore", arguments)
    await asyncio.to_thread(_copy_all, folder / _LAKE, lake, list(manifest.files))
    return manifest


def _copy_all(source: Path, target: Path, paths: list[str]) -> dict[str, tuple[int, str]]:
    """Copies files; a hard link does where it can, because a file of the lake is never changed."""
    copied = {}
    for path in paths:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source / path, target / path)
        except OSError:
            shutil.copyfile(source / path, target / path)
        found = _measure(target / path)
        if found is None:
            raise BackupError(f"{path} vanished")
        copied[path] = found
    return copied


def _measure(path: Path) -> tuple[int, str] | None:
    with suppress(OSError), path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()
    return None
