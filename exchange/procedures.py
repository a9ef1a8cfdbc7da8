"""Procedures as data: states, moves, who may, which deadlines begin (`schemas/data/exchange/procedures/`)."""

from functools import cache
from importlib.resources.abc import Traversable
from typing import Literal

import msgspec
from msgspec import Struct

from schemas.codes import DATA

_FOLDER = DATA / "exchange"

#: Who may act, or is to act next. `linked`: the exchange that this one led to; `either`: both sides.
Ball = Literal["requesting", "replying", "coordinator", "linked", "nobody"]
Party = Literal["requesting", "replying", "coordinator"]
Unit = Literal["weeks", "working_days", "days"]


class State(Struct, frozen=True, forbid_unknown_fields=True):
    """One state: who has the ball, whether the reply is complete, whether it is the end."""

    ball: Ball
    answered: bool = False
    final: bool = False


class Move(Struct, frozen=True, forbid_unknown_fields=True, rename={"sources": "from", "target": "to"}):
    """One move; the members are explained in `document_request.toml`."""

    sources: list[str]
    target: str
    by: Literal["requesting", "replying", "coordinator", "either"]
    roles: list[str] = []
    requires: list[str] = []
    takes: list[str] = []
    when: list[str] = []
    starts: list[Literal["legal", "system"]] = []
    released: bool = False
    effect: str = ""
    notice: str = ""


class Procedure(Struct, frozen=True, forbid_unknown_fields=True, rename={"states": "state", "moves": "move"}):
    """A kind of exchange; `replying` says who answers."""

    replying: Literal["operator", "authority"]
    states: dict[str, State]
    moves: dict[str, Move]

    def moves_from(self, state: str) -> dict[str, Move]:
        """Gives the moves that are possible in a state, "" before there is an exchange."""
        return {name: move for name, move in self.moves.items() if state in move.sources}


class Deadline(Struct, frozen=True, forbid_unknown_fields=True):
    """How long one side has: domain.md 1.4, 1.5."""

    procedure: str
    module: str
    kind: Literal["legal", "system"]
    unit: Unit
    count: int
    calendar: Literal["replying", "requesting", "both"]
    source: str
    urgent: bool = False


class _Deadlines(Struct, forbid_unknown_fields=True):
    deadline: list[Deadline]


@cache
def procedures() -> dict[str, Procedure]:
    """Reads all procedures by name."""
    decode = msgspec.toml.decode
    return {name: decode(text, type=Procedure) for name, text in _texts(_FOLDER / "procedures").items()}


@cache
def deadlines() -> tuple[Deadline, ...]:
    """Reads all deadlines; the first that fits is the one."""
    return tuple(msgspec.toml.decode((_FOLDER / "deadlines.toml").read_bytes(), type=_Deadlines).deadline)


def deadline_for(procedure: str, module: str, kind: str, *, urgent: bool) -> Deadline | None:
    """Gives the deadline of an exchange; an urgent one has the ordinary deadline where the act knows no other."""
    fitting = [one for one in deadlines() if (one.procedure, one.kind) == (procedure, kind)]
    fitting = [one for one in fitting if one.module in (module, "*") and one.urgent <= urgent]
    return max(fitting, key=lambda one: one.urgent, default=None)


def _texts(folder: Traversable) -> dict[str, bytes]:
    files = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    return {file.name.removesuffix(".toml"): file.read_bytes() for file in sorted(files, key=lambda file: file.name)}
