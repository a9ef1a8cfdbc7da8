"""The peers' tables: the columns and the primary keys of OpenRTPD's own, in a schema of their own."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import TEXT, MetaData, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from declaration import Declaration
from plates import Fleet
from settings import DATABASE_URL


class Base(DeclarativeBase):
    """Ids are text here, so that they pass through the queue as they are."""

    metadata = MetaData(schema="peers")
    type_annotation_map = {  # noqa: RUF012
        str: TEXT,
        list[str]: ARRAY(TEXT),
        datetime: TIMESTAMP(timezone=True),
    }


class DeclarationVersion(Base):
    """One version of one declaration."""

    __tablename__ = "declaration_version"

    declaration_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    operator_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    operator_country: Mapped[str]
    withdrawn: Mapped[bool]
    accepted_at: Mapped[datetime]
    submitted_at: Mapped[datetime]
    posting_country: Mapped[str]
    start_date: Mapped[date]
    end_date: Mapped[date]
    cabotage: Mapped[bool]
    international: Mapped[bool]
    goods: Mapped[bool]
    passengers: Mapped[bool]
    fleet_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    driver_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    driver_first_name: Mapped[str | None]
    driver_last_name: Mapped[str | None]
    driver_birth_date: Mapped[date | None]
    driver_licence_number: Mapped[str | None]
    driver_document_type: Mapped[str | None]
    driver_document_number: Mapped[str | None]
    driver_document_country: Mapped[str | None]
    driver_street: Mapped[str | None]
    driver_post_code: Mapped[str | None]
    driver_city: Mapped[str | None]
    driver_country: Mapped[str | None]
    driver_contract_start: Mapped[date | None]
    driver_applicable_law: Mapped[str | None]
    driver_email: Mapped[str | None]
    contact_is_transport_manager: Mapped[bool]
    contact_first_name: Mapped[str | None]
    contact_last_name: Mapped[str | None]
    contact_email: Mapped[str | None]
    contact_phone: Mapped[str | None]
    contact_street: Mapped[str | None]
    contact_post_code: Mapped[str | None]
    contact_city: Mapped[str | None]
    contact_country: Mapped[str | None]
    external_reference: Mapped[str | None]


class FleetRow(Base):
    """A set of plates, kept once for each operator."""

    __tablename__ = "fleet"

    operator_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    fleet_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    declared_at: Mapped[datetime]
    plates: Mapped[list[str]]
    plate_keys: Mapped[list[str]]
    weights: Mapped[list[str]]


class Batch(Base):
    """A batch that is stored: delivered again, it is skipped."""

    __tablename__ = "batch"

    batch_id: Mapped[str] = mapped_column(primary_key=True)
    rows: Mapped[int]


#: The columns that are fields of the declaration as they are.
SAME = tuple(
    name for name in Declaration.model_fields if name in DeclarationVersion.__table__.c and name != "operator_id"
)


def make_engine(**options: Any) -> AsyncEngine:
    """Makes an engine for the database that the bench names."""
    return create_async_engine(DATABASE_URL.replace("postgresql:", "postgresql+asyncpg:", 1), **options)


def row_of(
    declaration: Declaration, declaration_id: str, operator: tuple[str, str], accepted_at: datetime, fleet: Fleet | None
) -> dict[str, Any]:
    """Makes the row of a declaration's first version; `operator` is its id and country."""
    return {
        "declaration_id": declaration_id,
        "version": 1,
        "operator_id": operator[0],
        "operator_country": operator[1],
        "withdrawn": False,
        "accepted_at": accepted_at,
        "submitted_at": accepted_at,
        "cabotage": "CABOTAGE_OPERATIONS" in declaration.operation_types,
        "international": "INTERNATIONAL_CARRIAGE" in declaration.operation_types,
        "goods": "CARRIAGE_OF_GOODS" in declaration.transport_types,
        "passengers": "CARRIAGE_OF_PASSENGERS" in declaration.transport_types,
        "fleet_id": fleet.fleet_id if fleet else None,
        **{name: getattr(declaration, name) for name in SAME},
    }
