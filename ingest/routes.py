"""Every address of the operators' side, and what answers it."""

from collections.abc import Awaitable, Callable

from ingest.bulk import submit_bulk
from ingest.health import health, limits, metrics, ready
from ingest.http import Request
from ingest.intake import Intake
from ingest.openapi import describe
from ingest.reading import read_declaration, read_submission
from ingest.single import submit_single

Route = Callable[[Intake, Request], Awaitable[None]]

#: By path (a part in braces is a parameter), the methods that it knows.
ROUTES: dict[str, dict[str, Route]] = {
    "/declarations/bulk": {"POST": submit_bulk},
    "/declarations/submit": {"POST": submit_single},
    "/declarations/{declaration_id:str}": {"GET": read_declaration},
    "/submissions/{submission_id:str}": {"GET": read_submission},
    "/limits": {"GET": limits},
    "/health": {"GET": health},
    "/ready": {"GET": ready},
    "/metrics": {"GET": metrics},
    "/openapi.json": {"GET": describe},
}
