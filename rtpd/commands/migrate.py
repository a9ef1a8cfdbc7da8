"""`rtpd migrate`: brings the database to the schema of this release, and makes the lake."""

import store.migrate
from rtpd.addresses import addresses_of
from rtpd.output import Json, print_json
from rtpd.settings import read_settings
from store.lake import create_lake


async def migrate(*, json: Json = False) -> None:
    """Bring the database to the schema of this release; database and lake are made if they are missing.

    Example: `RTPD_DATABASE_URL=postgresql://rtpd@db/rtpd RTPD_REDIS_URL=redis://queue rtpd migrate`
    """
    addresses = addresses_of(read_settings())
    applied = await store.migrate.migrate(addresses.database_url)
    await create_lake(addresses.database_url, addresses.lake)
    if json:
        print_json({"applied": applied})
    else:
        print("\n".join(f"applied {name}" for name in applied) or "nothing to apply")
