"""`rtpd migrate`: brings the database to the schema of this release."""

import store.migrate
from rtpd.addresses import addresses_of
from rtpd.output import Json, print_json
from rtpd.settings import read_settings


async def migrate(*, json: Json = False) -> None:
    """Bring the database to the schema of this release; it is created if it is missing.

    Example: `RTPD_DATABASE_URL=postgresql://rtpd@db/rtpd RTPD_REDIS_URL=redis://queue rtpd migrate`
    """
    applied = await store.migrate.migrate(addresses_of(read_settings()).database_url)
    if json:
        print_json({"applied": applied})
    else:
        print("\n".join(f"applied {name}" for name in applied) or "nothing to apply")
