"""Services that translate by machine: LibreTranslate's protocol and eTranslation's, the Commission's own.

LibreTranslate answers at once. eTranslation takes an order and calls back with the text (exchange/translation.py).
"""

from typing import Literal, Protocol
from uuid import UUID

import httpx
from msgspec import Struct

_TIMEOUT_S = 20.0
#: What eTranslation takes as a snippet; `Words` are never longer.
MOST_CHARACTERS = 5_000


class Service(Struct, frozen=True, kw_only=True):
    """Which service is used: its protocol and address; eTranslation has a user, a password and calls `callback`."""

    protocol: Literal["libretranslate", "etranslation"]
    url: str
    key: str | None = None
    user: str | None = None
    callback: str | None = None


class TranslationFailedError(RuntimeError):
    """The translation service did not answer as it should."""


class Translator(Protocol):
    """A service: translates at once, or gives None and calls back."""

    name: str

    async def translate(self, text: str, source: str, target: str, reference: UUID) -> str | None: ...
    async def close(self) -> None: ...


class LibreTranslate:
    """A service with LibreTranslate's protocol."""

    name = "LibreTranslate"

    def __init__(self, service: Service) -> None:
        self._service = service
        self._client = httpx.AsyncClient(base_url=service.url, timeout=_TIMEOUT_S)

    async def translate(self, text: str, source: str, target: str, reference: UUID) -> str | None:
        """Translates at once. Raises `TranslationFailedError`."""
        asked = {"q": text, "source": source, "target": target, "format": "text"}
        if self._service.key:
            asked["api_key"] = self._service.key
        try:
            answer = await self._client.post("/translate", json=asked)
            answer.raise_for_status()
            translated = answer.json()["translatedText"]
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise TranslationFailedError(type(error).__name__) from error
        if not isinstance(translated, str):
            raise TranslationFailedError("the answer has no text")
        return translated

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()


class ETranslation:
    """The Commission's service: an order by POST with digest authentication; it answers the order's number."""

    name = "eTranslation"

    def __init__(self, service: Service) -> None:
        if not service.callback or not service.user:
            raise ValueError("eTranslation needs a user, and an address at which it can call back")
        self._service = service
        auth = httpx.DigestAuth(service.user, service.key or "")
        self._client = httpx.AsyncClient(auth=auth, timeout=_TIMEOUT_S)

    async def translate(self, text: str, source: str, target: str, reference: UUID) -> str | None:
        """Orders a translation, which comes to `<callback>/<reference>`. Raises `TranslationFailedError`."""
        callback = f"{(self._service.callback or '').rstrip('/')}/{reference}"
        order = {
            "textToTranslate": text,
            "sourceLanguage": source.upper(),
            "targetLanguages": [target.upper()],
            "domain": "SPD",
            "callerInformation": {"application": self._service.user, "username": self._service.user},
            "requesterCallback": callback,
            "errorCallback": callback,
            "externalReference": str(reference),
        }
        try:
            answer = await self._client.post(self._service.url, json=order)
            answer.raise_for_status()
            number = int(answer.text)
        except (httpx.HTTPError, ValueError) as error:
            raise TranslationFailedError(type(error).__name__) from error
        if number < 0:  # a negative number is an error's
            raise TranslationFailedError(f"eTranslation refused the order: {number}")
        return None

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()


def translator(service: Service | None) -> Translator | None:
    """Makes the translator of a service, None where none is configured."""
    if service is None:
        return None
    return LibreTranslate(service) if service.protocol == "libretranslate" else ETranslation(service)
