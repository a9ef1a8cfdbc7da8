"""One simulated exchange on its way through time."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from exchange.conditions import Facts
from exchange.record import Actor, Answered, Content, Event, Exchange, Missing
from exchange.simulation.world import World
from exchange.transition import take

_OPENS, _CLOSES, _SATURDAY = 7, 16, 5


class NotYetError(Exception):
    """This would happen after the end of the simulation."""


@dataclass(slots=True)
class Course:
    """The record, its events so far, and the time."""

    world: World
    exchange: Exchange
    at: datetime
    events: list[Event] = field(default_factory=list)

    def after(self, days: float) -> None:
        """Lets days pass, then goes to the next moment at which an office is open. Raises `NotYetError`."""
        self.at += timedelta(days=max(days, 0.01))
        if self.at.hour < _OPENS:
            self.at = self.at.replace(hour=_OPENS)
        while self.at.weekday() >= _SATURDAY or self.at.hour >= _CLOSES:
            self.at = (self.at + timedelta(days=1)).replace(hour=_OPENS + self.at.minute % 3)
        if self.at > self.world.until:
            raise NotYetError

    def make(self, name: str, actor: Actor, content: Content | None = None, facts: Facts | None = None) -> None:
        """Makes a move now."""
        made = take(self.exchange, name, actor, content or Content(), facts or Facts(self.at))
        self.exchange = made.exchange
        self.events.append(made.event)

    def deliver(
        self,
        name: str,
        actor: Actor,
        documents: list[str],
        missing: list[Missing],
        answers: list[Answered] | None = None,
    ) -> None:
        """Makes a move that brings files, one for each document type."""
        uploads = {self.world.uuid(): document for document in documents}
        content = Content(uploads=list(uploads), missing=missing, answers=answers or [])
        self.make(name, actor, content, Facts(self.at, uploads))
