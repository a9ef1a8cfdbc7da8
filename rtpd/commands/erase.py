"""`rtpd erase`: removes one driver's declarations on order, with a certificate."""

from datetime import date
from pathlib import Path
from uuid import UUID

from redis.asyncio import Redis

from rtpd.addresses import addresses_of
from rtpd.output import Json, print_json
from rtpd.settings import read_settings
from store import postgres
from store.lake import open_lake
from store.removal import DriverNamed, erase_driver, forget_journal


async def erase(
    *,
    licence: str | None = None,
    born: date | None = None,
    driver_id: UUID | None = None,
    json: Json = False,
) -> int:
    """Remove every declaration of one driver from PostgreSQL and the lake, bytes and all; print the certificate.

    The operators' records, drafts and standing renewals of the driver go too.

    Example: `rtpd erase --licence 00123/04/1234 --born 1984-05-06`

    Parameters
    ----------
    licence
        Driving licence number, as it was declared.
    born
        Date of birth; needed with the licence number.
    driver_id
        Or the id under which an operator recorded the driver.
    json
        Print the certificates as JSON.
    """
    if driver_id is None and (licence is None or born is None):
        print("rtpd: name the driver by --licence and --born, or by --driver-id")
        return 2
    addresses = addresses_of(read_settings())
    pool = await postgres.connect(addresses.database_url, largest=4, timeout_seconds=3600)
    try:
        with open_lake(addresses.database_url, addresses.lake) as lake:
            named = DriverNamed(licence, born, driver_id)
            certificates = await erase_driver(pool, lake, Path(addresses.lake), named)
    finally:
        await pool.close()
    async with Redis.from_url(addresses.redis_url) as redis:
        await forget_journal(redis)
    if json:
        print_json(certificates)
    else:
        for one in certificates:
            print(
                f"{one.declarations} declarations ({one.versions} versions) removed at {one.removed_at}: {one.digest}"
            )
        if not certificates:
            print("No declaration names this driver.")
    return 0
