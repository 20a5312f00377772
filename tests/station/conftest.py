"""Targets and floors for the station's tests."""

import pytest
from emulated import cortex, cortex_image, targets  # noqa: F401
from station_floor import Floor


@pytest.fixture
def floor(tmp_path) -> Floor:
    """A floor for the Cortex-M product at version 2.3.1."""
    return Floor(tmp_path, cortex_image("2.3.1"))
