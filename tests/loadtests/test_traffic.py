from pathlib import Path

import msgspec
import pytest

from loadtests.shapes import SHAPES, ramp, renewal_night, steady
from loadtests.traffic import Credentials, NobodyToBeError, Traffic, credentials
from schemas.declaration import Declaration


@pytest.fixture(scope="module")
def traffic() -> Traffic:
    return Traffic("PL", seed=1)


def test_users_take_the_lines_in_turn_and_begin_again(traffic: Traffic):
    first = traffic.lines(15_000)
    second = traffic.lines(15_000)
    assert len(first) == len(second) == 15_000
    assert second[5_000:] == first[:10_000]
    assert len(traffic.lines(50_000)) == 50_000


def test_lines_name_no_operator_so_that_the_demos_key_may_send_them(traffic: Traffic):
    line = msgspec.json.decode(traffic.lines(1)[0], type=Declaration)
    assert line.operator_id is None


def test_plates_of_accepted_lines_for_the_officers_host_are_asked_for(traffic: Traffic):
    lines = traffic.lines(400)
    assert traffic.plate(1.0).startswith("ZZ")
    traffic.declared(lines, "FR")
    declared = {
        plate
        for line in map(msgspec.json.Decoder(Declaration).decode, lines)
        for plate in line.plates + line.plates_heavy + line.plates_light
    }
    assert traffic.plate(1.0) in declared
    assert traffic.plate(0.0) not in declared


def test_credentials_are_the_demos(tmp_path: Path):
    with pytest.raises(NobodyToBeError, match="RTPD_HOME"):
        credentials(tmp_path)
    known = {"apiKey": "k", "operatorId": "o", "officerToken": "t", "host": "FR", "plate": "X"}
    (tmp_path / "demo.json").write_bytes(msgspec.json.encode(known))
    assert credentials(tmp_path) == Credentials("k", "o", "t", "FR")


@pytest.mark.parametrize("shape", SHAPES.values())
def test_no_shape_asks_for_more_users_than_there_are(shape):
    assert all(0 <= shape(step / 100) <= 1 for step in range(101))


def test_a_renewal_night_has_its_height_after_midnight():
    assert renewal_night(0.1) < 0.1
    assert renewal_night(0.4) == 1.0
    assert renewal_night(0.95) < 0.2
    assert steady(0.0) == 1.0
    assert ramp(0.5) == 0.5
