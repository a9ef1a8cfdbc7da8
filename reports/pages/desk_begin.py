"""A new request or exchange: from nothing, from a declaration, from a control, from a template."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

import msgspec
from litestar import Response, get, post
from msgspec.structs import replace

from exchange.catalogue import modules
from exchange.desk import NewExchange
from exchange.notes import templates
from exchange.record import Content, Exchange, ExchangeRefusedError, Subject
from exchange.texts import table
from exchange.transition import move_named
from reports.desk.parts import Ask, identifier
from reports.pages.desk_form import Filled, field_of, filled, of_content
from reports.pages.desk_move import choices, content_in, declarations_in, keep_template, numbers
from reports.pages.desk_visit import MAY_ACT, MAY_ASK, Visit, Wrong, visit
from reports.roadside import controls

_SENDS = {"document_request": "open", "mutual_assistance": "send"}


@get("/desk/new")
async def begin(request: Ask) -> Response[Any]:
    """Asks what shall be begun, and then for what it needs."""
    who = await visit(request)
    procedure, _, module = who.asked("kind").partition(".")
    if module not in modules() or procedure not in modules()[module].procedures:
        return await _kinds(who)
    try:
        exchange, form = await _prepared(who, procedure, module)
    except ExchangeRefusedError as error:
        return await _kinds(who, [Wrong("declarations", who.worded(error))])
    return await _form(who, exchange, form)


@post("/desk/new", status_code=200)
async def send(request: Ask) -> Response[Any]:
    """Sends it, saves it as a draft, or keeps it as a template."""
    who = await visit(request)
    who.needs(MAY_ASK)
    form = filled(await who.form())
    procedure, _, module = form.text("kind").partition(".")
    content = Content()
    exchange = await who.parts.desk.prefilled(who.officer, procedure, module, [])
    if form.text("action") == "find":
        return await _form(who, await _about(who, exchange, form), form)
    name = "draft" if form.text("action") == "draft" else _SENDS[procedure]
    try:
        content = await content_in(who, form, move_named(exchange, name), exchange)
        if form.text("action") == "template":
            await keep_template(who, exchange, name, form, content)
            return who.go("/desk/own", said="template")
        made = await who.parts.desk.begin(
            who.officer, NewExchange(cast(Any, procedure), module, cast(Any, name), content), who.at
        )
    except ExchangeRefusedError as error:
        wrong = [Wrong(field_of(error.pointer, content), who.worded(error))]
        return await _form(who, await _about(who, exchange, form), form, wrong)
    return who.go(f"/desk/exchanges/{made.number}", said="moved")


async def _kinds(who: Visit, wrong: Sequence[Wrong] = ()) -> Response[Any]:
    words = {name: table(who.language, name) for name in ("procedure", "module")}
    kept = await templates(who.parts.pool, who.officer) if who.officer.authority else []
    own = [(one.template_id, one.name, f"{one.procedure}.{one.module}") for one in kept if one.move in _SENDS.values()]
    kinds = [
        (f"{procedure}.{name}", f"{words['procedure'][procedure]} – {words['module'][name]}", module.legal)
        for name, module in modules().items()
        for procedure in module.procedures
        if procedure == "document_request" or who.officer.role in MAY_ACT
    ]
    asked = {name: who.asked(name) for name in ("declarations", "control", "template")}
    shown = {
        "kinds": sorted(kinds, key=lambda kind: not kind[0].startswith("document_request")),
        "given": asked | {"kind": who.asked("kind")},
        "templates": own,
        "may_begin": who.officer.role in MAY_ASK and who.officer.authority is not None,
        "wrong": wrong,
    }
    return who.page("begin.html", shown, status=422 if wrong else 200)


async def _form(who: Visit, exchange: Exchange, form: Filled, wrong: Sequence[Wrong] = ()) -> Response[Any]:
    shown = await choices(who, exchange, _SENDS[exchange.procedure], form) | {
        "kind": f"{exchange.procedure}.{exchange.module}",
        "procedure_text": table(who.language, "procedure")[exchange.procedure],
        "module_text": table(who.language, "module")[exchange.module],
        "country": exchange.replying_country,
        "wrong": wrong,
    }
    return who.page("new.html", shown, status=422 if wrong else 200)


async def _prepared(who: Visit, procedure: str, module: str) -> tuple[Exchange, Filled]:
    """Gives the exchange with what is known of it. Raises `ExchangeRefusedError`."""
    control = await _control(who)
    asked = who.asked("declarations")
    if not asked and control and control.declaration_id:
        asked = str(control.declaration_id)
    declarations = await declarations_in(who, asked)
    exchange = await who.parts.desk.prefilled(who.officer, procedure, module, declarations)
    content = Content(subject=exchange.subject)
    if template := await _template(who):
        content = replace(template, subject=exchange.subject)
    if control and content.subject:
        content = replace(content, subject=_of_control(content.subject, control, module), reason="roadside_check")
    return exchange, of_content(content, numbers(exchange))


async def _about(who: Visit, exchange: Exchange, form: Filled) -> Exchange:
    """Gives the exchange with the state that it will go to, as far as the form says so."""
    try:
        declarations = await declarations_in(who, form.text("declarations"))
        return await who.parts.desk.prefilled(who.officer, exchange.procedure, exchange.module, declarations)
    except ExchangeRefusedError:
        return exchange


async def _control(who: Visit) -> controls.Control | None:
    named = who.asked("control")
    return await controls.one(who.parts.pool, identifier(named), who.officer.country) if named else None


async def _template(who: Visit) -> Content | None:
    kept = await templates(who.parts.pool, who.officer) if who.asked("template") else []
    return next((one.content for one in kept if str(one.template_id) == who.asked("template")), None)


def _of_control(subject: Subject, control: controls.Control, module: str) -> Subject:
    driver = " ".join(filter(None, (control.driver_first_name, control.driver_last_name)))
    known: dict[str, Any] = {
        "control_place": control.place,
        "control_time": f"{control.at:%Y-%m-%d %H:%M} UTC",
        "plates": control.plate,
        "driver_name": driver,
        "driver_licence_number": control.driver_licence_number,
        "driver_birth_date": control.driver_birth_date,
    }
    form = modules()[module].form
    fields = {name: str(value) for name, value in known.items() if value and name in form}
    return msgspec.structs.replace(subject, control=UUID(str(control.control_id)), fields=subject.fields | fields)


ROUTES = [begin, send]
