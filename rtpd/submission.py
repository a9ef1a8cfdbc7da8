"""A whole input on its way to intake: cut into submissions, receipted, counted, findings told by the input's lines."""

import time
from collections.abc import Callable, Iterator

import msgspec
from msgspec import Struct

from rtpd.client import Answer, Chunk, Client, Finding, Intake
from rtpd.receipts import ReceiptsFile

_KEPT = 1_000


class Summary(Struct, kw_only=True, rename="camel"):
    """What became of an input; the first thousand refused lines and warnings are kept."""

    run: str
    submissions: int = 0
    skipped: int = 0
    lines: int = 0
    bytes: int = 0
    accepted: int = 0
    refused: int = 0
    warned: int = 0
    retries: int = 0
    seconds: float = 0.0
    problems: list[Finding] = msgspec.field(default_factory=list)
    warnings: list[Finding] = msgspec.field(default_factory=list)


async def send(
    intake: Intake,
    chunks: Iterator[Chunk],
    *,
    run: str,
    in_flight: int = 3,
    receipts: ReceiptsFile | None = None,
    watch: Callable[[Chunk, Answer | None, Summary], None] = lambda _chunk, _answer, _summary: None,
) -> Summary:
    """Submits all chunks, `in_flight` at a time; those that `receipts` has already are skipped.

    `watch` is told of each chunk that is done, its answer (None if skipped; its findings name the lines of the
    input) and the sums so far. Raises what `Client.submit` does.
    """
    summary = Summary(run=run)
    begun = time.monotonic()

    def still_to_send() -> Iterator[Chunk]:
        for chunk in chunks:
            if receipts and chunk.number in receipts.done:
                summary.skipped += 1
                watch(chunk, None, summary)
            else:
                yield chunk

    def key_of(chunk: Chunk) -> str:
        return f"{run}-{chunk.number}"

    async with Client(intake) as client:
        async for chunk, answer in client.submit_all(still_to_send(), key_of, in_flight):
            if receipts:
                receipts.add(chunk, answer, key_of(chunk))
            placed = msgspec.structs.replace(
                answer,
                problems=_placed(chunk, answer.problems),
                warnings=_placed(chunk, answer.warnings),
            )
            _count(summary, chunk, placed)
            summary.retries, summary.seconds = client.retries, time.monotonic() - begun
            watch(chunk, placed, summary)
    summary.problems.sort(key=lambda finding: finding.line)
    summary.warnings.sort(key=lambda finding: finding.line)
    return summary


def _placed(chunk: Chunk, findings: list[Finding]) -> list[Finding]:
    """Tells findings by the lines of the input instead of those of the chunk."""
    return [Finding(chunk.first_line + finding.line - 1, finding.problems) for finding in findings]


def _count(summary: Summary, chunk: Chunk, answer: Answer) -> None:
    summary.submissions += 1
    summary.lines += chunk.lines
    summary.bytes += len(chunk.body)
    summary.accepted += answer.accepted
    summary.refused += answer.refused
    summary.warned += answer.warned
    summary.problems += answer.problems[: _KEPT - len(summary.problems)]
    summary.warnings += answer.warnings[: _KEPT - len(summary.warnings)]
