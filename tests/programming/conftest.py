"""A server with permits, stations that enrol at it, and emulated targets; the line on which what comes programmed is mounted."""

import pytest
from elsewhere import another_home  # noqa: F401
from emulated import Cortex, cortex_image
from permit_floor import PermitFloor, Server
from preprogrammed_line import line_floor  # noqa: F401
from supply.conftest import person, stranger  # noqa: F401


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
def floor(actor) -> PermitFloor:
    """The company before a permit, with people that have badges."""
    found = PermitFloor(actor, cortex_image("2.3.1"))
    for badge, role in (("OP-7", "operator"), ("OP-8", "operator"), ("QL-1", "quality_lead")):
        found.person(badge, role)
    return found


@pytest.fixture
def server(home):
    """The product's own server, running."""
    found = Server(home)
    yield found
    found.close()
