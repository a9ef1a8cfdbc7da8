"""What no officer's program should send: every route of the authorities' side refuses it with a code, none breaks."""

import pytest

from tests.exchange.conftest import World, world
from tests.hostile import BODIES
from tests.reports.test_authorisation import API, Officers, officers, things

__all__ = ["World", "officers", "things", "world"]
_TAKING = sorted(route for route in API if route[0] in ("POST", "PUT", "PATCH"))


async def test_no_route_breaks(officers: Officers, things: dict[str, str]) -> None:
    client = officers.roadside.client
    for name, body in BODIES.items():
        for role in ("desk", "administrator"):
            headers = {"authorization": f"Bearer {officers.callers[role].token}", "content-type": "application/json"}
            for method, path in _TAKING:
                row = API[method, path]
                address = path.replace("{}", things.get(row.one_of, "FR-DGT"))
                answer = await client.request(method, address, content=body, headers=headers)
                assert answer.status_code < 500, (name, method, path, answer.text)
                if answer.status_code >= 400:
                    assert answer.json()["code"], (name, method, path)


@pytest.mark.parametrize(
    "value", ["\x7f", "'; DROP TABLE officer --", "x" * 8_000, "\x00", "../../etc/passwd", "9" * 40]
)
async def test_what_stands_in_addresses_breaks_nothing(officers: Officers, value: str) -> None:
    client, headers = officers.roadside.client, {"authorization": f"Bearer {officers.callers['desk'].token}"}
    names = ("plate", "host", "at", "driver", "purpose", "limit", "startKey", "licence", "name", "born", "q", "before")
    for path in sorted(path for method, path in API if method == "GET"):
        for name in (*names, "since", "until", "state", "operatorId", "afterWeight", "afterId", "language", "format"):
            query = {"plate": "PO 1AB23", "host": "FR"} if path == "/lookup" else {}
            answer = await client.get(path.replace("{}", "x"), params=query | {name: value}, headers=headers)
            assert answer.status_code < 500, (path, name, answer.text)
    for path in sorted(path for method, path in API if method == "GET" and "{}" in path):
        quoted = value.replace("/", "%2F").replace("\x00", "%00").replace("\x7f", "%7F")
        answer = await client.get(path.replace("{}", quoted), headers=headers)
        assert answer.status_code < 500, (path, answer.text)
