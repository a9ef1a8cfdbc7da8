"""The desk: opens exchanges and makes moves, each with its event and notices in one transaction.

Where an authority wants four eyes, what leaves it waits until a second officer has released it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID, uuid4

import asyncpg
import msgspec
from msgspec import Struct
from msgspec.structs import replace

from exchange.authorities import AuthorityUnknownError, authority_named
from exchange.catalogue import modules
from exchange.conditions import Facts, open_documents
from exchange.notices import after_move, to_release
from exchange.people import Caller, DeskOfficer, actors_of, sees
from exchange.procedures import procedures
from exchange.record import Actor, Asked, Code, Content, Exchange, ExchangeRefusedError, Subject
from exchange.rows import encoded, exchange_of, values_of, values_of_event
from exchange.transition import move_named, parties_of, take
from schemas import statements
from store.operators import Connection

_SQL = statements.load("exchange", "desk")


class NewExchange(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """An exchange to begin: as a draft, or at once (`open` a request for documents, `send` one to an authority)."""

    procedure: Literal["document_request", "mutual_assistance"]
    module: Code
    move: Literal["draft", "open", "send"]
    content: Content = Content()


class Desk:
    """Makes moves in Postgres."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def begin(self, officer: DeskOfficer, new: NewExchange, at: datetime | None = None) -> Exchange:
        """Begins an exchange of the officer's authority. Raises `ExchangeRefusedError`."""
        at = at or datetime.now(UTC)
        exchange = _not_begun(officer, new.procedure, new.module)
        move = move_named(exchange, new.move)
        async with self._pool.acquire() as connection, connection.transaction():
            if move.released and officer.four_eyes:
                draft = await self._make(connection, exchange, officer, "draft", new.content, at)
                return await self._hold(connection, draft, officer, new.move, new.content, at)
            return await self._make(connection, exchange, officer, new.move, new.content, at)

    async def prefilled(
        self, officer: DeskOfficer, procedure: str, module: str, declarations: Sequence[UUID]
    ) -> Exchange:
        """Gives an exchange that nobody has begun, with what its declarations say in its form.

        Raises `ExchangeRefusedError`.
        """
        exchange = _not_begun(officer, procedure, module)
        if not declarations:
            return exchange
        subject = Subject(declarations=list(declarations))
        async with self._pool.acquire() as connection:
            exchange, content = await self._about(connection, exchange, Content(subject=subject), subject)
        return replace(exchange, subject=content.subject or subject)

    async def move(
        self, caller: Caller, exchange_id: UUID, name: str, content: Content, at: datetime | None = None
    ) -> Exchange:
        """Makes a move, or holds it for a second officer; gives the record after it.

        Raises `ExchangeRefusedError`.
        """
        at = at or datetime.now(UTC)
        async with self._pool.acquire() as connection, connection.transaction():
            exchange = await self._for_change(connection, caller, exchange_id)
            needs_release = move_named(exchange, name).released
            if needs_release and isinstance(caller, DeskOfficer) and caller.four_eyes:
                return await self._hold(connection, exchange, caller, name, content, at)
            return await self._make(connection, exchange, caller, name, content, at)

    async def release(self, officer: DeskOfficer, exchange_id: UUID, at: datetime | None = None) -> Exchange:
        """Makes the move that waits, as a second officer. Raises `ExchangeRefusedError`."""
        at = at or datetime.now(UTC)
        async with self._pool.acquire() as connection, connection.transaction():
            exchange = await self._for_change(connection, officer, exchange_id)
            held = await self._held(connection, officer, exchange)
            if held["officer_id"] == officer.officer_id:
                raise ExchangeRefusedError("four_eyes_needed")
            first = DeskOfficer(**await connection.fetchrow(_SQL["officer"], held["officer_id"]))
            content = msgspec.json.decode(held["content"], type=Content)
            await connection.execute(_SQL["let_go"], exchange_id)
            return await self._make(
                connection, exchange, first, held["move"], content, at, released_by=officer.officer_id
            )

    async def let_go(self, officer: DeskOfficer, exchange_id: UUID) -> Exchange:
        """Takes back the move that waits; nothing of it has left the authority. Raises `ExchangeRefusedError`."""
        async with self._pool.acquire() as connection, connection.transaction():
            exchange = await self._for_change(connection, officer, exchange_id)
            await self._held(connection, officer, exchange)
            await connection.execute(_SQL["let_go"], exchange_id)
            return exchange

    async def _for_change(self, connection: Connection, caller: Caller, exchange_id: UUID) -> Exchange:
        row = await connection.fetchrow(_SQL["read_for_change"], exchange_id)
        if row is None or not sees(caller, exchange := exchange_of(row)):
            raise ExchangeRefusedError("not_found")
        return exchange

    async def _held(self, connection: Connection, officer: DeskOfficer, exchange: Exchange) -> asyncpg.Record:
        held = await connection.fetchrow(_SQL["held"], exchange.exchange_id)
        if held is None or held["authority"] != officer.authority:
            raise ExchangeRefusedError("nothing_held")
        roles = procedures()[exchange.procedure].moves[held["move"]].roles
        if officer.role not in roles:
            raise ExchangeRefusedError("role_missing", role=officer.role, roles=", ".join(roles))
        return held

    async def _hold(
        self,
        connection: Connection,
        exchange: Exchange,
        officer: DeskOfficer,
        name: str,
        content: Content,
        at: datetime,
    ) -> Exchange:
        """Keeps a move for a second officer, after a look whether it could be made."""
        actor = _actor(exchange, officer, name)
        prepared, full, facts = await self._prepared(connection, exchange, actor, name, content, at)
        take(prepared, name, actor, full, facts)
        try:
            await connection.execute(
                _SQL["hold"],
                exchange.exchange_id,
                name,
                encoded(content),
                actor.party,
                officer.authority,
                officer.officer_id,
                at,
            )
        except asyncpg.UniqueViolationError as error:
            raise ExchangeRefusedError("held_already") from error
        await to_release(connection, exchange, officer, name)
        return exchange

    async def _make(
        self,
        connection: Connection,
        exchange: Exchange,
        caller: Caller,
        name: str,
        content: Content,
        at: datetime,
        *,
        released_by: UUID | None = None,
    ) -> Exchange:
        actor = _actor(exchange, caller, name)
        prepared, content, facts = await self._prepared(connection, exchange, actor, name, content, at)
        made = take(prepared, name, actor, content, facts)
        after, event = made.exchange, replace(made.event, released_by=released_by)
        if exchange.revision == 0:
            after = replace(after, number=await connection.fetchval(_SQL["insert"], *values_of(after)))
        else:
            await connection.execute(_SQL["update"], *values_of(after))
        await connection.execute(_SQL["insert_event"], *values_of_event(event))
        if content.uploads and after.sent_at is not None:
            await connection.execute(_SQL["mark_sent"], content.uploads, event.sequence)
        if after.subject.declarations and after.operator_id is not None:
            await connection.execute(
                _SQL["name_declarations"], after.exchange_id, after.subject.declarations, after.operator_id
            )
        await after_move(connection, exchange, after, event)
        if procedures()[exchange.procedure].moves[name].effect == "escalated":
            await self._escalate(connection, after, actor, content, at)
        return after

    async def _escalate(
        self, connection: Connection, request: Exchange, actor: Actor, content: Content, at: datetime
    ) -> None:
        """Asks the state of establishment for what the operator did not send."""
        module = modules()[request.module]
        assert module.escalation is not None
        authority = content.authority or await connection.fetchval(
            _SQL["default_authority"], request.replying_country, module.competence
        )
        if authority is None:
            raise ExchangeRefusedError("content_missing", "/content/authority", member="authority")
        asked = Content(
            subject=request.subject,
            authority=authority,
            questions=[Asked(module.escalation), *(one for one in content.questions if one.code != module.escalation)],
            document_types=open_documents(request),
            text=content.text,
            due=content.due,
        )
        exchange = Exchange(
            exchange_id=uuid4(),
            procedure="mutual_assistance",
            module=request.module,
            requesting_country=request.requesting_country,
            requesting_authority=request.requesting_authority,
            replying_country=request.replying_country,
            operator_id=request.operator_id,
            parent_id=request.exchange_id,
        )
        prepared, asked, facts = await self._prepared(connection, exchange, actor, "send", asked, at)
        made = take(prepared, "send", actor, asked, facts)
        number = await connection.fetchval(_SQL["insert"], *values_of(made.exchange))
        await connection.execute(_SQL["insert_event"], *values_of_event(made.event))
        await connection.execute(
            _SQL["name_declarations"], exchange.exchange_id, request.subject.declarations, request.operator_id
        )
        await after_move(connection, exchange, replace(made.exchange, number=number), made.event)

    async def _prepared(
        self, connection: Connection, exchange: Exchange, actor: Actor, name: str, content: Content, at: datetime
    ) -> tuple[Exchange, Content, Facts]:
        """Looks up what the content names: authority, declarations, files. Files that are ready go with the move."""
        facts = Facts(at)
        move = procedures()[exchange.procedure].moves[name]
        if content.authority is not None:
            try:
                authority = await authority_named(connection, content.authority)
            except AuthorityUnknownError as error:
                raise _not_possible(content.authority, exchange) from error
            facts.authority_country = authority.country
            if not authority.active or authority.country == exchange.requesting_country:
                raise _not_possible(content.authority, exchange)
            if exchange.state in ("", "DRAFT"):
                exchange = replace(exchange, replying_country=authority.country, replying_authority=authority.code)
        if content.subject is not None and content.subject.declarations:
            exchange, content = await self._about(connection, exchange, content, content.subject)
        if exchange.procedure == "mutual_assistance" and exchange.replying_authority is None:
            raise ExchangeRefusedError("content_missing", "/content/authority", member="authority")
        if not exchange.replying_country:
            raise ExchangeRefusedError("content_missing", "/content/subject/declarations", member="declarations")
        if "uploads" in move.takes:
            rows = await connection.fetch(_SQL["ready_uploads"], exchange.exchange_id, actor.party)
            facts.documents = {row["upload_id"]: row["document_type"] for row in rows}
            content = replace(content, uploads=content.uploads or list(facts.documents))
        return exchange, content, facts

    async def _about(
        self, connection: Connection, exchange: Exchange, content: Content, subject: Subject
    ) -> tuple[Exchange, Content]:
        """Checks that the declarations are the host's own and of one operator, and fills in the form from them."""
        rows = await connection.fetch(_SQL["declarations"], subject.declarations)
        pointer = "/content/subject/declarations"
        own = [row for row in rows if row["posting_country"] == exchange.requesting_country]
        if len(own) < len(set(subject.declarations)):
            raise ExchangeRefusedError("declarations_unknown", pointer)
        operators = {row["operator_id"]: row["operator_country"] for row in own}
        if len(operators) > 1:
            raise ExchangeRefusedError("declarations_of_several_operators", pointer)
        ((operator_id, country),) = operators.items()
        if exchange.procedure == "document_request" or not exchange.replying_country:
            exchange = replace(exchange, replying_country=country)
        elif exchange.replying_country != country:
            raise ExchangeRefusedError("operator_established_elsewhere", pointer, country=country)
        exchange = replace(exchange, operator_id=operator_id)
        return exchange, replace(content, subject=_filled_in(subject, own, exchange.module))


def _not_begun(officer: DeskOfficer, procedure: str, module: str) -> Exchange:
    """Makes the record of an exchange before its first move. Raises `ExchangeRefusedError`."""
    if module not in modules() or procedure not in modules()[module].procedures:
        raise ExchangeRefusedError("not_one_of", "/module", value=module, known=", ".join(modules()))
    if officer.authority is None:
        raise ExchangeRefusedError("officer_without_authority")
    return Exchange(
        exchange_id=uuid4(),
        procedure=procedure,
        module=module,
        requesting_country=officer.country,
        requesting_authority=officer.authority,
        replying_country="",
    )


def _actor(exchange: Exchange, caller: Caller, name: str) -> Actor:
    """Gives the caller on the side that may make the move; somebody on no side of it gets a clear refusal."""
    move = move_named(exchange, name)
    actors = actors_of(caller, exchange)
    fitting = [actor for actor in actors if actor.party in parties_of(move)]
    if not fitting:
        raise ExchangeRefusedError("move_not_yours", "/move", move=name, party=move.by)
    if exchange.proposed_by is not None and len(fitting) > 1:
        fitting = [actor for actor in fitting if actor.party != exchange.proposed_by]
    return fitting[0]


def _filled_in(subject: Subject, rows: list[asyncpg.Record], module: str) -> Subject:
    """Writes into the form what the declarations and the register say and the officer left out."""
    first = rows[0]
    driver = " ".join(filter(None, (first["driver_first_name"], first["driver_last_name"])))
    known = {
        "operator_name": first["name"],
        "licence_number": first["licence_number"],
        "vat_number": first["vat_number"],
        "register_number": first["register_number"],
    }
    if len({(row["driver_licence_number"], row["driver_last_name"]) for row in rows}) == 1:
        known |= {
            "driver_name": driver or None,
            "driver_birth_date": first["driver_birth_date"] and str(first["driver_birth_date"]),
            "driver_licence_number": first["driver_licence_number"],
        }
    form = modules()[module].form
    fields = {name: str(value)[:500] for name, value in known.items() if value and name in form}
    return replace(
        subject,
        fields=fields | subject.fields,
        period_start=subject.period_start or min(row["start_date"] for row in rows),
        period_end=subject.period_end or max(row["end_date"] for row in rows),
    )


def _not_possible(code: str, exchange: Exchange) -> ExchangeRefusedError:
    country = exchange.replying_country or "another Member State"
    return ExchangeRefusedError("authority_not_possible", "/content/authority", authority=code, country=country)
