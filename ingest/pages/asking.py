"""A page asks as any client does: it calls the function that answers the API's route, with the visitor's key.

Pages name the function; what the route has around it, such as approval by a second person, is there for them too.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec

from ingest.http import Request
from ingest.intake import Intake
from ingest.pages.session import Session
from ingest.routes import ROUTES

Handler = Callable[[Intake, Request], Awaitable[None]]
_encode = msgspec.json.Encoder().encode


_PARAMETER = re.compile(r"\{(\w+):\w+\}")


class _Route(NamedTuple):
    method: str
    path: str
    handler: Handler


class Answer:
    """What a function of the API answered: status, headers, body."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self._body = bytearray()

    @property
    def body(self) -> bytes:
        """The whole body."""
        return bytes(self._body)

    async def take(self, message: Any) -> None:
        """Takes one message of ASGI."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in message["headers"]}
        else:
            self._body += message["body"]


async def ask(
    intake: Intake,
    session: Session,
    handler: Handler,
    *,
    path: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    said: object = None,
    pieces: AsyncIterator[bytes] | None = None,
    etag: str = "",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Asks a function of the API on behalf of a session; the body is `said` as JSON, or the `pieces` as they are.

    `etag` names the version that is to be changed. Raises what the function raises.
    """
    named = {"x-api-key": session.api_key, "x-operator-id": session.operator_id, **(headers or {})}
    if etag:
        named["if-match"] = etag
    named_in_path, route = dict(path or {}), _routes()[handler]
    scope: dict[str, Any] = {
        "type": "http",
        "method": route.method,
        "path": _PARAMETER.sub(lambda part: named_in_path[part[1]], route.path),
        "headers": [(name.encode(), value.encode("latin-1", "replace")) for name, value in named.items()],
        "path_params": named_in_path,
        "query_string": urlencode(query or {}).encode(),
    }
    answer = Answer()
    body = pieces or _whole(b"" if said is None else _encode(said))

    async def receive() -> dict[str, Any]:
        async for piece in body:
            return {"type": "http.request", "body": piece, "more_body": True}
        return {"type": "http.request", "body": b"", "more_body": False}

    await route.handler(intake, Request(scope, receive, answer.take))
    return answer


async def _whole(body: bytes) -> AsyncIterator[bytes]:
    yield body


@cache
def _routes() -> dict[Handler, _Route]:
    """Gives the route of each function of the API, whichever of its layers is named."""
    return {
        layer: _Route(method, path, handler)
        for path, methods in ROUTES.items()
        for method, handler in methods.items()
        for layer in _layers(handler)
    }


def _layers(handler: Handler) -> Iterator[Handler]:
    layer: Handler | None = handler
    while layer is not None:
        yield layer
        layer = getattr(layer, "__wrapped__", None)
