"""Lua that Redis runs, as files: `<package>/lua/<name>.lua`. What a script does, it does in one step."""

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Protocol

Argument = bytes | str | int


class Commands(Protocol):
    """A Redis client or pipeline."""

    def execute_command(self, *arguments: Any, **options: Any) -> Any: ...


class Script:
    """One script; call it with a client, the keys that it touches, and its arguments.

    Called, it is sent whole, so that a restarted Redis needs no preparation. By its digest it is shorter to send and
    to look up; a Redis that does not know it answers `NoScriptError`, and then it must be sent whole.
    """

    def __init__(self, package: str, name: str) -> None:
        self._text = (files(package) / "lua" / f"{name}.lua").read_text("utf-8")
        self._digest = hashlib.sha1(self._text.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, redis: Commands, names: Sequence[str], *arguments: Argument) -> Any:
        """Runs it: awaitable on a client; on a pipeline its answer comes with the others."""
        return redis.execute_command(*self.whole(names, *arguments))

    def whole(self, names: Sequence[str], *arguments: Argument) -> tuple[Argument, ...]:
        """Gives the command that runs it, wherever it is sent."""
        return ("EVAL", self._text, len(names), *names, *arguments)

    def by_digest(self, names: Sequence[str], *arguments: Argument) -> tuple[Argument, ...]:
        """Gives the command that runs it where it ran whole before."""
        return ("EVALSHA", self._digest, len(names), *names, *arguments)
