"""`rtpd simulate`: what authorities would have done, for demonstrations and tests."""

from typing import Annotated

import asyncpg
import msgspec
from cyclopts import App, Parameter
from cyclopts.validators import Number

from rtpd.addresses import addresses_of
from rtpd.output import Json, print_json
from rtpd.settings import read_settings
from rtpd.simulated import enter_exchanges

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
    async with asyncpg.create_pool(addresses_of(read_settings()).database_url, min_size=0, max_size=2) as pool:
        entered = await enter_exchanges(pool, count=count, days=days, seed=seed, today=today)
    if json:
        print_json(entered)
    else:
        print(", ".join(f"{number} {name}" for name, number in msgspec.to_builtins(entered).items()))
