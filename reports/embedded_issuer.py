"""An OIDC issuer for the default set-up, so that signing in is the same there: it knows officers by their tokens.

It never starts on a public address, and answers nobody who reaches it by another name than this machine's own.
"""

import time
from base64 import urlsafe_b64encode
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from litestar import Response, Router, get, post
from litestar.response import Redirect

from reports.desk.parts import answer
from reports.issuer import EMBEDDED_AUDIENCE, EMBEDDED_PATH, OpenIdSettings, check_loopback, is_loopback
from reports.pages import sessions
from reports.pages.frame import framed
from reports.pages.roadside_visit import refuse
from reports.pages.sessions import VISITOR_COOKIE
from reports.refusal import RefusedError
from reports.roadside.asking import Ask
from schemas import statements
from store.service_keys import service_key
from web.catalogues import translations
from web.choice import language_of

if TYPE_CHECKING:
    from reports.app import Parts

_SQL = statements.load("reports", "register")
_CODE_SECONDS = 60
_TOKEN_SECONDS = 900
_ASKED = ("client_id", "redirect_uri", "response_type", "state", "nonce", "code_challenge", "code_challenge_method")


def issuer_router(settings: OpenIdSettings) -> Router:
    """Gives the issuer's routes. Raises `PublicAddressError`."""
    check_loopback(urlsplit(settings.officers_url).hostname or "")
    return Router(
        EMBEDDED_PATH,
        route_handlers=[described, keys, sign_in_page, sign_in, token],
        exception_handlers={RefusedError: refuse},
        before_request=_from_this_machine,
    )


async def _from_this_machine(request: Ask) -> None:
    if not is_loopback(request.url.hostname or ""):
        raise RefusedError("not_found")


@get("/.well-known/openid-configuration")
async def described(request: Ask) -> Response[bytes]:
    """Describes the issuer (OpenID Connect Discovery 1.0, section 3)."""
    issuer = _settings(request).issuer
    return answer(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["EdDSA"],
            "code_challenge_methods_supported": ["S256"],
        }
    )


@get("/keys")
async def keys(request: Ask) -> Response[bytes]:
    """Gives the public key (RFC 8037)."""
    public = (await _key(request)).public_key().public_bytes_raw()
    key = {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": _kid(public), "x": _base64url(public)}
    return answer({"keys": [key]})


@get("/authorize")
async def sign_in_page(request: Ask) -> Response[str]:
    """Asks for the officer's token."""
    return _page(request, _checked(request, request.query_params))


@post("/authorize", status_code=200)
async def sign_in(request: Ask) -> Response[Any]:
    """Takes the token, and sends the browser back with a code."""
    form, _ = await request.form(), translations(language_of(request)).gettext
    asked = _checked(request, form)
    if not sessions.is_ours(request.cookies.get(VISITOR_COOKIE, ""), form.get("_csrf_token")):
        return _page(request, asked, _("This form was too old. Please send it again."))
    parts: Parts = request.app.state.parts
    try:
        officer = await parts.officers.identify(f"Bearer {str(form.get('token', '')).strip()}")
    except RefusedError:
        return _page(request, asked, _("This token is not known, has expired or was revoked."))
    said = {"sub": str(officer.officer_id), "nonce": asked["nonce"], "challenge": asked["code_challenge"]}
    code = await _signed(request, "code", said, audience=f"{_settings(request).issuer}/token", seconds=_CODE_SECONDS)
    return Redirect(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", status_code=303)


@post("/token", status_code=200)
async def token(request: Ask) -> Response[bytes]:
    """Gives tokens for a code to who has the verifier (RFC 7636, section 4.6)."""
    form, settings = await request.form(), _settings(request)
    try:
        code = jwt.decode(
            str(form.get("code", "")),
            (await _key(request)).public_key(),
            algorithms=["EdDSA"],
            audience=f"{settings.issuer}/token",
            issuer=settings.issuer,
        )
    except jwt.PyJWTError:
        return answer({"error": "invalid_grant"}, 400)
    challenge = _base64url(sha256(str(form.get("code_verifier", "")).encode()).digest())
    if (
        not compare_digest(challenge.encode(), code["challenge"].encode())
        or form.get("redirect_uri") != settings.callback
    ):
        return answer({"error": "invalid_grant"}, 400)
    parts: Parts = request.app.state.parts
    row = await parts.pool.fetchrow(_SQL["person_by_id"], UUID(code["sub"]))
    if row is None:
        return answer({"error": "invalid_grant"}, 400)
    said = {"sub": code["sub"], "name": row["name"], "host": row["host"], "roles": [row["role"]]}
    id_token = await _signed(
        request, "JWT", said | {"nonce": code["nonce"]}, audience=settings.client_id, seconds=_TOKEN_SECONDS
    )
    access = await _signed(request, "JWT", said, audience=EMBEDDED_AUDIENCE, seconds=_TOKEN_SECONDS)
    tokens = {"access_token": access, "id_token": id_token, "token_type": "Bearer", "expires_in": _TOKEN_SECONDS}
    return answer(tokens)


def _checked(request: Ask, given: Any) -> dict[str, str]:
    """Reads what the client asks, which can only be our own. Raises `RefusedError`."""
    asked = {name: str(given.get(name) or "")[:500] for name in _ASKED}
    settings = _settings(request)
    fixed = {"client_id": settings.client_id, "redirect_uri": settings.callback, "response_type": "code"}
    for name, value in (fixed | {"code_challenge_method": "S256"}).items():
        if asked[name] != value:
            raise RefusedError("parameter_wrong", name=name, reason="another one was agreed")
    return asked


def _page(request: Ask, asked: dict[str, str], wrong: str = "") -> Response[str]:
    secret = request.cookies.get(VISITOR_COOKIE) or sessions.new_secret()
    shown = {"csrf_token": sessions.form_token(secret), "wrong": wrong, "asked": asked}
    page = framed(request, None, "issuer.html", shown, status=422 if wrong else 200)
    page.set_cookie(sessions.cookie(VISITOR_COOKIE, secret, https=request.url.scheme == "https"))
    return page


async def _signed(request: Ask, kind: str, said: dict[str, Any], *, audience: str, seconds: int) -> str:
    key, now = await _key(request), int(time.time())
    times = {"iss": _settings(request).issuer, "aud": audience, "iat": now, "exp": now + seconds}
    header = {"typ": kind, "kid": _kid(key.public_key().public_bytes_raw())}
    return jwt.encode(said | times, key, algorithm="EdDSA", headers=header)


async def _key(request: Ask) -> Ed25519PrivateKey:
    parts: Parts = request.app.state.parts
    return Ed25519PrivateKey.from_private_bytes(await service_key(parts.pool, "issuer"))


def _settings(request: Ask) -> OpenIdSettings:
    parts: Parts = request.app.state.parts
    assert parts.officers.openid is not None
    return parts.officers.openid.settings


def _kid(public: bytes) -> str:
    return _base64url(sha256(public).digest()[:12])


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
