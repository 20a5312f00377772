"""Targets and floors for the station's tests."""

import pytest
from emulated import Cortex, cortex_image
from station_floor import Floor


@pytest.fixture
def targets():
    """A list: every target that a test puts into it is switched off at its end."""
    found = []
    yield found
    for target in found:
        target.close()


@pytest.fixture
def cortex(targets, tmp_path):
    """Makes blank Cortex-M targets by their UID."""

    def make(uid: str = "0102030405060708", revision: str = "B") -> Cortex:
        targets.append(Cortex(tmp_path, uid, revision))
        return targets[-1]

    return make


@pytest.fixture
def floor(tmp_path) -> Floor:
    """A floor for the Cortex-M product at version 2.3.1."""
    return Floor(tmp_path, cortex_image("2.3.1"))
