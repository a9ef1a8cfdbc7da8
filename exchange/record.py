"""One exchange as it is kept: the record, what is said in a move, and the event that a move leaves."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from exchange.procedures import Party

Code = Annotated[str, Meta(min_length=1, max_length=60)]
Line = Annotated[str, Meta(min_length=1, max_length=500)]
Rating = Literal["very_satisfied", "satisfied", "dissatisfied", "very_dissatisfied"]


class Words(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Free text with the language in which it was written."""

    text: Annotated[str, Meta(min_length=1, max_length=5_000)]
    language: Annotated[str, Meta(min_length=2, max_length=5)]


class Asked(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="camel"):
    """A question of the module's set that is asked, with additional information to it."""

    code: Code
    more: Words | None = None


class Answered(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="camel"):
    """The answer to a question: a code of its kind, a number, or words; words may explain every answer."""

    code: Code
    choice: Code | None = None
    number: float | None = None
    words: Words | None = None


class Missing(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="camel"):
    """Why a document that was asked for does not come."""

    document_type: Code
    reason: Code
    words: Words | None = None


class Subject(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="camel"):
    """What an exchange is about: declarations, a period, and the fields of the module's form."""

    declarations: Annotated[list[UUID], Meta(max_length=200)] = []
    period_start: date | None = None
    period_end: date | None = None
    control: UUID | None = None
    fields: dict[Code, Line] = {}


class Content(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="camel", kw_only=True):
    """What is said in a move; the procedure says which members it must and can have."""

    subject: Subject | None = None
    authority: Code | None = None
    questions: Annotated[list[Asked], Meta(max_length=100)] = []
    answers: Annotated[list[Answered], Meta(max_length=100)] = []
    document_types: Annotated[list[Code], Meta(max_length=30)] = []
    missing: Annotated[list[Missing], Meta(max_length=30)] = []
    uploads: Annotated[list[UUID], Meta(max_length=500)] = []
    reason: Code | None = None
    text: Words | None = None
    due: date | None = None
    urgent: bool = False
    timeliness: Rating | None = None
    effort: Rating | None = None


class Asking(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="camel"):
    """Everything that has been asked so far."""

    questions: list[Asked] = []
    document_types: list[str] = []


class Answering(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="camel"):
    """Everything that has been answered so far; `delivered` are document types of which files came."""

    answers: list[Answered] = []
    delivered: list[str] = []
    missing: list[Missing] = []


class Exchange(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One exchange. `round` counts how often was asked again; `number` with it is what people read out."""

    exchange_id: UUID
    number: int = 0
    procedure: str
    module: str
    state: str = ""
    ball: str = "requesting"
    round: int = 1
    requesting_country: str
    requesting_authority: str
    replying_country: str
    replying_authority: str | None = None
    operator_id: UUID | None = None
    parent_id: UUID | None = None
    urgent: bool = False
    subject: Subject = Subject()
    asking: Asking = Asking()
    answering: Answering = Answering()
    opened_at: datetime | None = None
    sent_at: datetime | None = None
    accepted_at: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    legal_due: date | None = None
    system_due: date | None = None
    proposed_due: date | None = None
    proposed_by: Party | None = None
    agreed_due: date | None = None
    timeliness: Rating | None = None
    effort: Rating | None = None
    revision: int = 0

    @property
    def shown_number(self) -> str:
        """The number with its version, as IMI prints it: 29423.1."""
        return f"{self.number}.{self.round}"


class Actor(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """Who acts: an officer of an authority, or somebody with a key of the operator. `party` is the side."""

    party: Party
    country: str
    authority: str | None = None
    officer_id: UUID | None = None
    role: str | None = None
    credential_id: UUID | None = None


class Event(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """One move as it stays in the history."""

    exchange_id: UUID
    sequence: int
    at: datetime
    move: str
    state_before: str
    state: str
    actor: Actor
    content: Content
    released_by: UUID | None = None


class ExchangeRefusedError(Exception):
    """What was asked cannot be done; `code` is a table of problems.toml, `pointer` the part of the request."""

    def __init__(self, code: str, pointer: str = "", **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.pointer = pointer
        self.values = values
