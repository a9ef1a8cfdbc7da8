"""Keys, delegations and the log of who did what, described."""

from typing import Any

from ingest.actions import ActionPage
from ingest.credentials import Delegations, KeyMade, Keys, NewDelegation, NewKey, Rotation
from ingest.operations.parts import ASKED, DONE, ID, KEYS, path_id
from schemas.openapi import Content, Operation, Parameter

_AT = "2026-11-23T08:00:00Z"
_KEY = {"credentialId": ID, "name": "night job", "scopes": ["read", "submit"], "createdAt": _AT}
_MADE = _KEY | {"apiKey": "rtpd_live_" + "A" * 43}
_DELEGATION = {
    "credentialId": ID,
    "credentialName": "Example TMS",
    "operatorId": ID,
    "operatorName": "Trans Nowak",
    "scopes": ["read", "submit"],
    "grantedAt": _AT,
    "expiresAt": "2027-12-31T00:00:00Z",
}
_ACTION = {"actionId": 7, "at": _AT, "what": "credential.created", "credentialId": ID, "recordId": ID}
_BY_ID = path_id("credentialId", "The key's id.")


def _operation(
    name: str, method: str, path: str, summary: str, about: str, answers: dict[int, Content], *more: int, **rest: Any
) -> Operation:
    refusals = (*ASKED, *more)
    return Operation(
        name, method, path, summary, about, answers=answers, refusals=refusals, security=KEYS, tag="Keys", **rest
    )


OPERATIONS = [
    _operation(
        "listCredentials",
        "GET",
        "/credentials",
        "List keys",
        "What each key may do, when it was last used and when it ends; never the key. Needs the scope administer.",
        {200: Content("The keys.", Keys, {"items": [_KEY]})},
    ),
    _operation(
        "createCredential",
        "POST",
        "/credentials",
        "Create a key",
        "The key is shown only now. It speaks for all operators for whom the operator's other keys speak.",
        {201: Content("The key.", KeyMade, _MADE)},
        413,
        422,
        body=Content("What the key is for.", NewKey, {"name": "night job", "scopes": ["read", "submit"]}),
    ),
    _operation(
        "rotateCredential",
        "POST",
        "/credentials/{credentialId}/rotate",
        "Replace a key",
        "A new key with the same rights; the old one works on for overlapHours, so that nothing is interrupted.",
        {201: Content("The new key.", KeyMade, _MADE | {"replaces": ID})},
        404,
        413,
        422,
        parameters=(_BY_ID,),
        body=Content("How long both work.", Rotation, {"overlapHours": 24}),
    ),
    _operation(
        "revokeCredential",
        "DELETE",
        "/credentials/{credentialId}",
        "End a key",
        "At once, in all processes. The last key that may administer stays.",
        {200: DONE},
        404,
        409,
        parameters=(_BY_ID,),
    ),
    _operation(
        "listDelegations",
        "GET",
        "/delegations",
        "List delegations",
        "Whose keys speak for the operator, and for whom its own keys speak.",
        {200: Content("The delegations.", Delegations, {"items": [_DELEGATION]})},
    ),
    _operation(
        "delegate",
        "POST",
        "/delegations",
        "Let another's key speak for the operator",
        "A software house or an agent tells its key's id; its one key then speaks for all who delegated to it, with "
        "the scopes lent (read, submit), until the end named. Sent again it takes the place of what was lent before.",
        {201: DONE},
        413,
        422,
        body=Content(
            "The key, what it is lent, and until when.",
            NewDelegation,
            {"credentialId": ID, "scopes": ["read"], "expiresAt": "2027-12-31T00:00:00Z"},
        ),
    ),
    _operation(
        "endDelegation",
        "DELETE",
        "/delegations/{credentialId}",
        "Take a delegation back",
        "From that key and from those that it was rotated into, at once.",
        {200: DONE},
        404,
        parameters=(_BY_ID,),
    ),
    _operation(
        "listActions",
        "GET",
        "/actions",
        "Who did what",
        "Newest first: the key, the person who signed in, what was done and to which record.",
        {200: Content("A page.", ActionPage, {"count": 1, "items": [_ACTION], "lastEvaluatedKey": None})},
        parameters=(
            Parameter("limit", "query", "How many items a page has, 1 to 250.", 100, int),
            Parameter("startKey", "query", "The `lastEvaluatedKey` of the page before.", 7, int),
            Parameter("recordId", "query", "Only what was done to this record.", ID),
        ),
    ),
]
