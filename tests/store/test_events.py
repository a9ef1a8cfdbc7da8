"""A drained batch as events: every version is in one, and what belongs together is together."""

from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from schemas.rows import DECLARATION_VERSION
from store.events import KINDS, operator_events

_ROW = st.tuples(
    st.integers(1, 2),  # operator
    st.integers(1, 3),  # submission
    st.integers(1, 9),  # line
    st.integers(1, 3),  # version
    st.booleans(),  # withdrawn
    st.integers(0, 2),  # second of acceptance
)


def _batch(rows: list[tuple[int, int, int, int, bool, int]]) -> pa.RecordBatch:
    empty = {"operator_country": "PL", "posting_country": "FR", "contact_is_transport_manager": True}
    days = {"start_date": datetime(2026, 1, 1, tzinfo=UTC).date(), "end_date": datetime(2026, 1, 2, tzinfo=UTC).date()}
    flags = dict.fromkeys(("cabotage", "international", "goods", "passengers"), True)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return pa.RecordBatch.from_pylist(
        [
            empty
            | days
            | flags
            | {
                "declaration_id": UUID(int=submission << 32 | line).bytes,
                "operator_id": UUID(int=operator).bytes,
                "version": version,
                "withdrawn": withdrawn,
                "accepted_at": at.replace(second=second),
                "submitted_at": at,
            }
            for operator, submission, line, version, withdrawn, second in rows
        ],
        schema=DECLARATION_VERSION,
    )


@given(st.lists(_ROW, min_size=1, max_size=40))
def test_every_version_is_in_one_event(rows: list[tuple[int, int, int, int, bool, int]]) -> None:
    wanted: Counter[tuple[int, int, str, int]] = Counter()
    for operator, submission, _, version, withdrawn, second in rows:
        wanted[operator, submission, KINDS[2 if withdrawn else int(version > 1)], second] += 1
    events = operator_events(_batch(rows)).to_pylist()
    found = {
        (
            int.from_bytes(event["operator_id"]),
            int.from_bytes(event["first_id"]) >> 32,
            event["kind"],
            event["happened_at"].second,
        ): event["rows"]
        for event in events
    }
    assert len(found) == len(events)
    assert found == dict(wanted)
    for event in events:
        inside = [
            UUID(int=submission << 32 | line).bytes
            for operator, submission, line, version, withdrawn, second in rows
            if (operator, submission, KINDS[2 if withdrawn else int(version > 1)], second)
            == (
                int.from_bytes(event["operator_id"]),
                int.from_bytes(event["first_id"]) >> 32,
                event["kind"],
                event["happened_at"].second,
            )
        ]
        assert (event["first_id"], event["last_id"]) == (min(inside), max(inside))
