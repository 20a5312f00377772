"""A server with permits, stations that enrol at it, and emulated targets; the line on which what comes programmed is mounted."""

import pytest
from elsewhere import another_home  # noqa: F401
from emulated import cortex, cortex_image, targets  # noqa: F401
from permit_floor import PermitFloor, Server
from preprogrammed_line import line_floor  # noqa: F401
from supply.conftest import person, stranger  # noqa: F401


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
