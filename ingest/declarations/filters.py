"""What a list of declarations is filtered by: RTPD's filters and ours, for Postgres and for the journal alike."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, get_args
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from ingest import paging
from ingest.http import RefusedError
from schemas.codes import DeclarationStatus, country
from schemas.identity import MAX_LINE, submission_of
from schemas.rows import INSTANT, UUID16
from store.pending import GREATEST_ID, LEAST_ID
from validate.plates import plate_key

_STATES = get_args(DeclarationStatus)


@dataclass(frozen=True, slots=True)
class Filters:
    """None everywhere lets everything through; days are inclusive, `plate` is a plate's key.

    `drafts` and `submitted` say which of the two are wanted at all.
    """

    posting_country: str | None = None
    withdrawn: bool | None = None
    start_to: date | None = None
    end_from: date | None = None
    end_to: date | None = None
    plate: str | None = None
    driver_id: UUID | None = None
    named_fleet_id: UUID | None = None
    reference: str | None = None
    updated_since: datetime | None = None
    updated_until: datetime | None = None
    first_id: UUID = LEAST_ID
    last_id: UUID = GREATEST_ID
    drafts: bool = True
    submitted: bool = True

    def of_stored(self, fleet_ids: list[UUID] | None) -> tuple[Any, ...]:
        """Gives the parameters $6 to $16 of the statement `page`; `fleet_ids` are the fleets with the plate."""
        return (
            self.posting_country,
            self.withdrawn,
            self.start_to,
            self.end_from,
            self.end_to,
            fleet_ids,
            self.driver_id,
            self.named_fleet_id,
            self.reference,
            self.updated_since,
            self.updated_until,
        )

    def of_drafts(self) -> tuple[Any, ...]:
        """Gives the parameters $4 to $14 of the statement `drafts`."""
        return (
            self.posting_country,
            self.start_to,
            self.end_from,
            self.end_to,
            self.plate,
            self.driver_id,
            self.named_fleet_id,
            self.reference,
            self.updated_since,
            self.updated_until,
            self.last_id,
        )

    def of_waiting(self, versions: pa.Table, fleets: pa.Table, fleet_ids: list[UUID] | None) -> pa.Table:
        """Gives those of the waiting versions that are let through; `fleets` came with them."""
        wanted = pa.array([True] * versions.num_rows, pa.bool_())
        tests: list[tuple[str, Any, Any, pa.DataType]] = [
            ("posting_country", pc.equal, self.posting_country, pa.string()),
            ("withdrawn", pc.equal, self.withdrawn, pa.bool_()),
            ("start_date", pc.less_equal, self.start_to, pa.date32()),
            ("end_date", pc.greater_equal, self.end_from, pa.date32()),
            ("end_date", pc.less_equal, self.end_to, pa.date32()),
            ("driver_id", pc.equal, self.driver_id and self.driver_id.bytes, UUID16),
            ("named_fleet_id", pc.equal, self.named_fleet_id and self.named_fleet_id.bytes, UUID16),
            ("external_reference", pc.equal, self.reference, pa.string()),
            ("accepted_at", pc.greater_equal, self.updated_since, INSTANT),
            ("accepted_at", pc.less_equal, self.updated_until, INSTANT),
        ]
        for name, test, value, kind in tests:
            if value is not None:
                wanted = pc.and_(wanted, test(versions[name], pa.scalar(value, kind)))
        if self.plate is not None:
            wanted = pc.and_(wanted, pc.is_in(versions["fleet_id"], self._with_plate(fleets, fleet_ids or [])))
        return versions.filter(wanted)

    def _with_plate(self, fleets: pa.Table, fleet_ids: list[UUID]) -> pa.Array:
        waiting = zip(fleets["fleet_id"].to_pylist(), fleets["plate_keys"].to_pylist(), strict=True)
        found = {fleet_id for fleet_id, plate_keys in waiting if self.plate in plate_keys}
        return pa.array([*found, *(fleet_id.bytes for fleet_id in fleet_ids)], UUID16)


def filters_of(parameters: dict[str, str], today: date) -> Filters:
    """Reads the filters of a list from its query. Raises `RefusedError`, a 400."""
    end_from, end_to = paging.day(parameters, "endDateFrom"), paging.day(parameters, "endDateTo")
    withdrawn = None
    state = parameters.get("status", "").upper()
    match state:
        case "SUBMITTED":
            withdrawn, end_from = False, max(end_from or today, today)
        case "EXPIRED":
            yesterday = today - timedelta(days=1)
            withdrawn, end_to = False, min(end_to or yesterday, yesterday)
        case "WITHDRAWN":
            withdrawn = True
        case "" | "DRAFT":
            pass
        case _:
            raise RefusedError("parameter_wrong", name="status", reason=f"send one of {', '.join(_STATES)}")
    submission = paging.identifier(parameters, "submissionId")
    plate = parameters.get("plate")
    posting_country = parameters.get("postingCountry")
    return Filters(
        posting_country=country(posting_country.upper()) if posting_country else None,
        withdrawn=withdrawn,
        end_from=end_from,
        end_to=end_to,
        plate=plate_key(plate).key if plate else None,
        driver_id=paging.identifier(parameters, "driverId"),
        named_fleet_id=paging.identifier(parameters, "fleetId"),
        reference=parameters.get("externalReference") or None,
        updated_since=paging.moment(parameters, "updatedSince"),
        updated_until=paging.moment(parameters, "updatedUntil"),
        first_id=submission_of(submission) if submission else LEAST_ID,
        last_id=UUID(int=submission.int | MAX_LINE) if submission else GREATEST_ID,
        drafts=state in ("", "DRAFT"),
        submitted=state != "DRAFT",
    )
