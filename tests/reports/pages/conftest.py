"""The officers' pages on a real server, for a real Chromium."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from rtpd.addresses import Addresses
from tests.reports.conftest import Roadside
from tests.web.conftest import browser, chromium

__all__ = ["browser", "chromium"]


@pytest.fixture
def served(roadside: Roadside, database_url: str, addresses: Addresses, tmp_path: Path) -> Iterator[str]:
    """The address of a reports process over the test's database and lake."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "RTPD_HOME": str(tmp_path / "home"),
        "RTPD_DATABASE_URL": database_url,
        "RTPD_REDIS_URL": addresses.redis_url,
        "RTPD_LAKE": str(roadside.lake),
        "RTPD_REPORTS_PORT": str(port),
    }
    server = subprocess.Popen([sys.executable, "-m", "rtpd", "reports"], env=os.environ | settings)
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    try:
        while True:
            try:
                httpx.get(f"{address}/health", trust_env=False).raise_for_status()
                break
            except httpx.TransportError:
                assert time.monotonic() < deadline, "reports did not start"
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(20)
