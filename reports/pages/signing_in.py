"""Signing in and out with a browser."""

from typing import TYPE_CHECKING, Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from reports.pages import sessions
from reports.pages.frame import framed
from reports.pages.roadside_visit import own_form
from reports.pages.sessions import COOKIE, VISITOR_COOKIE
from reports.refusal import RefusedError
from reports.roadside.asking import Ask
from web.catalogues import translations
from web.choice import language_of

if TYPE_CHECKING:
    from reports.app import Parts


@get("/sign-in")
async def sign_in_page(request: Ask) -> Response[str]:
    """Asks for the officer's token."""
    return sign_in_again(request)


@post("/sign-in", status_code=200)
async def sign_in(request: Ask) -> Response[Any]:
    """Takes the token and opens a session."""
    form, _ = await request.form(), translations(language_of(request)).gettext
    if not sessions.is_ours(request.cookies.get(VISITOR_COOKIE, ""), form.get("_csrf_token")):
        return sign_in_again(request, wrong=_("This form was too old. Please send it again."))
    parts: Parts = request.app.state.parts
    try:
        officer = await parts.officers.identify(f"Bearer {str(form.get('token', '')).strip()}")
    except RefusedError:
        return sign_in_again(request, wrong=_("This token is not known, has expired or was revoked."))
    secret = await sessions.open_session(parts.pool, officer)
    answer = Redirect("/roadside", status_code=303)
    answer.set_cookie(sessions.cookie(COOKIE, secret, https=_https(request)))
    return answer


@post("/sign-out", status_code=200)
async def sign_out(request: Ask) -> Response[Any]:
    """Ends the session."""
    await own_form(request)
    parts: Parts = request.app.state.parts
    await sessions.close_session(parts.pool, request.cookies.get(COOKIE, ""))
    answer = Redirect("/sign-in", status_code=303)
    answer.set_cookie(sessions.cookie(COOKIE, "", https=_https(request)))
    return answer


def sign_in_again(request: Ask, wrong: str = "") -> Response[str]:
    """Answers with the page for signing in, and what went wrong."""
    secret = request.cookies.get(VISITOR_COOKIE) or sessions.new_secret()
    parts: Parts = request.app.state.parts
    shown = {
        "csrf_token": sessions.form_token(secret),
        "wrong": wrong,
        "has_openid": parts.officers.openid is not None,
    }
    page = framed(request, None, "sign_in.html", shown, status=422 if wrong else 200)
    page.set_cookie(sessions.cookie(VISITOR_COOKIE, secret, https=_https(request)))
    return page


def _https(request: Ask) -> bool:
    return request.url.scheme == "https"


HANDLERS: list[HTTPRouteHandler] = [sign_in_page, sign_in, sign_out]
