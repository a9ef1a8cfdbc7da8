"""The authorities' application: look-ups by officers, each bound to one Member State."""

import asyncio
import gc
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec
from litestar import Litestar, Request, Response, get
from litestar.datastructures import State
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from exchange.translators import Service
from reports import metrics
from reports.analysis.routes import ROUTES as ANALYSIS_ROUTES
from reports.desk.parts import DeskParts, open_desk
from reports.desk.routes import ROUTES as DESK_ROUTES
from reports.embedded_issuer import issuer_router
from reports.files import LakeFiles, LakeUnreadError
from reports.issuer import OpenIdSettings
from reports.lookup import Lookup
from reports.lookup_log import Entry, LookupLog
from reports.lookup_request import lookup_parameters, question_of
from reports.officers import Officers
from reports.openapi import openapi
from reports.openid import OpenId
from reports.operators import Operators
from reports.pages.routes import ROUTES as PAGES
from reports.readers import Readers, open_readers
from reports.refusal import RETRY_SECONDS, RefusedError, answer_error
from reports.roadside.answering import answered, judged
from reports.roadside.copies import PrintCopy
from reports.roadside.pack_shelf import PackShelf
from reports.roadside.routes import ROUTES as ROADSIDE_ROUTES
from schemas import statements
from store import postgres
from web.choice import language_of
from web.headers import safe_headers, secured
from web.straight import Answers, Straight

_SQL = statements.load("reports", "register")
_encode = msgspec.json.Encoder().encode
_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_FOUND = (
    (b"content-type", b"application/json"),
    *((name.encode(), value.encode()) for name, value in _HEADERS.items()),
)

Ask = Request[Any, Any, State]


@dataclass(frozen=True, slots=True)
class Options:
    """What a reports process needs to know. `held_rows` of each table are held in memory; DuckDB takes `memory_mb`.

    `threads` look-ups read at one time, by default one on each core.

    `documents` is where the files of exchanges lie, `translation` the service that translates their texts; `openid`
    the issuer that knows officers, `print_copy` makes the PDF of a driver's copy.
    """

    database_url: str
    lake: str
    held_rows: int = 300_000
    memory_mb: int = 160
    threads: int = field(default_factory=lambda: max(2, os.cpu_count() or 2))
    documents: str = "documents"
    translation: Service | None = None
    openid: OpenIdSettings | None = None
    print_copy: PrintCopy | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """What the routes of one process share."""

    pool: asyncpg.Pool
    officers: Officers
    files: LakeFiles
    readers: Readers
    operators: Operators
    lookup: Lookup
    log: LookupLog
    desk: DeskParts
    packs: PackShelf
    print_copy: PrintCopy | None


def create_app(options: Options) -> Litestar:
    """Builds the application of one reports process; the lake has to exist (`rtpd migrate`)."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with _parts(options) as parts:
            gc.collect()
            gc.freeze()  # what is there by now stays; it need not be looked through again
            gc.set_threshold(20_000, 20, 100)
            app.state.parts = parts
            app.state.options = options
            yield

    authorities = Straight(
        route_handlers=[
            lookup,
            health,
            ready,
            prometheus,
            document,
            *ANALYSIS_ROUTES,
            *DESK_ROUTES,
            *ROADSIDE_ROUTES,
            *PAGES,
            *([issuer_router(options.openid)] if options.openid and options.openid.embedded else []),
        ],
        lifespan=[lifespan],
        exception_handlers={Exception: _refuse},
        before_send=[secured],
        openapi_config=None,
    )
    authorities.straight = {("GET", "/lookup"): _straight_lookup(authorities)}
    return authorities


@asynccontextmanager
async def _parts(options: Options) -> AsyncIterator[Parts]:
    pool = await postgres.connect(options.database_url, largest=8, stateless=True)
    readers = await asyncio.to_thread(
        open_readers, options.database_url, options.lake, memory_mb=options.memory_mb, threads=options.threads
    )
    files = LakeFiles(pool, readers, Path(options.lake), options.held_rows)
    await files.refresh()
    fresh = asyncio.create_task(files.keep_fresh())
    openid = None
    if options.openid is not None:  # our own issuer is on this machine, where no proxy stands between
        openid = OpenId(options.openid, httpx.AsyncClient(trust_env=not options.openid.embedded))
    officers, operators = Officers(pool, openid), Operators(pool)
    packs = PackShelf(pool, options.database_url, options.lake)
    desk = open_desk(pool, officers, options.documents, options.translation)
    try:
        lookup = Lookup(files, readers, operators)
        yield Parts(pool, officers, files, readers, operators, lookup, LookupLog(pool), desk, packs, options.print_copy)
    finally:
        fresh.cancel()
        await asyncio.wait([fresh])
        if openid is not None:
            await openid.close()
        readers.close()
        packs.close()
        await pool.close()


@get("/lookup")
async def lookup(request: Ask) -> Response[bytes]:
    """Answers whether a vehicle is covered."""
    return _answer(await _looked_up(request))


def _straight_lookup(app: Litestar) -> Answers:
    """Makes raw ASGI of look-ups, for `web.straight`."""

    async def look_up(scope: Any, receive: Any, send: Any) -> None:
        scope["app"] = scope["litestar_app"] = app
        request = Ask(scope, receive, send)
        try:
            body = await _looked_up(request)
        except Exception as error:
            refusal = _refuse(request, error)
            given = [(name.encode(), b"") for name in refusal.headers]
            headers = safe_headers(scope["scheme"], given)
            await refusal.to_asgi_response(None, request, encoded_headers=headers)(scope, receive, send)
            return
        headers = (*_FOUND, *safe_headers(scope["scheme"], _FOUND), (b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return look_up


async def _looked_up(request: Ask) -> bytes:
    began = time.perf_counter()
    parts: Parts = request.app.state.parts
    officer = await parts.officers.identify(request.headers.get("authorization"))
    parameters = lookup_parameters(request.query_params.items())
    judgement, met = await judged(parts, question_of(parameters, officer))
    entry = Entry(
        officer.officer_id,
        officer.host,
        "plate",
        parameters.plate,
        parameters.purpose,
        judgement.verdict.code,
    )
    # The log is written while the page is read; without its entry there is no answer.
    logged = parts.log.add(entry)
    answer = await answered(parts, judgement, met, language_of(request))
    await logged
    metrics.lookups_total.labels(answer.verdict).inc()
    metrics.lookup_seconds.observe(time.perf_counter() - began)
    return _encode(answer)


@get("/health")
async def health() -> Response[bytes]:
    """Says that this process runs."""
    return _answer(b'{"status":"ok"}')


@get("/ready")
async def ready(request: Ask) -> Response[bytes]:
    """Says whether look-ups can be answered and logged: 200, else 503."""
    parts: Parts = request.app.state.parts
    found = {"register": True, "lake": True}
    try:
        await parts.pool.fetchval(_SQL["reach"])
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        found["register"] = False
    try:
        _ = parts.files.state
    except LakeUnreadError:
        found["lake"] = False
    is_ready = all(found.values())
    answer = _answer(_encode({"ready": is_ready, **found}), status=200 if is_ready else 503)
    if not is_ready:
        answer.headers["retry-after"] = str(RETRY_SECONDS)
    return answer


@get("/metrics")
async def prometheus(request: Ask) -> Response[bytes]:
    """Gives the counters in Prometheus' format."""
    files: LakeFiles = request.app.state.parts.files
    metrics.snapshot_number.set(files.state.snapshot)
    metrics.rows_in_memory.set(files.rows_in_memory)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@get("/openapi.json")
async def document() -> Response[bytes]:
    """Describes this side's operations."""
    return _answer(openapi())


def _answer(body: bytes, status: int = 200) -> Response[bytes]:
    return Response(body, status_code=status, media_type="application/json", headers=dict(_HEADERS))


def _refuse(request: Ask, error: Exception) -> Response[bytes]:
    answer = answer_error(request, error)
    code = error.code if isinstance(error, RefusedError) else str(answer.status_code)
    metrics.refused_total.labels(code).inc()
    return answer
