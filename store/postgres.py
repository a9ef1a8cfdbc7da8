"""Connections to Postgres, the system of record."""

import asyncpg


async def connect(database_url: str, *, largest: int, timeout_seconds: int = 30) -> asyncpg.Pool:
    """Opens a pool of up to `largest` connections.

    `timeout_seconds` bounds each transaction in the server, so that a process that stalls in the middle of one
    cannot hold its locks for longer.
    """
    return await asyncpg.create_pool(
        database_url,
        min_size=0,
        max_size=largest,
        max_inactive_connection_lifetime=60,
        server_settings={
            "application_name": "openrtpd",
            "timezone": "UTC",
            "transaction_timeout": f"{timeout_seconds}s",
            "idle_in_transaction_session_timeout": f"{timeout_seconds}s",
        },
    )
