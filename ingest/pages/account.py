"""Signing in, as a person or with an API key, and out again."""

import math
from contextlib import suppress
from uuid import UUID

from ingest import people
from ingest.declarations.reading import list_declarations
from ingest.http import RefusedError
from ingest.pages.asking import ask
from ingest.pages.session import begun
from ingest.pages.visit import AnyResponse, Visit
from ingest.rates import TooManyRequestsError
from ingest.registry import KeyUnknownError, OperatorNotDelegatedError
from schemas import statements

_SQL = statements.load("ingest", "pages")


async def ask_who(visit: Visit) -> AnyResponse:
    """Shows the form in which a person signs in."""
    return visit.go("/") if visit.signed_in else _person_form(visit, "")


async def sign_in(visit: Visit) -> AnyResponse:
    """Keeps a person's key in a session, if address and password fit."""
    form = await visit.form()
    email = str(form.get("email", "")).strip()
    try:
        who = await people.sign_in(visit.intake, email, str(form.get("password", "")))
    except RefusedError as error:
        return _person_form(visit, email, 401, problems=visit.worded(error))
    except TooManyRequestsError as error:
        return _person_form(visit, email, 429, wait=math.ceil(error.seconds / 60))
    session = begun(who.api_key, str(who.operator_id), who.operator_name, who.name, who.role)
    return visit.sign_in(session, "/")


async def ask_key(visit: Visit) -> AnyResponse:
    """Shows the form in which one signs in with an API key."""
    return visit.go("/") if visit.signed_in else _key_form(visit)


async def sign_in_with_key(visit: Visit) -> AnyResponse:
    """Keeps key and operator in a session, if the key may read for that operator."""
    form = await visit.form()
    api_key, operator_id = str(form.get("key", "")).strip(), str(form.get("operator", "")).strip().lower()
    try:
        await ask(visit.intake, begun(api_key, operator_id), list_declarations, query={"limit": "1"})
        name = await visit.intake.pool.fetchval(_SQL["operator_name"], UUID(operator_id))
    except (KeyUnknownError, OperatorNotDelegatedError, RefusedError, ValueError):
        return _key_form(visit, wrong=True, operator_id=operator_id)
    return visit.sign_in(begun(api_key, operator_id, name), "/")


async def sign_out(visit: Visit) -> AnyResponse:
    """Ends a person's session at once, and forgets it."""
    await visit.form()
    if visit.session.person:
        with suppress(RefusedError, KeyUnknownError):  # it was over already
            await visit.ask(people.close_session)
    return visit.sign_in(begun(), "/sign-in")


def _person_form(visit: Visit, email: str, status: int = 200, **context: object) -> AnyResponse:
    return visit.page("sign_in.html", {"problems": (), "wait": 0, "email": email, **context}, status=status)


def _key_form(visit: Visit, *, wrong: bool = False, operator_id: str = "") -> AnyResponse:
    context = {"wrong": wrong, "operator_id": operator_id}
    return visit.page("sign_in_key.html", context, status=401 if wrong else 200)
