"""What happened to an operator's declarations and records, as GET /events tells it."""

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from schemas.declaration import Identifier

EventType = Literal[
    "declaration.submitted",
    "declaration.amended",
    "declaration.withdrawn",
    "driver.created",
    "driver.changed",
    "driver.deleted",
    "vehicle.created",
    "vehicle.changed",
    "vehicle.deleted",
    "fleet.created",
    "fleet.changed",
    "fleet.deleted",
    "renewal.reminder",
    "renewal.submitted",
    "renewal.refused",
    "renewal.stopped",
]


class Event(Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """One event. `event_id` is a cursor too: what comes after it is what happened after it.

    Of declarations that came or changed together there is one event: `count` says how many they are, `href` lists
    them. A single one is named by `declaration_id`, a driver, vehicle, fleet or standing renewal by `record_id`.
    """

    event_id: str
    event_type: str
    happened_at: datetime
    count: int = 1
    declaration_id: Identifier | None = None
    submission_id: Identifier | None = None
    record_id: Identifier | None = None
    href: str | None = None
    details: dict[str, Any] | None = None


class EventPage(Struct, rename="camel"):
    """Events in the order in which they happened; `cursor` goes back as `after` for what comes next."""

    count: int
    items: list[Event]
    cursor: str
    more: bool
