"""A vehicle of the register that RTPD has since 2026 (domain.md 3.3, 3.4)."""

from msgspec import Struct

from schemas.codes import RegistrationCountry, TransportType, VehicleWeight
from schemas.declaration import Identifier, Plate, Reference


class Vehicle(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename="camel"):
    """A motor vehicle; `vehicle_weight` is LIGHT up to 3.5 t, HEAVY above, and empty for passengers."""

    plate_number: Plate
    registration_country: RegistrationCountry
    transport_type: TransportType
    vehicle_weight: VehicleWeight = ""
    external_reference: Reference | None = None


class RecordedVehicle(Vehicle, kw_only=True, rename="camel"):
    """A vehicle with its id in the register."""

    plate_number_id: Identifier


class VehiclePage(Struct, rename="camel"):
    """A page of vehicles; `last_evaluated_key` goes back as `startKey` for the next."""

    count: int
    items: list[RecordedVehicle]
    last_evaluated_key: Identifier | None
