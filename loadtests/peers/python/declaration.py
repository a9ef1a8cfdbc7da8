"""The posting declaration as a Pydantic model: the same fields, names and limits as OpenRTPD's contract."""

from datetime import date
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from settings import codes

AnyCountry = Literal[tuple(codes()["countries"])]  # type: ignore[valid-type]
PostingCountry = Literal[tuple(codes()["posting_countries"])]  # type: ignore[valid-type]
OperationType = Literal["CABOTAGE_OPERATIONS", "INTERNATIONAL_CARRIAGE"]
TransportType = Literal["CARRIAGE_OF_GOODS", "CARRIAGE_OF_PASSENGERS"]
DocumentType = Literal["IDCARD", "PASSPORT", "DRIVINGLICENSE"]

_Code = TypeVar("_Code")
Codes = Annotated[list[_Code], Field(min_length=1, max_length=2)]
Day = Annotated[date, Field(strict=False)]  # FastAPI hands over what json.loads gave: text
Name = Annotated[str, Field(min_length=1, max_length=255)]
Number = Annotated[str, Field(min_length=1, max_length=50)]
City = Annotated[str, Field(min_length=1, max_length=100)]
PostCode = Annotated[str, Field(max_length=20)]
Phone = Annotated[str, Field(max_length=30)]
Email = Annotated[str, Field(max_length=254)]
Reference = Annotated[str, Field(min_length=1, max_length=100)]
Identifier = Annotated[str, Field(min_length=36, max_length=36)]
Plates = Annotated[list[Annotated[str, Field(min_length=1, max_length=20)]], Field(max_length=5000)]


class Declaration(BaseModel):
    """One driver, one posting country, one period, the plates."""

    model_config = ConfigDict(extra="forbid", strict=True, serialize_by_alias=True)

    posting_country: PostingCountry = Field(alias="declarationPostingCountry")
    start_date: Day = Field(alias="declarationStartDate")
    end_date: Day = Field(alias="declarationEndDate")
    operation_types: Codes[OperationType] = Field(alias="declarationOperationType")
    transport_types: Codes[TransportType] = Field(alias="declarationTransportType")
    plates: Plates = Field([], alias="declarationVehiclePlateNumber")
    plates_light: Plates = Field([], alias="declarationVehiclePlateNumberLight")
    plates_heavy: Plates = Field([], alias="declarationVehiclePlateNumberHeavy")
    driver_id: Identifier | None = Field(None, alias="driverId")
    driver_first_name: Name | None = Field(None, alias="driverLatinFirstName")
    driver_last_name: Name | None = Field(None, alias="driverLatinLastName")
    driver_birth_date: Day | None = Field(None, alias="driverDateOfBirth")
    driver_licence_number: Number | None = Field(None, alias="driverLicenseNumber")
    driver_document_type: DocumentType | None = Field(None, alias="driverDocumentType")
    driver_document_number: Number | None = Field(None, alias="driverDocumentNumber")
    driver_document_country: AnyCountry | None = Field(None, alias="driverDocumentIssuingCountry")
    driver_street: Name | None = Field(None, alias="driverAddressStreet")
    driver_post_code: PostCode | None = Field(None, alias="driverAddressPostCode")
    driver_city: City | None = Field(None, alias="driverAddressCity")
    driver_country: AnyCountry | None = Field(None, alias="driverAddressCountry")
    driver_contract_start: Day | None = Field(None, alias="driverContractStartDate")
    driver_applicable_law: AnyCountry | None = Field(None, alias="driverApplicableLaw")
    driver_email: Email | None = Field(None, alias="driverEmail")
    contact_is_transport_manager: bool = Field(False, alias="otherContactAsTransportManager")
    contact_first_name: Name | None = Field(None, alias="otherContactFirstName")
    contact_last_name: Name | None = Field(None, alias="otherContactLastName")
    contact_email: Email | None = Field(None, alias="otherContactEmail")
    contact_phone: Phone | None = Field(None, alias="otherContactPhone")
    contact_street: Name | None = Field(None, alias="otherContactAddressStreet")
    contact_post_code: PostCode | None = Field(None, alias="otherContactAddressPostCode")
    contact_city: City | None = Field(None, alias="otherContactAddressCity")
    contact_country: AnyCountry | None = Field(None, alias="otherContactAddressCountry")
    external_reference: Reference | None = Field(None, alias="externalReference")
    operator_id: Identifier | None = Field(None, alias="operatorId")
