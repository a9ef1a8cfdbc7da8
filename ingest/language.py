"""The language in which a client is answered: what its Accept-Language header ranks highest, else English."""

from collections.abc import Iterable
from typing import Protocol

from schemas.languages import SOURCE
from schemas.problem import Problem
from validate.problems import in_language
from web.choice import preferred


class Asking(Protocol):
    """A request, as far as its headers go."""

    def header(self, name: bytes) -> str: ...


def language_of(request: Asking) -> str:
    """Gives the code (ISO 639-1) of the language in which problems are worded."""
    return preferred(request.header(b"accept-language")) or SOURCE


def worded(found: Iterable[Problem], request: Asking) -> tuple[Problem, ...]:
    """Words problems that an answer tells of, warnings for example, as the caller prefers."""
    problems = tuple(found)
    if not problems or (language := language_of(request)) == SOURCE:
        return problems
    return tuple(in_language(one, language) for one in problems)
