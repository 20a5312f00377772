"""The product of filing_floor, half of whose history is missing, and who acts in it."""

import pytest
from filing_floor import FLOOR


@pytest.fixture
def house(load, actor):
    """The floor at noon of 20 November 2026, and the local system account."""
    from asbuilt.kernel.instants import parse_instant
    from asbuilt.ledger import clock

    clock.set_clock(lambda: parse_instant("2026-11-20T12:00:00Z"))
    load(FLOOR)
    return actor
