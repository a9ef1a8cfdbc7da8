"""Pulling an operator's drivers, vehicles and declarations from an RTPD-compatible address into intake.

What is imported keeps the reference that it had, else it gets the id that it had there (`rtpd:<id>`); it is put by
that reference, so that an import run twice, or after it broke off, doubles nothing. A file keeps what is done and is
the report: resuming passes over what it names as imported. Facts of the wire: domain.md 3.3-3.4a.
"""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, Self
from urllib.parse import quote

import httpx
import msgspec
from msgspec import Struct

from schemas.declaration import WIRE_NAMES
from schemas.driver import Driver
from schemas.vehicle import Vehicle

Kind = Literal["driver", "vehicle", "declaration"]
Item = dict[str, Any]
PAGE = 250
_PATHS: dict[Kind, str] = {"driver": "/drivers", "vehicle": "/plate-numbers", "declaration": "/declarations"}
_KEYS: dict[Kind, str] = {"driver": "driverId", "vehicle": "plateNumberId", "declaration": "declarationId"}
_REFERENCE = "externalReference"
_TRANSIENT = {429, 500, 502, 503, 504}
_AT_ONCE = 8


def _names(struct: type[Struct]) -> frozenset[str]:
    return frozenset(field.encode_name for field in msgspec.structs.fields(struct))


_TAKEN: dict[Kind, frozenset[str]] = {
    "driver": _names(Driver),
    "vehicle": _names(Vehicle),
    "declaration": frozenset(WIRE_NAMES.values()) - {"operatorId", "fleetId"},
}
_LINKED = frozenset(name for name in WIRE_NAMES.values() if name.startswith("driver")) - {"driverId", "driverEmail"}


class SourceError(RuntimeError):
    """The address from which is imported does not answer as RTPD does."""


class ImportReportError(ValueError):
    """The report of an earlier import cannot be read."""


class Done(Struct, rename="camel", omit_defaults=True):
    """A line of the report: what became of one object; `problems` say why it was refused."""

    kind: Kind
    source_id: str
    outcome: Literal["imported", "skipped", "refused"]
    id: str | None = None
    reason: str | None = None
    problems: list[Item] = []


class Counts(Struct):
    """How many objects of one kind were imported, passed over (by their state, or done before) and refused."""

    imported: int = 0
    skipped: int = 0
    refused: int = 0


class Report:
    """The report, a line an object; resumed, it says what is done already."""

    def __init__(self, file: BinaryIO, done: dict[tuple[Kind, str], Done]) -> None:
        self._file = file
        self._done = done
        self.counts: dict[Kind, Counts] = {kind: Counts() for kind in _PATHS}

    @classmethod
    def open(cls, path: Path, *, resume: bool) -> Self:
        """Begins a report, or goes on with one. Raises `ImportReportError`, and `FileExistsError` without `resume`."""
        if not resume or not path.exists():
            return cls(path.open("xb"), {})
        whole = path.read_bytes()
        kept = whole[: whole.rfind(b"\n") + 1]  # the last line may be torn
        try:
            done = [msgspec.json.decode(line, type=Done) for line in kept.splitlines()]
        except msgspec.MsgspecError as error:
            raise ImportReportError(f"{path} is no report of an import") from error
        os.truncate(path, len(kept))
        return cls(path.open("ab"), {(one.kind, one.source_id): one for one in done})

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def known(self, kind: Kind, source_id: str) -> Done | None:
        """Gives what an earlier run imported; what it refused is tried again."""
        found = self._done.get((kind, source_id))
        return found if found and found.outcome == "imported" else None

    def count_known(self, kind: Kind) -> None:
        """Counts an object that an earlier run imported."""
        self.counts[kind].skipped += 1

    def note(self, done: Done) -> None:
        """Writes a line, so that it is there whatever comes next."""
        counts = self.counts[done.kind]
        setattr(counts, done.outcome, getattr(counts, done.outcome) + 1)
        self._done[done.kind, done.source_id] = done
        self._file.write(msgspec.json.encode(done) + b"\n")
        self._file.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where one side of the import is, and for whom; `patience_s` is how long a request is repeated."""

    url: str
    api_key: str
    operator_id: str
    patience_s: float = 120.0


class Api:
    """An RTPD-compatible address: requests repeated while it is busy or away."""

    def __init__(self, address: Address, transport: httpx.AsyncBaseTransport | None = None) -> None:
        headers = {"x-api-key": address.api_key, "x-operator-id": address.operator_id}
        self._patience_s = address.patience_s
        self._http = httpx.AsyncClient(
            base_url=address.url, headers=headers, timeout=30.0, trust_env=False, transport=transport
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Sends a request until it is answered. Raises `SourceError` when patience ends."""
        deadline, pause_s, told = time.monotonic() + self._patience_s, 0.25, ""
        while True:
            wait_s = pause_s * random.uniform(0.5, 1.5)  # noqa: S311
            try:
                answer = await self._http.request(method, path, **more)
            except httpx.TransportError as error:
                told = type(error).__name__
            else:
                if answer.status_code not in _TRANSIENT:
                    return answer
                told = str(answer.status_code)
                wait_s = max(wait_s, float(answer.headers.get("retry-after", "0") or 0))
            if time.monotonic() + wait_s > deadline:
                raise SourceError(f"{self._http.base_url}{path}: no answer; the last was {told}")
            await asyncio.sleep(wait_s)
            pause_s = min(2 * pause_s, 15.0)

    async def read(self, path: str, **parameters: str) -> Any:
        """Reads JSON. Raises `SourceError` for any answer but 200."""
        answer = await self.ask("GET", path, params=parameters)
        if answer.status_code != 200:
            raise SourceError(f"{self._http.base_url}{path}: {answer.status_code} {_told(answer)}")
        try:
            return msgspec.json.decode(answer.content)
        except msgspec.MsgspecError as error:
            raise SourceError(f"{self._http.base_url}{path}: not JSON") from error

    async def pages(self, path: str, **parameters: str) -> AsyncIterator[list[Item]]:
        """Reads a list page by page."""
        key: str | None = None
        while True:
            asked = {"limit": str(PAGE), **parameters} | ({"startKey": key} if key else {})
            page = await self.read(path, **asked)
            yield page["items"]
            key = page.get("lastEvaluatedKey")
            if not key:
                return


class Import:
    """One import from a source into a target."""

    def __init__(self, source: Api, target: Api, report: Report) -> None:
        self._source = source
        self._target = target
        self._report = report
        self._drivers: dict[str, str] = {}

    async def run(self) -> dict[Kind, Counts]:
        """Imports drivers, vehicles, then declarations that are drafts or in force; gives what became of them."""
        await self._all("driver")
        await self._all("vehicle")
        await self._all("declaration")
        return self._report.counts

    async def _all(self, kind: Kind) -> None:
        room = asyncio.Semaphore(_AT_ONCE)

        async def one(item: Item) -> None:
            async with room:
                await self._one(kind, item)

        async for items in self._source.pages(_PATHS[kind]):
            async with asyncio.TaskGroup() as tasks:
                for item in items:
                    tasks.create_task(one(item))

    async def _one(self, kind: Kind, listed: Item) -> None:
        source_id = str(listed[_KEYS[kind]])
        known = self._report.known(kind, source_id)
        if known is not None:
            if kind == "driver" and known.id:
                self._drivers[source_id] = known.id
            self._report.count_known(kind)
            return
        status = str(listed.get("declarationStatus", "SUBMITTED")).upper()
        if kind == "declaration" and status not in ("SUBMITTED", "DRAFT"):
            self._report.note(Done(kind, source_id, "skipped", reason=status))
            return
        # Lists of declarations leave out what is declared; those of drivers and vehicles are whole.
        item = await self._source.read(f"{_PATHS[kind]}/{source_id}") if kind == "declaration" else listed
        self._report.note(await self._put(kind, source_id, item, draft=status == "DRAFT"))

    async def _put(self, kind: Kind, source_id: str, item: Item, *, draft: bool) -> Done:
        reference = str(item.get(_REFERENCE) or f"rtpd:{source_id}")
        said = {name: value for name, value in item.items() if name in _TAKEN[kind] and value not in (None, "", [])}
        driver = self._drivers.get(str(item.get("driverId")))
        if kind == "declaration" and driver is not None:
            said = {name: value for name, value in said.items() if name not in _LINKED} | {"driverId": driver}
        elif kind == "declaration":
            said.pop("driverId", None)  # a driver whom the source does not list any more: the details count
        path = f"{_PATHS[kind]}/by-reference/{quote(reference, safe='')}"
        answer = await self._target.ask("PUT", path, json=said, params={"draft": "true"} if draft else {})
        if answer.is_success:
            made = str(answer.json()[_KEYS[kind]])
            if kind == "driver":
                self._drivers[source_id] = made
            return Done(kind, source_id, "imported", id=made)
        return Done(kind, source_id, "refused", reason=_told(answer), problems=list(_problems(answer)))


def _told(answer: httpx.Response) -> str:
    """Gives what an error answer says of itself."""
    try:
        body = answer.json()
    except ValueError:
        return answer.reason_phrase
    return str(body.get("detail") or body.get("message") or answer.reason_phrase) if isinstance(body, dict) else ""


def _problems(answer: httpx.Response) -> Iterator[Item]:
    try:
        body = answer.json()
    except ValueError:
        return
    if isinstance(body, dict):
        for found in body.get("problems", ()):
            yield {name: found[name] for name in ("code", "pointer", "text") if name in found}
