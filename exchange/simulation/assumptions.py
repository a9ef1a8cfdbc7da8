"""What a simulated year assumes, from `schemas/data/exchange/simulation.toml`."""

from functools import cache

import msgspec
from msgspec import Struct

from schemas.codes import DATA


class OperatorHabits(Struct, frozen=True, forbid_unknown_fields=True):
    """How often operators reply to requests for documents, and how."""

    replies: float
    late: float
    in_part_first: float
    something_missing: float
    asked_again: float
    satisfactory: float
    escalated: float
    withdrawn: float


class AuthorityHabits(Struct, frozen=True, forbid_unknown_fields=True):
    """How often authorities do what; the ranges are those from which each state draws its own manner."""

    forwarded: float
    refused: float
    referred: float
    other_date: float
    date_agreed: float
    in_part_first: float
    asked_again: float
    withdrawn: float
    evaluated: float
    days_to_accept: tuple[float, float]
    days_to_answer: tuple[float, float]
    diligence: tuple[float, float]


class Assumptions(Struct, frozen=True, forbid_unknown_fields=True):
    """Shares of kinds, weights of states, habits, and texts by language."""

    share: dict[str, float]
    requesting: dict[str, float]
    replying: dict[str, float]
    operator: OperatorHabits
    authority: AuthorityHabits
    text: dict[str, list[str]]


@cache
def assumptions() -> Assumptions:
    """Reads the assumptions."""
    return msgspec.toml.decode((DATA / "exchange" / "simulation.toml").read_bytes(), type=Assumptions)
