"""POST /declarations/matrix: drivers by countries for one period, a verdict on each, one receipt over all."""

import hashlib
from collections.abc import Iterable
from uuid import UUID

import msgspec

from ingest.actions import noted
from ingest.bodies import converted, present, read_object
from ingest.declarations.batches import Batch, judge_all, submit_all
from ingest.declarations.changes import twice
from ingest.declarations.filters import Filters
from ingest.declarations.lines import raw_list
from ingest.declarations.versions import every_version
from ingest.http import RefusedError, Request
from ingest.idempotency import Claim, KeyReusedError
from ingest.intake import Intake, idempotency_key
from ingest.journal import Record
from ingest.language import worded
from ingest.paging import flag
from ingest.receipt import RECEIPT_SECONDS, Receipt, ReceiptBody, instant
from schemas import keys
from schemas.codes import country
from schemas.declaration import DeclarationLine
from schemas.identity import number_of
from schemas.matrix import MOST, Matrix, MatrixVerdict
from schemas.operator import OperatorCard

_encode = msgspec.json.Encoder().encode
_OWN = ("driver_ids", "posting_countries", "skip_covered")
_LISTS = ("operation_types", "transport_types", "plates", "plates_light", "plates_heavy")


class MatrixReceipt(Receipt, frozen=True, rename="camel"):
    """One receipt over all that was accepted, and the verdict on each driver and country, in their order.

    The digest is over the ids of the declarations, each followed by a newline.
    """

    verdicts: list[MatrixVerdict]


@noted("matrix.submitted")
async def submit_matrix(intake: Intake, request: Request) -> None:
    """Handles POST /declarations/matrix."""
    dry_run, key = flag(request.parameters(), "dryRun"), idempotency_key(request)
    credential, operator_id = await intake.caller(request, "prepare" if dry_run else "submit", "bulk")
    card = await intake.card(credential, operator_id)
    said = present(await read_object(request, ignored={"operatorId"}))
    matrix, fresh_id = converted(said, Matrix), intake.fresh_id()
    drivers = list(dict.fromkeys(map(str.lower, matrix.driver_ids)))
    countries = list(dict.fromkeys(map(country, matrix.posting_countries)))
    if len(drivers) * len(countries) > MOST:
        raise RefusedError("too_many_lines", maximum=MOST)
    pairs = [(driver, host) for driver in drivers for host in countries]
    if dry_run:
        covered = await _covered(intake, card, matrix, pairs)
        batch = await judge_all(intake, card, _lines(matrix, pairs, covered), fresh_id, intake.now())
        await request.answer(200, _encode(_receipt(intake, request, batch, pairs, covered, intake.now())))
        return
    await intake.journal.check_room()
    claim = await intake.idempotency.claim(credential.credential_id, key or str(fresh_id), fresh_id, intake.now())
    fingerprint = hashlib.sha256(_encode(said)).hexdigest()
    if claim.receipt is not None:
        if claim.fingerprint != fingerprint:
            raise KeyReusedError
        await request.answer(202, claim.receipt)
        return

    async def attempt() -> bytes:
        covered = await _covered(intake, card, matrix, pairs)
        lines = _lines(matrix, pairs, covered)
        batch = await judge_all(intake, card, lines, claim.submission_id, claim.received_at)
        receipt = _receipt(intake, request, batch, pairs, covered, claim.received_at)
        answer = _encode(receipt)
        records = [claim.done(fingerprint, answer), _by_id(claim, receipt, credential.credential_id)]
        await submit_all(intake, card, batch, records, claim.lease)
        return answer

    async with intake.idempotency.held(claim):
        await request.answer(202, await twice(attempt))


def _lines(
    matrix: Matrix, pairs: Iterable[tuple[str, str]], covered: dict[tuple[str, str], UUID]
) -> list[DeclarationLine | None]:
    """Writes the line of each pair, None for those that are covered."""
    alike = {name: value for name, value in msgspec.structs.asdict(matrix).items() if name not in _OWN}
    alike |= {name: raw_list(*alike[name]) for name in _LISTS}
    return [
        None if (driver, host) in covered else DeclarationLine(**alike, driver_id=driver, posting_country=host)
        for driver, host in pairs
    ]


async def _covered(
    intake: Intake, card: OperatorCard, matrix: Matrix, pairs: list[tuple[str, str]]
) -> dict[tuple[str, str], UUID]:
    """Finds which pairs one declaration covers through the whole period already."""
    if not matrix.skip_covered:
        return {}
    wanted, found = set(pairs), {}
    filters = Filters(withdrawn=False, start_to=matrix.start_date, end_from=matrix.end_date, drafts=False)
    async for versions in every_version(intake, UUID(bytes=card.operator_id), filters, plates=False):
        for version in versions:
            pair = str(version.row["driver_id"]), version.row["posting_country"]
            if pair in wanted:
                found[pair] = version.declaration_id
    return found


def _receipt(
    intake: Intake,
    request: Request,
    batch: Batch,
    pairs: list[tuple[str, str]],
    covered: dict[tuple[str, str], UUID],
    received_at: int,
) -> MatrixReceipt:
    verdicts, digest = [], hashlib.sha256()
    for (driver, host), judged in zip(pairs, batch.judged, strict=True):
        problems = worded(judged.problems, request)
        verdict = MatrixVerdict(driver_id=driver, posting_country=host, accepted=False, problems=problems)
        if judged.version is not None:
            found = judged.version.declaration_id
            verdict.accepted, verdict.declaration_id = True, str(found)
            verdict.declaration_number = number_of(found)
            digest.update(f"{found}\n".encode())
        elif (driver, host) in covered:
            verdict.covered_by = str(covered[driver, host])
        verdicts.append(verdict)
    accepted = sum(verdict.accepted for verdict in verdicts)
    refused = sum(not verdict.accepted and verdict.covered_by is None for verdict in verdicts)
    warned = sum(verdict.accepted and bool(verdict.problems) for verdict in verdicts)
    body = ReceiptBody(str(batch.submission), instant(received_at), accepted, refused, digest.hexdigest())
    signed = intake.signer.receipt(body, warned)
    return MatrixReceipt(**msgspec.structs.asdict(signed), verdicts=verdicts)


def _by_id(claim: Claim, receipt: MatrixReceipt, credential_id: UUID) -> Record:
    """Keeps the receipt under the submission's id, for GET /submissions/{id}."""
    kept = Receipt(*msgspec.structs.astuple(receipt)[:-1])
    fields = {"receipt": _encode(kept), "credential": credential_id.bytes}
    return Record(keys.submission(claim.submission_id), fields, RECEIPT_SECONDS)
