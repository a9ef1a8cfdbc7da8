"""Free text in the reader's language by machine: marked as such, the original always at hand, each text once."""

import asyncio
import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID, uuid4

import asyncpg
import msgspec
import structlog
from msgspec import Struct

from exchange.record import Words
from exchange.texts import table
from exchange.translators import TranslationFailedError, Translator
from schemas import statements
from schemas.languages import language

_SQL = statements.load("exchange", "translations")
_log = structlog.get_logger("translation")

#: After a failure it is tried again; an order that was never answered is given up.
_RETRY_S, _GIVE_UP_S = 60.0, 3600.0


class Translated(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A text for its reader. `text` is the translation, None where there is none; `note` says what it is worth.

    `state`: original (no translation needed), done, pending, failed, not_configured.
    """

    pointer: str
    original: Words
    language: str
    state: str
    note: str
    text: str | None = None
    machine_made: bool = False
    service: str | None = None


class Translations:
    """Translates by the configured service, if there is one, and remembers."""

    def __init__(self, pool: asyncpg.Pool, translator: Translator | None) -> None:
        self._pool = pool
        self._translator = translator

    async def of(self, said: msgspec.Struct, reader: str) -> list[Translated]:
        """Gives every free text in `said`, such as the content of a move, for somebody who reads `reader`."""
        found = words_in(said)
        return list(await asyncio.gather(*(self.one(words, reader, pointer) for pointer, words in found)))

    async def one(self, words: Words, reader: str, pointer: str = "") -> Translated:
        """Gives one text for its reader."""
        notes = table(reader, "translation")
        if language(words.language) == reader:
            return Translated(pointer, words, reader, "original", notes["original"])
        if self._translator is None:
            return Translated(pointer, words, reader, "not_configured", notes["not_configured"])
        state, text = await self._translation(words, reader, self._translator)
        note = notes["machine_made" if state == "done" else state]
        return Translated(pointer, words, reader, state, note, text, state == "done", self._translator.name)

    async def called_back(self, translation_id: UUID, body: bytes) -> bool:
        """Takes what eTranslation sends to the callback; gives False if it was not waited for."""
        said = parse_qs(body.decode("utf-8", "replace"))
        text = said.get("translated-text", [None])[0]
        state = "done" if text else "failed"
        ended: str = await self._pool.execute(_SQL["end"], translation_id, state, text)
        return ended != "UPDATE 0"

    async def _translation(self, words: Words, reader: str, translator: Translator) -> tuple[str, str | None]:
        source, digest = language(words.language), hashlib.sha256(words.text.encode()).digest()
        key = (digest, source, reader, translator.name)
        known = await self._pool.fetchrow(_SQL["known"], *key)
        if known is not None and known["state"] == "done":
            return "done", known["text"]
        reference = await self._pool.fetchval(_SQL["order"], uuid4(), *key, _RETRY_S, _GIVE_UP_S)
        if reference is None:  # ordered by somebody else, or it failed a moment ago
            return (known["state"], None) if known else ("pending", None)
        try:
            text = await translator.translate(words.text, source, reader, reference)
        except TranslationFailedError as error:
            _log.warning("translation_failed", service=translator.name, reason=str(error))
            await self._pool.execute(_SQL["end"], reference, "failed", None)
            return "failed", None
        if text is None:
            return "pending", None
        await self._pool.execute(_SQL["end"], reference, "done", text)
        return "done", text


def words_in(said: Any, pointer: str = "") -> Iterator[tuple[str, Words]]:
    """Gives the free texts in a struct, each with its JSON pointer."""
    match said:
        case Words():
            yield pointer, said
        case msgspec.Struct():
            for field in msgspec.structs.fields(said):
                yield from words_in(getattr(said, field.name), f"{pointer}/{field.encode_name}")
        case list():
            for place, item in enumerate(said):
                yield from words_in(item, f"{pointer}/{place}")
