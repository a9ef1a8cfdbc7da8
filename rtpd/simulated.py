"""A simulated year of exchanges between authorities, entered into the register for the demo and for tests."""

from datetime import UTC, datetime, timedelta

import asyncpg
from msgspec import Struct

from exchange.authorities import DEMO, load_authorities, read_authorities
from exchange.simulation import ask_today, load, simulate


class Entered(Struct, frozen=True, rename="camel"):
    """What was entered: exchanges, their moves, alerts, and requests opened now about declarations that are stored."""

    exchanges: int
    moves: int
    alerts: int
    opened_today: int


async def enter_exchanges(pool: asyncpg.Pool, *, count: int, days: int, seed: int, today: int) -> Entered:
    """Simulates `count` exchanges of the `days` until today and enters them with the demo's directory.

    `today` requests for documents are opened now. Raises asyncpg's errors, such as for a year that is there already.
    """
    with DEMO.open("rb") as lines:
        authorities = read_authorities(lines)
    until = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since = until.date() - timedelta(days=days)
    simulated = simulate(authorities, seed=seed, count=count, since=since, until=until)
    async with pool.acquire() as connection:
        await load_authorities(connection, authorities)
        await load(connection, simulated, authorities)
    opened = await ask_today(pool, today, datetime.now(UTC))
    return Entered(len(simulated.exchanges), len(simulated.events), len(simulated.alerts), opened)
