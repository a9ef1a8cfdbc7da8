"""The tables that a declaration becomes: Arrow schemas of what goes into frames, Postgres and the lake.

`DECLARATION_VERSION` and `FLEET` have the columns, in order, of the Postgres tables of those names
(`schemas/migrations/`); `FLEET_PLATE` is the fleet seen plate by plate, as the lake keeps it for look-ups.
"""

import pyarrow as pa

INSTANT = pa.timestamp("us", tz="UTC")
UUID16 = pa.binary(16)


def _field(name: str, kind: pa.DataType, *, nullable: bool = False) -> pa.Field:
    return pa.field(name, kind, nullable=nullable)


def _optional(kind: pa.DataType, *names: str) -> list[pa.Field]:
    return [_field(name, kind, nullable=True) for name in names]


#: One version of one declaration; versions are only ever added (bitemporal: period and acceptance).
DECLARATION_VERSION = pa.schema(
    [
        _field("declaration_id", UUID16),
        _field("version", pa.int32()),
        _field("operator_id", UUID16),
        _field("operator_country", pa.string()),
        _field("withdrawn", pa.bool_()),
        _field("accepted_at", INSTANT),
        _field("submitted_at", INSTANT),
        _field("posting_country", pa.string()),
        _field("start_date", pa.date32()),
        _field("end_date", pa.date32()),
        _field("cabotage", pa.bool_()),
        _field("international", pa.bool_()),
        _field("goods", pa.bool_()),
        _field("passengers", pa.bool_()),
        _field("fleet_id", UUID16, nullable=True),
        _field("driver_id", UUID16, nullable=True),
        *_optional(pa.string(), "driver_first_name", "driver_last_name"),
        *_optional(pa.date32(), "driver_birth_date"),
        *_optional(
            pa.string(),
            "driver_licence_number",
            "driver_document_type",
            "driver_document_number",
            "driver_document_country",
            "driver_street",
            "driver_post_code",
            "driver_city",
            "driver_country",
        ),
        *_optional(pa.date32(), "driver_contract_start"),
        *_optional(pa.string(), "driver_applicable_law", "driver_email"),
        _field("contact_is_transport_manager", pa.bool_()),
        *_optional(
            pa.string(),
            "contact_first_name",
            "contact_last_name",
            "contact_email",
            "contact_phone",
            "contact_street",
            "contact_post_code",
            "contact_city",
            "contact_country",
            "external_reference",
        ),
        _field("named_fleet_id", UUID16, nullable=True),
    ]
)

#: A set of number plates as one operator declared it, stored once under the hash of its plates.
FLEET = pa.schema(
    [
        _field("operator_id", UUID16),
        _field("fleet_id", UUID16),
        _field("declared_at", INSTANT),
        _field("plates", pa.list_(pa.string())),
        _field("plate_keys", pa.list_(pa.string())),
        _field("weights", pa.list_(pa.string())),
    ]
)

#: The way from a plate to the fleets that name it. `weight` is LIGHT, HEAVY or empty (domain.md 3.4).
FLEET_PLATE = pa.schema(
    [
        _field("plate_key", pa.string()),
        _field("plate", pa.string()),
        _field("weight", pa.string()),
        _field("operator_id", UUID16),
        _field("fleet_id", UUID16),
        _field("declared_at", INSTANT),
    ]
)


def in_lake(schema: pa.Schema) -> pa.Schema:
    """Gives a schema as the lake's Parquet files have it: ids marked as UUIDs, so that DuckDB prunes by them."""
    return pa.schema([field.with_type(pa.uuid()) if field.type == UUID16 else field for field in schema])
