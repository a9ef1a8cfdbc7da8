"""`rtpd import-rtpd`: an operator's drivers, vehicles and declarations, pulled from an RTPD-compatible address."""

from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from rtpd.caller import caller
from rtpd.output import Json, print_json, print_table
from rtpd.rtpd_import import Address, Api, Import, Report
from rtpd.settings import read_settings


async def import_rtpd(
    *,
    source: str,
    source_key: Annotated[str, Parameter(env_var="OPENRTPD_SOURCE_KEY")],
    source_operator: str,
    report: Path = Path("import.ndjson"),
    resume: bool = False,
    url: str | None = None,
    api_key: str | None = None,
    operator_id: str | None = None,
    json: Json = False,
) -> int:
    """Import drivers, vehicles and declarations from RTPD or another OpenRTPD; exit 1 if something was refused.

    Drafts stay drafts, declarations in force are submitted here, ended and withdrawn ones are passed over. What is
    imported is put by its reference: run again, it doubles nothing.

    Example: `rtpd import-rtpd --source https://api.postingdeclaration.eu --source-key KEY --source-operator ID`

    Parameters
    ----------
    source: Address of the API to import from.
    source_key: The x-api-key there.
    source_operator: The x-operator-id there.
    report: File for a line on each object.
    resume: Go on with that file, and pass over what it names as imported.
    url: Intake's address; by default that of the settings.
    api_key: Key here, to use instead of that of the settings.
    operator_id: Operator here.
    """
    settings = read_settings()
    who = caller(settings, api_key, operator_id)
    there = Address(url=source, api_key=source_key, operator_id=source_operator)
    here = Address(url=url or settings.ingest_url, api_key=who.api_key, operator_id=who.operator_id or "")
    written = Report.open(report, resume=resume)
    try:
        async with Api(there) as source_api, Api(here) as target_api:
            counts = await Import(source_api, target_api, written).run()
    finally:
        written.close()
    if json:
        print_json(counts)
    else:
        rows = [(kind, *msgspec.structs.astuple(count)) for kind, count in counts.items()]
        print_table(f"Imported; each object stands in {report}", ("kind", "imported", "passed over", "refused"), rows)
    return 1 if any(count.refused for count in counts.values()) else 0
