"""Signing in with the account at one's authority: off to its OIDC issuer, and back with a code."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from litestar import Response, get
from litestar.datastructures import Cookie
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from reports.issuer import CALLBACK
from reports.openid import Flow, OpenId
from reports.pages import sessions
from reports.pages.frame import framed
from reports.pages.sessions import COOKIE
from reports.pages.signing_in import sign_in_again
from reports.refusal import RefusedError
from reports.roadside.asking import Ask
from web.catalogues import translations
from web.choice import language_of

if TYPE_CHECKING:
    from reports.app import Parts

_FLOW_COOKIE = "rtpd_flow"
_FLOW_SECONDS = 600


@get("/sign-in/openid")
async def begin(request: Ask) -> Response[Any]:
    """Sends the browser to the issuer."""
    openid = _openid(request)
    own = urlsplit(openid.settings.officers_url).netloc
    if request.url.netloc != own and "here" not in request.query_params:
        # Cookies belong to a host's name: the attempt has to begin under the one to which the issuer sends back.
        return Redirect(f"{openid.settings.officers_url}/sign-in/openid?here=1", status_code=303)
    flow = Flow(sessions.new_secret())
    answer = Redirect(await openid.sign_in_address(flow), status_code=303)
    answer.set_cookie(_flow_cookie(request, flow.secret))
    return answer


@get(CALLBACK)
async def come_back(request: Ask) -> Response[Any]:
    """Takes the issuer's answer and opens a session."""
    openid, secret = _openid(request), request.cookies.get(_FLOW_COOKIE, "")
    parts: Parts = request.app.state.parts
    try:
        if not secret:
            raise RefusedError("unauthorised")
        person = await openid.signed_in(Flow(secret), dict(request.query_params.items()))
        officer = await parts.officers.admitted(person)
    except RefusedError as error:
        _ = translations(language_of(request)).gettext
        if error.code == "service_unavailable":
            return sign_in_again(request, _("Your authority's sign-in service cannot be reached. Try again later."))
        return sign_in_again(request, _("Your authority's sign-in service did not let you in here."))
    cookie = await sessions.open_session(parts.pool, officer)
    # A page, not a redirect: a browser that comes from another site keeps the session's cookie to itself until then.
    answer = framed(request, None, "signed_in.html", {})
    answer.set_cookie(sessions.cookie(COOKIE, cookie, https=request.url.scheme == "https"))
    answer.set_cookie(_flow_cookie(request, ""))
    return answer


def _openid(request: Ask) -> OpenId:
    parts: Parts = request.app.state.parts
    if parts.officers.openid is None:
        raise RefusedError("not_found")
    return parts.officers.openid


def _flow_cookie(request: Ask, value: str) -> Cookie:
    """Makes the cookie of one attempt, which has to come along when the issuer sends the browser back."""
    return Cookie(
        key=_FLOW_COOKIE,
        value=value,
        path="/sign-in",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        max_age=_FLOW_SECONDS if value else 0,
    )


HANDLERS: list[HTTPRouteHandler] = [begin, come_back]
