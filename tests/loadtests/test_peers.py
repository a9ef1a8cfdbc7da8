"""The peers that `rtpd bench peers` compares with: honest, pinned, and told apart from ours in one run."""

import json
import re
from pathlib import Path

import pytest

import loadtests
from loadtests.bench.figures import Machine, PeerFigures, PeersRun
from loadtests.bench.plots import Line, plot_lines, plot_peers
from loadtests.bench.requests import RequestFigures, drive, rendered
from rtpd.bench.document import write_document
from rtpd.bench.peer_programs import PEERS, NoNodeError, PeerError
from rtpd.bench.peers import write_codes
from schemas.declaration import WIRE_NAMES
from tests.loadtests.test_bench import run as pipeline_run
from tests.loadtests.test_bench import server

SOURCES = Path(loadtests.__file__).parent / "peers"
MACHINE = Machine("p", 2, 1.0, "s", "3.11", "c", "2026-11-24")


def requests(per_second: float) -> RequestFigures:
    return RequestFigures(64, 100, per_second, 1.0, 2.0, 3.0, {202: 100})


def figures(name: str, cpu: dict[str, float], single: RequestFigures | None = None) -> PeerFigures:
    return PeerFigures(
        name=name,
        title=name,
        declarations=100,
        accepted_s=1.0,
        stored_s=2.0,
        cpu_us=cpu,
        refused=1,
        warned=3,
        single=single,
    )


OURS = figures("openrtpd", {"ingest": 20.0, "postgres": 5.0}, requests(3000.0))
SLOW = figures("idiomatic", {"api": 2000.0, "postgres": 500.0}, requests(500.0))
BULK = figures("batched", {"api": 60.0, "postgres": 15.0})
RUN = PeersRun(machine=MACHINE, ours=OURS, peers=[SLOW, BULK])


def test_a_peer_is_told_by_how_many_times_more_we_take_for_a_cpu_second():
    assert OURS.per_cpu_second == pytest.approx(40_000)
    assert RUN.ratio(SLOW) == pytest.approx(100.0)
    assert RUN.ratio(BULK) == pytest.approx(3.0)
    assert RUN.ratio(OURS) == pytest.approx(1.0)


def test_single_submissions_are_compared_only_with_a_peer_that_takes_them():
    assert RUN.single_ratio(SLOW) == pytest.approx(6.0)
    assert RUN.single_ratio(BULK) is None


def test_the_peers_are_pinned_by_hash_and_name_no_address_to_download_from():
    for text in ((SOURCES / "python" / "requirements.lock").read_text(), (SOURCES / "node" / ".npmrc").read_text()):
        assert "://" not in text
    pinned = re.findall(r"^\S+==\S+", (SOURCES / "python" / "requirements.lock").read_text(), re.MULTILINE)
    assert "fastapi" in {each.partition("==")[0] for each in pinned}
    packages = json.loads((SOURCES / "node" / "package-lock.json").read_text())["packages"]
    del packages[""]
    assert "node_modules/fastify" in packages
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name


@pytest.mark.parametrize("source", ["python/declaration.py", "node/declaration.js"])
def test_the_peers_know_every_field_that_stands_on_the_declaration_itself(source: str):
    known = set(re.findall(r"""alias="(\w+)"|^  \['(\w+)',""", (SOURCES / source).read_text(), re.MULTILINE))
    assert {python or node for python, node in known} == set(WIRE_NAMES.values()) - {"fleetId"}


def test_the_peers_are_told_our_own_codes(tmp_path: Path):
    write_codes(tmp_path / "codes.json")
    codes = json.loads((tmp_path / "codes.json").read_text())
    assert {"PL", "EL"} <= set(codes["posting_countries"]) <= set(codes["countries"])
    assert codes["dates"] == ["1900-01-01", "2100-12-31"]
    assert codes["look_alikes"]["В"] == "B"
    assert re.fullmatch(codes["series"]["FR"], "AB123CD")


def test_without_node_its_peer_says_what_is_lacking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoNodeError, match=r"Node\.js 20 or newer"):
        PEERS["node"].install(tmp_path)


def test_a_peer_that_is_not_there_is_told_clearly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("rtpd.bench.peer_programs._SOURCES", tmp_path)
    with pytest.raises(PeerError, match="checkout"):
        PEERS["batched"].install(tmp_path)


async def test_requests_are_sent_once_each_where_no_time_is_given():
    async with server(b"HTTP/1.1 202 Accepted\r\nContent-Length: 5\r\n\r\nhello") as url:
        found = await drive(url, [rendered("POST", f"{url}/", {}, b"{}")] * 25, 4, None)
    assert found.statuses == {202: 25}


def test_the_page_on_performance_is_made_of_the_newest_figures(tmp_path: Path):
    pytest.importorskip("matplotlib")
    import msgspec

    page, results = tmp_path / "performance.md", tmp_path / "figures"
    results.mkdir()
    page.write_text("# P\n<!-- peers -->\nold\n<!-- /peers -->\nkept\n<!-- pipeline -->\n<!-- /pipeline -->\n")
    (results / "peers-2026-11-23.json").write_bytes(msgspec.json.encode(msgspec.structs.replace(RUN, peers=[])))
    (results / "peers-2026-11-24.json").write_bytes(msgspec.json.encode(RUN))
    write_document(page, results)
    written = page.read_text()
    assert "old" not in written
    assert "\nkept\n" in written
    assert re.search(r"`idiomatic`.*\| 100\.00 \| 500 \| 6\.0 \|", written)
    assert "Not measured yet: `rtpd bench pipeline --results docs/figures`." in written
    (results / "pipeline-1.json").write_bytes(msgspec.json.encode({"pipeline": pipeline_run()}))
    write_document(page, results)
    assert "**efficiency 1.00**" in page.read_text()
    assert {"peers.svg", "cores.svg"} <= {file.name for file in results.iterdir()}
    for number, declarations in enumerate((1_000, 18_000), 1):
        year = msgspec.structs.replace(pipeline_run(), declarations=declarations)
        (results / f"year-{number}.json").write_bytes(msgspec.json.encode({"pipeline": year}))
    page.write_text("<!-- year -->\n<!-- /year -->\n<!-- sizes -->\n<!-- /sizes -->\n")
    write_document(page, results)
    told, _, sizes = page.read_text().partition("<!-- sizes -->")
    assert "18,000 declarations of" in told
    assert "1,000 declarations of" not in told.replace("18,000", "")
    assert [line.split(" | ")[0] for line in sizes.splitlines() if line.startswith("| 1")] == ["| 1,000", "| 18,000"]
    assert (results / "size.svg").exists()


def test_figures_of_peers_and_lines_can_be_drawn(tmp_path: Path):
    pytest.importorskip("matplotlib")
    plot_peers(RUN, tmp_path / "peers.svg")
    plot_lines([Line("a", [(1, 2), (2, 3)])], ("cores", "rate"), tmp_path / "lines.svg")
    assert "idiomatic" in (tmp_path / "peers.svg").read_text()
    assert "cores" in (tmp_path / "lines.svg").read_text()
