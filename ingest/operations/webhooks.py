"""Webhooks, described."""

from typing import Any

from ingest.operations.parts import ASKED, DONE, ID, KEYS, path_id
from ingest.webhooks.api import Delivery, DeliveryPage, Tested, Webhook, WebhookMade, Webhooks, WebhookWanted
from schemas.openapi import Content, Operation, Parameter

_AT = "2026-11-23T08:00:00Z"
_URL = "https://tms.example.com/rtpd"
_WANTED = {"url": _URL, "kinds": ["declaration.submitted", "renewal.reminder"]}
_WEBHOOK = _WANTED | {"webhookId": ID, "createdAt": _AT, "paused": False}
_DELIVERY = {"deliveryId": ID, "kind": "declaration.submitted", "createdAt": _AT, "attempts": 1, "status": 200}
_BY_ID = path_id("webhookId", "The webhook's id.")


def _operation(
    name: str, method: str, path: str, summary: str, about: str, answers: dict[int, Content], *more: int, **rest: Any
) -> Operation:
    refusals = (*ASKED, *more)
    return Operation(
        name, method, path, summary, about, answers=answers, refusals=refusals, security=KEYS, tag="Webhooks", **rest
    )


OPERATIONS = [
    _operation(
        "listWebhooks",
        "GET",
        "/webhooks",
        "List webhooks",
        "Where events are sent.",
        {200: Content("The webhooks.", Webhooks, {"items": [_WEBHOOK]})},
    ),
    _operation(
        "createWebhook",
        "POST",
        "/webhooks",
        "Have events sent to an address",
        "Each event of GET /events is posted there at least once, signed as Standard Webhooks has it: HMAC-SHA256 over "
        "webhook-id, webhook-timestamp and the body. Refuse what is older than five minutes, and an id that you had. "
        "What is not answered with 2xx is sent again after 10 s, 1 min, 5 min, and so on for three days.",
        {
            201: Content(
                "The webhook with its secret, which is shown only now.", WebhookMade, _WEBHOOK | {"secret": "whsec_x"}
            )
        },
        409,
        413,
        422,
        body=Content("The address.", WebhookWanted, _WANTED),
    ),
    _operation(
        "changeWebhook",
        "PUT",
        "/webhooks/{webhookId}",
        "Change or pause a webhook",
        "While it is paused, events wait; afterwards they are sent.",
        {200: Content("The webhook.", Webhook, _WEBHOOK)},
        404,
        413,
        422,
        parameters=(_BY_ID,),
        body=Content("What is to change.", WebhookWanted, _WANTED),
    ),
    _operation(
        "deleteWebhook",
        "DELETE",
        "/webhooks/{webhookId}",
        "Delete a webhook",
        "With its delivery log.",
        {200: DONE},
        404,
        parameters=(_BY_ID,),
    ),
    _operation(
        "testWebhook",
        "POST",
        "/webhooks/{webhookId}/test",
        "Test a webhook",
        "Sends an event of the kind webhook.test at once, and says what the address answered.",
        {200: Content("What came back.", Tested, {"delivered": True, "status": 200})},
        404,
        parameters=(_BY_ID,),
    ),
    _operation(
        "listDeliveries",
        "GET",
        "/webhooks/{webhookId}/deliveries",
        "The delivery log",
        "What was sent, how often, and what was answered; kept for 30 days.",
        {200: Content("A page.", DeliveryPage, {"count": 1, "items": [_DELIVERY], "lastEvaluatedKey": None})},
        404,
        parameters=(
            _BY_ID,
            Parameter("limit", "query", "How many items a page has, 1 to 250.", 100, int),
            Parameter("startKey", "query", "The `lastEvaluatedKey` of the page before.", ID),
        ),
    ),
    _operation(
        "replayDelivery",
        "POST",
        "/webhooks/{webhookId}/deliveries/{deliveryId}/replay",
        "Send an event again",
        "The same body under the same webhook-id, signed anew.",
        {202: Content("It is due now.", Delivery, _DELIVERY)},
        404,
        parameters=(_BY_ID, path_id("deliveryId", "The delivery's id.")),
    ),
]
