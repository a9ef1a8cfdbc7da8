"""The operators' application: the hot routes as raw ASGI inside Litestar, the parts that they share."""

import gc
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import starmap
from typing import Any

from litestar import Litestar, Response, asgi
from litestar import Request as LitestarRequest
from litestar import route as litestar_route
from litestar.exceptions import MethodNotAllowedException, NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp
from litestar.types import Receive as LitestarReceive
from litestar.types import Scope as LitestarScope
from litestar.types import Send as LitestarSend

from ingest.changelog import headers_of
from ingest.http import ASGIApplication, RefusedError, Request, Send, as_refusal, guarded, problem_document
from ingest.intake import Intake, Options, open_intake
from ingest.pages.site import pages
from ingest.routes import ROUTES, Route
from schemas.problem import ProblemDocument
from web.headers import secured
from web.straight import Straight

__all__ = ["Options", "create_app"]


class Application:
    """Builds the Litestar application of the operators' side."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._intake: Intake | None = None

    def build(self) -> Litestar:
        """Gives the application with all its routes."""
        applications = {path: self._application(path, methods) for path, methods in ROUTES.items()}
        operators = Straight(
            route_handlers=[*starmap(_mount, applications.items()), *pages(self._parts)],
            lifespan=[self._lifespan],
            exception_handlers={Exception: _unforeseen},
            before_send=[secured],
            openapi_config=None,
        )
        operators.straight = {
            (method, path): one for path, one in applications.items() if "{" not in path for method in ROUTES[path]
        }
        return operators

    def _parts(self) -> Intake:
        assert self._intake is not None
        return self._intake

    @asynccontextmanager
    async def _lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        async with open_intake(self._options) as intake:
            self._intake = intake
            _spare_the_collector()
            yield

    def _application(self, path: str, routes: Mapping[str, Route]) -> ASGIApplication:
        """Makes an ASGI application of one coroutine for each method."""
        leaving = {method: headers for method in routes if (headers := headers_of(method, path))}

        def handle(request: Request) -> Awaitable[None]:
            if leaving:
                request.send = _with_headers(request.send, leaving.get(request.scope["method"], ()))
            route = routes.get(request.scope["method"])
            if route is None:
                allowed = ", ".join(routes)
                raise RefusedError("method_not_allowed", method=request.scope["method"], allowed=allowed)
            return route(self._parts(), request)

        return guarded(handle)


def _mount(path: str, application: ASGIApplication) -> BaseRouteHandler:
    """Makes a route of an application; a path without parameters is raw ASGI."""
    if "{" in path:
        # Litestar's raw routes take no parameters: an ordinary route hands its request on.
        @litestar_route(path, http_method=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], name=path)
        async def handed_on() -> ASGIApp:
            return application  # type: ignore[return-value]

        return handed_on

    @asgi(path, copy_scope=False, name=path)
    async def mounted(scope: LitestarScope, receive: LitestarReceive, send: LitestarSend) -> None:
        await application(scope, receive, send)  # type: ignore[arg-type]

    return mounted


def _spare_the_collector() -> None:
    """Makes full collections rare: what a block allocates dies with it, what is kept is caches without cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


def _with_headers(send: Send, headers: Sequence[tuple[bytes, bytes]]) -> Send:
    """Adds headers to whatever is answered, refusals included."""

    async def forward(message: Any) -> None:
        if message["type"] == "http.response.start":
            message = message | {"headers": [*message["headers"], *headers]}
        await send(message)

    return forward


def create_app(options: Options) -> Litestar:
    """Builds the application of one ingest process."""
    return Application(options).build()


def _unforeseen(_request: LitestarRequest[Any, Any, Any], error: Exception) -> Response[ProblemDocument]:
    """Answers what Litestar itself refuses (no such address, no such method) as everything else is answered."""
    match error:
        case NotFoundException():
            refusal = RefusedError("not_found")
        case MethodNotAllowedException():
            refusal = RefusedError("method_not_allowed", method=_request.method, allowed="another method")
        case _:
            refusal = as_refusal(error)
    document = problem_document(refusal)
    return Response(document, status_code=document.status, media_type="application/problem+json")
