"""Connections to Postgres, the system of record."""

import asyncpg

#: What asyncpg raises when Postgres is not there, goes down (also because another backend crashed) or comes up, and
#: when a connection ends in the middle of an answer.
POSTGRES_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)


async def connect(
    database_url: str, *, largest: int, timeout_seconds: int = 30, stateless: bool = False
) -> asyncpg.Pool:
    """Opens a pool of up to `largest` connections.

    `stateless` says that nobody leaves anything in a session (no SET, no LISTEN, no lock beyond a transaction):
    then nothing is cleared away after each use, which costs a round trip.

    `timeout_seconds` bounds each transaction in the server, so that a process that stalls in the middle of one
    cannot hold its locks for longer.
    """
    return await asyncpg.create_pool(
        database_url,
        min_size=0,
        max_size=largest,
        max_inactive_connection_lifetime=60,
        reset=_nothing_to_clear if stateless else None,
        server_settings={
            "application_name": "openrtpd",
            "timezone": "UTC",
            "transaction_timeout": f"{timeout_seconds}s",
            "idle_in_transaction_session_timeout": f"{timeout_seconds}s",
        },
    )


async def _nothing_to_clear(_connection: asyncpg.Connection) -> None:
    """Leaves a session as it is."""
