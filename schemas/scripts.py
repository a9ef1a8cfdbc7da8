"""Lua that Redis runs, as files: `<package>/lua/<name>.lua`. What a script does, it does in one step."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Protocol

Argument = bytes | str | int


class Commands(Protocol):
    """A Redis client or pipeline."""

    def execute_command(self, *arguments: Any, **options: Any) -> Any: ...


class Script:
    """One script; call it with a client, the keys that it touches, and its arguments.

    It is sent whole each time (Redis keeps it compiled), so that a restarted Redis needs no preparation.
    """

    def __init__(self, package: str, name: str) -> None:
        self._text = (files(package) / "lua" / f"{name}.lua").read_text("utf-8")

    def __call__(self, redis: Commands, names: Sequence[str], *arguments: Argument) -> Any:
        """Runs it: awaitable on a client; on a pipeline its answer comes with the others."""
        return redis.execute_command(*self.command(names, *arguments))

    def command(self, names: Sequence[str], *arguments: Argument) -> tuple[Argument, ...]:
        """Gives the command that runs it."""
        return ("EVAL", self._text, len(names), *names, *arguments)
