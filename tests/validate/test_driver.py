"""Rules over the driver."""

import pytest

from tests.validate.samples import CLEAN, found, judged

INLINE = [name for name in CLEAN if name.startswith("driver") and name != "driverAddressPostCode"]
ID = "0190a6f2-7c1e-7d3a-9b54-000000000001"
RECORDED = dict.fromkeys((name for name in CLEAN if name.startswith("driver")), None) | {"driverId": ID}


def test_a_recorded_driver_needs_no_details():
    assert found(**RECORDED) == []


def test_a_driver_id_that_is_no_uuid_is_refused():
    assert found(**RECORDED | {"driverId": "z" * 36}) == [("not_a_uuid", "/driverId")]
    assert found(**RECORDED | {"driverId": ID.upper()}) == []


def test_a_driver_by_id_and_by_details_is_refused():
    assert found(driverId=ID) == [("driver_given_twice", "/driverLatinFirstName")]


def test_a_recorded_driver_may_have_an_email_address():
    assert found(**RECORDED | {"driverEmail": "jan@example.eu"}) == []


def test_a_declaration_without_a_driver_is_refused_once():
    assert found(**RECORDED | {"driverId": None}) == [("driver_missing", "/driverId")]


@pytest.mark.parametrize("field", INLINE)
def test_each_missing_detail_is_pointed_at(field):
    assert ("driver_field_missing", "/" + field) in found(**{field: None})
    assert judged(**{field: None}).refused


def test_all_missing_details_are_told_at_once():
    assert found(driverLicenseNumber=None, driverAddressCity=None) == [
        ("driver_field_missing", "/driverLicenseNumber"),
        ("driver_field_missing", "/driverAddressCity"),
    ]


def test_a_post_code_may_be_missing():
    assert found(driverAddressPostCode=None) == []


def test_a_detail_of_blanks_is_missing():
    assert found(driverAddressStreet="  ") == [("driver_field_missing", "/driverAddressStreet")]


@pytest.mark.parametrize(
    ("name", "latin"),
    [("Олександр", "OLEKSANDR"), ("Γιώργος", "GIORGOS"), ("Юлія", "IULIIA"), ("Тодоров-Ćosić", "TODOROV-ĆOSIĆ")],
)
def test_a_name_in_another_script_is_refused_with_its_latin_spelling(name, latin):
    judgement = judged(driverLatinFirstName=name)
    assert [(one.code, one.pointer) for one in judgement.problems] == [("name_not_latin", "/driverLatinFirstName")]
    assert latin in judgement.problems[0].suggestion
    assert judgement.refused


def test_a_name_in_a_script_without_a_table_is_refused_without_a_spelling():
    assert judged(driverLatinLastName="王").problems[0].suggestion is None


@pytest.mark.parametrize(
    "name", ["Jan", "O'Neill", "O’Neill", "Müller-Lüdenscheidt", "Ştefan", "Ðorđe", "J. R.", "Nguyễn"]
)
def test_latin_names_are_in_order(name):
    assert found(driverLatinLastName=name) == []


@pytest.mark.parametrize("name", ["Jan3", "Jan_Kowalski", "Jan 😀"])
def test_a_name_with_odd_characters_is_remarked_on(name):
    judgement = judged(driverLatinLastName=name)
    assert [one.code for one in judgement.problems] == ["name_unusual"]
    assert not judgement.refused


@pytest.mark.parametrize(
    ("born", "plausible"),
    [
        ("2010-09-01", True),
        ("2010-09-02", False),
        ("1926-09-01", True),
        ("1925-09-01", False),
        ("2026-09-02", False),
        ("0080-05-17", False),
    ],
)
def test_a_driver_is_16_to_100_years_old(born, plausible):
    expected = [] if plausible else [("birth_date_implausible", "/driverDateOfBirth")]
    assert found(driverDateOfBirth=born) == expected


def test_a_contract_that_begins_after_the_posting_is_remarked_on():
    assert found(driverContractStartDate="2026-09-01") == []
    late = judged(driverContractStartDate="2026-09-02")
    assert [one.code for one in late.problems] == ["contract_after_start"]
    assert not late.refused


def test_a_contract_of_another_century_is_refused():
    assert found(driverContractStartDate="1202-01-01") == [("date_out_of_range", "/driverContractStartDate")]


def test_another_countrys_law_is_remarked_on():
    judgement = judged(driverApplicableLaw="DE")
    assert [one.code for one in judgement.problems] == ["applicable_law"]
    assert not judgement.refused


def test_the_law_of_greece_is_that_of_el():
    assert "applicable_law" not in dict(found("GR", driverApplicableLaw="EL"))


def test_a_licence_number_unlike_its_countrys_is_remarked_on():
    judgement = judged(driverLicenseNumber="123")
    assert [one.code for one in judgement.problems] == ["licence_number_shape"]
    assert not judgement.refused


def test_a_licence_number_of_the_residence_is_in_order_unless_the_licence_says_its_country():
    lithuanian = {"driverLicenseNumber": "12345678", "driverAddressCountry": "LT"}
    assert found(**lithuanian) == [("licence_number_shape", "/driverLicenseNumber")]
    assert found(**lithuanian, driverDocumentType="PASSPORT") == []


def test_a_licence_number_of_a_country_without_a_known_shape_is_in_order():
    assert found(driverLicenseNumber="ВХА 123", driverDocumentIssuingCountry="UA") == []


def test_what_cannot_be_an_email_address_is_refused():
    assert found(driverEmail="jan@example.eu") == []
    assert found(driverEmail="jan at example") == [("email_shape", "/driverEmail")]
