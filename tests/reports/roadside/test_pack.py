"""The officers' pack: what it answers without coverage, and that nothing can be changed in it."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reports.roadside.pack import MalformedPackError, Pack, UntrustedPackError, read
from reports.roadside.pack_build import build
from tests.reports.conftest import CONTROL, Roadside
from tests.store.lake_builder import Fleet, Version

DAY = date(2026, 4, 1)
KEY = Ed25519PrivateKey.generate()


async def packed(roadside: Roadside, database_url: str, *versions: Version) -> Pack:
    await roadside.declare(*versions)
    return read(build(database_url, str(roadside.lake), "FR", DAY, KEY), [KEY.public_key()])


async def test_a_pack_judges_by_period_withdrawal_and_fleet(roadside: Roadside, database_url: str) -> None:
    operator = uuid4()
    covered, gone = Version(Fleet(operator, ("A 1", "A 2"))), Version(Fleet(operator, ("B 1",)))
    later = Version(Fleet(uuid4(), ("C 1", "A 2")), start=date(2026, 4, 3), end=date(2026, 4, 9))
    over = Version(Fleet(uuid4(), ("D 1",)), start=date(2026, 3, 1), end=date(2026, 3, 31))
    long_over = Version(Fleet(uuid4(), ("E 1",)), start=date(2026, 1, 1), end=date(2026, 2, 1))
    elsewhere = Version(Fleet(uuid4(), ("F 1",)), host="DE")
    withdrawn = gone.later(CONTROL - timedelta(days=1), withdrawn=True)
    pack = await packed(roadside, database_url, covered, gone, withdrawn, later, over, long_over, elsewhere)
    keys = ("A1", "A2", "B1", "C1", "D1", "E1", "F1", "X1")
    verdicts = {key: pack.look_up(key).verdict for key in keys}
    assert verdicts == {
        "A1": "GREEN",
        "A2": "GREEN",
        "B1": "RED_PERIOD",
        "C1": "RED_PERIOD",
        "D1": "RED_PERIOD",
        "E1": "NONE",
        "F1": "NONE",
        "X1": "NONE",
    }
    assert pack.look_up("C1", date(2026, 4, 5)).verdict == "GREEN"
    assert (pack.look_up("A2").counts.covering, pack.look_up("A2").counts.future) == (1, 1)
    assert pack.look_up("A1").operator_countries == ("PL",)


async def test_a_pack_narrows_by_the_drivers_licence(roadside: Roadside, database_url: str) -> None:
    pack = await packed(roadside, database_url, Version(Fleet(uuid4(), ("A 1",))))
    assert pack.look_up("A1", licence="00123041234").verdict == "GREEN"
    assert pack.look_up("A1", licence="X9").verdict == "AMBER_DRIVER"


async def test_an_amended_declaration_counts_as_amended(roadside: Roadside, database_url: str) -> None:
    first = Version(Fleet(uuid4(), ("A 1",)))
    pack = await packed(roadside, database_url, first, first.later(CONTROL, end=date(2026, 3, 20)))
    assert pack.look_up("A1").verdict == "RED_PERIOD"


async def test_an_empty_pack_knows_nobody(roadside: Roadside, database_url: str) -> None:
    pack = await packed(roadside, database_url)
    assert (pack.declarations, pack.look_up("A1").verdict) == (0, "NONE")


async def test_a_pack_that_was_touched_is_not_read(roadside: Roadside, database_url: str) -> None:
    await roadside.declare(Version(Fleet(uuid4(), ("A 1",))))
    content = build(database_url, str(roadside.lake), "FR", DAY, KEY)
    for place in range(8, len(content), 7):
        touched = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        with pytest.raises(UntrustedPackError):
            read(touched, [KEY.public_key()])
    with pytest.raises(UntrustedPackError):
        read(content, [Ed25519PrivateKey.generate().public_key()])
    with pytest.raises(MalformedPackError):
        read(b"something else", [KEY.public_key()])


async def test_no_plate_and_no_licence_stands_in_a_pack(roadside: Roadside, database_url: str) -> None:
    await roadside.declare(Version(Fleet(uuid4(), ("PO 1AB23",))))
    content = build(database_url, str(roadside.lake), "FR", DAY, KEY)
    assert not any(said in content for said in (b"PO1AB23", b"00123041234", b"Nowak"))
