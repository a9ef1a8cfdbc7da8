"""`rtpd operator`: operators of the running system, their keys, and the import of a whole register."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import asyncpg
from cyclopts import App
from redis.asyncio import Redis

from rtpd.addresses import addresses_of
from rtpd.output import Json, print_json, print_table
from rtpd.settings import read_settings
from schemas.codes import WORLD
from schemas.codes import country as iso_country
from schemas.operator import Operator
from store import operators
from store.operator_import import Imported, LineProblem
from store.operator_import import import_operators as import_file

app = App(name="operator", help="Operators and their keys.")
key = App(name="key", help="Keys with which an operator's software speaks for it.")
app.command(key)


class CountryUnknownError(ValueError):
    """This is not the ISO code of a country."""


@app.command
async def create(*, name: str, country: str, licence: str | None = None, json: Json = False) -> None:
    """Enter an operator in the register and make its first key, which is shown only now.

    Example: `rtpd operator create --name "Trans Nowak" --country PL --licence EU-TM/0012345`

    Parameters
    ----------
    name: Name of the undertaking.
    country: State of establishment, two letters.
    licence: Number of the Community licence.
    """
    if iso_country(country.upper()) not in WORLD:
        raise CountryUnknownError(f"'{country}' is no country; write two letters, as in PL")
    operator = Operator(name=name, country=country.upper(), licence_number=licence)
    async with _register() as (connection, redis):
        async with connection.transaction():
            operator_id = await operators.create_operator(connection, operator)
            made = await operators.create_credential(connection, operator_id, "first key")
        await operators.announce(redis, operator_id)
    if json:
        print_json({"operatorId": operator_id, "apiKey": made.api_key})
    else:
        print(f"operator  {operator_id}\nkey       {made.api_key}\nThe key is shown only now.")


@app.command(name="import")
async def import_(file: Path, /, *, delegate_to: UUID | None = None, json: Json = False) -> int:
    """Enter or update all operators of a file, NDJSON or CSV; exit 1 if a line was refused.

    Example: `rtpd operator import operators.ndjson --delegate-to 0190a6f2-7c1e-4d3a-9b54-000000000001`

    Parameters
    ----------
    file: Lines with operatorId, operatorName, operatorCountry and the other fields' names; CSV has them as heading.
    delegate_to: Operator, such as a software house, whose keys may speak for all of them.
    """
    async with _register() as (connection, redis):
        keys = await operators.live_credentials_of(connection, delegate_to) if delegate_to else []
        imported = await _with_progress(connection, file, keys, quiet=json)
        for credential_id in keys:
            await operators.announce(redis, credential_id)
    if json:
        print_json(imported)
    else:
        print(f"{imported.created} new, {imported.updated} updated, {imported.refused} refused")
        _print_problems(imported.problems)
    return 1 if imported.refused else 0


@key.command(name="create")
async def create_key(
    operator_id: UUID,
    /,
    *,
    name: str = "key",
    scope: list[operators.Scope] | None = None,
    json: Json = False,
) -> None:
    """Make a further key of an operator, which is shown only now.

    Example: `rtpd operator key create 0190a6f2-7c1e-4d3a-9b54-000000000001 --name "night job" --scope submit`

    Parameters
    ----------
    operator_id: The operator.
    name: What the key is for.
    scope: What the key may do; everything if none is named.
    """
    async with _register() as (connection, redis):
        made = await operators.create_credential(connection, operator_id, name, scopes=scope or operators.SCOPES)
        await operators.announce(redis, made.credential_id)
    if json:
        print_json({"operatorId": operator_id, "credentialId": made.credential_id, "apiKey": made.api_key})
    else:
        print(f"id   {made.credential_id}\nkey  {made.api_key}\nThe key is shown only now.")


@key.command(name="list")
async def list_keys(operator_id: UUID, /, *, json: Json = False) -> None:
    """List an operator's keys: what they may do and when they were last used.

    Example: `rtpd operator key list 0190a6f2-7c1e-4d3a-9b54-000000000001`
    """
    async with _register() as (connection, _):
        rows = await operators.credentials_of(connection, operator_id)
    if json:
        print_json(rows)
    else:
        print_table(
            "Keys",
            ("id", "name", "may", "created", "last used", "revoked"),
            [
                (row.credential_id, row.name, " ".join(row.scopes), row.created_at, row.last_used_at, row.revoked_at)
                for row in rows
            ],
        )


@key.command(name="revoke")
async def revoke_key(credential_id: UUID, /, *, json: Json = False) -> None:
    """End a key at once.

    Example: `rtpd operator key revoke 5f0c9a52-3f3e-4a57-8f6c-3b1d5a3a7f10`
    """
    async with _register() as (connection, redis):
        await operators.revoke_credential(connection, credential_id)
        await operators.announce(redis, credential_id)
    if json:
        print_json({"credentialId": credential_id, "revoked": True})
    else:
        print(f"{credential_id} is revoked")


@asynccontextmanager
async def _register() -> AsyncIterator[tuple[asyncpg.Connection, Redis]]:
    """Connects to the register of the running system, and to the queue over which changes are announced."""
    addresses = addresses_of(read_settings())
    connection = await asyncpg.connect(addresses.database_url)
    redis = Redis.from_url(addresses.redis_url)
    try:
        yield connection, redis
    finally:
        await redis.aclose()
        await connection.close()


async def _with_progress(connection: asyncpg.Connection, file: Path, keys: list[UUID], *, quiet: bool) -> Imported:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), disable=quiet) as bar:
        task = bar.add_task("operators", total=1.0)
        return await import_file(
            connection,
            file,
            keys,
            lambda imported, share: bar.update(task, completed=share, description=f"{imported.lines:,} operators"),
        )


def _print_problems(problems: list[LineProblem]) -> None:
    if problems:
        print_table("Refused", ("line", "why"), [(problem.line, problem.text) for problem in problems])
