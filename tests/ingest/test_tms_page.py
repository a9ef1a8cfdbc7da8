"""docs/tms.md says what RTPD's API has and what becomes of it here; nothing of it is missing, nothing made up."""

import re
from pathlib import Path

from ingest.changelog import plain
from ingest.routes import ROUTES
from schemas.declared import NAMES
from schemas.driver import WIRE_NAMES as DRIVER
from schemas.vehicle import RecordedVehicle

PAGE = (Path(__file__).parents[2] / "docs" / "tms.md").read_text("utf-8")
#: RTPD's endpoints (domain.md 3.3).
RTPD = {
    "/declarations": {"GET", "POST"},
    "/declarations/{}": {"GET", "PUT", "DELETE"},
    "/declarations/{}/submit": {"POST", "PUT"},
    "/declarations/{}/withdraw": {"POST"},
    "/declarations/{}/print": {"POST"},
    "/declarations/{}/email": {"POST"},
    "/drivers": {"GET", "POST"},
    "/drivers/{}": {"GET", "PUT", "DELETE"},
    "/plate-numbers": {"GET", "POST"},
    "/plate-numbers/{}": {"GET", "PUT", "DELETE"},
}


def test_every_call_of_rtpd_has_its_row_and_is_served() -> None:
    rows = re.findall(r"^\| `([A-Z]+) (/[^`]*)` \| the same \|", PAGE, re.MULTILINE)
    served = {plain(path): set(methods) for path, methods in ROUTES.items()}
    assert sorted((method, plain(path)) for method, path in rows) == sorted(
        (method, path) for path, methods in RTPD.items() for method in methods
    )
    assert all(served[path] >= methods for path, methods in RTPD.items())


def test_every_field_is_told_of() -> None:
    fields = {*NAMES.values(), *DRIVER.values(), *RecordedVehicle.__struct_encode_fields__}
    assert {field for field in fields if f"`{field}`" not in PAGE} == set()


def test_every_address_that_it_names_is_served() -> None:
    known = {plain(path) for path in ROUTES}
    named = {plain(one.partition("?")[0]) for one in re.findall(r"`(?:[A-Z]+ )?(/[a-z][^` ]*)", PAGE)}
    assert {path.replace(":path", "") for path in named} <= known | {"/declarations/by-reference/{}"}
