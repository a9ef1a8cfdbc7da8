"""Notices, subscriptions and templates over HTTP, and the address at which translations come back."""

from typing import Annotated
from uuid import UUID

from litestar import Response, delete, get, post, put
from msgspec import Meta, Struct

from exchange.notes import (
    Template,
    drop_template,
    save_template,
    subscribe,
    subscriptions,
    templates,
    unsubscribe,
)
from exchange.notices import mark_read, notices_of_officer
from exchange.reading import read_exchange
from exchange.translators import MOST_CHARACTERS
from reports.desk.parts import Ask, answer, asked, body, identifier, parameters, parts_of
from reports.refusal import RefusedError

#: A form around a text of the longest kind, each letter of it written as several bytes.
_MOST_BYTES = 16 * MOST_CHARACTERS


class NoticeQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The query of GET /notices: those after one, oldest first."""

    after: Annotated[int, Meta(ge=0)] = 0
    unread: bool = False
    limit: Annotated[int, Meta(ge=1, le=500)] = 100


class TemplateQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The query of GET /templates."""

    module: str | None = None


class Read(Struct, frozen=True, forbid_unknown_fields=True):
    """Notices that were read."""

    notices: Annotated[list[int], Meta(max_length=1000)]


class Subscription(Struct, frozen=True, forbid_unknown_fields=True):
    """A wish to hear of every move: of one exchange, or of all of the officer's authority."""

    exchange: UUID | None = None
    email: bool = True


@get("/notices")
async def listed(request: Ask) -> Response[bytes]:
    """Gives the notices of the officer and the officer's authority."""
    who, query = await asked(request), parameters(request, NoticeQuery)
    found = await notices_of_officer(
        who.parts.pool, who.officer, who.language, query.after, query.limit, unread=query.unread
    )
    return answer({"items": found, "after": found[-1].notice_id if found else query.after})


@post("/notices/read", status_code=200)
async def read(request: Ask) -> Response[bytes]:
    """Marks notices as read."""
    who, said = await asked(request), await body(request, Read)
    return answer({"marked": await mark_read(who.parts.pool, who.officer, said.notices)})


@get("/subscriptions")
async def subscribed(request: Ask) -> Response[bytes]:
    """Lists what the officer wants to hear of."""
    who = await asked(request)
    return answer({"items": await subscriptions(who.parts.pool, who.officer)})


@put("/subscriptions")
async def begin(request: Ask) -> Response[bytes]:
    """Subscribes to one exchange, or to all of the officer's authority."""
    who, wish = await asked(request), await body(request, Subscription)
    if wish.exchange is not None:
        await read_exchange(who.parts.pool, who.officer, wish.exchange)
    await subscribe(who.parts.pool, who.officer, wish.exchange, email=wish.email)
    return answer({"items": await subscriptions(who.parts.pool, who.officer)})


@delete("/subscriptions", status_code=200)
async def end(request: Ask) -> Response[bytes]:
    """Ends a subscription: that to ?exchange=, or to all."""
    who = await asked(request)
    named = request.query_params.get("exchange")
    await unsubscribe(who.parts.pool, who.officer, identifier(named) if named else None)
    return answer({"items": await subscriptions(who.parts.pool, who.officer)})


@get("/templates")
async def list_templates(request: Ask) -> Response[bytes]:
    """Lists the templates of the officer's authority."""
    who, query = await asked(request), parameters(request, TemplateQuery)
    return answer({"items": await templates(who.parts.pool, who.officer, query.module)})


@post("/templates")
async def keep_template(request: Ask) -> Response[bytes]:
    """Keeps a template under its name, in the place of an older one."""
    who, template = await asked(request), await body(request, Template)
    return answer({"templateId": await save_template(who.parts.pool, who.officer, template)}, status=201)


@delete("/templates/{template_id:str}")
async def remove_template(request: Ask, template_id: str) -> None:
    """Drops a template of the officer's authority."""
    who = await asked(request)
    await drop_template(who.parts.pool, who.officer, identifier(template_id))


@post("/translations/{translation_id:str}", status_code=200)
async def called_back(request: Ask, translation_id: str) -> Response[bytes]:
    """Takes what eTranslation sends back; the address is known to nobody else."""
    said = await request.body()
    if len(said) > _MOST_BYTES:
        raise RefusedError("body_too_large", maximum=_MOST_BYTES)
    if not await parts_of(request).translations.called_back(identifier(translation_id), said):
        raise RefusedError("not_found")
    return answer({})


ROUTES = [
    listed,
    read,
    subscribed,
    begin,
    end,
    list_templates,
    keep_template,
    remove_template,
    called_back,
]
