"""Which OIDC issuer knows the officers, out of the settings: one that is named, or in the default set-up our own."""

from urllib.parse import urlsplit

from reports.issuer import (
    EMBEDDED_AUDIENCE,
    EMBEDDED_CLIENT,
    EMBEDDED_PATH,
    Claims,
    OpenIdSettings,
    PublicAddressError,
    check_loopback,
    is_loopback,
)
from rtpd.settings import Settings, SettingsError
from schemas.codes import country
from store.officers import ROLES, Role

EMBEDDED = "embedded"
#: Of several roles that somebody has, the first of these counts.
_BY_WEIGHT: tuple[Role, ...] = ("administrator", "coordinator", "desk", "roadside", "auditor")


def openid_of(settings: Settings) -> OpenIdSettings | None:
    """Gives the issuer, None where officers have our tokens only. Raises `SettingsError`."""
    officers_url = (settings.officers_url or settings.reports_url).rstrip("/")
    if settings.oidc_issuer == EMBEDDED or (settings.oidc_issuer is None and _is_default(settings)):
        try:
            check_loopback(settings.reports_host, urlsplit(officers_url).hostname or "")
        except PublicAddressError as error:
            raise SettingsError(f"RTPD_OIDC_ISSUER: {error}; name the issuer of your authority") from error
        issuer = officers_url + EMBEDDED_PATH
        claims = Claims("name", "host", "authority", "roles", {role: role for role in _BY_WEIGHT})
        return OpenIdSettings(issuer, EMBEDDED_CLIENT, None, EMBEDDED_AUDIENCE, officers_url, claims, embedded=True)
    if settings.oidc_issuer is None:
        return None
    address = urlsplit(settings.oidc_issuer)
    if address.scheme != "https" and not is_loopback(address.hostname or ""):
        raise SettingsError("RTPD_OIDC_ISSUER: an issuer is reached by https://")
    if settings.oidc_client_id is None:
        raise SettingsError("RTPD_OIDC_CLIENT_ID: say under which name the issuer knows us")
    claims = Claims(
        settings.oidc_name_claim,
        settings.oidc_host_claim,
        settings.oidc_authority_claim,
        settings.oidc_roles_claim,
        _roles(settings.oidc_roles),
        settings.oidc_host and country(settings.oidc_host.upper()),
    )
    secret, audience_named = settings.oidc_client_secret, settings.oidc_audience
    return OpenIdSettings(settings.oidc_issuer, settings.oidc_client_id, secret, audience_named, officers_url, claims)


def _is_default(settings: Settings) -> bool:
    """Tells whether everything is on this machine, for itself."""
    own = urlsplit(settings.officers_url or settings.reports_url).hostname or ""
    return settings.database_url is None and is_loopback(settings.reports_host) and is_loopback(own)


def _roles(text: str | None) -> dict[str, Role]:
    """Reads `their-word=our-role …`; without a text the issuer's words are ours. Raises `SettingsError`."""
    if text is None:
        return {role: role for role in _BY_WEIGHT}
    known: dict[str, Role] = {role: role for role in ROLES}
    found: dict[str, Role] = {}
    for pair in text.split():
        theirs, _, ours = pair.rpartition("=")
        if not theirs or ours not in known:
            raise SettingsError(f"RTPD_OIDC_ROLES: '{pair}' is not of the form word=role; roles are {', '.join(ROLES)}")
        found[theirs] = known[ours]
    return found
