"""The small house of case_floor, and cases in it as they are seen."""

import pytest
from case_floor import TABLES
from cast import cast, cast_home  # noqa: F401
from publishing_floor import set_up
from vulnerable_factory import secured


@pytest.fixture
def house(load, actor):
    """The house, and who acts in it."""
    load(TABLES)
    return actor


@pytest.fixture
def security(actor, load, tmp_path, monkeypatch):
    """Eight boards, four with the flaw; the house publishes under psirt.brand.example."""
    monkeypatch.setenv("ASBUILT_PUBLIC", "psirt.brand.example=main")
    found = secured(actor, load, tmp_path / "security")
    set_up(actor)
    return found


@pytest.fixture
def seen(actor):
    """seen("C-1") -> the case; seen("C-1", "cra.aev", "OW") -> one of its duties."""
    from asbuilt.answers.cases.handling.seen import case_seen

    def look(code: str, duty: str = "", party: str | None = None):
        found = case_seen(actor, code)
        if not duty:
            return found
        return next(one for one in found["duties"] if (one["duty"], one["manufacturer"]) == (duty, party))

    return look


@pytest.fixture
def at_noon(actor):
    """at_noon(day) sets the clock of the record to 12:00 UTC of that day of November 2026."""
    from asbuilt.kernel.instants import parse_instant
    from asbuilt.ledger import clock

    return lambda day: clock.set_clock(lambda: parse_instant(f"2026-11-{day:02}T12:00:00Z"))


@pytest.fixture
def told(load, actor):
    """The house after it shipped, and who acts in it."""
    import notice_floor

    load(notice_floor.tables())
    return actor


@pytest.fixture
def mails(tmp_path, monkeypatch):
    """A real mail server, to which notices go; what it took."""
    import notice_floor

    monkeypatch.setenv("ASBUILT_MAIL_FROM", "notices@ostwerk.example")
    with notice_floor.mail_server(tmp_path / "mails") as (port, taken):
        monkeypatch.setenv("ASBUILT_MAIL_SERVER", f"127.0.0.1:{port}")
        yield taken
