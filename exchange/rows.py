"""Exchanges and events as rows of Postgres, and back."""

from collections.abc import Mapping
from typing import Any

import msgspec

from exchange.record import Actor, Answering, Asking, Content, Event, Exchange, Subject

_STRUCTS = {"subject": Subject, "asking": Asking, "answering": Answering}
_COLUMNS = tuple(name for name in Exchange.__struct_fields__ if name != "number")
_decode = {name: msgspec.json.Decoder(kind).decode for name, kind in _STRUCTS.items()}
_content = msgspec.json.Decoder(Content).decode


def exchange_of(row: Mapping[str, Any]) -> Exchange:
    """Makes an exchange of its row."""
    said = {name: row[name] for name in Exchange.__struct_fields__}
    return Exchange(**said | {name: decode(row[name]) for name, decode in _decode.items()})


def values_of(exchange: Exchange) -> list[Any]:
    """Gives an exchange's columns in the order of `insert` and `update`; the number is the database's."""
    values = (getattr(exchange, name) for name in _COLUMNS)
    return [encoded(value) if name in _STRUCTS else value for name, value in zip(_COLUMNS, values, strict=True)]


def event_of(row: Mapping[str, Any]) -> Event:
    """Makes an event of its row."""
    actor = Actor(row["party"], row["country"], row["authority"], row["officer_id"], row["role"], row["credential_id"])
    return Event(
        row["exchange_id"],
        row["sequence"],
        row["at"],
        row["move"],
        row["state_before"],
        row["state"],
        actor,
        _content(row["content"]),
        row["released_by"],
    )


def values_of_event(event: Event) -> list[Any]:
    """Gives an event's columns in the order of `insert_event`."""
    actor = event.actor
    return [
        event.exchange_id,
        event.sequence,
        event.at,
        event.move,
        event.state_before,
        event.state,
        actor.party,
        actor.country,
        actor.authority,
        actor.officer_id,
        actor.role,
        actor.credential_id,
        event.released_by,
        encoded(event.content),
    ]


def encoded(value: msgspec.Struct) -> str:
    """Writes a struct for a jsonb column."""
    return msgspec.json.encode(value).decode()
