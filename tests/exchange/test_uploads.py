"""Files: sent in parts that go on after a break, told by their content, kept under their digest, seen when sent."""

import hashlib
import io
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.catalogue import document_types, signatures
from exchange.media import examine, name_of_kind, safe_name
from exchange.record import Content, Exchange, ExchangeRefusedError
from exchange.storage import Storage
from exchange.uploads import NewUpload, OffsetError, Uploads
from tests.exchange.conftest import ASKED_AT, World

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 4000 + b"\n%%EOF"


def archive(*members: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for member in members:
            file.writestr(member, "<x/>")
    return buffer.getvalue()


async def body(data: bytes, *, piece: int = 70_000, breaks: bool = False) -> AsyncIterator[bytes]:
    for start in range(0, len(data), piece):
        yield data[start : start + piece]
    if breaks:
        raise ConnectionResetError


async def refusal(awaitable) -> str:
    with pytest.raises(ExchangeRefusedError) as caught:
        await awaitable
    return caught.value.code


@pytest.fixture
async def uploads(world: World, documents: str) -> Uploads:
    return Uploads(world.pool, Storage(documents))


@pytest.fixture
async def request_(world: World) -> Exchange:
    return await world.request(await world.officer("FR-DGT"))


def files(folder: str) -> list[Path]:
    return [path for path in Path(folder).rglob("*") if path.is_file()]


async def test_a_file_comes_at_once_and_is_receipted_by_its_digest(world, uploads, request_, documents):
    new = NewUpload("consignment_note", "CMR 4711.pdf", len(PDF))
    upload = await uploads.announce(world.operator, request_.exchange_id, new)
    assert (upload.received, upload.state) == (0, "receiving")
    kept = await uploads.append(world.operator, upload.upload_id, 0, body(PDF))
    assert (kept.state, kept.media_type) == ("kept", "application/pdf")
    assert kept.digest == hashlib.sha256(PDF).hexdigest()
    assert b"".join([piece async for piece in uploads.content(kept)]) == PDF
    assert len(files(documents)) == 1


async def test_a_file_that_broke_off_goes_on_where_it_came_to(world, uploads, request_, documents):
    new = NewUpload("consignment_note", "cmr.pdf", len(PDF))
    upload = await uploads.announce(world.operator, request_.exchange_id, new)
    with pytest.raises(ConnectionResetError):
        await uploads.append(world.operator, upload.upload_id, 0, body(PDF[:200_000], breaks=True))
    assert (await uploads.own(world.operator, upload.upload_id)).received == 200_000
    with pytest.raises(OffsetError) as caught:
        await uploads.append(world.operator, upload.upload_id, 0, body(PDF))
    assert caught.value.offset == 200_000
    part = await uploads.append(world.operator, upload.upload_id, 200_000, body(PDF[200_000:500_000]))
    assert part.received == 500_000
    kept = await uploads.append(world.operator, upload.upload_id, 500_000, body(PDF[500_000:]))
    assert kept.digest == hashlib.sha256(PDF).hexdigest()
    assert len(files(documents)) == 1


async def test_what_a_crash_left_whole_is_finished_later(world, uploads, request_, documents):
    new = NewUpload("consignment_note", "cmr.pdf", len(PDF))
    upload = await uploads.announce(world.operator, request_.exchange_id, new)
    storage = Storage(documents)
    path, written = await storage.write_part(upload.upload_id, 0, body(PDF))
    await world.pool.execute("INSERT INTO upload_part VALUES ($1, 0, $2, $3)", upload.upload_id, written, path)
    await world.pool.execute("UPDATE upload SET received = $2 WHERE upload_id = $1", upload.upload_id, written)
    await storage.join([path], upload.upload_id)
    assert (await uploads.finish(world.operator, upload.upload_id)).state == "kept"


async def test_a_file_longer_than_announced_leaves_nothing(world, uploads, request_, documents):
    upload = await uploads.announce(world.operator, request_.exchange_id, NewUpload("remuneration", "a.pdf", 100))
    assert await refusal(uploads.append(world.operator, upload.upload_id, 0, body(PDF))) == (
        "upload_longer_than_announced"
    )
    assert files(documents) == []
    assert (await uploads.own(world.operator, upload.upload_id)).received == 0


async def test_a_file_of_a_wrong_kind_is_refused_and_removed(world, uploads, request_, documents):
    program = b"MZ\x90\x00" + b"\x00" * 500
    new = NewUpload("consignment_note", "cmr.pdf", len(program))
    upload = await uploads.announce(world.operator, request_.exchange_id, new)
    assert await refusal(uploads.append(world.operator, upload.upload_id, 0, body(program))) == "upload_of_wrong_kind"
    assert files(documents) == []
    assert (await uploads.own(world.operator, upload.upload_id)).state == "refused"
    assert await refusal(uploads.append(world.operator, upload.upload_id, 0, body(PDF))) == "upload_closed"


async def test_sizes_types_and_numbers_have_limits(world, uploads, request_):
    def announce(document_type: str, size: int):
        return uploads.announce(world.operator, request_.exchange_id, NewUpload(document_type, "a.pdf", size))

    assert await refusal(announce("remuneration", 51 << 20)) == "upload_too_large"
    assert await refusal(announce("premises", 10)) == "not_one_of"
    for _ in range(20):
        await announce("remuneration", 50 << 20)
    assert await refusal(announce("remuneration", 1)) == "uploads_too_many"


async def test_a_file_is_the_others_to_read_once_it_is_sent(world, uploads, request_):
    dupont, other = await world.officer("FR-DGT"), await world.officer("LT-VDI")
    new = NewUpload("consignment_note", "cmr.pdf", len(PDF))
    upload = await uploads.announce(world.operator, request_.exchange_id, new)
    await uploads.append(world.operator, upload.upload_id, 0, body(PDF))
    assert await uploads.listed(dupont, request_) == []
    assert await refusal(uploads.readable(dupont, upload.upload_id)) == "not_found"
    sent = await world.desk.move(world.operator, request_.exchange_id, "send_part", Content(), ASKED_AT)
    assert sent.answering.delivered == ["consignment_note"]
    assert (await uploads.readable(dupont, upload.upload_id)).sent_in == 2
    assert await refusal(uploads.readable(other, upload.upload_id)) == "not_found"
    assert await refusal(uploads.remove(world.operator, upload.upload_id)) == "upload_sent"
    assert await refusal(uploads.append(dupont, upload.upload_id, 0, body(PDF))) == "not_found"


async def test_the_state_of_establishment_sees_what_the_operator_had_sent(world, uploads, request_):
    dupont, pole = await world.officer("FR-DGT"), await world.officer("PL-GIP")
    new = NewUpload("consignment_note", "cmr.pdf", len(PDF))
    upload = await uploads.announce(world.operator, request_.exchange_id, new)
    await uploads.append(world.operator, upload.upload_id, 0, body(PDF))
    await world.desk.move(world.operator, request_.exchange_id, "send_part", Content(), ASKED_AT)
    assert await refusal(uploads.readable(pole, upload.upload_id)) == "not_found"
    late = ASKED_AT + timedelta(days=60)
    await world.desk.move(dupont, request_.exchange_id, "escalate", Content(), late)
    assert (await uploads.readable(pole, upload.upload_id)).digest == hashlib.sha256(PDF).hexdigest()


async def test_files_are_erased_with_time(world, uploads, request_, documents):
    new = NewUpload("consignment_note", "cmr.pdf", len(PDF))
    upload = await uploads.announce(world.operator, request_.exchange_id, new)
    await uploads.append(world.operator, upload.upload_id, 0, body(PDF[:1000]))
    await uploads.announce(world.operator, request_.exchange_id, new)
    now = datetime.now(UTC)
    assert await uploads.erase("abandoned", now - timedelta(days=1)) == 0
    assert await uploads.erase("abandoned", now + timedelta(days=1)) == 2
    assert files(documents) == []


async def test_a_file_that_is_not_wanted_any_more_is_removed(world, uploads, request_, documents):
    upload = await uploads.announce(world.operator, request_.exchange_id, NewUpload("remuneration", "a", len(PDF)))
    await uploads.append(world.operator, upload.upload_id, 0, body(PDF))
    await uploads.remove(world.operator, upload.upload_id)
    assert files(documents) == []
    assert await refusal(uploads.own(world.operator, upload.upload_id)) == "not_found"


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (PDF, "pdf"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 50, "jpeg"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "png"),
        (b"II*\x00" + b"\x00" * 50, "tiff"),
        (archive("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
        (archive("mimetype", "content.xml"), "ods"),
        (archive("a.pdf"), "zip"),
        (b"PK\x03\x04 no archive", "zip"),
        (b"\x00\x02\x00\x00\x19" + b"\x01" * 100, "tachograph"),
        (b"\x76\x01" + b"\x01" * 100, "tachograph"),
        (b"<?xml version='1.0'?><ecmr/>", "xml"),
        ("dzień;godziny\n1;8\n".encode(), "csv"),
        (b"MZ\x90\x00\x00", None),
        (b"<?xml version='1.0'?>\x00", None),
        ("ż".encode("latin2"), None),
    ],
)
def test_a_file_is_what_its_content_is(data, media):
    found = examine(io.BytesIO(data), "consignment_note").kind
    assert (found.media if found else None) == media


def test_a_contract_is_no_spreadsheet():
    assert examine(io.BytesIO(archive("xl/workbook.xml")), "employment_contract").kind is None
    assert document_types()["employment_contract"].media == "picture"


def test_a_name_ends_as_its_content_does():
    pdf = signatures()[0]
    assert name_of_kind("bill.exe", pdf) == "bill.exe.pdf"
    assert name_of_kind("BILL.PDF", pdf) == "BILL.PDF"


@given(st.text(max_size=400))
def test_names_are_harmless(name):
    safe = safe_name(name)
    assert 0 < len(safe) <= 200
    assert not set(safe) & set("/\\\x00\r\n")
    assert safe not in (".", "..")
