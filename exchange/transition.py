"""One move of an exchange, computed without input or output: the record and the event that follow from it."""

from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from exchange.conditions import CONDITIONS, STANDING, Case, Facts
from exchange.content import added, check_content
from exchange.effects import EFFECTS, started
from exchange.procedures import Move, Party, procedures
from exchange.record import Actor, Content, Event, Exchange, ExchangeRefusedError


@dataclass(frozen=True, slots=True)
class Transition:
    """What a move makes: the record after it, and its event."""

    exchange: Exchange
    event: Event


def move_named(exchange: Exchange, name: str) -> Move:
    """Gives a move that is possible in the exchange's state. Raises `ExchangeRefusedError`."""
    procedure = procedures()[exchange.procedure]
    possible = procedure.moves_from(exchange.state)
    if name not in possible:
        raise ExchangeRefusedError(
            "move_not_possible", "/move", move=name, state=exchange.state or "new", possible=", ".join(possible)
        )
    return possible[name]


def parties_of(move: Move) -> tuple[Party, ...]:
    """Gives the sides that may make a move."""
    return ("requesting", "replying") if move.by == "either" else (move.by,)


def possible_moves(exchange: Exchange, actors: list[Actor], at: datetime) -> list[str]:
    """Gives the moves that somebody, on the sides on which they act, may make now."""
    possible = procedures()[exchange.procedure].moves_from(exchange.state)
    return [
        name
        for name, move in possible.items()
        if any(_may(move, actor) and _stands(exchange, move, actor, at) for actor in actors)
    ]


def take(exchange: Exchange, name: str, actor: Actor, content: Content, facts: Facts) -> Transition:
    """Makes a move. Raises `ExchangeRefusedError` with what stands against it."""
    move = move_named(exchange, name)
    if actor.party not in parties_of(move):
        raise ExchangeRefusedError("move_not_yours", "/move", move=name, party=move.by)
    if not _may(move, actor):
        raise ExchangeRefusedError("role_missing", "/move", role=actor.role, roles=", ".join(move.roles))
    check_content(exchange, name, move, content, facts)
    state = move.target or exchange.state
    after = added(exchange, move, actor, content, facts)
    for kind in move.starts:
        after = started(after, kind, facts.at)
    case = Case(after, actor, content, facts)
    for condition in move.when:
        CONDITIONS[condition](case)
    after = replace(
        EFFECTS[move.effect](case),
        state=state,
        ball=procedures()[exchange.procedure].states[state].ball,
        opened_at=exchange.opened_at or facts.at,
        revision=exchange.revision + 1,
    )
    event = Event(exchange.exchange_id, exchange.revision + 1, facts.at, name, exchange.state, state, actor, content)
    return Transition(after, event)


def _stands(exchange: Exchange, move: Move, actor: Actor, at: datetime) -> bool:
    """Tells whether the conditions that no content can change are met."""
    case = Case(exchange, actor, Content(), Facts(at))
    try:
        for condition in STANDING.intersection(move.when):
            CONDITIONS[condition](case)
    except ExchangeRefusedError:
        return False
    return True


def _may(move: Move, actor: Actor) -> bool:
    if actor.party not in parties_of(move):
        return False
    return actor.officer_id is None or actor.role in move.roles
