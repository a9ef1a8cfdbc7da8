"""Declarations from a file: dropped on the page, judged line by line, answered with a report."""

from typing import Any

import msgspec
from litestar.datastructures import UploadFile
from msgspec import Struct

from ingest.bulk import submit_bulk
from ingest.files.declarations import submit_file
from ingest.http import RefusedError
from ingest.pages.entering import pieces
from ingest.pages.visit import AnyResponse, Visit
from schemas.problem import Problem
from validate.problems import in_language

#: Lines that the report shows; the API's answer has them all.
SHOWN = 200
#: Names of files that are tables; any other has a JSON object on every line.
TABLES = (".csv", ".xlsx")


class Line(Struct):
    """What was found on one line of the file, counted from 1."""

    line: int
    problems: tuple[Problem, ...]


class Report(Struct, rename="camel"):
    """The receipt of an upload with its findings."""

    submission_id: str
    accepted: int
    refused: int
    warned: int
    problems: list[Line]
    warnings: list[Line]


async def show(visit: Visit) -> AnyResponse:
    """Shows where files are dropped."""
    return _shown(visit)


async def take(visit: Visit) -> AnyResponse:
    """Judges a file, and submits what is accepted unless it is only to be checked."""
    form = await visit.form()
    file, checking = form.get("file"), form.get("action") != "submit"
    if not isinstance(file, UploadFile):
        raise RefusedError("body_empty")
    query = {"dryRun": "true"} if checking else {}
    submit = submit_file if file.filename.lower().endswith(TABLES) else submit_bulk
    try:
        answer = await visit.ask(submit, query=query, pieces=pieces(file))
    except RefusedError as error:
        return _shown(visit, problems=visit.worded(error))
    report = msgspec.json.decode(answer.body, type=Report)
    return _shown(visit, report=report, checking=checking, name=file.filename)


def _shown(visit: Visit, **context: Any) -> AnyResponse:
    report: Report | None = context.get("report")
    found = (("bad", report.problems), ("warning", report.warnings)) if report else ()
    rows = [
        (one.line, kind, [in_language(problem, visit.language) for problem in one.problems])
        for kind, lines in found
        for one in lines[:SHOWN]
    ]
    shared = {"report": report, "rows": rows, "checking": True, "problems": (), "name": ""}
    fragment = visit.request.headers.get("hx-request") == "true"
    status = 422 if context.get("problems") and not fragment else 200
    return visit.page("upload_report.html" if fragment else "upload.html", shared | context, status=status)
