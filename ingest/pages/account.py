"""Signing in with an API key, and out again."""

from uuid import UUID

from ingest.declarations.reading import list_declarations
from ingest.http import RefusedError
from ingest.pages.asking import ask
from ingest.pages.session import begun
from ingest.pages.visit import AnyResponse, Visit
from ingest.registry import KeyUnknownError, OperatorNotDelegatedError
from schemas import statements

_SQL = statements.load("ingest", "pages")


async def ask_key(visit: Visit) -> AnyResponse:
    """Shows the form in which one signs in."""
    return visit.go("/") if visit.signed_in else visit.page("sign_in.html", {"wrong": False, "operator_id": ""})


async def sign_in(visit: Visit) -> AnyResponse:
    """Keeps key and operator in a session, if the key may read for that operator."""
    form = await visit.form()
    api_key, operator_id = str(form.get("key", "")).strip(), str(form.get("operator", "")).strip().lower()
    try:
        await ask(visit.intake, begun(api_key, operator_id), list_declarations, query={"limit": "1"})
        name = await visit.intake.pool.fetchval(_SQL["operator_name"], UUID(operator_id))
    except (KeyUnknownError, OperatorNotDelegatedError, RefusedError, ValueError):
        return visit.page("sign_in.html", {"wrong": True, "operator_id": operator_id}, status=401)
    return visit.sign_in(begun(api_key, operator_id, name), "/")


async def sign_out(visit: Visit) -> AnyResponse:
    """Forgets the session."""
    await visit.form()
    return visit.sign_in(begun(), "/sign-in")
