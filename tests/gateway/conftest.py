"""What tests on the wire share."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.standin import StandIn


@pytest.fixture
async def discord_standin() -> AsyncIterator[StandIn]:
    async with StandIn().run() as discord:
        yield discord


@pytest.fixture
def data_folder(prepared: Path, tmp_path: Path) -> Path:
    """A data folder whose database holds the starter catalogue."""
    return Path(shutil.copytree(prepared, tmp_path / "data"))
