"""One copy with letters of three scripts, and the key that seals it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ingest.copy.document import Copy
from ingest.copy.typeset import Typesetter
from schemas.identity import Serial, declaration_id, submission_id
from schemas.operator import Operator

OPERATOR = Operator(
    name="Przedsiębiorstwo Transportowe Żółw Sp. z o.o.",
    country="PL",
    licence_number="PL/000123/2021",
    register_number="KRS 0000456789",
    street="ul. Świętokrzyska 14/3",
    post_code="90-001",
    city="Łódź",
    email="biuro@zolw.example",
    phone="+48 42 555 01 23",
    manager_first_name="Elżbieta",
    manager_last_name="Wójcik",
    manager_email="wojcik@zolw.example",
    manager_phone="+48 601 555 123",
    manager_address="ul. Świętokrzyska 14/3, 90-001 Łódź",
)
DECLARATION = declaration_id(submission_id(Serial(1_772_000_000_000, 3, 5), b"k" * 32), 7)


@pytest.fixture
def make_copy() -> Callable[..., Copy]:
    """Makes a copy, with changes to its fields."""

    def make(**changes: Any) -> Copy:
        fields: dict[str, Any] = {
            "declaration_id": DECLARATION,
            "version": 2,
            "accepted_at": datetime(2026, 3, 14, 8, 5, tzinfo=UTC),
            "submitted_at": datetime(2026, 3, 12, 16, 41, tzinfo=UTC),
            "posting_country": "DE",
            "start_date": date(2026, 3, 15),
            "end_date": date(2026, 9, 14),
            "cabotage": True,
            "international": True,
            "goods": True,
            "passengers": False,
            "fleet_id": UUID(int=99),
            "plates": ("WGM 40A0", "EL 51234", "В1234АС"),
            "driver_first_name": "Γεώργιος",
            "driver_last_name": "Παπαδόπουλος",
            "driver_birth_date": date(1981, 7, 4),
            "driver_licence_number": "02662/21/1061",
            "driver_street": "ул. Раковски 7",
            "driver_post_code": "1000",
            "driver_city": "София",
            "driver_country": "BG",
            "driver_contract_start": date(2019, 2, 1),
            "driver_applicable_law": "PL",
            "driver_document_type": "PASSPORT",
            "driver_document_number": "FE173404",
            "driver_document_country": "GR",
            "contact_is_transport_manager": True,
            "operator": msgspec.structs.replace(OPERATOR),
        }
        return Copy(**fields | changes)

    return make


@pytest.fixture(scope="session")
def key() -> Ed25519PrivateKey:
    """The key that seals."""
    return Ed25519PrivateKey.generate()


@pytest.fixture(scope="session")
def typesetter(key: Ed25519PrivateKey) -> Typesetter:
    """A warm typesetter."""
    return Typesetter(key, "https://posting.example.eu")
