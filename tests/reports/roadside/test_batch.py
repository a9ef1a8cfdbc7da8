"""Many plates at once: the verdicts of the look-up, whatever the history; near misses as suggestions only."""

import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.lookup import Question
from tests.reports.conftest import CONTROL, Roadside
from tests.store.lake_builder import Fleet, Version
from validate.plates import loose_key, near_keys, plate_key

PLATES = tuple(f"PO {number}" for number in range(1, 9))


async def ask(roadside: Roadside, plates: Sequence[str], accept: str = "application/json", **more: Any) -> Any:
    headers = {"authorization": f"Bearer {roadside.token}", "accept": accept}
    body = {"plates": list(plates), "at": CONTROL.isoformat()} | more
    return await roadside.client.post("/lookups", json=body, headers=headers)


def histories(draw: st.DataObject, number: int) -> list[Version]:
    """Draws declarations with their later versions, of few operators and fleets so that they meet."""
    operators = [uuid4() for _ in range(3)]
    fleets = [
        Fleet(draw.draw(st.sampled_from(operators)), tuple(draw.draw(st.sets(st.sampled_from(PLATES), min_size=1))))
        for _ in range(6)
    ]
    versions = []
    for _ in range(number):
        start = date(2026, 4, 1) + timedelta(days=draw.draw(st.integers(-40, 5)))
        first = Version(
            draw.draw(st.sampled_from(fleets)),
            host=draw.draw(st.sampled_from(["FR", "FR", "DE"])),
            start=start,
            end=start + timedelta(days=draw.draw(st.integers(0, 60))),
            accepted_at=CONTROL + timedelta(days=draw.draw(st.integers(-50, 3))),
            withdrawn=False,
        )
        versions.append(first)
        for _ in range(draw.draw(st.integers(0, 2))):
            last = versions[-1]
            same_operator = [one for one in fleets if one.operator_id == last.fleet.operator_id]
            versions.append(
                last.later(
                    last.accepted_at + timedelta(days=draw.draw(st.integers(1, 9))),
                    fleet=draw.draw(st.sampled_from(same_operator)),
                    withdrawn=draw.draw(st.sampled_from([False, False, True])),
                )
            )
    return versions


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(draw=st.data())
async def test_a_batch_judges_as_the_look_up_does(roadside: Roadside, draw: st.DataObject) -> None:
    await roadside.declare(*histories(draw, 8))
    if draw.draw(st.booleans()):
        await roadside.publish()
        await roadside.compact()
    lookup = roadside.app.state.parts.lookup
    batch = {one["plate"]: one for one in (await ask(roadside, PLATES)).json()["verdicts"]}
    for plate in PLATES:
        single = (await lookup.judge(Question(plate_key(plate), "FR", CONTROL, 20))).verdict
        reasons = list(single.reasons)
        assert (batch[plate]["verdict"], batch[plate]["reasons"]) == (single.code, reasons), plate


async def test_each_plate_has_its_line_in_the_order_asked_and_its_entry_in_the_log(roadside: Roadside) -> None:
    await roadside.declare(Version(Fleet(uuid4(), ("PO 1AB23",))))
    plates = [f"XX {number}" for number in range(2_500)] + ["po1ab23", "po1ab23"]
    answer = await ask(roadside, plates, "application/x-ndjson", purpose="camera 7")
    lines = answer.text.splitlines()
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert len(lines) == 2_502
    assert '"verdict":"GREEN"' in lines[-1]
    assert lines[-1] == lines[-2]
    logged = await roadside.pool.fetch("SELECT sought, verdict FROM lookup_log WHERE purpose = 'camera 7'")
    assert {row["sought"] for row in logged} == set(plates)
    assert len(logged) == len(plates)


async def test_a_batch_is_bounded(roadside: Roadside) -> None:
    for plates in ([], ["A 1"] * 10_001):
        assert (await ask(roadside, plates)).status_code == 422


async def suggested(roadside: Roadside, plate: str) -> list[tuple[str, str]]:
    headers = {"authorization": f"Bearer {roadside.token}"}
    query = {"plate": plate, "at": CONTROL.isoformat()}
    answer = await roadside.client.get("/lookup/suggestions", params=query, headers=headers)
    return [(one["plate"], one["verdict"]) for one in answer.json()["suggestions"]]


async def test_a_misread_plate_suggests_what_is_declared_and_stays_unfound(roadside: Roadside) -> None:
    await roadside.declare(Version(Fleet(uuid4(), ("PO 1AB28",))), Version(Fleet(uuid4(), ("P0 1AB23",)), host="DE"))
    assert await suggested(roadside, "P0 IAB28") == [("PO 1AB28", "GREEN")]
    assert (await roadside.look_up("P0 IAB28"))["verdict"] == "NONE"
    assert await suggested(roadside, "PO 1AB23") == []  # what is declared elsewhere is not told


@given(st.text("ABIO0158SZ2XQ7", min_size=2, max_size=10), st.integers(1, 80))
def test_near_keys_share_the_loose_key_and_never_include_the_plate_itself(key: str, most: int) -> None:
    near = near_keys(key, most)
    assert len(near) == len(set(near)) <= most
    assert key not in near
    assert {loose_key(one) for one in near} <= {loose_key(key)}
    exchanged = [sum(a != b for a, b in zip(one, key, strict=True)) for one in near]
    assert exchanged == sorted(exchanged)


@pytest.mark.bench
async def test_how_many_plates_a_second(roadside: Roadside) -> None:
    fleets = [Fleet(uuid4(), tuple(f"WA {number}{place}" for place in range(10))) for number in range(2_000)]
    versions = [Version(fleet, host=host) for fleet in fleets for host in ("FR", "FR", "DE")]
    await roadside.declare(*versions, fleets=fleets)
    await roadside.publish()
    await roadside.compact()
    plates = [plate for fleet in fleets[:500] for plate in fleet.plates] + [f"XX {n}" for n in range(5_000)]
    for _ in range(3):
        began = time.perf_counter()
        assert (await ask(roadside, plates, "application/x-ndjson")).status_code == 200
        sys.stdout.write(f"{len(plates) / (time.perf_counter() - began):,.0f} plates a second\n")
