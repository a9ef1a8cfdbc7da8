"""Officers whom an OIDC issuer knows: whose tokens are taken, whose are not, and what an officer then is."""

import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from httpx import ASGITransport, AsyncClient, AsyncHTTPTransport, Response
from litestar import Litestar, Request, get, post

from reports import openid as openid_module
from reports.app import Options, create_app
from reports.issuer import EMBEDDED_CLIENT, Claims, OpenIdSettings, PublicAddressError
from reports.openid import Flow, OpenId
from rtpd.openid import openid_of
from rtpd.settings import SettingsError, read_settings
from store.lake import create_lake
from store.officers import create_officer
from tests.exchange.conftest import World, world
from tests.reports.conftest import Roadside, living
from tests.reports.pages.test_pages import form_token

__all__ = ["world"]

ISSUER = "https://login.example"
CLAIMS = Claims("name", "country", "authority", "realm_access.roles", {"inspecteur": "roadside", "bureau": "desk"})
SETTINGS = OpenIdSettings(ISSUER, "openrtpd", "a secret", "openrtpd-api", "http://reports", CLAIMS)


def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Issuer:
    """An issuer of a Member State, as small as one can be: it signs what the test says."""

    keys: dict[str, Any] = field(default_factory=lambda: {"one": _rsa()})
    asked_for_keys: int = 0
    reachable: bool = True
    redeemed: dict[str, str] = field(default_factory=dict)
    id_token: str = ""

    def token(self, kid: str = "one", key: Any = None, algorithm: str = "RS256", **changed: Any) -> str:
        now = int(time.time())
        said = {
            "iss": ISSUER,
            "aud": "openrtpd-api",
            "sub": "f:7:dupont",
            "iat": now,
            "exp": now + 300,
            "name": "Agent Dupont",
            "country": "FR",
            "realm_access": {"roles": ["inspecteur"]},
        } | changed
        said = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(said, key or self.keys[kid], algorithm=algorithm, headers={"kid": kid})

    def application(self) -> Litestar:
        @get("/.well-known/openid-configuration")
        async def described() -> dict[str, str]:
            ways = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
            return {"issuer": ISSUER} | {name: f"{ISSUER}/{way}" for name, way in ways.items()}

        @get("/keys")
        async def keys() -> dict[str, Any]:
            self.asked_for_keys += 1
            known = []
            for kid, key in self.keys.items():
                of = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.OKPAlgorithm
                known.append(of.to_jwk(key.public_key(), as_dict=True) | {"kid": kid, "use": "sig"})
            return {"keys": [*known, {"kty": "oct", "kid": "shared", "k": "c2VjcmV0"}]}

        @post("/token", status_code=200)
        async def token(request: Request) -> dict[str, str]:
            self.redeemed = {**(await request.form()), "authorization": request.headers.get("authorization", "")}
            return {"id_token": self.id_token, "access_token": "unused"}

        return Litestar([described, keys, token])

    def client(self) -> AsyncClient:
        return AsyncClient(transport=ASGITransport(self.application()), base_url=ISSUER)


@pytest.fixture
async def issuer(roadside: Roadside) -> AsyncIterator[Issuer]:
    """An issuer whom the application of the test trusts."""
    issuer = Issuer()
    async with issuer.client() as client:
        roadside.app.state.parts.officers.openid = OpenId(SETTINGS, client)
        yield issuer


async def _asks(roadside: Roadside, token: str) -> Response:
    return await roadside.ask("PO 1AB23", {"authorization": f"Bearer {token}"})


async def test_a_token_of_the_issuer_makes_an_officer_of_its_state(roadside: Roadside, issuer: Issuer) -> None:
    assert (await _asks(roadside, issuer.token())).status_code == 200
    row = await roadside.pool.fetchrow("SELECT * FROM officer WHERE issuer = $1", ISSUER)
    assert (row["subject"], row["name"], row["host"], row["role"]) == ("f:7:dupont", "Agent Dupont", "FR", "roadside")
    logged = await roadside.pool.fetchval("SELECT officer_id FROM lookup_log")
    assert logged == row["officer_id"]
    assert (await _asks(roadside, issuer.token(country="DE", sub="f:7:meyer"))).json()["code"] == "host_not_yours"


async def test_what_the_issuer_says_anew_counts_and_what_is_revoked_here_stays_so(
    roadside: Roadside, issuer: Issuer
) -> None:
    await _asks(roadside, issuer.token())
    await _asks(roadside, issuer.token(name="Mme Dupont", realm_access={"roles": ["x", "bureau", "inspecteur"]}))
    rows = await roadside.pool.fetch("SELECT name, role FROM officer WHERE issuer = $1", ISSUER)
    assert [tuple(row) for row in rows] == [("Mme Dupont", "roadside")]
    await roadside.pool.execute("UPDATE officer SET revoked_at = now() WHERE issuer = $1", ISSUER)
    assert (await _asks(roadside, issuer.token(exp=int(time.time()) + 200))).status_code == 401


async def test_an_authority_gives_its_state_and_no_other(roadside: Roadside, issuer: Issuer, world: World) -> None:
    by_authority = issuer.token(country=None, authority="FR-DGT", realm_access={"roles": ["bureau"]})
    assert (await _asks(roadside, by_authority)).status_code == 200
    assert await roadside.pool.fetchval("SELECT authority FROM officer WHERE issuer = $1", ISSUER) == "FR-DGT"
    assert (await _asks(roadside, issuer.token(country="FR", authority="PL-GIP"))).status_code == 401
    assert (await _asks(roadside, issuer.token(country=None, authority="FR-NOBODY"))).status_code == 401


def _forged(issuer: Issuer) -> dict[str, str]:
    now = int(time.time())
    public = issuer.keys["one"].public_key()
    return {
        "another key": issuer.token(key=_rsa()),
        "another issuer": issuer.token(iss="https://evil.example"),
        "for somebody else": issuer.token(aud="another-client"),
        "an ID token": issuer.token(aud="openrtpd", nonce="x"),
        "over": issuer.token(exp=now - 60),
        "without an end": issuer.token(exp=None),
        "not yet": issuer.token(nbf=now + 600),
        "made in the future": issuer.token(iat=now + 600),
        "without a person": issuer.token(sub=None),
        "without a role": issuer.token(realm_access={"roles": ["visitor"]}),
        "without a state": issuer.token(country=None),
        "of a state to which nobody is posted": issuer.token(country="CH"),
        "signed by nobody": jwt.encode(
            jwt.decode(issuer.token(), options={"verify_signature": False}), None, algorithm="none"
        ),
        "signed with what everybody knows": issuer.token(kid="shared", key=b"secret" * 8, algorithm="HS256"),
        "of an unknown key": issuer.token(kid="two", key=_rsa()),
        "changed": issuer.token()[:-6] + "AAAAAA",
        "no token at all": "a.b.c",
        "too long": issuer.token(name="x" * 9_000),
        "nested": "e" + "." * 3,
        "public key": str(public.key_size),
    }


async def test_what_is_not_the_issuers_word_for_us_is_refused(roadside: Roadside, issuer: Issuer) -> None:
    for kind, token in _forged(issuer).items():
        answer = await _asks(roadside, token)
        assert (answer.status_code, answer.json()["code"]) == (401, "key_unknown"), kind
    assert await roadside.pool.fetchval("SELECT count(*) FROM officer WHERE issuer IS NOT NULL") == 0


async def test_our_own_tokens_stay_good_beside_an_issuer(roadside: Roadside, issuer: Issuer) -> None:
    assert (await roadside.ask("PO 1AB23")).status_code == 200
    assert issuer.asked_for_keys == 0


async def test_keys_are_kept_and_asked_for_again_when_the_issuer_has_new_ones(
    roadside: Roadside, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        assert (await _asks(roadside, issuer.token(sub=str(number)))).status_code == 200
    assert issuer.asked_for_keys == 1
    issuer.keys = {"two": Ed25519PrivateKey.generate()}
    for number in range(5):  # somebody who makes keys up cannot make us ask without end
        assert (await _asks(roadside, issuer.token("three", _rsa(), sub=str(number)))).status_code == 401
    assert issuer.asked_for_keys == 1
    monkeypatch.setattr(openid_module, "_ASKED_AGAIN_SECONDS", -1.0)
    assert (await _asks(roadside, issuer.token("two", algorithm="EdDSA"))).status_code == 200
    old = jwt.encode({"sub": "x"}, _rsa(), algorithm="RS256", headers={"kid": "one"})
    assert (await _asks(roadside, old)).status_code == 401


async def test_while_the_issuer_is_away_known_keys_are_good_and_others_wait(roadside: Roadside) -> None:
    issuer = Issuer()
    async with issuer.client() as client, AsyncClient(transport=AsyncHTTPTransport(uds="/nowhere")) as nowhere:
        openid = roadside.app.state.parts.officers.openid = OpenId(SETTINGS, client)
        assert (await _asks(roadside, issuer.token())).status_code == 200
        openid._client = nowhere
        openid._told_at = openid._asked_at = float("-inf")
        assert (await _asks(roadside, issuer.token(sub="another"))).status_code == 200
        openid._keys, openid._metadata = {}, None
        openid._asked_at = float("-inf")
        answer = await _asks(roadside, issuer.token(sub="a third"))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


async def _begun(roadside: Roadside) -> dict[str, str]:
    answer = await roadside.client.get("/sign-in/openid")
    assert answer.status_code == 303
    address = urlsplit(answer.headers["location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{ISSUER}/authorize"
    return {name: values[0] for name, values in parse_qs(address.query).items()}


async def test_a_browser_signs_in_with_a_code_and_proof_that_it_began(roadside: Roadside, issuer: Issuer) -> None:
    asked = await _begun(roadside)
    assert (asked["response_type"], asked["code_challenge_method"], asked["redirect_uri"]) == (
        "code",
        "S256",
        "http://reports/sign-in/openid/callback",
    )
    issuer.id_token = issuer.token(aud="openrtpd", nonce=asked["nonce"])
    back = await roadside.client.get("/sign-in/openid/callback", params={"code": "c", "state": asked["state"]})
    assert back.status_code == 200
    assert (await roadside.client.get("/roadside")).status_code == 200
    secret = issuer.redeemed["code_verifier"]
    assert urlsafe_b64encode(sha256(secret.encode()).digest()).decode().rstrip("=") == asked["code_challenge"]
    assert issuer.redeemed["authorization"].startswith("Basic ")


@pytest.mark.parametrize("wrong", ["state", "nonce", "audience", "cookie", "code", "iss", "error"])
async def test_an_answer_that_does_not_fit_the_attempt_opens_nothing(
    roadside: Roadside, issuer: Issuer, wrong: str
) -> None:
    asked = await _begun(roadside)
    nonce = "another" if wrong == "nonce" else asked["nonce"]
    issuer.id_token = issuer.token(aud="somebody" if wrong == "audience" else "openrtpd", nonce=nonce)
    said = {"code": "c", "state": "another" if wrong == "state" else asked["state"]}
    match wrong:
        case "cookie":
            roadside.client.cookies.clear()
        case "code":
            del said["code"]
        case "iss":
            said["iss"] = "https://evil.example"
        case "error":
            said = {"error": "access_denied", "state": asked["state"]}
    back = await roadside.client.get("/sign-in/openid/callback", params=said)
    assert back.status_code == 422
    assert await roadside.pool.fetchval("SELECT count(*) FROM officer_session") == 0


async def test_without_an_issuer_there_is_no_such_way(roadside: Roadside) -> None:
    assert (await roadside.client.get("/sign-in/openid")).status_code == 404
    assert "/sign-in/openid" not in (await roadside.client.get("/sign-in")).text


async def test_the_default_set_up_has_an_issuer_that_knows_officers_by_their_tokens(
    database_url: str, lake: str, world: World
) -> None:
    await create_lake(database_url, lake)
    settings = openid_of(read_settings({"RTPD_REPORTS_PORT": "8099"}))
    assert settings is not None
    app = create_app(Options(database_url, lake, held_rows=100, memory_mb=100, threads=1, openid=settings))
    async with world.pool.acquire() as connection:
        made = await create_officer(connection, "Dupont", "FR", role="auditor")
    transport = ASGITransport(app)
    async with living(app), AsyncClient(transport=transport, base_url="http://127.0.0.1:8099") as client:
        app.state.parts.officers.openid = OpenId(settings, AsyncClient(transport=transport))
        begun = await client.get("/sign-in/openid")
        page = await client.get(begun.headers["location"])
        assert page.status_code == 200
        form = {name: values[0] for name, values in parse_qs(urlsplit(begun.headers["location"]).query).items()}
        form |= {"_csrf_token": form_token(page)}
        refused = await client.post("/issuer/authorize", data=form | {"token": "rtpd_officer_wrong"})
        assert refused.status_code == 422
        back = await client.post("/issuer/authorize", data=form | {"token": made.token})
        assert (await client.get(back.headers["location"])).status_code == 200
        assert "Dupont" in (await client.get("/roadside")).text
        assert await world.pool.fetchval("SELECT officer_id FROM officer_session") == made.officer_id
        elsewhere = await client.get("/issuer/keys", headers={"host": "rtpd.example"})
        assert elsewhere.status_code == 404
        stolen = parse_qs(urlsplit(back.headers["location"]).query)["code"][0]
        redeemed = {"code": stolen, "code_verifier": Flow("another").verifier, "redirect_uri": settings.callback}
        assert (await client.post("/issuer/token", data=redeemed)).json() == {"error": "invalid_grant"}
        api = {"authorization": f"Bearer {stolen}"}
        assert (await client.get("/controls", headers=api)).status_code == 401


def test_the_embedded_issuer_refuses_to_start_where_others_may_reach_it() -> None:
    for public in (
        {"RTPD_REPORTS_HOST": "0.0.0.0"},
        {"RTPD_REPORTS_HOST": "192.0.2.7"},
        {"RTPD_REPORTS_HOST": "::"},
        {"RTPD_OFFICERS_URL": "https://officers.example"},
    ):
        assert openid_of(read_settings(public)) is None
        with pytest.raises(SettingsError, match="RTPD_OIDC_ISSUER"):
            openid_of(read_settings(public | {"RTPD_OIDC_ISSUER": "embedded"}))
    settings = OpenIdSettings("x", EMBEDDED_CLIENT, None, None, "https://officers.example", CLAIMS, embedded=True)
    with pytest.raises(PublicAddressError):
        create_app(Options("postgresql://unused", "unused", openid=settings))


def test_an_issuer_out_of_the_settings() -> None:
    named = {
        "RTPD_OIDC_ISSUER": ISSUER,
        "RTPD_OIDC_CLIENT_ID": "openrtpd",
        "RTPD_OIDC_ROLES": "inspecteur=roadside a=b=desk",
        "RTPD_OIDC_HOST": "EL",
        "RTPD_OFFICERS_URL": "https://officers.example/",
    }
    settings = openid_of(read_settings(named))
    assert settings is not None
    assert (settings.claims.role_of, settings.claims.host_of_all) == ({"inspecteur": "roadside", "a=b": "desk"}, "GR")
    assert (settings.callback, settings.audience) == ("https://officers.example/sign-in/openid/callback", None)
    for wrong, name in (
        ({"RTPD_OIDC_ISSUER": "http://login.example"}, "RTPD_OIDC_ISSUER"),
        ({"RTPD_OIDC_ROLES": "inspecteur=boss"}, "RTPD_OIDC_ROLES"),
        ({"RTPD_OIDC_CLIENT_ID": ""}, "RTPD_OIDC_CLIENT_ID"),
    ):
        with pytest.raises(SettingsError, match=name):
            openid_of(read_settings(named | wrong))
