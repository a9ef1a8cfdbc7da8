"""The language of a page: what the address asks for, what was chosen before, what the browser prefers."""

from typing import Any

from litestar import Request

from schemas.languages import SOURCE, UnknownLanguageError, language

#: Names of the query parameter that chooses a language and of the cookie that keeps the choice.
PARAMETER = COOKIE = "lang"

AnyRequest = Request[Any, Any, Any]


def chosen(request: AnyRequest) -> str | None:
    """Gives the language that the address asks for (`?lang=pl`), if it asks for one of ours."""
    return _known(request.query_params.get(PARAMETER, ""))


def language_of(request: AnyRequest) -> str:
    """Gives the language of the answer: asked for, else kept, else preferred, else English."""
    return (
        chosen(request)
        or _known(request.cookies.get(COOKIE, ""))
        or preferred(request.headers.get("accept-language", ""))
        or SOURCE
    )


def preferred(accept_language: str) -> str | None:
    """Gives the language that an `Accept-Language` header ranks highest among ours (RFC 9110, 12.5.4)."""
    ranked = sorted((_ranked(part) for part in accept_language.split(",")), key=lambda pair: -pair[0])
    return next((code for rank, code in ranked if rank > 0 and code), None)


def _ranked(part: str) -> tuple[float, str | None]:
    tag, _, rest = part.partition(";")
    name, _, value = rest.partition("=")
    try:
        rank = float(value) if name.strip() == "q" else 1.0
    except ValueError:
        rank = 0.0
    return (rank if 0 <= rank <= 1 else 0.0), _known(tag)


def _known(tag: str) -> str | None:
    try:
        return language(tag)
    except UnknownLanguageError:
        return None
