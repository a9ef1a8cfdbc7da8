"""Commands to Redis and their answers on a connection, without what a client does beside that for each.

The journal waits for one round trip a flush; half of what Python spent on it was redis-py's pool, retries and pipeline.
"""

import time
from collections.abc import Sequence
from typing import Any

from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ResponseError

from schemas.scripts import Argument

#: A connection that was of use so lately is not asked whether it still is.
_SURE_SECONDS = 1.0


class Direct:
    """Sends commands on connections of a pool, each for one caller at a time; they stay out of the pool."""

    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool
        self._idle: list[tuple[AbstractConnection, float]] = []

    async def ask(self, *commands: Sequence[Argument]) -> list[Any]:
        """Sends some commands together and gives their answers, errors of Redis as values.

        Raises `RedisError` or `OSError` if Redis is out of reach; what was sent may have been done.
        """
        connection = await self._connection()
        try:
            await connection.send_packed_command(connection.pack_commands(commands))
            answers = [await _answer(connection) for _ in commands]
        except BaseException:  # cancelled, too: an answer that nobody read would be taken for the next one's
            await connection.disconnect(nowait=True)
            await self._pool.release(connection)
            raise
        self._idle.append((connection, time.monotonic()))
        return answers

    async def _connection(self) -> AbstractConnection:
        if not self._idle:
            fresh: AbstractConnection = await self._pool.get_connection()
            return fresh
        connection, used_at = self._idle.pop()
        if time.monotonic() - used_at > _SURE_SECONDS:
            try:
                await self._pool.ensure_connection(connection)  # connects anew if the other side has closed it
            except BaseException:
                await self._pool.release(connection)
                raise
        return connection


async def _answer(connection: AbstractConnection) -> Any:
    try:
        return await connection.read_response()
    except ResponseError as error:
        return error
