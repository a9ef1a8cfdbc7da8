"""The transport operator, its transport manager and who may speak for it (domain.md 2.3)."""

from msgspec import Struct

from schemas.codes import AnyCountry
from schemas.declaration import City, Email, Identifier, Name, Number, Phone, PostCode, Street

WIRE_NAMES = {
    "operator_id": "operatorId",
    "name": "operatorName",
    "country": "operatorCountry",
    "licence_number": "operatorLicenceNumber",
    "vat_number": "operatorVatNumber",
    "register_number": "operatorRegisterNumber",
    "street": "operatorAddressStreet",
    "post_code": "operatorAddressPostCode",
    "city": "operatorAddressCity",
    "email": "operatorEmail",
    "phone": "operatorPhone",
    "manager_first_name": "transportManagerFirstName",
    "manager_last_name": "transportManagerLastName",
    "manager_email": "transportManagerEmail",
    "manager_phone": "transportManagerPhone",
    "manager_address": "transportManagerAddress",
}


class Operator(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename=WIRE_NAMES):
    """A transport operator as it stands in the register: Directive (EU) 2020/1057, Article 1(11)(a)(i)-(ii)."""

    operator_id: Identifier | None = None
    name: Name
    country: AnyCountry
    licence_number: Number | None = None
    vat_number: Number | None = None
    register_number: Number | None = None
    street: Street | None = None
    post_code: PostCode | None = None
    city: City | None = None
    email: Email | None = None
    phone: Phone | None = None
    manager_first_name: Name | None = None
    manager_last_name: Name | None = None
    manager_email: Email | None = None
    manager_phone: Phone | None = None
    manager_address: Street | None = None


class OperatorCard(Struct, frozen=True, gc=False, array_like=True):
    """What intake needs to know of an operator for every line: its id (16 bytes) and its country."""

    operator_id: bytes
    country: str
