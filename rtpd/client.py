"""A client of intake that never loses and never doubles: bulk submissions, several in flight, retried by key.

A submission is posted under an Idempotency-Key until it is answered, so that a lost answer, a restart of intake
or a full queue cost time and nothing else. The bodies can be gone over once only: what is in flight is kept.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, Self

import httpx
import msgspec
import zstandard
from msgspec import Struct

from schemas.problem import Problem

#: Answers after which the same request, sent again, may well succeed.
_TRANSIENT = {408, 409, 425, 429, 500, 502, 503, 504}
_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 15.0
_TIMEOUT = httpx.Timeout(120.0, connect=10.0)


class SubmissionRefusedError(RuntimeError):
    """Intake refused a submission as a whole."""


class IntakeUnreachableError(RuntimeError):
    """Intake did not answer a submission within the time allowed."""


class Finding(Struct, frozen=True):
    """What intake found on one line of a submission, counted from 1."""

    line: int
    problems: list[Problem]


class Answer(Struct, frozen=True, rename="camel"):
    """Intake's answer to a bulk submission: the signed receipt and what was found."""

    submission_id: str
    received_at: str
    accepted: int
    refused: int
    warned: int
    digest: str
    key_id: str
    signature: str
    problems: list[Finding] = []
    warnings: list[Finding] = []


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some whole lines on their way: the how manieth chunk, where it begins in the input, its bytes."""

    number: int
    first_line: int
    lines: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Where submissions go and for whom; `patience_s` is how long one is tried before giving up.

    `tell` gets a sentence when one is tried again for another reason than the last.
    """

    url: str
    api_key: str
    operator_id: str | None = None
    compress: bool = True
    dry_run: bool = False
    patience_s: float = 900.0
    tell: Callable[[str], None] = lambda _: None


def chunks_of(file: BinaryIO, lines: int) -> Iterator[Chunk]:
    """Cuts a file or pipe into chunks of `lines` lines; the last line need not end with a newline."""
    number, first_line = 1, 1
    while taken := list(islice(file, lines)):
        yield Chunk(number, first_line, len(taken), b"".join(taken))
        number, first_line = number + 1, first_line + len(taken)


class Client:
    """Posts submissions over a few connections that stay open."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._http = httpx.AsyncClient(base_url=intake.url, timeout=_TIMEOUT, trust_env=False)
        self._headers = {"x-api-key": intake.api_key, "content-type": "application/x-ndjson"}
        if intake.operator_id:
            self._headers["x-operator-id"] = intake.operator_id
        if intake.compress:
            self._headers["content-encoding"] = "zstd"
        self.retries = 0
        self._told = ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def submit(self, body: bytes, key: str) -> Answer:
        """Posts NDJSON lines until they are answered; the same key never counts twice.

        Raises `SubmissionRefusedError`, or `IntakeUnreachableError` when patience ends.
        """
        content = await asyncio.to_thread(_packed, body) if self._intake.compress else body
        headers = self._headers | {"idempotency-key": key}
        parameters = {"dryRun": "true"} if self._intake.dry_run else {}
        deadline, pause_s, told = time.monotonic() + self._intake.patience_s, _FIRST_PAUSE_S, ""
        while True:
            wait_s = pause_s * random.uniform(0.5, 1.5)  # noqa: S311
            try:
                response = await self._http.post(
                    "/declarations/bulk", content=content, headers=headers, params=parameters
                )
            except httpx.TransportError as error:
                told = f"{type(error).__name__} at {self._intake.url}"
            else:
                if response.is_success:
                    return msgspec.json.decode(response.content, type=Answer)
                told = _told(response)
                if not _is_transient(response):
                    raise SubmissionRefusedError(told)
                wait_s = max(wait_s, _retry_after(response))
            if time.monotonic() + wait_s > deadline:
                raise IntakeUnreachableError(f"no answer within {self._intake.patience_s:.0f} s; the last was: {told}")
            self.retries += 1
            if told != self._told:
                self._told = told
                self._intake.tell(
                    f"{told.rstrip('.')}; trying again for {deadline - time.monotonic():.0f} seconds more"
                )
            await asyncio.sleep(wait_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    async def submit_all(
        self, chunks: Iterator[Chunk], key_of: Callable[[Chunk], str], in_flight: int
    ) -> AsyncIterator[tuple[Chunk, Answer]]:
        """Posts chunks, `in_flight` of them at a time, and gives each answer as it comes, in any order."""
        under_way: set[asyncio.Task[tuple[Chunk, Answer]]] = set()

        async def send(chunk: Chunk) -> tuple[Chunk, Answer]:
            return chunk, await self.submit(chunk.body, key_of(chunk))

        try:
            while chunk := await asyncio.to_thread(next, chunks, None):
                under_way.add(asyncio.create_task(send(chunk)))
                if len(under_way) >= in_flight:
                    done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        yield task.result()
            while under_way:
                done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    yield task.result()
        finally:
            for task in under_way:
                task.cancel()


def _packed(body: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=1).compress(body)


def _is_transient(response: httpx.Response) -> bool:
    return response.status_code in _TRANSIENT and (
        response.status_code != httpx.codes.CONFLICT or _member(response, "code") == "submission_in_progress"
    )


def _told(response: httpx.Response) -> str:
    return f"{response.status_code} {_member(response, 'detail') or response.reason_phrase}"


def _member(response: httpx.Response, name: str) -> str:
    with suppress(msgspec.DecodeError):
        document = msgspec.json.decode(response.content)
        if isinstance(document, dict):
            return str(document.get(name, ""))
    return ""


def _retry_after(response: httpx.Response) -> float:
    try:
        return float(response.headers.get("retry-after", 0))
    except ValueError:
        return 0.0
