from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.reports.small_lake import SmallLake, small_lake_with_operators


@pytest.fixture
async def small_lake(database_url: str, tmp_path: Path) -> AsyncIterator[SmallLake]:
    """A lake without declarations; a Polish and a Lithuanian operator are known."""
    async with small_lake_with_operators(database_url, tmp_path) as lake:
        yield lake
