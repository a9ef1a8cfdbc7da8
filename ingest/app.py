"""The operators' application: the hot routes as raw ASGI inside Litestar, the parts that they share."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from litestar import Litestar, Response, asgi
from litestar import Request as LitestarRequest
from litestar import route as litestar_route
from litestar.exceptions import MethodNotAllowedException, NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp
from litestar.types import Receive as LitestarReceive
from litestar.types import Scope as LitestarScope
from litestar.types import Send as LitestarSend
from redis.asyncio import Redis

from ingest.bulk import submit_bulk
from ingest.health import health, metrics, ready
from ingest.http import RefusedError, Request, as_refusal, guarded, problem_document
from ingest.idempotency import IdempotencyKeys
from ingest.intake import Intake
from ingest.journal import Journal
from ingest.openapi import openapi
from ingest.reading import read_declaration, read_submission
from ingest.receipt import Signer
from ingest.registry import Registry
from ingest.single import submit_single
from schemas.identity import SerialClock
from schemas.problem import ProblemDocument
from store import postgres
from store.service_keys import service_key

_NODE_KEY = "rtpd:node"


@dataclass(slots=True)
class Options:
    """What an ingest process needs to know: addresses, number of shards, the queue's limit in declarations."""

    database_url: str
    redis_url: str
    shards: int
    queue_limit: int


@dataclass(slots=True)
class Parts:
    """What the routes of one process share; filled when it starts."""

    intake: Intake
    pool: asyncpg.Pool


Route = Callable[[Parts, Request], Awaitable[None]]


class Application:
    """Builds the Litestar application of the operators' side."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._parts: Parts | None = None

    def build(self) -> Litestar:
        """Gives the application with all its routes."""
        return Litestar(
            route_handlers=[
                self._mount("/declarations/bulk", POST=_bulk),
                self._mount("/declarations/submit", POST=_single),
                self._mount("/declarations/{declaration_id:str}", GET=_declaration),
                self._mount("/submissions/{submission_id:str}", GET=_submission),
                self._mount("/health", GET=_health),
                self._mount("/ready", GET=_ready),
                self._mount("/metrics", GET=_metrics),
                self._mount("/openapi.json", GET=_openapi),
            ],
            lifespan=[self._lifespan],
            exception_handlers={Exception: _unforeseen},
            openapi_config=None,
        )

    @asynccontextmanager
    async def _lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        options = self._options
        redis = Redis.from_url(options.redis_url)
        pool = await postgres.connect(options.database_url, largest=8)
        registry = Registry(pool, redis)
        intake = Intake(
            registry,
            Journal(redis, options.shards, options.queue_limit),
            IdempotencyKeys(redis),
            Signer(await service_key(pool, "receipt")),
            SerialClock(await redis.incr(_NODE_KEY)),
            await service_key(pool, "number"),
        )
        self._parts = Parts(intake, pool)
        _spare_the_collector()
        fresh = asyncio.create_task(registry.keep_fresh())
        try:
            yield
        finally:
            fresh.cancel()
            await pool.close()
            await redis.aclose()

    def _mount(self, path: str, **routes: Route) -> BaseRouteHandler:
        """Makes a route of one coroutine for each method; a path without parameters is raw ASGI."""

        async def handle(request: Request) -> None:
            route = routes.get(request.scope["method"])
            if route is None:
                allowed = ", ".join(routes)
                raise RefusedError("method_not_allowed", method=request.scope["method"], allowed=allowed)
            assert self._parts is not None
            await route(self._parts, request)

        application = guarded(handle)

        if "{" in path:
            # Litestar's raw routes take no parameters: an ordinary route hands its request on.
            @litestar_route(path, http_method=["GET", "POST", "PUT", "DELETE"], name=path)
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


async def _bulk(parts: Parts, request: Request) -> None:
    await submit_bulk(parts.intake, request)


async def _single(parts: Parts, request: Request) -> None:
    await submit_single(parts.intake, request)


async def _declaration(parts: Parts, request: Request) -> None:
    await read_declaration(parts.intake, parts.pool, request, _identifier(request, "declaration_id"))


async def _submission(parts: Parts, request: Request) -> None:
    await read_submission(parts.intake, parts.pool, request, _identifier(request, "submission_id"))


async def _health(_parts: Parts, request: Request) -> None:
    await health(request)


async def _ready(parts: Parts, request: Request) -> None:
    await ready(parts.intake, parts.pool, request)


async def _metrics(parts: Parts, request: Request) -> None:
    await metrics(parts.intake, request)


async def _openapi(_parts: Parts, request: Request) -> None:
    await request.answer(200, openapi())


def _identifier(request: Request, name: str) -> UUID:
    try:
        return UUID(request.scope["path_params"][name])
    except ValueError as error:
        raise RefusedError("not_found") from error
