"""Renewals: one declaration followed by the next, at once or as a standing order (domain.md 3.7, 8.1)."""

from datetime import date, datetime
from typing import Annotated

from msgspec import Meta, Struct

from schemas.codes import PostingCountry
from schemas.declaration import WIRE_NAMES as DECLARED
from schemas.declaration import Identifier

WIRE_NAMES = DECLARED | {
    "renewal_id": "renewalId",
    "lead_days": "leadDays",
    "declaration_id": "declarationId",
    "covered_until": "coveredUntil",
    "renews_on": "renewsOn",
    "stopped_at": "stoppedAt",
    "stopped_because": "stoppedBecause",
}
#: Days before a standing renewal is made at which the operator is reminded of it.
REMINDERS = (30, 7, 1)
LeadDays = Annotated[int, Meta(ge=1, le=30)]


class NextPeriod(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename=WIRE_NAMES):
    """The period of a renewal. Without a start it begins the day after the old one, or today if that is past.

    Without an end it is as long as the old one.
    """

    start_date: date | None = None
    end_date: date | None = None


class StandingOrder(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename=WIRE_NAMES):
    """An order to renew a driver's declarations for a country, or for all in which the driver is declared now.

    A renewal is made `lead_days` before the old declaration ends.
    """

    driver_id: Identifier
    posting_country: PostingCountry | None = None
    lead_days: LeadDays = 2


class StandingRenewal(Struct, kw_only=True, omit_defaults=True, rename=WIRE_NAMES):
    """A standing renewal as it is kept; `declaration_id` is the declaration that is renewed next.

    A stopped one says why: deleted, withdrawn, driver_left, not_renewed.
    """

    renewal_id: Identifier
    driver_id: Identifier
    posting_country: PostingCountry
    lead_days: int
    declaration_id: Identifier
    covered_until: date
    renews_on: date | None = None
    stopped_at: datetime | None = None
    stopped_because: str | None = None


class StandingRenewalPage(Struct, rename="camel"):
    """A page of standing renewals; `last_evaluated_key` goes back as `startKey` for the next."""

    count: int
    items: list[StandingRenewal]
    last_evaluated_key: Identifier | None
