"""The house of compliance_floor, and rule sets of its own."""

import compliance_floor
import filing_floor
import pytest
from cast import cast, cast_home  # noqa: F401

from asbuilt.kernel.instants import parse_instant


@pytest.fixture
def on():
    """on("2027-12-11") sets the clock of the record to noon of that day."""
    from asbuilt.ledger import clock

    return lambda day: clock.set_clock(lambda: parse_instant(f"{day}T12:00:00Z"))


@pytest.fixture
def rules(tmp_path, monkeypatch):
    """rules("2027-02-01", standards=[…]) adds a newer file of the law."""
    folder = tmp_path / "law"
    monkeypatch.setenv("ASBUILT_RULE_SETS", str(folder))
    return lambda day, **changes: compliance_floor.rule_set(folder, day, **changes)


@pytest.fixture
def house(load, actor):
    """The house, and who acts in it."""
    load(compliance_floor.tables())
    compliance_floor.planned(actor)
    return actor


@pytest.fixture
def filed(load, actor):
    """The floor of filing_floor at noon of 20 November 2026, half of whose history is missing, and who acts in it."""
    from asbuilt.ledger import clock

    clock.set_clock(lambda: parse_instant("2026-11-20T12:00:00Z"))
    load(filing_floor.FLOOR)
    return actor
