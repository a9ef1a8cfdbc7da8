"""Free text by machine, over the real protocols of LibreTranslate and eTranslation on a server of the test's own."""

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

import asyncpg
import pytest

from exchange.record import Answered, Asked, Content, Words
from exchange.translation import Translations, words_in
from exchange.translators import Service, translator

PASSWORD = "geheim"
NONCE = "dcd98b7102dd2f0e8b11d0f600bfb0c093"


@dataclass
class TranslationServer:
    """Speaks both protocols: translates by putting the target language before the text."""

    url: str = ""
    asked: list[dict] = field(default_factory=list)
    broken: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            text = head.decode()
            length = int(re.search(r"content-length: (\d+)", text, re.IGNORECASE)[1])
            status, body = self.answer(text, await reader.readexactly(length))
            extra = f'WWW-Authenticate: Digest realm="t", nonce="{NONCE}", qop="auth"\r\n' if status == 401 else ""
            answer = (
                f"HTTP/1.1 {status} X\r\n{extra}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            writer.write(answer.encode() + body)
            await writer.drain()

    def answer(self, head: str, body: bytes) -> tuple[int, bytes]:
        if self.broken:
            return 500, b"{}"
        if head.startswith("POST /translate "):
            said = json.loads(body)
            if said.get("api_key") != PASSWORD:
                return 403, b'{"error": "Invalid API key"}'
            self.asked.append(said)
            return 200, json.dumps({"translatedText": f"[{said['target']}] {said['q']}"}).encode()
        if not authorised(head):
            return 401, b""
        self.asked.append(json.loads(body))
        return 200, b"4711"


def authorised(head: str) -> bool:
    """Tells whether the request carries a digest (RFC 7616, MD5) of user and password."""
    found = re.search(r"authorization: Digest (.*)", head, re.IGNORECASE)
    if not found:
        return False
    said = dict(re.findall(r'(\w+)="?([^",]+)"?', found[1]))

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    secret, what = md5(f"rtpd:t:{PASSWORD}"), md5(f"POST:{said['uri']}")
    return said["response"] == md5(f"{secret}:{NONCE}:{said['nc']}:{said['cnonce']}:{said['qop']}:{what}")


@pytest.fixture
async def server() -> AsyncIterator[TranslationServer]:
    state = TranslationServer()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await state.serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    state.url = f"http://127.0.0.1:{port}"
    yield state
    listening.close()


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(database_url, min_size=0, max_size=2) as pool:
        yield pool


@pytest.fixture
async def libre(pool: asyncpg.Pool, server: TranslationServer) -> AsyncIterator[Translations]:
    service = translator(Service(protocol="libretranslate", url=server.url, key=PASSWORD))
    yield Translations(pool, service)
    await service.close()


GERMAN = Words("Bitte senden Sie die Unterlagen.", "de")


async def test_a_translation_is_marked_and_the_original_at_hand(libre, server):
    found = await libre.one(GERMAN, "pl")
    assert found.text == "[pl] Bitte senden Sie die Unterlagen."
    assert (found.machine_made, found.service, found.original) == (True, "LibreTranslate", GERMAN)
    assert found.note
    assert server.asked[0]["source"] == "de"


async def test_a_text_is_translated_once(libre, server):
    first = await libre.one(GERMAN, "pl")
    server.broken = True
    assert await libre.one(GERMAN, "pl") == first
    assert len(server.asked) == 1


async def test_who_reads_the_language_gets_the_original(libre, server):
    found = await libre.one(Words("Hei", "no"), "nb")
    assert (found.state, found.text, found.machine_made, server.asked) == ("original", None, False, [])


async def test_without_a_service_it_says_so(pool):
    found = await Translations(pool, None).one(GERMAN, "en")
    assert (found.state, found.text) == ("not_configured", None)
    assert found.note == "No translation service is connected. Here is the original."


async def test_a_failure_is_said_and_not_asked_again_at_once(libre, pool, server):
    server.broken = True
    assert (await libre.one(GERMAN, "fr")).state == "failed"
    server.broken = False
    assert (await libre.one(GERMAN, "fr")).state == "failed"
    await pool.execute("UPDATE translation SET ended_at = ended_at - interval '2 minutes'")
    assert (await libre.one(GERMAN, "fr")).state == "done"


async def test_etranslation_takes_an_order_and_calls_back(pool, server):
    service = Service(
        protocol="etranslation",
        url=f"{server.url}/si/translate",
        user="rtpd",
        key=PASSWORD,
        callback="https://reports.example/translations",
    )
    etranslation = translator(service)
    translations = Translations(pool, etranslation)
    assert (await translations.one(GERMAN, "el")).state == "pending"
    (order,) = server.asked
    assert (order["sourceLanguage"], order["targetLanguages"]) == ("DE", ["EL"])
    reference = await pool.fetchval("SELECT translation_id FROM translation")
    assert order["requesterCallback"] == f"https://reports.example/translations/{reference}"
    assert (await translations.one(GERMAN, "el")).state == "pending"
    assert len(server.asked) == 1
    said = {"request-id": "4711", "target-language": "EL", "translated-text": "Παρακαλώ στείλτε τα έγγραφα."}
    assert await translations.called_back(reference, urlencode(said).encode())
    assert not await translations.called_back(reference, urlencode(said).encode())
    found = await translations.one(GERMAN, "el")
    assert (found.text, found.machine_made, found.service) == (said["translated-text"], True, "eTranslation")
    await etranslation.close()


async def test_an_error_that_etranslation_calls_back_with_is_a_failure(pool, server):
    service = Service(protocol="etranslation", url=server.url, user="rtpd", key=PASSWORD, callback="https://x.example")
    etranslation = translator(service)
    translations = Translations(pool, etranslation)
    await translations.one(GERMAN, "el")
    reference = await pool.fetchval("SELECT translation_id FROM translation")
    assert await translations.called_back(reference, b"request-id=4711&error-code=-20003")
    assert (await translations.one(GERMAN, "el")).state == "failed"
    await etranslation.close()


async def test_a_wrong_password_is_a_failure(pool, server):
    wrong = translator(Service(protocol="libretranslate", url=server.url, key="x"))
    assert (await Translations(pool, wrong).one(GERMAN, "el")).state == "failed"
    await wrong.close()


async def test_every_free_text_of_a_move_is_found(libre):
    content = Content(
        text=GERMAN, questions=[Asked("P003", Words("Seit wann?", "de"))], answers=[Answered("P013", words=GERMAN)]
    )
    assert [pointer for pointer, _ in words_in(content)] == ["/questions/0/more", "/answers/0/words", "/text"]
    assert [one.pointer for one in await libre.of(content, "en")] == ["/questions/0/more", "/answers/0/words", "/text"]


def test_etranslation_needs_an_address_to_call_back():
    with pytest.raises(ValueError, match="call back"):
        translator(Service(protocol="etranslation", url="https://x.example", user="rtpd"))
