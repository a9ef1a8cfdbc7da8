"""Refusals of the authorities' side, as problem documents (RFC 9457)."""

from typing import Any

import asyncpg
import duckdb
import msgspec
import structlog
from asyncpg.exceptions._base import DataError as ClientDataError
from litestar import Request, Response
from litestar.exceptions import ClientException, MethodNotAllowedException, NotFoundException

from exchange.record import ExchangeRefusedError
from exchange.uploads import OffsetError
from reports.files import LakeUnreadError
from schemas.languages import SOURCE
from schemas.problem import Problem, ProblemDocument
from store.lake import reason
from validate.problems import KINDS, in_language, problem
from web.choice import language_of

_encode = msgspec.json.Encoder().encode
_log = structlog.get_logger("reports")

RETRY_SECONDS = 2


class RefusedError(Exception):
    """The request cannot be served; `code` is a table of problems.toml, which has the status."""

    def __init__(self, code: str, *problems: Problem, retry_seconds: int | None = None, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.problems = problems
        self.retry_seconds = retry_seconds
        self.values = values


def problem_document(error: RefusedError, language: str = SOURCE) -> ProblemDocument:
    """Words a refusal as a problem document in a language."""
    worded = in_language(problem(error.code, "", **error.values), language)
    found = tuple(in_language(one, language) for one in error.problems)
    detail = worded.text if worded.suggestion is None else f"{worded.text} {worded.suggestion}"
    return ProblemDocument(
        type=f"urn:openrtpd:problem:{error.code}",
        title=worded.text,
        status=KINDS[error.code].status,
        detail=detail,
        code=error.code,
        message="; ".join(one.text for one in found) or detail,
        problems=found or (worded,),
    )


def answer_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answers any error, Litestar's own included, as a problem document."""
    refusal = _as_refusal(request, error)
    document = problem_document(refusal, language_of(request))
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    if refusal.retry_seconds is not None:
        headers["retry-after"] = str(refusal.retry_seconds)
    if isinstance(error, OffsetError):
        headers["upload-offset"] = str(error.offset)
    if document.status == 401:
        headers["www-authenticate"] = "Bearer"
    if isinstance(error, MethodNotAllowedException):
        headers |= error.headers or {}
    return Response(
        _encode(document), status_code=document.status, media_type="application/problem+json", headers=headers
    )


def _as_refusal(request: Request[Any, Any, Any], error: Exception) -> RefusedError:
    match error:
        case RefusedError():
            return error
        case ExchangeRefusedError():
            return RefusedError(error.code, problem(error.code, error.pointer, **error.values), **error.values)
        case NotFoundException():
            return RefusedError("not_found")
        case MethodNotAllowedException():
            return RefusedError("method_not_allowed", method=request.method, allowed="GET")
        case ClientException():
            return RefusedError("parameter_wrong", name="request", reason="it cannot be understood")
        case asyncpg.exceptions.DataError() | ClientDataError():
            # A number past 64 bits, a zero byte in a text: nothing that is kept can have it.
            return RefusedError("parameter_wrong", name="request", reason="it names a value that nothing can have")
        case LakeUnreadError() | OSError() | asyncpg.PostgresError() | asyncpg.InterfaceError() | duckdb.IOException():
            _log.warning("part_missing", kind=type(error).__name__, reason=reason(error))
            return RefusedError("service_unavailable", retry_seconds=RETRY_SECONDS, seconds=RETRY_SECONDS)
    _log.error("unforeseen", kind=type(error).__name__, exc_info=error)
    return RefusedError("internal")
