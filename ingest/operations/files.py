"""Spreadsheets, described."""

from ingest.files.answers import TakenVehicles
from ingest.operations.parts import ASKED, DRY_RUN, ID, KEYS
from ingest.receipt import Receipt
from schemas.openapi import Content, Operation, Parameter

_CSV = "text/csv"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_RECEIPT = {
    "submissionId": ID,
    "receivedAt": "2026-11-23T08:00:00.000Z",
    "accepted": 1000,
    "refused": 0,
    "warned": 0,
    "digest": "9f" * 32,
    "keyId": "q83vASNF",
    "signature": "c2ln" * 21 + "c2k=",
}
_TAKEN = {"created": 60, "changed": 0, "unchanged": 0, "refused": 0, "problems": []}


def _files(about: str) -> tuple[Content, Content]:
    """A file in either format; it is told by its content, whatever the media type says."""
    return (Content(about, media_type=_CSV), Content(about, media_type=_XLSX))


OPERATIONS = [
    Operation(
        "submitFile",
        "POST",
        "/declarations/files",
        "Submit a spreadsheet of declarations",
        "CSV or XLSX with RTPD's names as heading. Line n of the receipt's problems is row n of the file. A row with a "
        "declarationId is passed over, so a mended report can be sent as it is.",
        body=_files("The file."),
        parameters=(
            Parameter("Idempotency-Key", "header", "Makes a repeated request give the answer of the first.", "week-47"),
            Parameter(
                "Prefer",
                "header",
                "`return=representation` for the report: the same file with the problems of each row.",
                "return=representation",
            ),
            DRY_RUN,
        ),
        answers={
            200: Content("The judgement of a dry run.", Receipt, _RECEIPT),
            202: (Content("The receipt.", Receipt, _RECEIPT), *_files("The report.")),
        },
        refusals=(*ASKED, 409, 413, 415, 422),
        security=KEYS,
        tag="Declarations",
    ),
    Operation(
        "readTemplate",
        "GET",
        "/declarations/files",
        "Download the template of declarations",
        "An Excel workbook with lists to choose codes from, or the heading of a CSV file.",
        parameters=(Parameter("format", "query", "xlsx or csv.", "xlsx"),),
        answers={200: _files("The template.")},
        refusals=(400, 500),
        tag="Declarations",
    ),
    Operation(
        "takeVehicles",
        "POST",
        "/plate-numbers/files",
        "Register the vehicles of a spreadsheet",
        "RTPD's official template, or CSV or XLSX with the names of a vehicle's fields as heading. New vehicles are "
        "added, known ones changed; a bad row never refuses its neighbours.",
        body=_files("The file."),
        parameters=(DRY_RUN,),
        answers={200: Content("What became of the rows.", TakenVehicles, _TAKEN)},
        refusals=(*ASKED, 413, 415, 422),
        security=KEYS,
        tag="Vehicles",
    ),
    Operation(
        "readVehicles",
        "GET",
        "/plate-numbers/files",
        "Download the register as RTPD's official template",
        "The published workbook, filled with the vehicles of the register.",
        parameters=(Parameter("empty", "query", "The template as it was published.", True, bool),),
        answers={200: Content("The workbook.", media_type=_XLSX)},
        refusals=ASKED,
        security=KEYS,
        tag="Vehicles",
    ),
]
