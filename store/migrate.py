"""Brings a database to the schema of this release: `schemas/migrations/NNNN_*.sql`, each applied once."""

import hashlib
import secrets
from collections.abc import Mapping
from contextlib import suppress
from importlib.resources import files
from urllib.parse import unquote, urlsplit

import asyncpg

from schemas.statements import load

#: Secrets of the service, 32 bytes each: the Ed25519 keys of receipts and of the embedded issuer, the key of
#: declaration numbers.
SECRETS = ("receipt", "number", "issuer")
_SQL = load("store", "migrate")


class ChangedMigrationError(RuntimeError):
    """A migration that this database has is no longer what it was when it was applied."""

    def __init__(self, name: str) -> None:
        super().__init__(f"migration {name} has changed since it was applied; add a new one instead")
        self.name = name


class NewerDatabaseError(RuntimeError):
    """The database has a migration that this release does not know."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"the database is of a newer release: it has {', '.join(names)}")
        self.names = names


def migrations() -> dict[str, str]:
    """Gives this release's migrations, name to SQL text, in the order in which they are applied."""
    found = [path for path in (files("schemas") / "migrations").iterdir() if path.name.endswith(".sql")]
    return {path.name: path.read_text("utf-8") for path in sorted(found, key=lambda path: path.name)}


async def migrate(database_url: str, wanted: Mapping[str, str] | None = None) -> list[str]:
    """Creates the database if it is missing, applies what it lacks and makes the service's secrets.

    `wanted` are migrations by name, this release's if None. Each is applied in a transaction of its own; several
    callers at once wait for one another. Gives the names of those applied now.

    Raises `ChangedMigrationError`, `NewerDatabaseError`, and asyncpg's errors for SQL that fails.
    """
    wanted = migrations() if wanted is None else wanted
    connection = await connect_or_create(database_url)
    try:
        await connection.execute(_SQL["lock"])
        await connection.execute(_SQL["ledger"])
        applied = {row["name"]: row["digest"] for row in await connection.fetch(_SQL["applied"])}
        if unknown := sorted(applied.keys() - wanted.keys()):
            raise NewerDatabaseError(unknown)
        new = []
        for name, text in wanted.items():
            digest = hashlib.sha256(text.encode()).digest()
            if name not in applied:
                async with connection.transaction():
                    await connection.execute(text)
                    await connection.execute(_SQL["record"], name, digest)
                new.append(name)
            elif applied[name] != digest:
                raise ChangedMigrationError(name)
        for name in SECRETS:
            await connection.execute(_SQL["add_secret"], name, secrets.token_bytes(32))
    finally:
        await connection.close()
    return new


async def connect_or_create(database_url: str) -> asyncpg.Connection:
    """Connects to a database, made first if it is missing."""
    try:
        return await asyncpg.connect(database_url)
    except asyncpg.InvalidCatalogNameError:
        name = unquote(urlsplit(database_url).path.removeprefix("/"))
    server = await asyncpg.connect(database_url, database="postgres")
    try:
        with suppress(asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):  # another was faster
            await server.execute(f'CREATE DATABASE "{name.replace(chr(34), chr(34) * 2)}"')
    finally:
        await server.close()
    return await asyncpg.connect(database_url)
