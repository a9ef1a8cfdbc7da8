"""What is known of the OIDC issuer before anything is asked of it; the embedded one is for this machine alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from store.officers import Role

CALLBACK = "/sign-in/openid/callback"
EMBEDDED_PATH = "/issuer"
EMBEDDED_CLIENT = "openrtpd"
EMBEDDED_AUDIENCE = "openrtpd-api"


class PublicAddressError(ValueError):
    """The embedded issuer is for one machine alone: name an OIDC issuer of your own (RTPD_OIDC_ISSUER)."""


def check_loopback(*hosts: str) -> None:
    """Raises `PublicAddressError` unless all these hosts are this machine, reached from itself."""
    for host in hosts:
        if not is_loopback(host):
            raise PublicAddressError(f"the embedded issuer does not start on {host}, which others may reach")


def is_loopback(host: str) -> bool:
    """Tells whether a host name or address is this machine's own."""
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Claims:
    """Under which names a token says who somebody is; a dot leads into an object, as in realm_access.roles.

    `role_of` gives our role for the issuer's word, the first that a token has counts; `host_of_all` is the Member
    State of everybody whom the issuer knows, for an issuer of one state.
    """

    name: str
    host: str
    authority: str
    roles: str
    role_of: Mapping[str, Role]
    host_of_all: str | None = None


@dataclass(frozen=True, slots=True)
class OpenIdSettings:
    """An issuer and what we are to it. `audience` is that of tokens for the API; without one it takes none.

    `officers_url` is scheme and host under which officers reach us.
    """

    issuer: str
    client_id: str
    client_secret: str | None
    audience: str | None
    officers_url: str
    claims: Claims
    embedded: bool = False

    @property
    def callback(self) -> str:
        """Where the issuer sends an officer's browser back to."""
        return self.officers_url + CALLBACK
