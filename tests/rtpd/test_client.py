"""The client against a server that answers by a script, as intake does on a bad day."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
import zstandard

from rtpd.client import Chunk, Client, Intake, IntakeUnreachableError, SubmissionRefusedError, chunks_of
from rtpd.receipts import ReceiptsError, ReceiptsFile, Run, read_receipts
from rtpd.submission import Summary, send

BODY = b"{}\n{}\n"
ANSWER = {
    "submissionId": "01a20adc-de99-7000-97fe-96b000000000",
    "receivedAt": "2026-11-24T00:02:56.793Z",
    "accepted": 1,
    "refused": 1,
    "warned": 0,
    "digest": "00",
    "keyId": "k",
    "signature": "s",
    "problems": [{"line": 2, "problems": [{"code": "c", "pointer": "/x", "severity": "reject", "text": "t"}]}],
    "warnings": [],
}
OK = (202, ANSWER, "")
GONE = None  # the connection is closed without an answer


class Script:
    """Answers requests in turn, the last answer again and again; keeps what was asked."""

    def __init__(self, *answers: tuple[int, object, str] | None) -> None:
        self.answers = list(answers)
        self.keys: list[str] = []
        self.bodies: list[bytes] = []
        self.at_once = self.most_at_once = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            headers = dict(line.lower().split(": ", 1) for line in head.decode().split("\r\n")[1:-2])
            body = await reader.readexactly(int(headers["content-length"]))
            self.at_once += 1
            self.most_at_once = max(self.at_once, self.most_at_once)
            await asyncio.sleep(0.01)
            self.at_once -= 1
            self.keys.append(headers["idempotency-key"])
            packed = headers.get("content-encoding") == "zstd"
            self.bodies.append(zstandard.decompress(body) if packed else body)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if answer is GONE:
                break
            status, document, more = answer
            text = msgspec.json.encode(document)
            start = (
                f"HTTP/1.1 {status} x\r\ncontent-length: {len(text)}\r\ncontent-type: application/json\r\n{more}\r\n"
            )
            writer.write(start.encode() + text)
        writer.close()


@asynccontextmanager
async def served(script: Script, **values: object) -> AsyncIterator[Intake]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await script(reader, writer)
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    yield Intake(url=f"http://127.0.0.1:{port}", api_key="key", **values)  # type: ignore[arg-type]
    server.close()


def chunks(count: int) -> Iterator[Chunk]:
    return chunks_of(BytesIO(BODY * count), 2)


@pytest.mark.parametrize(
    "trouble",
    [
        (503, {"code": "queue_full"}, "retry-after: 0\r\n"),
        (429, {"code": "too_many_requests"}, ""),
        (409, {"code": "submission_in_progress"}, ""),
        (500, "not even an object", ""),
        GONE,
    ],
)
async def test_trouble_that_passes_is_met_by_the_same_request_again(trouble: tuple[int, object, str] | None):
    script = Script(trouble, OK)
    async with served(script) as intake, Client(intake) as client:
        answer = await client.submit(BODY, "key-1")
    assert answer.accepted == 1
    assert script.keys == ["key-1", "key-1"]
    assert script.bodies == [BODY, BODY]
    assert client.retries == 1


@pytest.mark.parametrize("status", [400, 401, 403, 409, 413, 422])
async def test_a_request_that_is_wrong_is_not_repeated(status: int):
    script = Script((status, {"code": "x", "detail": "Create a new key."}, ""))
    async with served(script) as intake, Client(intake) as client:
        with pytest.raises(SubmissionRefusedError, match=rf"{status} Create a new key"):
            await client.submit(BODY, "key")
    assert len(script.keys) == 1


async def test_patience_ends_and_says_what_it_heard_last():
    script = Script((503, {"detail": "The queue is full."}, "retry-after: 1\r\n"))
    async with served(script, patience_s=0.5) as intake, Client(intake) as client:
        with pytest.raises(IntakeUnreachableError, match="The queue is full"):
            await client.submit(BODY, "key")


async def test_why_something_is_tried_again_is_told_once():
    told: list[str] = []
    full = (503, {"detail": "The queue is full."}, "retry-after: 0\r\n")
    async with served(Script(full, full, OK), tell=told.append) as intake, Client(intake) as client:
        await client.submit(BODY, "key")
    (sentence,) = told
    assert sentence.startswith("503 The queue is full; trying again for ")


async def test_lines_can_go_out_as_they_are():
    script = Script(OK)
    async with served(script, compress=False) as intake, Client(intake) as client:
        await client.submit(BODY, "key")
    assert script.bodies == [BODY]


async def test_so_many_are_in_flight_and_no_more():
    script = Script(OK)
    async with served(script) as intake:
        summary = await send(intake, chunks(12), run="r", in_flight=3)
    assert script.most_at_once == 3
    assert sorted(script.keys) == sorted(f"r-{number}" for number in range(1, 13))
    assert (summary.submissions, summary.lines, summary.accepted, summary.refused) == (12, 24, 12, 12)


async def test_findings_name_the_lines_of_the_input():
    async with served(Script(OK)) as intake:
        summary = await send(intake, chunks(3), run="r", in_flight=1)
    assert [finding.line for finding in summary.problems] == [2, 4, 6]


async def test_what_has_a_receipt_is_not_sent_again(tmp_path: Path):
    path, script = tmp_path / "receipts.ndjson", Script(OK)
    receipts = ReceiptsFile.begin(path, Run("r", 2, 24))
    async with served(script) as intake:
        await send(intake, chunks(2), run="r", receipts=receipts)
        receipts.close()
        path.write_bytes(path.read_bytes() + b'{"submissionId":"cut o')
        resumed = ReceiptsFile.resume(path)
        seen: list[bool] = []

        def watch(_chunk: Chunk, answer: object, _summary: Summary) -> None:
            seen.append(answer is not None)

        summary = await send(intake, chunks(4), run=resumed.run.run, receipts=resumed, watch=watch)
        resumed.close()
    assert sorted(script.keys) == ["r-1", "r-2", "r-3", "r-4"]
    assert (summary.skipped, summary.submissions) == (2, 2)
    assert seen == [False, False, True, True]
    written = list(read_receipts(path))
    assert sorted((each.chunk, each.first_line, each.lines) for each in written) == [
        (1, 1, 2),
        (2, 3, 2),
        (3, 5, 2),
        (4, 7, 2),
    ]
    assert {each.submission_id for each in written} == {ANSWER["submissionId"]}
    assert {each.problems[0].line for each in written} == {2}


def test_receipts_are_never_written_over(tmp_path: Path):
    path = tmp_path / "receipts.ndjson"
    ReceiptsFile.begin(path, Run("r", 2)).close()
    with pytest.raises(ReceiptsError, match="--resume"):
        ReceiptsFile.begin(path, Run("r", 2))


def test_another_file_is_not_taken_for_receipts(tmp_path: Path):
    path = tmp_path / "notes.txt"
    path.write_text("milk\nbread\n")
    with pytest.raises(ReceiptsError, match="no file of receipts"):
        ReceiptsFile.resume(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", []),
        (b"a\nb\nc\n", [(1, 1, 2, b"a\nb\n"), (2, 3, 1, b"c\n")]),
        (b"a\nb", [(1, 1, 2, b"a\nb")]),
    ],
)
def test_an_input_is_cut_after_whole_lines(text: bytes, expected: list[tuple[int, int, int, bytes]]):
    assert [(each.number, each.first_line, each.lines, each.body) for each in chunks_of(BytesIO(text), 2)] == expected
