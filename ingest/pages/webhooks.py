"""Webhooks on pages: made with a secret that is shown once, tried, paused; what was delivered, and sent again."""

from typing import Any, get_args

import msgspec

from ingest.http import RefusedError
from ingest.pages.visit import AnyResponse, Visit
from ingest.webhooks.api import (
    DeliveryPage,
    Tested,
    Webhook,
    WebhookMade,
    Webhooks,
    change_webhook,
    create_webhook,
    delete_webhook,
    list_deliveries,
    list_webhooks,
    replay_delivery,
    test_webhook,
)
from schemas.event import EventType

KINDS: tuple[str, ...] = get_args(EventType)
_PAGE = "50"


async def show_list(visit: Visit) -> AnyResponse:
    """Shows the addresses to which events are sent."""
    return await _shown_list(visit)


async def create(visit: Visit) -> AnyResponse:
    """Makes a webhook; the secret of its signatures is shown this once."""
    form = await visit.form()
    entered = {"url": str(form.get("url", "")).strip(), "kinds": form.getall("kinds", [])}
    try:
        answer = await visit.ask(create_webhook, said=entered)
    except RefusedError as error:
        return await _shown_list(visit, problems=visit.worded(error), entered=entered)
    return await _shown_list(visit, made=msgspec.json.decode(answer.body, type=WebhookMade))


async def show(visit: Visit) -> AnyResponse:
    """Shows one webhook with its delivery log."""
    return await _shown(visit)


async def act(visit: Visit) -> AnyResponse:
    """Tries the address, pauses or resumes, sends an event again, or deletes the webhook with its log."""
    form = await visit.form()
    path, action = _path(visit), str(form.get("action", ""))
    try:
        match action:
            case "test":
                return await _shown(visit, tested=await visit.read(test_webhook, Tested, path=path))
            case "pause" | "resume":
                await visit.ask(change_webhook, path=path, said={"paused": action == "pause"})
            case "replay":
                await visit.ask(replay_delivery, path=path | {"delivery_id": str(form.get("delivery", ""))})
            case "delete":
                await visit.ask(delete_webhook, path=path)
                return visit.go("/my/webhooks", said="deleted")
            case _:
                raise RefusedError("not_found")
    except RefusedError as error:
        return await _shown(visit, problems=visit.worded(error))
    return visit.go(f"/my/webhooks/{path['webhook_id']}", said="replayed" if action == "replay" else "saved")


def _path(visit: Visit) -> dict[str, str]:
    return {"webhook_id": visit.part("webhook_id")}


async def _all(visit: Visit) -> list[Webhook]:
    return (await visit.read(list_webhooks, Webhooks)).items


async def _shown_list(visit: Visit, **context: Any) -> AnyResponse:
    shared: dict[str, Any] = {"found": await _all(visit), "kinds": KINDS, "made": None, "problems": ()}
    shared |= {"entered": {"url": "", "kinds": []}}
    return visit.page("webhooks.html", shared | context, status=422 if context.get("problems") else 200)


async def _shown(visit: Visit, **context: Any) -> AnyResponse:
    path = _path(visit)
    after = visit.request.query_params.get("after", "")
    query = {"limit": _PAGE} | ({"startKey": after} if after else {})
    log = await visit.read(list_deliveries, DeliveryPage, path=path, query=query)
    webhook = next((one for one in await _all(visit) if str(one.webhook_id) == path["webhook_id"]), None)
    if webhook is None:
        raise RefusedError("not_found")
    shared: dict[str, Any] = {
        "webhook": webhook,
        "found": log.items,
        "next": log.last_evaluated_key,
        "tested": None,
        "problems": (),
    }
    return visit.page("webhook.html", shared | context, status=422 if context.get("problems") else 200)
