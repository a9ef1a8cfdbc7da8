"""People, their sign-in and four eyes, described."""

from typing import Any

from ingest.approvals import ApprovalPage
from ingest.operations.parts import ASKED, DONE, ID, KEYS, START_KEY, path_id
from ingest.people import FourEyes, NewPerson, People, Person, PersonChange, SignedIn, SignIn
from schemas.openapi import Content, Operation, Parameter

_AT = "2026-11-23T08:00:00Z"
_WANTED = {"email": "anna@example.pl", "name": "Anna Nowak", "role": "dispatcher"}
_PASSWORD = {"password": "a long pass phrase"}
_PERSON = _WANTED | {"personId": ID, "createdAt": _AT}
_SIGNED_IN = {
    "apiKey": "rtpd_person_" + "A" * 43,
    "expiresAt": _AT,
    "operatorId": ID,
    "operatorName": "Trans Nowak",
    "personId": ID,
    "name": "Anna Nowak",
    "role": "dispatcher",
}
_BY_ID = path_id("personId", "The person's id.")
_APPROVAL_ID = path_id("approvalId", "The id of what waits.")
_APPROVAL = {
    "approvalId": ID,
    "what": "declaration.withdrawn",
    "method": "POST",
    "path": f"/declarations/{ID}/withdraw",
    "query": "",
    "state": "waiting",
    "askedBy": ID,
    "askedByName": "Anna Nowak",
    "askedAt": _AT,
}


def _operation(
    name: str, method: str, path: str, summary: str, about: str, answers: dict[int, Content], *more: int, **rest: Any
) -> Operation:
    refusals = (*ASKED, *more)
    return Operation(
        name, method, path, summary, about, answers=answers, refusals=refusals, security=KEYS, tag="People", **rest
    )


OPERATIONS = [
    _operation(
        "listPeople",
        "GET",
        "/people",
        "List people",
        "Administrators administer, dispatchers submit, readers read.",
        {200: Content("The people.", People, {"items": [_PERSON], "fourEyes": False})},
    ),
    _operation(
        "createPerson",
        "POST",
        "/people",
        "Let a person in",
        "The person signs in with the e-mail address and the password.",
        {201: Content("The person.", Person, _PERSON)},
        409,
        413,
        422,
        body=Content("The person.", NewPerson, _WANTED | _PASSWORD),
    ),
    _operation(
        "changePerson",
        "PUT",
        "/people/{personId}",
        "Change a person",
        "A new role or password ends the person's sessions.",
        {200: Content("The person.", Person, _PERSON)},
        404,
        409,
        413,
        422,
        parameters=(_BY_ID,),
        body=Content("What is to change.", PersonChange, {"role": "reader"}),
    ),
    _operation(
        "deletePerson",
        "DELETE",
        "/people/{personId}",
        "Let a person go",
        "The person's sessions end at once; what the person did stays in the log.",
        {200: DONE},
        404,
        409,
        parameters=(_BY_ID,),
    ),
    _operation(
        "setFourEyes",
        "PUT",
        "/four-eyes",
        "Want four eyes on submitting, or not",
        "With four eyes people prepare drafts that another person submits, and all else that would submit, change or "
        "withdraw waits for another person (`/approvals`). Keys are no people; to end four eyes takes one.",
        {200: Content("What is wanted.", FourEyes, {"fourEyes": True})},
        413,
        422,
        body=Content("What is wanted.", FourEyes, {"fourEyes": True}),
    ),
    _operation(
        "listApprovals",
        "GET",
        "/approvals",
        "List what waits for a second person",
        "Where four eyes are wanted, a person's request that would submit is answered 202 and waits here for a month.",
        {200: Content("A page.", ApprovalPage, {"count": 1, "items": [_APPROVAL], "lastEvaluatedKey": None})},
        parameters=(
            Parameter("limit", "query", "How many items a page has, 1 to 250.", 100, int),
            START_KEY,
            Parameter("state", "query", "waiting, approving, approved or refused; all without it.", "waiting"),
        ),
    ),
    _operation(
        "readApprovalContent",
        "GET",
        "/approvals/{approvalId}/content",
        "Read what was sent",
        "The body as it came, while it waits.",
        {200: Content("The body.", None, None, "application/octet-stream")},
        404,
        409,
        parameters=(_APPROVAL_ID,),
    ),
    _operation(
        "approve",
        "POST",
        "/approvals/{approvalId}/approve",
        "Approve and do it",
        "By another person than the one who asked. The answer is that of the request itself; refused, it waits on.",
        {
            200: Content("It is done; the answer is that of the request.", None, None, "application/json"),
            201: Content("It is done; the answer is that of the request.", None, None, "application/json"),
            202: Content("It is done; the answer is that of the request.", None, None, "application/json"),
        },
        404,
        409,
        422,
        parameters=(_APPROVAL_ID,),
    ),
    _operation(
        "refuse",
        "DELETE",
        "/approvals/{approvalId}",
        "Refuse it, or take it back",
        "What was sent is forgotten at once.",
        {200: DONE},
        404,
        409,
        parameters=(_APPROVAL_ID,),
    ),
    Operation(
        "signIn",
        "POST",
        "/session",
        "Sign in",
        "Opens a session of twelve hours; its key may do what the person's role may. Ten tries in 15 minutes.",
        body=Content("Who signs in.", SignIn, {"email": "anna@example.pl"} | _PASSWORD),
        answers={200: Content("The session.", SignedIn, _SIGNED_IN)},
        refusals=(400, 401, 413, 429, 500, 503),
        tag="People",
    ),
    _operation("signOut", "DELETE", "/session", "Sign out", "The session's key ends at once.", {200: DONE}, 404),
]
