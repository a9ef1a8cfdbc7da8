"""Authorities: who they are, and how a file of them comes into the register."""

from collections.abc import Iterable
from typing import Annotated, Literal

import asyncpg
import msgspec
from msgspec import Meta, Struct

from exchange.texts import table
from schemas import statements
from schemas.codes import DATA, country
from schemas.languages import LANGUAGES
from store.operators import Connection

_SQL = statements.load("exchange", "directory")
#: The directory that the demo loads.
DEMO = DATA / "authorities" / "authorities.ndjson"

Level = Literal["national", "regional", "local"]
Code = Annotated[str, Meta(pattern=r"^[A-Z]{2}(-[A-Z0-9]+)+$", max_length=60)]
Text = Annotated[str, Meta(min_length=1, max_length=300)]


class Authority(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="camel", kw_only=True):
    """One authority of the directory: `names` by language, `competences` by the codes of the exchange's texts.

    A coordinator acts for every authority of its Member State.
    """

    code: Code
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    level: Level
    names: dict[str, Text]
    place: Text
    competences: list[str]
    languages: list[str]
    parent: Code | None = None
    coordinator: bool = False
    address: Text | None = None
    email: Text | None = None
    phone: Text | None = None
    website: Text | None = None
    active: bool = True

    def name(self, language: str) -> str:
        """Gives its name in a language, else in English, else in its own."""
        names = self.names
        return names.get(language) or names.get("en") or next(iter(names.values()))


class AuthorityFileError(ValueError):
    """A line of a file of authorities cannot be loaded; nothing of the file was."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}; nothing was loaded")
        self.line = line
        self.reason = reason


class AuthorityUnknownError(LookupError):
    """There is no authority with this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"there is no authority {code}")
        self.code = code


class Loaded(Struct, frozen=True, rename="camel"):
    """What a load did."""

    created: int
    updated: int


def read_authorities(lines: Iterable[bytes]) -> list[Authority]:
    """Reads authorities from NDJSON. Raises `AuthorityFileError` at the first line that does not fit."""
    decode = msgspec.json.Decoder(Authority).decode
    read: dict[str, Authority] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            authority = decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise AuthorityFileError(number, str(error)) from error
        if reason := _unfit(authority):
            raise AuthorityFileError(number, reason)
        if authority.code in read:
            raise AuthorityFileError(number, f"{authority.code} stands twice")
        read[authority.code] = msgspec.structs.replace(authority, country=country(authority.country))
    return list(read.values())


async def load_authorities(connection: Connection, authorities: list[Authority]) -> Loaded:
    """Enters authorities or brings them up to date, all or none; those that the file lacks stay as they are.

    Raises `AuthorityUnknownError` for a parent that is nowhere.
    """
    encoded = msgspec.json.encode([_row(authority) for authority in authorities]).decode()
    async with connection.transaction():
        rows = await connection.fetch(_SQL["load"], encoded)
        try:
            await connection.execute(_SQL["set_parents"], encoded)
        except asyncpg.ForeignKeyViolationError as error:
            raise AuthorityUnknownError(str(error.detail or "").partition("=(")[2].partition(")")[0]) from error
    created = sum(row["created"] for row in rows)
    return Loaded(created, len(rows) - created)


async def authority_named(connection: Connection | asyncpg.Pool, code: str) -> Authority:
    """Gives one authority. Raises `AuthorityUnknownError`."""
    row = await connection.fetchrow(_SQL["authority"], code)
    if row is None:
        raise AuthorityUnknownError(code)
    return authority_of(row)


def authority_of(row: asyncpg.Record) -> Authority:
    """Makes an authority of its row."""
    return Authority(**{**row, "names": msgspec.json.decode(row["names"])})


def _unfit(authority: Authority) -> str | None:
    unknown = [language for language in (*authority.names, *authority.languages) if language not in LANGUAGES]
    if unknown:
        return f"'{unknown[0]}' is none of the 26 languages"
    unknown = [competence for competence in authority.competences if competence not in table("en", "competence")]
    if unknown:
        return f"'{unknown[0]}' is no competence; there are {' '.join(table('en', 'competence'))}"
    if not authority.names or not authority.competences:
        return "an authority has a name and a competence"
    return None


def _row(authority: Authority) -> dict[str, object]:
    return {name: getattr(authority, name) for name in Authority.__struct_fields__}
