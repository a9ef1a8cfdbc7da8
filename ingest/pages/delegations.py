"""Delegations on pages: the software house whose key speaks for the operator, let in by its id, and taken out."""

from typing import Any
from uuid import UUID

from ingest.credentials import LENT, Delegations, delegate, end_delegation, list_delegations
from ingest.http import RefusedError
from ingest.pages.visit import AnyResponse, Visit


async def show(visit: Visit) -> AnyResponse:
    """Shows who speaks for the operator, and for whom the operator's own keys speak."""
    return await _shown(visit)


async def act(visit: Visit) -> AnyResponse:
    """Lets a key speak for the operator, or ends that."""
    form = await visit.form()
    credential_id, until = str(form.get("credentialId", "")).strip(), str(form.get("until", ""))
    scopes = form.getall("scopes", [])
    try:
        if form.get("action") == "end":
            await visit.ask(end_delegation, path={"credential_id": credential_id})
        else:
            ends = {"expiresAt": f"{until}T23:59:59Z"} if until else {}
            await visit.ask(delegate, said={"credentialId": credential_id, "scopes": scopes, **ends})
    except RefusedError as error:
        entered = {"credentialId": credential_id, "scopes": scopes, "until": until}
        return await _shown(visit, problems=visit.worded(error), entered=entered)
    return visit.go("/my/delegations", said="saved")


async def _shown(visit: Visit, **context: Any) -> AnyResponse:
    found = (await visit.read(list_delegations, Delegations)).items
    own = UUID(visit.session.operator_id)
    shared: dict[str, Any] = {
        "granted": [one for one in found if one.operator_id == own],
        "received": [one for one in found if one.operator_id != own],
        "problems": (),
        "entered": {"credentialId": "", "scopes": LENT, "until": ""},
    }
    return visit.page("delegations.html", shared | context, status=422 if context.get("problems") else 200)
