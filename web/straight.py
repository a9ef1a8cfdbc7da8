"""A Litestar application whose most asked addresses are answered past its layers.

Those layers (routing, middleware of exceptions, wrapped sending) took as long as judging a declaration does.
"""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from litestar import Litestar

Answers = Callable[[Any, Any, Any], Coroutine[Any, Any, None]]


class Straight(Litestar):
    """Leads requests straight to what answers them: raw ASGI, by method and path, which takes care of its own errors.

    Any other spelling of an address, with a slash at its end for example, finds its way through Litestar, so what
    stands here has a route as well.
    """

    straight: Mapping[tuple[str, str], Answers]

    def __call__(self, scope: Any, receive: Any, send: Any) -> Coroutine[Any, Any, None]:
        """Answers one request, or takes part in the beginning and end of the process."""
        if scope["type"] == "http" and (answers := self.straight.get((scope["method"], scope["path"]))) is not None:
            return answers(scope, receive, send)
        return super().__call__(scope, receive, send)
