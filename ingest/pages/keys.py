"""Keys on pages: made, shown once, revoked."""

from typing import Any

import msgspec

from ingest.credentials import KeyMade, Keys, create_key, list_keys, revoke_key
from ingest.http import RefusedError
from ingest.pages.visit import AnyResponse, Visit

SCOPES = ("read", "submit", "administer")


async def show(visit: Visit) -> AnyResponse:
    """Shows the operator's keys."""
    return await _shown(visit)


async def act(visit: Visit) -> AnyResponse:
    """Makes a key, whose secret is shown this once, or revokes one."""
    form = await visit.form()
    try:
        if form.get("action") == "revoke":
            await visit.ask(revoke_key, path={"credential_id": str(form.get("key", ""))})
            return visit.go("/my/keys", said="saved")
        said = {"name": str(form.get("name", "")).strip(), "scopes": form.getall("scopes", [])}
        answer = await visit.ask(create_key, said=said)
    except RefusedError as error:
        return await _shown(visit, problems=visit.worded(error))
    return await _shown(visit, made=msgspec.json.decode(answer.body, type=KeyMade))


async def _shown(visit: Visit, **context: Any) -> AnyResponse:
    keys = await visit.read(list_keys, Keys)
    shared: dict[str, Any] = {"found": keys.items, "made": None, "problems": (), "scopes": SCOPES}
    return visit.page("keys.html", shared | context, status=422 if context.get("problems") else 200)
