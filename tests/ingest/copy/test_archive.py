"""Many copies as one ZIP, written while it is read."""

import io
import zipfile
from collections.abc import AsyncIterator, Callable
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ingest.copy.archive import archive, file_name
from ingest.copy.document import Copy
from ingest.copy.typeset import Typesetter
from schemas.identity import Serial, declaration_id, submission_id

MakeCopy = Callable[..., Copy]


async def many(make_copy: MakeCopy, count: int, taken: list[int]) -> AsyncIterator[Copy]:
    submission = submission_id(Serial(1_772_000_000_000, 0, 1), b"k" * 32)
    for line in range(1, count + 1):
        taken.append(line)
        yield make_copy(declaration_id=declaration_id(submission, line))


async def test_an_archive_holds_every_copy_and_is_whole(make_copy: MakeCopy, key: Ed25519PrivateKey):
    typesetters = [Typesetter(key, "https://posting.example.eu") for _ in range(2)]
    pieces = [piece async for piece in archive(many(make_copy, 7, []), typesetters, "en")]
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as zipped:
        assert zipped.testzip() is None
        assert len(zipped.namelist()) == 7
        assert all(zipped.read(name).startswith(b"%PDF") for name in zipped.namelist())
        assert zipped.namelist()[0].startswith("Παπαδόπουλος Γεώργιος/DE ")


async def test_an_archive_takes_no_more_copies_than_it_works_on(make_copy: MakeCopy, typesetter: Typesetter):
    taken: list[int] = []
    pieces = archive(many(make_copy, 50, taken), [typesetter], "en")
    for number in range(1, 4):
        assert (await anext(pieces)).startswith(b"PK")
        assert len(taken) <= number + 1
    await pieces.aclose()


async def test_an_archive_of_nothing_is_an_empty_archive(make_copy: MakeCopy, typesetter: Typesetter):
    pieces = [piece async for piece in archive(many(make_copy, 0, []), [typesetter], "en")]
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as zipped:
        assert zipped.namelist() == []


async def test_a_copy_that_cannot_be_made_ends_the_archive(make_copy: MakeCopy, typesetter: Typesetter):
    async def copies() -> AsyncIterator[Copy]:
        yield make_copy(start_date=date(1, 1, 1), end_date=date(9999, 1, 1), posting_country="ZZ")

    with pytest.raises(KeyError):
        [piece async for piece in archive(copies(), [typesetter], "en")]


def test_a_file_name_holds_nothing_that_a_file_system_refuses(make_copy: MakeCopy):
    name = file_name(make_copy(driver_first_name="..\\/a:b", driver_last_name="../../etc"))
    assert name.count("/") == 1
    assert ".." not in name.split("/")
    assert not name.startswith(".")
    assert file_name(make_copy(driver_first_name=None, driver_last_name=None)).startswith("DE ")
