from pathlib import Path

import pytest

from rtpd.caller import Caller, NoKeyError, caller
from rtpd.settings import Settings


def test_what_is_given_comes_before_the_settings_and_those_before_the_demo(tmp_path: Path):
    (tmp_path / "demo.json").write_text('{"apiKey":"demo","operatorId":"d","officerId":"x","token":"y"}')
    demo, own = Settings(home=tmp_path), Settings(home=tmp_path, api_key="own", operator_id="o")
    assert caller(demo) == Caller("demo", "d")
    assert caller(own) == Caller("own", "o")
    assert caller(own, "given", "g") == Caller("given", "g")
    assert caller(demo, None, "g") == Caller("demo", "g")


def test_without_any_key_it_is_said_how_to_make_one(tmp_path: Path):
    with pytest.raises(NoKeyError, match="rtpd operator create"):
        caller(Settings(home=tmp_path))
