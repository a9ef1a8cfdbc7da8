"""The officers' pages on a real server, for a real Chromium."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from granian.constants import Interfaces
from granian.server.embed import Server

from tests.reports.conftest import Roadside
from tests.running_system import free_port
from tests.web.conftest import browser, chromium

__all__ = ["browser", "chromium"]


@asynccontextmanager
async def serving(roadside: Roadside) -> AsyncIterator[str]:
    """Serves an application as production does, by Granian, but in this process: a start of its own takes seconds."""
    port = free_port()
    server = Server(roadside.app, "127.0.0.1", port, interface=Interfaces.ASGINL, websockets=False, log_enabled=False)
    serving = asyncio.create_task(server.serve())
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()
        await serving


@pytest.fixture
async def served(roadside: Roadside) -> AsyncIterator[str]:
    """The address of the test's application."""
    async with serving(roadside) as address:
        yield address
