"""The operators' API described for programs: OpenAPI 3.1, made from the structs that decode and encode it."""

from functools import cache

import msgspec

from ingest.changelog import Changelog, plain
from ingest.findings import LineFinding
from ingest.health import LimitsShown
from ingest.http import RefusedError, Request, problem_document
from ingest.intake import Intake
from ingest.operations import (
    administration,
    declarations,
    files,
    fleets,
    many,
    overview,
    people,
    registers,
    requests,
    webhooks,
)
from ingest.operations.parts import ASKED, ID, IDEMPOTENCY, KEYS
from ingest.reading import SubmissionState
from ingest.receipt import Receipt
from ingest.single import Submitted
from schemas import __version__
from schemas.changes import CHANGES
from schemas.declaration import Declaration
from schemas.openapi import Content, Document, Operation, Parameter, openapi_document
from schemas.problem import Problem
from validate.problems import problem

DECLARATION = {
    "declarationPostingCountry": "FR",
    "declarationStartDate": "2026-12-01",
    "declarationEndDate": "2027-05-31",
    "declarationOperationType": ["CABOTAGE_OPERATIONS", "INTERNATIONAL_CARRIAGE"],
    "declarationTransportType": ["CARRIAGE_OF_GOODS"],
    "declarationVehiclePlateNumber": ["PO 1AB23", "WA 12345"],
    "driverLatinFirstName": "Jan",
    "driverLatinLastName": "Nowak",
    "driverDateOfBirth": "1984-05-06",
    "driverLicenseNumber": "00123/04/1234",
    "driverDocumentType": "IDCARD",
    "driverDocumentNumber": "ABC123456",
    "driverDocumentIssuingCountry": "PL",
    "driverAddressStreet": "ul. Polna 4",
    "driverAddressPostCode": "60-535",
    "driverAddressCity": "Poznan",
    "driverAddressCountry": "PL",
    "driverContractStartDate": "2020-02-01",
    "driverApplicableLaw": "PL",
    "otherContactAsTransportManager": True,
    "externalReference": "TMS-4711",
}
_RECEIPT = Receipt(ID, "2026-11-23T08:00:00.000Z", 1, 0, 0, "9f" * 32, "q83vASNF", "c2ln" * 21 + "c2k=")


class BulkReceipt(Receipt, frozen=True, rename="camel"):
    """A receipt with what was found on the lines."""

    problems: list[LineFinding]
    warnings: list[LineFinding]


class Verdict(msgspec.Struct, rename="camel", omit_defaults=True):
    """The verdict on one line of an upload."""

    line: int
    accepted: bool
    declaration_id: str | None = None
    declaration_number: str | None = None
    problems: tuple[Problem, ...] = ()


OPERATIONS: list[Operation] = [
    Operation(
        "submitBulk",
        "POST",
        "/declarations/bulk",
        "Submit many declarations",
        "NDJSON of any length, plain, gzip or zstd. Every line gets its own verdict; a bad line never refuses its "
        "neighbours. The answer is a signed receipt: what it counts as accepted is on disk.",
        body=Content("Declarations, one on each line.", None, None, "application/x-ndjson"),
        parameters=(
            IDEMPOTENCY,
            Parameter("dryRun", "query", "Judge, and keep nothing.", True, bool),
            Parameter(
                "Prefer", "header", "`return=representation` for a verdict on every line.", "return=representation"
            ),
            Parameter("Content-Encoding", "header", "gzip or zstd.", "zstd"),
        ),
        answers={
            200: Content(
                "The judgement of a dry run.",
                BulkReceipt,
                msgspec.to_builtins(_RECEIPT) | {"problems": [], "warnings": []},
            ),
            202: (
                Content("The receipt.", BulkReceipt, msgspec.to_builtins(_RECEIPT) | {"problems": [], "warnings": []}),
                Content("One verdict a line.", None, None, "application/x-ndjson"),
            ),
        },
        refusals=(*ASKED, 409, 413, 415, 422),
        security=KEYS,
        tag="Declarations",
    ),
    Operation(
        "submitDeclaration",
        "POST",
        "/declarations/submit",
        "Submit one declaration at once",
        "A self-contained declaration, submitted without a draft. 202 means that it is on disk.",
        body=Content("The declaration.", Declaration, DECLARATION),
        parameters=(IDEMPOTENCY,),
        answers={
            202: Content(
                "Accepted.",
                Submitted,
                {
                    "submissionId": ID,
                    "declarationId": ID,
                    "declarationNumber": "0KQ7-M2XP-A9B-1-T",
                    "receivedAt": "2026-11-23T08:00:00.000Z",
                },
            )
        },
        refusals=(*ASKED, 409, 413, 422),
        security=KEYS,
        tag="Declarations",
    ),
    Operation(
        "readLimits",
        "GET",
        "/limits",
        "What a client may send",
        "Requests of one operator in a window, by kind, and the sizes that are taken.",
        answers={
            200: Content(
                "The limits.",
                LimitsShown,
                {
                    "rates": [{"kind": "bulk", "requests": 200, "windowSeconds": 10}],
                    "lineBytes": 1048576,
                    "platesInAList": 5000,
                    "periodMonths": 6,
                },
            )
        },
        refusals=(500,),
        tag="Service",
    ),
    Operation(
        "readChangelog",
        "GET",
        "/changelog",
        "What changed in this API, and what will go",
        "Newest first. What is to go answers with the headers Deprecation and Sunset for at least six months.",
        parameters=(Parameter("since", "query", "Only changes from this day on.", "2026-11-01"),),
        answers={
            200: Content(
                "The changes.",
                Changelog,
                {
                    "version": __version__,
                    "items": [{"day": "2026-11-24", "kind": "added", "routes": ["GET /changelog"], "text": "This."}],
                    "deprecated": [],
                },
            )
        },
        refusals=(400, 500),
        tag="Service",
    ),
    Operation(
        "readSubmission",
        "GET",
        "/submissions/{submissionId}",
        "How far a submission is",
        "Accepted (on disk), stored (in the system of record), published (in the lake that officers ask).",
        parameters=(Parameter("submissionId", "path", "The submission's id.", ID),),
        answers={
            200: Content(
                "Its state.",
                SubmissionState,
                {"submissionId": ID, "accepted": 1, "stored": 1, "published": 0},
            )
        },
        refusals=(*ASKED, 404),
        security=KEYS,
        tag="Declarations",
    ),
    *declarations.OPERATIONS,
    *registers.OPERATIONS,
    *files.OPERATIONS,
    *administration.OPERATIONS,
    *webhooks.OPERATIONS,
    *people.OPERATIONS,
    *fleets.OPERATIONS,
    *many.OPERATIONS,
    *overview.OPERATIONS,
    *requests.OPERATIONS,
]


async def describe(_intake: Intake, request: Request) -> None:
    """Handles GET /openapi.json."""
    await request.answer(200, openapi())


@cache
def openapi() -> bytes:
    """Gives the document as JSON."""
    document = Document(
        "OpenRTPD, operators' API",
        __version__,
        "Road-transport posting declarations under Directive (EU) 2020/1057, Article 1(11).",
        OPERATIONS,
        {
            "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
            "operatorId": {"type": "apiKey", "in": "header", "name": "x-operator-id"},
        },
    )
    example = problem_document(RefusedError("declaration_refused", problem("contact_missing", "/otherContactEmail")))
    said = openapi_document(document, example)
    leaving = {(one.method.lower(), plain(one.path)) for one in CHANGES.deprecated}
    for path, methods in said["paths"].items():
        for method, operation in methods.items():
            if (method, plain(path)) in leaving:
                operation["deprecated"] = True
    return msgspec.json.encode(said)
