"""Files in an object storage: the same uploads as in a folder, against a server that speaks S3."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from moto.server import ThreadedMotoServer
from pyarrow.fs import FileSelector, FileType, S3FileSystem

from exchange.storage import Storage
from exchange.uploads import NewUpload, Uploads
from tests.exchange.conftest import World
from tests.exchange.test_uploads import PDF, body

#: More than one part of a multipart upload of S3, which has at least 5 MiB.
LARGE = PDF + b"x" * (11 << 20)


@pytest.fixture(scope="module")
def bucket() -> Iterator[tuple[str, S3FileSystem]]:
    """The address of an empty bucket, and the storage itself."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    files = S3FileSystem(
        access_key="key",
        secret_key="secret",
        endpoint_override=f"127.0.0.1:{port}",
        scheme="http",
        region="eu-central-1",
        allow_bucket_creation=True,
    )
    files.create_dir("documents")
    yield f"s3://key:secret@documents/desk?region=eu-central-1&scheme=http&endpoint_override=127.0.0.1:{port}", files
    server.stop()


def objects(files: S3FileSystem) -> list[str]:
    found = files.get_file_info(FileSelector("documents", recursive=True))
    return [one.path for one in found if one.type == FileType.File]


async def test_a_file_breaks_off_goes_on_is_read_and_erased_in_an_object_storage(world: World, bucket) -> None:
    address, files = bucket
    uploads = Uploads(world.pool, Storage(address))
    request = await world.request(await world.officer("FR-DGT"))
    new = NewUpload("consignment_note", "cmr.pdf", len(LARGE))
    upload = await uploads.announce(world.operator, request.exchange_id, new)
    with pytest.raises(ConnectionResetError):
        await uploads.append(world.operator, upload.upload_id, 0, body(LARGE[:7_000_000], piece=1 << 20, breaks=True))
    come = (await uploads.own(world.operator, upload.upload_id)).received
    assert come == 7_000_000
    kept = await uploads.append(world.operator, upload.upload_id, come, body(LARGE[come:], piece=1 << 20))
    assert kept.state == "kept"
    assert b"".join([piece async for piece in uploads.content(kept)]) == LARGE
    assert len(objects(files)) == 1
    one_part = await uploads.announce(world.operator, request.exchange_id, NewUpload("remuneration", "a.pdf", len(PDF)))
    await uploads.append(world.operator, one_part.upload_id, 0, body(PDF))
    assert len(objects(files)) == 2
    await world.pool.execute("UPDATE exchange SET closed_at = now()")
    assert await uploads.erase("of_closed", datetime.now(UTC) + timedelta(days=1)) == 2
    assert objects(files) == []
