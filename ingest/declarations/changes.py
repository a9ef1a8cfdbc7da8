"""New versions of submitted declarations. What does not fit the state is a 409 (domain.md 3.5)."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from ingest.actions import noted
from ingest.bodies import Said, read_object
from ingest.declarations.answers import ANSWERED, content, detail
from ingest.declarations.judging import changed, judged, line_from
from ingest.declarations.lines import microseconds, version_of
from ingest.declarations.versions import Version, draft, newest_version
from ingest.http import RefusedError, Request
from ingest.intake import Intake
from ingest.journal import Guard, VersionConflictError
from ingest.language import worded
from schemas import keys
from schemas.codes import country
from schemas.declaration import WIRE_NAMES
from schemas.frame import Entry
from schemas.identity import parse_number
from schemas.operator import OperatorCard
from schemas.problem import Problem
from validate.problems import problem

_encode = msgspec.json.Encoder().encode
_NAMES = frozenset(WIRE_NAMES.values())
#: What may change after submission (domain.md 3.4a), and what only we have.
AMENDABLE = frozenset(
    wire
    for name, wire in WIRE_NAMES.items()
    if name.startswith(("contact_", "plates"))
    or name in ("end_date", "operation_types", "transport_types", "driver_email", "external_reference")
) | {"fleetId"}
Answer = TypeVar("Answer")


@noted("declaration.amended")
async def amend(intake: Intake, request: Request) -> None:
    """Handles PUT /declarations/{id}/submit: what the body names is changed, as a new version."""
    card = await intake.operator(request, "submit", "change")
    said = await read_object(request, ignored=ANSWERED)

    async def attempt() -> None:
        version, warnings = await amended(intake, card, await submitted(intake, request, card), said)
        await answer_version(intake, request, version, warnings)

    await twice(attempt)


async def amended(
    intake: Intake, card: OperatorCard, version: Version, said: Said, *, registered: bool = True
) -> tuple[Version, tuple[Problem, ...]]:
    """Makes the version after `version`, which differs in what was said, and gives it with its warnings.

    Where nothing differs the old version stays the newest. `registered` as `judged` has it. Raises `RefusedError`,
    `VersionConflictError` and what the journal raises.
    """
    known = msgspec.to_builtins(content(version))
    if found := _not_amendable(known, said):
        raise RefusedError("content_refused", *found)
    at = intake.now()
    line = line_from(changed(known, {name: value for name, value in said.items() if name in AMENDABLE}))
    judgement, guards = await judged(intake, card, line, at, declared=version.plates, registered=registered)
    entry = next_version(version, Entry(line, judgement, card, b"", 0, False, at, 0))
    # Whether it was in time was said when it was submitted.
    warnings = tuple(one for one in judgement.problems if one.code != "late_submission")
    if content(version_of(entry)) == content(version):
        return version, warnings
    await journal_version(intake, entry, guards)
    return version_of(entry), warnings


async def find(intake: Intake, request: Request, card: OperatorCard) -> Version:
    """Finds the declaration that the path names, by id or by number. Raises `RefusedError`, a 404."""
    operator_id, declaration_id = UUID(bytes=card.operator_id), id_in_path(intake, request)
    # The draft first: one that is submitted in between is found in the journal.
    drafted = await draft(intake, operator_id, declaration_id)
    version = await newest_version(intake, operator_id, declaration_id) or drafted
    if version is None:
        raise RefusedError("not_found")
    return version


async def answer_version(
    intake: Intake, request: Request, version: Version, warnings: tuple[Problem, ...], status: int = 200
) -> None:
    """Answers a declaration that was made or changed, with its entity tag."""
    today = intake.today()
    body = _encode(detail(version, today, worded(warnings, request)))
    await request.answer(status, body, b"application/json", (b"etag", version.etag(today).encode()))


def impossible(intake: Intake, version: Version) -> RefusedError:
    """Makes the refusal of what the state of a declaration forbids."""
    return RefusedError("not_possible_in_this_state", state=version.state(intake.today()))


def version_guard(intake: Intake, card: OperatorCard, declaration_id: bytes, version: int) -> Guard:
    """Gives the guard that lets one writer make this version."""
    shard = keys.shard_of(card.operator_id, intake.journal.shards)
    return Guard(keys.version(shard, UUID(bytes=declaration_id)), version)


async def twice(attempt: Callable[[], Awaitable[Answer]]) -> Answer:
    """Tries again once if something changed between reading and writing. Raises `VersionConflictError` then."""
    try:
        return await attempt()
    except VersionConflictError:
        return await attempt()


async def submitted(intake: Intake, request: Request, card: OperatorCard) -> Version:
    """Finds a declaration that can still change, in the version that If-Match names."""
    await intake.journal.check_room()
    version = await find(intake, request, card)
    if version.state(intake.today()) != "SUBMITTED":
        raise impossible(intake, version)
    request.check_if_match(version.etag(intake.today()))
    return version


def next_version(version: Version, entry: Entry) -> Entry:
    """Makes an entry the version after `version`."""
    return entry._replace(
        declaration_id=version.declaration_id.bytes,
        version=version.number + 1,
        submitted_at=microseconds(version.row["submitted_at"]),
    )


async def journal_version(intake: Intake, entry: Entry, guards: Sequence[Guard] = ()) -> None:
    """Puts a version into the journal unless another one took its number. Raises `VersionConflictError`."""
    shard = keys.shard_of(entry.card.operator_id, intake.journal.shards)
    guard = version_guard(intake, entry.card, entry.declaration_id, entry.version)
    await intake.journal.add(shard, entry, guards=(guard, *guards))


def _not_amendable(known: Said, said: dict[str, Any]) -> list[Problem]:
    """Finds what a change names though it may not change, or does not exist; what stays as it is may be named."""
    return [
        problem("not_amendable" if name in _NAMES else "unknown_field", f"/{name}", field=name)
        for name, value in said.items()
        if name not in AMENDABLE and value is not None and _iso(name, value) != known.get(name)
    ]


def _iso(name: str, value: Any) -> Any:
    return country(value) if name.endswith(("Country", "Law")) and isinstance(value, str) else value


def id_in_path(intake: Intake, request: Request) -> UUID:
    """Gives the id of the declaration that the path names, by id or by number. Raises `RefusedError`, a 404."""
    text = request.scope["path_params"]["declaration_id"]
    try:
        return UUID(text)
    except ValueError:
        pass
    try:
        return parse_number(text, intake.number_secret)
    except ValueError as error:
        raise RefusedError("not_found") from error
