"""Sending one signed request to an address that the internet reaches, and to none inside our own network.

The name is resolved here and the connection goes to the very address that was looked at, so that a name which
points elsewhere a moment later (DNS rebinding) gains nothing. Redirects are not followed, bodies not read.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpcore

from ingest.http import RefusedError
from ingest.webhooks.signing import signed

_TIMEOUT_SECONDS = 10.0
_TIMEOUTS = dict.fromkeys(("connect", "read", "write", "pool"), _TIMEOUT_SECONDS)


class PrivateAddressError(httpcore.ConnectError):
    """The name of the webhook points into a private network."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an address answered: its status, or why there is none."""

    status: int | None
    reason: str | None = None

    @property
    def delivered(self) -> bool:
        """Says whether the address took the event."""
        return self.status is not None and 200 <= self.status < 300


def check_address(url: str, *, allow_private: bool) -> None:
    """Refuses an address that webhooks never go to. Raises `RefusedError` (address_not_public)."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise RefusedError("address_not_public", reason="it is no address") from error
    if not host or parts.username is not None or not url.isascii() or not url.isprintable() or " " in url:
        raise RefusedError("address_not_public", reason="it must be https://, a name and a path")
    if allow_private:
        if parts.scheme not in ("http", "https"):
            raise RefusedError("address_not_public", reason="it is not http")
        return
    if parts.scheme != "https":
        raise RefusedError("address_not_public", reason="it is not https")
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        if "." not in host.rstrip("."):
            raise RefusedError("address_not_public", reason="its name has no domain") from None
    else:
        if not _is_public(str(literal)):
            raise RefusedError("address_not_public", reason="it lies in a private network")


class Sender:
    """Sends webhooks; `allow_private` is for tests and for installations inside one network."""

    def __init__(self, *, allow_private: bool) -> None:
        backend = _Guarded(allow_private=allow_private)
        self._pool = httpcore.AsyncConnectionPool(network_backend=backend, max_connections=100)
        self._allow_private = allow_private

    async def close(self) -> None:
        """Closes all connections."""
        await self._pool.aclose()

    async def send(self, url: str, secret: str, message_id: str, timestamp: int, body: bytes) -> Outcome:
        """Posts a body, signed as of a timestamp (seconds since 1970), and gives what became of it."""
        headers = signed(secret, message_id, timestamp, body)
        headers |= {"content-type": "application/json", "user-agent": "OpenRTPD webhooks"}
        headers |= {"host": urlsplit(url).netloc, "content-length": str(len(body))}
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        try:
            check_address(url, allow_private=self._allow_private)
            async with (
                asyncio.timeout(2 * _TIMEOUT_SECONDS),
                self._pool.stream(
                    "POST", url.encode(), headers=pairs, content=body, extensions={"timeout": _TIMEOUTS}
                ) as answer,
            ):
                return Outcome(answer.status, None if 200 <= answer.status < 300 else "refused")
        except RefusedError:
            return Outcome(None, "private_address")
        except PrivateAddressError:
            return Outcome(None, "private_address")
        except (httpcore.TimeoutException, TimeoutError):
            return Outcome(None, "timeout")
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            return Outcome(None, f"unreachable ({type(error).__name__})")


class _Guarded(httpcore.AsyncNetworkBackend):
    """Opens connections to public addresses only."""

    def __init__(self, *, allow_private: bool) -> None:
        self._backend = httpcore.AnyIOBackend()
        self._allow_private = allow_private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            raise httpcore.ConnectError("the name is not known") from error
        addresses = [str(entry[4][0]) for entry in found]
        if not self._allow_private and not all(map(_is_public, addresses)):
            raise PrivateAddressError
        return await self._backend.connect_tcp(addresses[0], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)


def _is_public(address: str) -> bool:
    """Says whether an address is of the internet; one that wraps an IPv4 address is as that one is."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if wrapped:
            return wrapped.is_global and not wrapped.is_multicast
        if ip in _NAT64:
            return _is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip.is_global and not ip.is_multicast


_NAT64 = ipaddress.ip_network("64:ff9b::/96")
