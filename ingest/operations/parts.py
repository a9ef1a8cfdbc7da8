"""What the descriptions of many operations share: security, refusals, parameters."""

from schemas.openapi import Content, Parameter

KEYS = ("apiKey", "operatorId")
#: What every operation of an operator may be refused with.
ASKED = (400, 401, 403, 429, 500, 503)
ID = "0193a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b"
IDEMPOTENCY = Parameter(
    "Idempotency-Key", "header", "Makes a repeated request give the answer of the first.", "week-47-part-1"
)
LIMIT = Parameter("limit", "query", "How many items a page has, 1 to 250.", 100, int, required=True)
START_KEY = Parameter("startKey", "query", "The `lastEvaluatedKey` of the page before.", ID)
REFERENCE = Parameter("externalReference", "query", "Only what has this reference of yours.", "TMS-4711")
IF_MATCH = Parameter("If-Match", "header", "The entity tag of the version that is to be changed.", '"3"')
IF_NONE_MATCH = Parameter("If-None-Match", "header", "The entity tag of what you have: 304 if it is the newest.", '"3"')
DRY_RUN = Parameter("dryRun", "query", "Say what would happen, and change nothing.", True, bool)
NOT_MODIFIED = Content("You have the newest version.", media_type="")
DONE = Content("Done.", dict[str, str], {})


def path_id(name: str, about: str) -> Parameter:
    """Describes an id in the path."""
    return Parameter(name, "path", about, ID)
