"""Addresses of PostgreSQL, Redis and the lake: the ones that are set, and embedded servers for the others."""

from pathlib import Path

from rtpd.addresses import Addresses, lake_folder
from rtpd.embedded.postgres import Postgres
from rtpd.embedded.sockets import socket_folder
from rtpd.embedded.valkey import Valkey
from rtpd.settings import Settings


class EmbeddedServers:
    """Starts the servers that the settings name no address for, with all their data in one folder.

    `postgres` and `redis` are None where an address is set. A server object may be started again after its
    death; so does the supervisor.
    """

    def __init__(self, settings: Settings) -> None:
        home = settings.home
        sockets = socket_folder(home)
        self.postgres = None if settings.database_url else Postgres(home, sockets, settings.shared_buffers_mb)
        self.redis = None if settings.redis_url else Valkey(home, sockets, settings.redis_memory_mb)
        database_url = settings.database_url or (self.postgres.url if self.postgres else "")
        redis_url = settings.redis_url or (self.redis.url if self.redis else "")
        self.addresses = Addresses(database_url, redis_url, lake_folder(settings))

    @property
    def running(self) -> tuple[Postgres | Valkey, ...]:
        """The embedded servers in the order of their start; they are stopped the other way round."""
        return tuple(server for server in (self.postgres, self.redis) if server)

    def start(self) -> Addresses:
        """Starts what is not set, makes the lake's folder and gives all addresses."""
        for server in self.running:
            server.start()
        self.make_lake()
        return self.addresses

    def make_lake(self) -> None:
        """Makes the lake's folder if it is on this machine."""
        if "://" not in self.addresses.lake:
            Path(self.addresses.lake).mkdir(parents=True, exist_ok=True)

    def stop(self) -> None:
        """Stops what was started: Redis, then PostgreSQL."""
        for server in reversed(self.running):
            server.stop()
