"""A seal says what the copy says, and nothing can be changed in it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.copy.code import svg
from ingest.copy.document import Copy
from ingest.copy.seal import MAX_BYTES, live_address, seal
from tests.ingest.copy.picture import modules_of
from validate.seal import BadSignatureError, MalformedSealError, SealError, UnknownKeyError, verify

MakeCopy = Callable[..., Copy]
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
given_fixture = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=255)


def test_a_seal_says_what_an_officer_checks(make_copy: MakeCopy, key: Ed25519PrivateKey):
    copy = make_copy()
    sealed = verify(seal(copy, key), [key.public_key()])
    assert (sealed.declaration_id, sealed.number, sealed.version) == (copy.declaration_id, copy.number, 2)
    assert (sealed.posting_country, sealed.start_date, sealed.end_date) == ("DE", copy.start_date, copy.end_date)
    assert (sealed.driver_name, sealed.driver_birth_year) == ("Γεώργιος Παπαδόπουλος", 1981)
    assert sealed.driver_licence_tail == "1061"
    assert (sealed.operator_country, sealed.plates, sealed.plate_count) == ("PL", copy.plates, 3)
    assert (sealed.cabotage, sealed.international, sealed.goods, sealed.passengers) == (True, True, True, False)
    assert (sealed.submitted_at, sealed.fleet_id, sealed.withdrawn) == (copy.submitted_at, copy.fleet_id, False)


def test_a_long_fleet_is_sealed_by_its_digest_its_size_and_its_first_plates(
    make_copy: MakeCopy, key: Ed25519PrivateKey
):
    plates = tuple(f"WGM {number:05}" for number in range(5000))
    sealed = verify(seal(make_copy(plates=plates), key), [key.public_key()])
    assert sealed.plate_count == 5000
    assert sealed.plates == plates[: len(sealed.plates)]
    assert len(sealed.plates) >= 3


def test_a_seal_is_outdated_once_there_is_a_newer_version(make_copy: MakeCopy, key: Ed25519PrivateKey):
    sealed = verify(seal(make_copy(version=2), key), [key.public_key()])
    assert not sealed.is_outdated(2)
    assert sealed.is_outdated(3)


@given_fixture
@given(
    operator=names,
    first=names,
    last=names,
    licence=names,
    start=st.dates(date(2022, 2, 2), date(2100, 1, 1)),
    days=st.integers(0, 183),
    submitted=st.integers(1_640_995_200, 4_102_444_800),
    plates=st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20), max_size=40),
)
def test_any_declaration_fits_and_comes_back(
    make_copy: MakeCopy, key: Ed25519PrivateKey, operator, first, last, licence, start, days, submitted, plates
):
    copy = make_copy(
        driver_first_name=first,
        driver_last_name=last,
        driver_licence_number=licence,
        start_date=start,
        end_date=start + timedelta(days=days),
        submitted_at=datetime.fromtimestamp(submitted, UTC),
        plates=tuple(plates),
    )
    copy.operator.name = operator
    payload = seal(copy, key)
    sealed = verify(payload, [key.public_key()])
    assert len(payload) * 5 // 8 <= MAX_BYTES
    assert (sealed.start_date, sealed.end_date) == (start, start + timedelta(days=days))
    assert sealed.submitted_at.timestamp() == submitted
    assert sealed.plates == tuple(plates[: len(sealed.plates)])
    assert operator.startswith(sealed.operator_name.removesuffix("…").rstrip())


@given_fixture
@given(data=st.data())
def test_no_letter_of_a_seal_can_be_changed(make_copy: MakeCopy, key: Ed25519PrivateKey, data: st.DataObject):
    payload = seal(make_copy(), key)
    place = data.draw(st.integers(0, len(payload) - 1))
    letter = data.draw(st.sampled_from(ALPHABET).filter(lambda letter: letter != payload[place]))
    with pytest.raises(SealError):
        verify(payload[:place] + letter + payload[place + 1 :], [key.public_key()])


@given_fixture
@given(length=st.integers(0, 300))
def test_a_seal_cannot_be_cut(make_copy: MakeCopy, key: Ed25519PrivateKey, length: int):
    payload = seal(make_copy(), key)
    with pytest.raises(SealError):
        verify(payload[: min(length, len(payload) - 1)], [key.public_key()])


@given_fixture
@given(text=st.text(max_size=500))
def test_any_other_text_is_no_seal(key: Ed25519PrivateKey, text: str):
    with pytest.raises(SealError):
        verify(text, [key.public_key()])


def test_a_key_that_is_not_known_is_told_from_a_signature_that_does_not_fit(
    make_copy: MakeCopy, key: Ed25519PrivateKey
):
    payload = seal(make_copy(), key)
    with pytest.raises(UnknownKeyError):
        verify(payload, [Ed25519PrivateKey.generate().public_key()])
    with pytest.raises(BadSignatureError):
        verify(seal(make_copy(version=3), key)[:100] + payload[100:], [key.public_key()])
    with pytest.raises(MalformedSealError):
        verify("", [key.public_key()])


def test_the_address_verifies_in_either_case_as_browsers_change_it(make_copy: MakeCopy, key: Ed25519PrivateKey):
    address = live_address("https://posting.example.eu", seal(make_copy(), key))
    assert address.startswith("HTTPS://POSTING.EXAMPLE.EU/C/")
    assert verify(address, [key.public_key()]) == verify(address.lower(), [key.public_key()])


def test_live_copies_have_an_address_without_a_path():
    with pytest.raises(ValueError, match="path"):
        live_address("https://example.eu/posting", "ABC")


def test_the_code_is_read_back_by_a_reader(make_copy: MakeCopy, key: Ed25519PrivateKey):
    address = live_address("https://posting.example.eu", seal(make_copy(), key))
    [found] = zxingcpp.read_barcodes(modules_of(svg(address)))
    assert found.text == address
