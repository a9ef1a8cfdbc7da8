"""Every address of the operators' side, and what answers it."""

from collections.abc import Awaitable, Callable

from ingest.actions import list_actions, noted
from ingest.approvals import (
    approve,
    approved_by_another,
    draft_only,
    judged_alone,
    list_approvals,
    refuse,
)
from ingest.approvals import (
    read_content as read_approval,
)
from ingest.bulk import submit_bulk
from ingest.changelog import read_changelog
from ingest.copies import print_copy, read_copy
from ingest.coverage import check_plan, read_coverage
from ingest.credentials import (
    create_key,
    delegate,
    end_delegation,
    list_delegations,
    list_keys,
    revoke_key,
    rotate_key,
)
from ingest.declarations.changes import amend
from ingest.declarations.drafts import change_draft, create_draft, delete_draft, submit_draft
from ingest.declarations.reading import list_declarations, read_declaration, read_versions
from ingest.declarations.withdrawal import withdraw
from ingest.drivers import (
    change_driver,
    create_driver,
    delete_driver,
    list_drivers,
    put_driver_by_reference,
    read_driver,
    read_driver_by_reference,
)
from ingest.events import list_events
from ingest.export import export
from ingest.files.declarations import read_template, submit_file
from ingest.files.vehicles import read_vehicles, take_vehicles
from ingest.fleets import (
    change_fleet,
    create_fleet,
    delete_fleet,
    list_fleets,
    put_fleet_by_reference,
    read_fleet_record,
    read_fleet_record_by_reference,
)
from ingest.health import health, limits, metrics, ready
from ingest.http import Request
from ingest.intake import Intake
from ingest.mail import email_copy
from ingest.matrix import submit_matrix
from ingest.openapi import describe
from ingest.people import (
    change_person,
    close_session,
    create_person,
    delete_person,
    list_people,
    open_session,
    set_four_eyes,
)
from ingest.reading import read_submission
from ingest.references import put_by_reference, read_by_reference
from ingest.renewal import renew
from ingest.requests import (
    announce,
    append,
    list_notices,
    list_requests,
    read_content,
    read_request,
    read_upload,
    remove_upload,
    reply,
)
from ingest.single import submit_single
from ingest.standing import list_renewals, order_renewal, read_renewal, stop_renewal
from ingest.vehicles import (
    change_vehicle,
    create_vehicle,
    delete_vehicle,
    list_vehicles,
    put_vehicle_by_reference,
    read_vehicle,
    read_vehicle_by_reference,
)
from ingest.webhooks.api import (
    change_webhook,
    create_webhook,
    delete_webhook,
    list_deliveries,
    list_webhooks,
    replay_delivery,
    test_webhook,
)

Route = Callable[[Intake, Request], Awaitable[None]]


# The hot routes: what keys submit is noted in the receipt's record alone.
_BULK = noted("bulk.submitted", of_people=True)(judged_alone(submit_bulk))
_SINGLE = noted("declaration.submitted", of_people=True)(submit_single)

#: By path (a part in braces is a parameter), the methods that it knows.
ROUTES: dict[str, dict[str, Route]] = {
    "/declarations/bulk": {"POST": approved_by_another("bulk.submitted", _BULK)},
    "/declarations/submit": {"POST": approved_by_another("declaration.submitted", _SINGLE)},
    "/declarations/files": {
        "GET": read_template,
        "POST": approved_by_another("file.submitted", submit_file),
    },
    "/declarations/matrix": {"POST": approved_by_another("matrix.submitted", submit_matrix)},
    "/declarations": {"GET": list_declarations, "POST": create_draft},
    "/declarations/by-reference/{reference:path}": {
        "GET": read_by_reference,
        "PUT": approved_by_another("declaration.put", put_by_reference, draft_only),
    },
    "/declarations/{declaration_id:str}": {
        "GET": read_declaration,
        "PUT": change_draft,
        "DELETE": delete_draft,
    },
    "/declarations/{declaration_id:str}/submit": {
        "POST": submit_draft,
        "PUT": approved_by_another("declaration.amended", amend),
    },
    "/declarations/{declaration_id:str}/withdraw": {"POST": approved_by_another("declaration.withdrawn", withdraw)},
    "/declarations/{declaration_id:str}/print": {"POST": print_copy},
    "/declarations/{declaration_id:str}/email": {"POST": email_copy},
    "/declarations/{declaration_id:str}/renew": {"POST": approved_by_another("declaration.renewed", renew)},
    "/declarations/{declaration_id:str}/versions": {"GET": read_versions},
    "/drivers": {"GET": list_drivers, "POST": create_driver},
    "/drivers/by-reference/{reference:path}": {
        "GET": read_driver_by_reference,
        "PUT": approved_by_another("driver.put", put_driver_by_reference),
    },
    "/drivers/{driver_id:str}": {
        "GET": read_driver,
        "PUT": approved_by_another("driver.changed", change_driver),
        "DELETE": delete_driver,
    },
    "/plate-numbers": {"GET": list_vehicles, "POST": create_vehicle},
    "/plate-numbers/files": {"GET": read_vehicles, "POST": take_vehicles},
    "/plate-numbers/by-reference/{reference:path}": {"GET": read_vehicle_by_reference, "PUT": put_vehicle_by_reference},
    "/plate-numbers/{plate_number_id:str}": {
        "GET": read_vehicle,
        "PUT": change_vehicle,
        "DELETE": delete_vehicle,
    },
    "/fleets": {"GET": list_fleets, "POST": create_fleet},
    "/fleets/by-reference/{reference:path}": {
        "GET": read_fleet_record_by_reference,
        "PUT": approved_by_another("fleet.put", put_fleet_by_reference),
    },
    "/fleets/{fleet_id:str}": {
        "GET": read_fleet_record,
        "PUT": approved_by_another("fleet.changed", change_fleet),
        "DELETE": delete_fleet,
    },
    "/copies/{link:str}": {"GET": read_copy},
    "/coverage": {"GET": read_coverage, "POST": check_plan},
    "/events": {"GET": list_events},
    "/export": {"GET": export},
    "/renewals": {"GET": list_renewals, "POST": approved_by_another("renewal.ordered", order_renewal)},
    "/renewals/{renewal_id:str}": {"GET": read_renewal, "DELETE": stop_renewal},
    "/submissions/{submission_id:str}": {"GET": read_submission},
    "/requests": {"GET": list_requests},
    "/requests/{request_id:str}": {"GET": read_request},
    "/requests/{request_id:str}/reply": {"POST": reply},
    "/requests/{request_id:str}/uploads": {"POST": announce},
    "/uploads/{upload_id:str}": {"GET": read_upload, "HEAD": read_upload, "PATCH": append, "DELETE": remove_upload},
    "/uploads/{upload_id:str}/content": {"GET": read_content},
    "/notices": {"GET": list_notices},
    "/credentials": {"GET": list_keys, "POST": create_key},
    "/credentials/{credential_id:str}": {"DELETE": revoke_key},
    "/credentials/{credential_id:str}/rotate": {"POST": rotate_key},
    "/delegations": {"GET": list_delegations, "POST": delegate},
    "/delegations/{credential_id:str}": {"DELETE": end_delegation},
    "/actions": {"GET": list_actions},
    "/webhooks": {"GET": list_webhooks, "POST": create_webhook},
    "/webhooks/{webhook_id:str}": {"PUT": change_webhook, "DELETE": delete_webhook},
    "/webhooks/{webhook_id:str}/test": {"POST": test_webhook},
    "/webhooks/{webhook_id:str}/deliveries": {"GET": list_deliveries},
    "/webhooks/{webhook_id:str}/deliveries/{delivery_id:str}/replay": {"POST": replay_delivery},
    "/people": {"GET": list_people, "POST": create_person},
    "/people/{person_id:str}": {"PUT": change_person, "DELETE": delete_person},
    "/approvals": {"GET": list_approvals},
    "/approvals/{approval_id:str}": {"DELETE": refuse},
    "/approvals/{approval_id:str}/approve": {"POST": approve},
    "/approvals/{approval_id:str}/content": {"GET": read_approval},
    "/four-eyes": {"PUT": set_four_eyes},
    "/session": {"POST": open_session, "DELETE": close_session},
    "/limits": {"GET": limits},
    "/changelog": {"GET": read_changelog},
    "/health": {"GET": health},
    "/ready": {"GET": ready},
    "/metrics": {"GET": metrics},
    "/openapi.json": {"GET": describe},
}
