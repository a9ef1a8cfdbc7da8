"""Fleets, described."""

from ingest.operations.parts import DRY_RUN, ID
from ingest.operations.registers import register
from schemas.fleet import FleetPage, FleetPreview, NamedFleet, RecordedFleet
from schemas.openapi import Content, Parameter

_FLEET = {
    "fleetName": "Depot Poznan",
    "declarationVehiclePlateNumberHeavy": ["PO 1AB23", "PO 2CD34"],
    "externalReference": "depot-1",
}
_PREVIEW = {
    "declarations": 2,
    "byCountry": {"FR": 1, "DE": 1},
    "changed": [{"declarationId": ID, "declarationPostingCountry": "FR", "declarationEndDate": "2027-05-31"}],
    "added": ["PO 3EF45"],
    "removed": ["PO 1AB23"],
}

#: A fleet as it is sent and as it is answered.
FLEET = (_FLEET, _FLEET | {"fleetId": ID})
OPERATIONS = register(
    "Fleet",
    "/fleets",
    "fleetId",
    (NamedFleet, RecordedFleet, FleetPage),
    FLEET,
    {
        "list": "The fleets that you keep. `limit` is 250 if you leave it out.",
        "create": "Keeps a set of number plates under a name. Declarations name it by `fleetId` instead of plates.",
        "read": "One fleet.",
        "change": "Changes what the body names. All active declarations that name the fleet take the new plates as "
        "new versions, all or none of them; with `dryRun` the answer only says which.",
        "delete": "Possible while no active declaration and no draft names the fleet, else 409.",
    },
    (Parameter("term", "query", "Part of the name.", "poznan"),),
    changing=(DRY_RUN,),
    previewed=Content("What would happen, with `dryRun`.", FleetPreview, _PREVIEW),
)
