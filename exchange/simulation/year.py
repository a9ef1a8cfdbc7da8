"""A whole simulated year: exchanges in the order of their beginning, events in the order of time, alerts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from exchange.authorities import Authority
from exchange.catalogue import codes
from exchange.record import Event, Exchange
from exchange.simulation.assistance import assistance
from exchange.simulation.assumptions import assumptions
from exchange.simulation.requests import request
from exchange.simulation.world import Manner, World, officer_of

_ALERTED = "establishment"


@dataclass(slots=True)
class SimulatedAlert:
    """An alert with its recipients and when each took note."""

    alert_id: UUID
    category: str
    country: str
    authority: str
    officer_id: UUID
    fields: dict[str, str]
    sent_at: datetime
    recipients: dict[str, datetime | None] = field(default_factory=dict)


@dataclass(slots=True)
class Simulated:
    """What happened, and the manner that each state drew."""

    manners: dict[str, Manner]
    exchanges: list[Exchange] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    alerts: list[SimulatedAlert] = field(default_factory=list)


def simulate(authorities: Sequence[Authority], *, seed: int, count: int, since: date, until: datetime) -> Simulated:
    """Simulates `count` exchanges that begin between `since` and `until`, and those that they lead to.

    What would come after `until` has not happened: so some exchanges are still running.
    """
    world = World(authorities, seed, since, until)
    simulated = Simulated(world.manners)
    share = assumptions().share
    for _ in range(count):
        begun = world.moment()
        kind = request if world.happens(share["document_request"]) else assistance
        courses = list(kind(world, begun))
        simulated.exchanges += [course.exchange for course in courses]
        simulated.events += [event for course in courses for event in course.events]
        if world.happens(share["alerts"]):
            simulated.alerts.append(_alert(world, begun))
    simulated.exchanges.sort(key=lambda one: (one.opened_at or until, one.parent_id is not None, one.exchange_id.int))
    simulated.events.sort(key=lambda one: (one.at, one.exchange_id.int, one.sequence))
    simulated.alerts.sort(key=lambda one: (one.sent_at, one.alert_id.int))
    return simulated


def _alert(world: World, at: datetime) -> SimulatedAlert:
    country = world.origin()
    sender = world.authority(country, _ALERTED)
    category = world.rng.choice(codes().alert["alert"])
    alert = SimulatedAlert(world.uuid(), category, country, sender, officer_of(sender), world.fields(country), at)
    for one in world.authorities:
        if one.coordinator and _ALERTED in one.competences and one.country != country:
            noted = at + timedelta(days=world.rng.expovariate(1 / 3))
            alert.recipients[one.code] = noted if noted <= world.until and world.happens(0.93) else None
    return alert
