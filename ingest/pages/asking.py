"""A page asks as any client does: it calls the function that answers the API's route, with the visitor's key."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from ingest.http import Request
from ingest.intake import Intake
from ingest.pages.session import Session

Handler = Callable[[Intake, Request], Awaitable[None]]
_encode = msgspec.json.Encoder().encode


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
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "headers": [(name.encode(), value.encode("latin-1", "replace")) for name, value in named.items()],
        "path_params": dict(path or {}),
        "query_string": urlencode(query or {}).encode(),
    }
    answer = Answer()
    body = pieces or _whole(b"" if said is None else _encode(said))

    async def receive() -> dict[str, Any]:
        async for piece in body:
            return {"type": "http.request", "body": piece, "more_body": True}
        return {"type": "http.request", "body": b"", "more_body": False}

    await handler(intake, Request(scope, receive, answer.take))
    return answer


async def _whole(body: bytes) -> AsyncIterator[bytes]:
    yield body
