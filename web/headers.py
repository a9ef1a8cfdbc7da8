"""Headers that keep every answer safe, whoever made it: pages set stricter ones, this adds what is left out."""

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


async def secured(message: Any, scope: Any) -> None:
    """Adds the missing headers to the beginning of an answer; for Litestar's `before_send`."""
    if message["type"] != "http.response.start":
        return
    given = message.get("headers") or ()
    names = {name.lower() for name, _ in given}
    wanted = (*_EVERYWHERE, _OVER_TLS) if scope["scheme"] == "https" else _EVERYWHERE
    message["headers"] = [*given, *(header for header in wanted if header[0] not in names)]
