"""Headers that keep every answer safe, whoever made it: pages set stricter ones, this adds what is left out."""

from collections.abc import Collection
from typing import Any

#: What is no page runs nothing, is shown in no frame, and is what it says it is.
_EVERYWHERE: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)
_OVER_TLS = (b"strict-transport-security", b"max-age=31536000")


_EVERYWHERE_OVER_TLS = (*_EVERYWHERE, _OVER_TLS)


def safe_headers(scheme: str, given: Collection[tuple[bytes, bytes]] = ()) -> tuple[tuple[bytes, bytes], ...]:
    """Gives the headers that an answer lacks; `scheme` is the request's."""
    wanted = _EVERYWHERE_OVER_TLS if scheme == "https" else _EVERYWHERE
    if not given:
        return wanted
    names = {name.lower() for name, _ in given}
    return tuple([header for header in wanted if header[0] not in names])


async def secured(message: Any, scope: Any) -> None:
    """Adds the missing headers to the beginning of an answer; for Litestar's `before_send`."""
    if message["type"] != "http.response.start":
        return
    given = message.get("headers") or ()
    message["headers"] = [*given, *safe_headers(scope["scheme"], given)]
