"""The language in which a client is answered: what its Accept-Language header ranks highest, else English."""

from typing import Protocol

from schemas.languages import SOURCE
from web.choice import preferred


class Asking(Protocol):
    """A request, as far as its headers go."""

    def header(self, name: bytes) -> str: ...


def language_of(request: Asking) -> str:
    """Gives the code (ISO 639-1) of the language in which problems are worded."""
    return preferred(request.header(b"accept-language")) or SOURCE
