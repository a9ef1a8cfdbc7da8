"""`rtpd authority`: the directory of authorities of the running system."""

from pathlib import Path

import asyncpg
from cyclopts import App

from exchange import authorities
from exchange.directory import DirectoryInMemory, Sought, hit
from rtpd.addresses import addresses_of
from rtpd.output import Json, print_json, print_table
from rtpd.settings import read_settings
from schemas.codes import country as iso_country
from schemas.languages import language as known_language

app = App(name="authority", help="The directory of authorities.")


@app.command
async def load(file: Path | None = None, /, *, json: Json = False) -> None:
    """Enter the authorities of a file, or bring them up to date; all of the file or, after an error, nothing.

    Example: `rtpd authority load authorities.ndjson`

    Parameters
    ----------
    file: NDJSON, one authority on each line; without it the directory of the demo.
    """
    with authorities.DEMO.open("rb") if file is None else file.open("rb") as lines:
        read = authorities.read_authorities(lines)
    connection = await asyncpg.connect(addresses_of(read_settings()).database_url)
    try:
        loaded = await authorities.load_authorities(connection, read)
    finally:
        await connection.close()
    if json:
        print_json(loaded)
    else:
        print(f"{loaded.created} new, {loaded.updated} updated")


@app.command
async def search(
    text: str = "",
    /,
    *,
    country: str | None = None,
    competence: str | None = None,
    language: str = "en",
    limit: int = 20,
    json: Json = False,
) -> int:
    """Find an authority by place, competence, country or name, in any of the 26 languages. Exits 1 if none fits.

    Example: `rtpd authority search "inspekcja pracy Monachium"`

    Parameters
    ----------
    text: What to look for, with or without accents.
    country: Only authorities of this Member State.
    competence: Only authorities with this competence, by its code.
    language: Language of the answer (ISO 639-1).
    limit: How many to show at most.
    """
    sought = Sought(text, country and iso_country(country.upper()), competence, limit=limit)
    async with asyncpg.create_pool(addresses_of(read_settings()).database_url, min_size=0, max_size=1) as pool:
        found = (await DirectoryInMemory(pool).newest()).search(sought)
    hits = [hit(authority, known_language(language)) for authority in found]
    if json:
        print_json(hits)
    else:
        print_table(
            "Authorities",
            ("code", "country", "name", "place", "competences"),
            [(one.code, one.country_name, one.name, one.place, ", ".join(one.competences.values())) for one in hits],
        )
    return 0 if hits else 1
