"""`rtpd register`: national registers of undertakings, vehicles, managers, checks and documents."""

from pathlib import Path

import asyncpg
from cyclopts import App

from reports import registers
from rtpd.addresses import addresses_of
from rtpd.output import Json, print_json, print_table
from rtpd.settings import read_settings

app = App(name="register", help="National registers that the checks compare with.")


@app.command
async def load(file: Path, /, *, update: bool = False, json: Json = False) -> int:
    """Load a file of register records, NDJSON or CSV; exit 1 if a line was refused.

    Each line says in `record` whether it is a licence, vehicle, manager, check or document; docs/analysts.md has
    the members. The file takes the place of what was loaded before for its countries and kinds of record.

    Example: `rtpd register load register-pl.ndjson`

    Parameters
    ----------
    file: The file; it is CSV if its name ends so.
    update: Add to what was loaded before, instead.
    """
    connection = await asyncpg.connect(addresses_of(read_settings()).database_url)
    try:
        loaded = await registers.load_register(connection, file, update=update)
    finally:
        await connection.close()
    if json:
        print_json(loaded)
    else:
        taken = ", ".join(f"{count:,} of kind {record}" for record, count in sorted(loaded.records.items()))
        print(f"{taken or 'nothing taken'}; {loaded.refused:,} lines refused")
        if loaded.problems:
            print_table("Refused", ("line", "why"), [(problem.line, problem.text) for problem in loaded.problems])
    return 1 if loaded.refused else 0


@app.command(name="list")
async def list_loads(*, json: Json = False) -> None:
    """List which countries' registers are loaded; what is missing keeps some patterns unknown.

    Example: `rtpd register list`
    """
    connection = await asyncpg.connect(addresses_of(read_settings()).database_url)
    try:
        found = await registers.loads(connection)
    finally:
        await connection.close()
    if json:
        print_json(found)
    else:
        rows = [(each.country, each.record, each.rows, each.file, each.loaded_at) for each in found]
        print_table("Registers", ("country", "record", "rows", "file", "loaded"), rows)
