"""Officers known by an OpenID Connect issuer: its keys, its tokens, the code flow with PKCE.

Source: OpenID Connect Core 1.0, sections 3.1 and 10.1; RFC 7636 (PKCE); RFC 9207; RFC 8725 (what to check in a JWT).
"""

import asyncio
import hashlib
import hmac
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import jwt
import msgspec
import structlog
from msgspec import Struct

from reports.issuer import OpenIdSettings
from reports.refusal import RETRY_SECONDS, RefusedError
from store.officers import Person

_log = structlog.get_logger("reports.openid")
#: Signatures by a private key only: a token signed with something that we know too proves nothing.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_SCOPE = "openid profile"
_FRESH_SECONDS = 3600.0
#: A token with a key that we do not know makes us ask the issuer, but not more often than this.
_ASKED_AGAIN_SECONDS = 30.0
_CLOCKS_DIFFER_SECONDS = 30
_MOST_TOKEN_CHARACTERS = 8_192
_MOST_ANSWER_BYTES = 1 << 20
_PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Flow:
    """One attempt to sign in, bound to a browser by the secret in its cookie; the rest is derived from that."""

    secret: str

    @property
    def state(self) -> str:
        """What the issuer gives back to us: the answer belongs to this browser."""
        return self._derived(b"state")

    @property
    def nonce(self) -> str:
        """What the ID token has to name: it was made for this attempt."""
        return self._derived(b"nonce")

    @property
    def verifier(self) -> str:
        """What only we can show when we redeem the code."""
        return self._derived(b"verifier")

    @property
    def challenge(self) -> str:
        """The verifier's SHA-256, which the issuer is told at the start."""
        return _base64url(hashlib.sha256(self.verifier.encode()).digest())

    def _derived(self, what: bytes) -> str:
        return _base64url(hashlib.blake2b(self.secret.encode(), person=what, digest_size=32).digest())


class _Metadata(Struct, frozen=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class _Tokens(Struct, frozen=True):
    id_token: str


class OpenId:
    """Asks one issuer; its description and keys are kept for an hour."""

    def __init__(self, settings: OpenIdSettings, client: httpx.AsyncClient) -> None:
        self.settings = settings
        self._client = client
        self._metadata: tuple[float, _Metadata] | None = None
        self._keys: dict[str, jwt.PyJWK] = {}
        self._asked_at = self._told_at = float("-inf")
        self._asking = asyncio.Lock()

    async def close(self) -> None:
        """Ends the connections."""
        await self._client.aclose()

    async def sign_in_address(self, flow: Flow) -> str:
        """Gives where the browser goes to sign in. Raises `RefusedError`: service_unavailable."""
        asked = {
            "response_type": "code",
            "scope": _SCOPE,
            "client_id": self.settings.client_id,
            "redirect_uri": self.settings.callback,
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": flow.challenge,
            "code_challenge_method": "S256",
        }
        endpoint = (await self._described()).authorization_endpoint
        return endpoint + ("&" if "?" in endpoint else "?") + urlencode(asked)

    async def signed_in(self, flow: Flow, answer: Mapping[str, str]) -> Person:
        """Gives who has signed in, of what the issuer sent the browser back with. Raises `RefusedError`."""
        if not hmac.compare_digest(answer.get("state", "").encode(), flow.state.encode()):
            raise RefusedError("unauthorised")
        if answer.get("iss", self.settings.issuer) != self.settings.issuer or not answer.get("code"):
            raise RefusedError("unauthorised")
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": self.settings.callback,
            "client_id": self.settings.client_id,
            "code_verifier": flow.verifier,
        }
        secret = self.settings.client_secret
        basic = httpx.BasicAuth(self.settings.client_id, secret) if secret else None
        address = (await self._described()).token_endpoint
        said = await self._asked("POST", address, data=form, auth=basic)
        try:
            token = msgspec.json.decode(said, type=_Tokens).id_token
        except msgspec.MsgspecError as error:
            raise _refused("answer_wrong", error) from error
        claims = await self._claims(token, self.settings.client_id)
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), flow.nonce.encode()):
            raise _refused("nonce_wrong")
        if claims.get("azp", self.settings.client_id) != self.settings.client_id:
            raise _refused("azp_wrong")
        return self._person(claims)

    async def bearer(self, token: str) -> tuple[Person, float]:
        """Gives whose token for the API it is, and for how many seconds yet. Raises `RefusedError`."""
        if self.settings.audience is None:
            raise RefusedError("key_unknown")
        claims = await self._claims(token, self.settings.audience)
        return self._person(claims), float(claims["exp"]) - time.time()

    async def _claims(self, token: str, audience: str) -> dict[str, Any]:
        if len(token) > _MOST_TOKEN_CHARACTERS:
            raise _refused("too_long")
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            claims: dict[str, Any] = jwt.decode(
                token,
                await self._key(kid if isinstance(kid, str) else ""),
                algorithms=ALGORITHMS,
                audience=audience,
                issuer=self.settings.issuer,
                leeway=_CLOCKS_DIFFER_SECONDS,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except (jwt.PyJWTError, msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise _refused("token_wrong", error) from error
        return claims

    def _person(self, claims: Mapping[str, Any]) -> Person:
        """Reads who somebody is. Raises `RefusedError` if the token gives no role or no state."""
        names = self.settings.claims
        said = _found(claims, names.roles)
        words = [said] if isinstance(said, str) else said if isinstance(said, list) else []
        role = next((ours for theirs, ours in names.role_of.items() if theirs in words), None)
        if role is None:
            raise _refused("no_role")
        host, authority = names.host_of_all or _text(claims, names.host), _text(claims, names.authority)
        if host is None and authority is None:
            raise _refused("no_state")
        subject = str(claims["sub"])[:255]
        return Person(self.settings.issuer, subject, _text(claims, names.name) or subject, role, host, authority)

    async def _key(self, kid: str) -> jwt.PyJWK:
        """Finds a key; an unknown one, or an hour gone by, makes us ask. Raises `RefusedError` or `ValueError`.

        While the issuer cannot be reached, the keys that we know stay good.
        """
        if self._must_ask(kid):
            async with self._asking:
                if self._must_ask(kid):
                    await self._ask_for_keys(kid)
        if kid in self._keys:
            return self._keys[kid]
        if not kid and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        raise ValueError("the key is not one of the issuer's")

    def _must_ask(self, kid: str) -> bool:
        now = time.monotonic()
        known = kid in self._keys and now - self._told_at < _FRESH_SECONDS
        return not known and now - self._asked_at > _ASKED_AGAIN_SECONDS

    async def _ask_for_keys(self, kid: str) -> None:
        self._asked_at = time.monotonic()
        try:
            said = await self._asked("GET", (await self._described()).jwks_uri)
        except RefusedError:
            if kid not in self._keys:
                self._asked_at = float("-inf")
                raise
            return
        keys = jwt.PyJWKSet.from_dict(msgspec.json.decode(said, type=dict[str, Any])).keys
        self._keys = {
            key.key_id or "": key
            for key in keys
            if key.key_type in ("RSA", "EC", "OKP") and key.public_key_use in (None, "sig")
        }
        self._told_at = self._asked_at

    async def _described(self) -> _Metadata:
        if self._metadata is not None and time.monotonic() - self._metadata[0] < _FRESH_SECONDS:
            return self._metadata[1]
        address = self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
        try:
            described = msgspec.json.decode(await self._asked("GET", address), type=_Metadata)
        except msgspec.MsgspecError as error:
            raise _unreachable(error) from error
        if described.issuer != self.settings.issuer:
            raise _unreachable(ValueError("the issuer calls itself by another name"))
        self._metadata = (time.monotonic(), described)
        return described

    async def _asked(self, method: str, address: str, **more: Any) -> bytes:
        try:
            async with self._client.stream(method, address, timeout=_PATIENCE_SECONDS, **more) as answer:
                said = b""
                async for piece in answer.aiter_bytes():
                    said += piece
                    if len(said) > _MOST_ANSWER_BYTES:
                        raise _unreachable(ValueError("the answer is too long"))
        except httpx.HTTPError as error:
            raise _unreachable(error) from error
        if answer.status_code >= 500:
            raise _unreachable(ValueError(f"status {answer.status_code}"))
        if answer.status_code != 200:
            raise _refused("issuer_refused")
        return said


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _found(claims: Mapping[str, Any], path: str) -> Any:
    """Finds a claim by its own name, dots and all, else by the way that its dots lead."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _text(claims: Mapping[str, Any], path: str) -> str | None:
    said = _found(claims, path)
    return said[:255] if isinstance(said, str) and said else None


def _refused(why: str, error: Exception | None = None) -> RefusedError:
    """Says in the log, never to who asks, why a token is not taken; nothing of the token itself."""
    _log.warning("token_refused", why=why, kind=type(error).__name__ if error else None)
    return RefusedError("key_unknown")


def _unreachable(error: Exception) -> RefusedError:
    _log.warning("issuer_unreachable", kind=type(error).__name__)
    return RefusedError("service_unavailable", retry_seconds=RETRY_SECONDS, seconds=RETRY_SECONDS)
