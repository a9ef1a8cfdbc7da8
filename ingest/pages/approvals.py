"""What waits for a second person, where four eyes are wanted: shown, approved, refused."""

from typing import Any

from ingest.approvals import ApprovalPage, approve, list_approvals, refuse
from ingest.http import RefusedError
from ingest.pages.visit import AnyResponse, Visit


async def show(visit: Visit) -> AnyResponse:
    """Shows what waits, and what was decided of late."""
    return await _shown(visit)


async def act(visit: Visit) -> AnyResponse:
    """Approves, which does what was asked for, or refuses."""
    form = await visit.form()
    path = {"approval_id": str(form.get("approval", ""))}
    approved = form.get("action") == "approve"
    try:
        await visit.ask(approve if approved else refuse, path=path)
    except RefusedError as error:
        return await _shown(visit, problems=visit.worded(error))
    return visit.go("/my/approvals", said="approved" if approved else "refused")


async def _shown(visit: Visit, **context: Any) -> AnyResponse:
    waiting = await visit.read(list_approvals, ApprovalPage, query={"state": "waiting"})
    shared: dict[str, Any] = {"found": waiting.items, "problems": ()}
    return visit.page("approvals.html", shared | context, status=422 if context.get("problems") else 200)
