"""Rules over the contact person."""

import pytest

from tests.validate.samples import CONTACT, found, judged


def test_the_transport_manager_is_contact_enough():
    assert found() == []


def test_a_whole_contact_is_enough():
    assert found(**CONTACT) == []


def test_no_contact_at_all_is_refused():
    assert found(otherContactAsTransportManager=None) == [("contact_missing", "/otherContactAsTransportManager")]
    assert judged(otherContactAsTransportManager=False).refused


@pytest.mark.parametrize("field", [name for name in CONTACT if name != "otherContactAsTransportManager"])
@pytest.mark.parametrize("value", [None, " "])
def test_each_missing_part_is_pointed_at(field, value):
    assert ("contact_incomplete", "/" + field) in found(**CONTACT | {field: value})


def test_an_empty_telephone_number_is_a_missing_one():
    assert found(**CONTACT | {"otherContactPhone": ""}) == [("contact_incomplete", "/otherContactPhone")]


@pytest.mark.parametrize("email", ["a@b.eu", "first.last+tag@sub.example.co.uk", "jürgen@bücher.de", "o'neill@x.ie"])
def test_email_addresses_are_accepted(email):
    assert found(**CONTACT | {"otherContactEmail": email}) == []


@pytest.mark.parametrize("email", ["a", "a@b", "@b.eu", "a@b.eu, c@d.eu", "a b@c.eu", "a@.eu", "a@b..eu"])
def test_what_cannot_be_an_email_address_is_refused(email):
    assert ("email_shape", "/otherContactEmail") in found(**CONTACT | {"otherContactEmail": email})


def test_a_contact_beside_the_transport_manager_may_be_incomplete_but_not_wrong():
    assert found(otherContactFirstName="Anna") == []
    assert found(otherContactEmail="anna") == [("email_shape", "/otherContactEmail")]
