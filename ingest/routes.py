"""Every address of the operators' side, and what answers it."""

from collections.abc import Awaitable, Callable

from ingest.bulk import submit_bulk
from ingest.declarations.changes import amend, withdraw
from ingest.declarations.drafts import change_draft, create_draft, delete_draft, submit_draft
from ingest.declarations.reading import list_declarations, read_declaration, read_versions
from ingest.drivers import change_driver, create_driver, delete_driver, list_drivers, read_driver
from ingest.fleets import change_fleet, create_fleet, delete_fleet, list_fleets, read_fleet_record
from ingest.health import health, limits, metrics, ready
from ingest.http import Request
from ingest.intake import Intake
from ingest.openapi import describe
from ingest.reading import read_submission
from ingest.single import submit_single
from ingest.vehicles import change_vehicle, create_vehicle, delete_vehicle, list_vehicles, read_vehicle

Route = Callable[[Intake, Request], Awaitable[None]]

#: By path (a part in braces is a parameter), the methods that it knows.
ROUTES: dict[str, dict[str, Route]] = {
    "/declarations/bulk": {"POST": submit_bulk},
    "/declarations/submit": {"POST": submit_single},
    "/declarations": {"GET": list_declarations, "POST": create_draft},
    "/declarations/{declaration_id:str}": {"GET": read_declaration, "PUT": change_draft, "DELETE": delete_draft},
    "/declarations/{declaration_id:str}/submit": {"POST": submit_draft, "PUT": amend},
    "/declarations/{declaration_id:str}/withdraw": {"POST": withdraw},
    "/declarations/{declaration_id:str}/versions": {"GET": read_versions},
    "/drivers": {"GET": list_drivers, "POST": create_driver},
    "/drivers/{driver_id:str}": {"GET": read_driver, "PUT": change_driver, "DELETE": delete_driver},
    "/plate-numbers": {"GET": list_vehicles, "POST": create_vehicle},
    "/plate-numbers/{plate_number_id:str}": {"GET": read_vehicle, "PUT": change_vehicle, "DELETE": delete_vehicle},
    "/fleets": {"GET": list_fleets, "POST": create_fleet},
    "/fleets/{fleet_id:str}": {"GET": read_fleet_record, "PUT": change_fleet, "DELETE": delete_fleet},
    "/submissions/{submission_id:str}": {"GET": read_submission},
    "/limits": {"GET": limits},
    "/health": {"GET": health},
    "/ready": {"GET": ready},
    "/metrics": {"GET": metrics},
    "/openapi.json": {"GET": describe},
}
