"""Who the command line speaks for: the settings' key and operator, else the demo's."""

import msgspec
from msgspec import Struct

from rtpd.settings import Settings


class NoKeyError(RuntimeError):
    """There is no key to submit with."""


class _DemoOfficer(Struct, frozen=True, rename="camel"):
    officer_token: str


class Caller(Struct, frozen=True, rename="camel"):
    """An operator and the key that speaks for it."""

    api_key: str
    operator_id: str | None = None


def caller(settings: Settings, api_key: str | None = None, operator_id: str | None = None) -> Caller:
    """Gives key and operator: those given, else those of the settings, else those of the demo in the home.

    Raises `NoKeyError`.
    """
    key = api_key or settings.api_key
    if key:
        return Caller(key, operator_id or settings.operator_id)
    demo = settings.home / "demo.json"
    if not demo.exists():
        raise NoKeyError(
            "no key: make one with `rtpd operator create`, and set RTPD_API_KEY and RTPD_OPERATOR_ID to it"
        )
    known = msgspec.json.decode(demo.read_bytes(), type=Caller)
    return Caller(known.api_key, operator_id or known.operator_id)


def officer_token(settings: Settings, token: str | None = None) -> str:
    """Gives an officer's token: the one given, else that of the settings, else the demo's. Raises `NoKeyError`."""
    if token or settings.officer_token:
        return token or settings.officer_token or ""
    demo = settings.home / "demo.json"
    if not demo.exists():
        raise NoKeyError("no token: make one with `rtpd officer create`, and set RTPD_OFFICER_TOKEN to it")
    return msgspec.json.decode(demo.read_bytes(), type=_DemoOfficer).officer_token
