"""`rtpd simulate`: what authorities would have done, for demonstrations and tests."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import asyncpg
from cyclopts import App, Parameter
from cyclopts.validators import Number

from exchange.authorities import DEMO, load_authorities, read_authorities
from exchange.simulation import ask_today, load, simulate
from rtpd.addresses import addresses_of
from rtpd.output import Json, print_json
from rtpd.settings import read_settings

app = App(name="simulate", help="Simulated work of authorities.")

_Count = Annotated[int, Parameter(validator=Number(gte=0))]
_AtLeastOne = Annotated[int, Parameter(validator=Number(gte=1))]


@app.command
async def exchanges(
    *, count: _Count = 3000, days: _AtLeastOne = 365, seed: int = 1, today: _Count = 20, json: Json = False
) -> None:
    """Simulate a year of exchanges between authorities and enter it; the directory of the demo comes with it.

    Example: `rtpd simulate exchanges --count 10000 --seed 7`

    Parameters
    ----------
    count: Exchanges that begin in the period.
    days: Length of the period, which ends today.
    seed: The same seed on the same day gives the same exchanges.
    today: Requests for documents that are opened now, about declarations that are stored.
    """
    with DEMO.open("rb") as lines:
        authorities = read_authorities(lines)
    until = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since = until.date() - timedelta(days=days)
    simulated = simulate(authorities, seed=seed, count=count, since=since, until=until)
    async with asyncpg.create_pool(addresses_of(read_settings()).database_url, min_size=0, max_size=2) as pool:
        async with pool.acquire() as connection:
            await load_authorities(connection, authorities)
            await load(connection, simulated, authorities)
        opened = await ask_today(pool, today, datetime.now(UTC))
    counts = {
        "exchanges": len(simulated.exchanges),
        "moves": len(simulated.events),
        "alerts": len(simulated.alerts),
        "openedToday": opened,
    }
    if json:
        print_json(counts)
    else:
        print(", ".join(f"{number} {name}" for name, number in counts.items()))
