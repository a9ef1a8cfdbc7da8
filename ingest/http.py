"""HTTP as the hot routes speak it: raw ASGI in, JSON and problem documents (RFC 9457) out."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec
import structlog
from redis.exceptions import RedisError

from exchange.record import ExchangeRefusedError
from ingest.body import BodyError, ClientGoneError
from ingest.idempotency import KeyReusedError, SubmissionInProgressError
from ingest.journal import JournalFullError, JournalUnreachableError, LeaseLostError, VersionConflictError
from ingest.language import language_of
from ingest.rates import TooManyRequestsError
from ingest.registry import KeyUnknownError, OperatorNotDelegatedError, RegistryUnreachableError
from schemas.languages import SOURCE
from schemas.problem import Problem, ProblemDocument
from store.postgres import POSTGRES_AWAY
from validate.problems import KINDS, in_language, problem
from web.headers import safe_headers

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Scope = dict[str, Any]
Handler = Callable[["Request"], Awaitable[None]]
ASGIApplication = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]

_encode = msgspec.json.Encoder().encode
_log = structlog.get_logger("ingest")

RETRY_SECONDS = 2
_NOT_STORED = (b"cache-control", b"no-store")


class RefusedError(Exception):
    """The request cannot be served; `code` is the problem's code, its table in problems.toml has the status."""

    def __init__(self, code: str, *problems: Problem, retry_seconds: int | None = None, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.problems = problems
        self.retry_seconds = retry_seconds
        self.values = values


class Request:
    """One request: ASGI's three parts with the few questions that the hot routes ask."""

    __slots__ = ("extra_headers", "headers", "receive", "scope", "send", "submission_id")

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.submission_id: str | None = None
        self.extra_headers: tuple[tuple[bytes, bytes], ...] = ()

    def header(self, name: bytes) -> str:
        """Gives a header's value, empty where it is missing."""
        return self.headers.get(name, b"").decode("latin-1").strip()

    @property
    def announced_length(self) -> bytes:
        """The Content-Length, empty where none counts."""
        return b"" if b"transfer-encoding" in self.headers else self.headers.get(b"content-length", b"")

    def identifier(self, name: str) -> UUID:
        """Gives a part of the path as a UUID. Raises `RefusedError`: what is none cannot be found."""
        try:
            return UUID(self.scope["path_params"][name])
        except ValueError as error:
            raise RefusedError("not_found") from error

    def parameters(self) -> dict[str, str]:
        """Gives the parameters of the query string; of one that comes twice, the last."""
        return dict(parse_qsl(self.scope["query_string"].decode("latin-1"), keep_blank_values=True))

    def asks(self, name: bytes) -> bool:
        """Says whether the query string has `name=true` (or `=1`). Raises `RefusedError` for what is no answer."""
        query: bytes = self.scope["query_string"]
        if name not in query:
            return False
        pairs = (pair.partition(b"=") for pair in query.split(b"&"))
        said = next((value.lower() for asked, _, value in pairs if asked == name), b"false")
        if said not in (b"true", b"1", b"false", b"0"):
            raise RefusedError("parameter_wrong", name=name.decode(), reason="send true or false")
        return said in (b"true", b"1")

    async def answer(
        self, status: int, body: bytes, media_type: bytes = b"application/json", *headers: tuple[bytes, bytes]
    ) -> None:
        """Sends a whole answer."""
        await self.send(self._start(status, media_type, (b"content-length", b"%d" % len(body)), *headers))
        await self.send({"type": "http.response.body", "body": body})

    async def answer_unless_known(self, body: bytes, etag: str | None = None) -> None:
        """Sends a whole answer with its entity tag, or 304 to a client that has it already.

        `etag` is the version of what is answered; without it the tag is a digest of the body, a weak one.
        """
        tag = etag or f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        headers = ((b"etag", tag.encode()), (b"cache-control", b"private, no-cache"))
        if tag in map(str.strip, self.header(b"if-none-match").split(",")):
            await self.send(self._start(304, b"application/json", *headers))
            await self.send({"type": "http.response.body", "body": b""})
        else:
            await self.answer(200, body, b"application/json", *headers)

    def check_if_match(self, etag: str) -> None:
        """Raises `RefusedError`, a 412, if If-Match names another version than the present one."""
        named = self.header(b"if-match")
        if named and named != "*" and etag not in map(str.strip, named.split(",")):
            raise RefusedError("version_outdated", etag=etag)

    async def stream(
        self,
        status: int,
        pieces: AsyncIterator[bytes] | Iterable[bytes],
        media_type: bytes,
        *headers: tuple[bytes, bytes],
    ) -> None:
        """Sends an answer piece by piece."""
        await self.send(self._start(status, media_type, *headers))
        if isinstance(pieces, AsyncIterator):
            async for piece in pieces:
                await self.send({"type": "http.response.body", "body": piece, "more_body": True})
        else:
            for piece in pieces:
                await self.send({"type": "http.response.body", "body": piece, "more_body": True})
        await self.send({"type": "http.response.body", "body": b""})

    async def refuse(self, error: RefusedError) -> None:
        """Sends a problem document."""
        retry = error.retry_seconds
        extra: tuple[tuple[bytes, bytes], ...] = ((b"retry-after", str(retry).encode()),) if retry is not None else ()
        language = language_of(self)
        extra += ((b"content-language", language.encode()),)
        document = problem_document(error, self.submission_id, language)
        await self.answer(document.status, _encode(document), b"application/problem+json", *extra)

    def _start(self, status: int, media_type: bytes, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
        always = _always(self.scope.get("scheme", "http"), media_type, tuple([name for name, _ in headers]))
        named = [*always, *headers, *self.extra_headers]
        return {"type": "http.response.start", "status": status, "headers": named}


@lru_cache(maxsize=1_000)
def _always(scheme: str, media_type: bytes, given: tuple[bytes, ...]) -> tuple[tuple[bytes, bytes], ...]:
    """Gives the headers that an answer with these lacks; whatever does not say otherwise is not to be stored."""
    always = ((b"content-type", media_type), *safe_headers(scheme, [(name, b"") for name in given]))
    return always if b"cache-control" in given else (*always, _NOT_STORED)


def problem_document(error: RefusedError, submission_id: str | None = None, language: str = SOURCE) -> ProblemDocument:
    """Words an error as a problem document, in a language as far as it has texts."""
    worded = in_language(problem(error.code, "", **error.values), language)
    found = tuple(in_language(one, language) for one in error.problems)
    detail = _said(worded)
    # The one text that RTPD's clients show (domain.md 3.4a): it says what to do as well.
    message = " ".join(map(_said, found)) or detail
    return ProblemDocument(
        type=f"urn:openrtpd:problem:{error.code}",
        title=worded.text,
        status=KINDS[error.code].status,
        detail=detail,
        code=error.code,
        message=message,
        problems=found or (worded,),
        submission_id=submission_id,
    )


def _said(found: Problem) -> str:
    return found.text if found.suggestion is None else f"{found.text} {found.suggestion}"


def guarded(handler: Handler) -> ASGIApplication:
    """Makes an ASGI application of a handler: every error becomes a problem document, none a bare 500."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        try:
            await handler(request)
        except ClientGoneError:
            return
        except Exception as error:
            await request.refuse(as_refusal(error))

    return application


def as_refusal(error: Exception) -> RefusedError:
    """Turns any error into the refusal that is sent for it; an unforeseen one is logged with its trace."""
    match error:
        case RefusedError():
            return error
        case BodyError():
            refusal = RefusedError(error.code)
            refusal.values = error.values
            return refusal
        case ExchangeRefusedError():
            return RefusedError(error.code, problem(error.code, error.pointer, **error.values), **error.values)
        case KeyUnknownError():
            return RefusedError("key_unknown")
        case OperatorNotDelegatedError():
            return RefusedError("operator_not_delegated", operator=error.operator_id)
        case RegistryUnreachableError():
            return _later("service_unavailable", RETRY_SECONDS)
        case JournalUnreachableError():
            return _later("queue_unreachable", RETRY_SECONDS)
        case JournalFullError():
            return _later("queue_full", RETRY_SECONDS)
        case SubmissionInProgressError():
            return _later("submission_in_progress", error.seconds)
        case LeaseLostError():
            return _later("submission_in_progress", RETRY_SECONDS)
        case TooManyRequestsError():
            return _later("too_many_requests", error.seconds)
        case VersionConflictError():
            return _later("changed_meanwhile", RETRY_SECONDS)
        case KeyReusedError():
            return RefusedError("idempotency_key_reused")
    if isinstance(error, (RedisError, *POSTGRES_AWAY)):
        return _later("service_unavailable", RETRY_SECONDS)
    _log.error("unforeseen", kind=type(error).__name__, exc_info=error)
    return RefusedError("internal")


def _later(code: str, seconds: int) -> RefusedError:
    return RefusedError(code, retry_seconds=seconds, seconds=seconds)
