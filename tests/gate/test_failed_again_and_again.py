"""Tested until it passed: one failure a pass answers, more of them somebody looks into first. Expected by hand."""

import pytest
from shipping_floor import at, finished, run

from asbuilt.kernel.errors import Invalid


@pytest.fixture
def codes(actor):
    """codes("S0000") -> what stops it, without the room."""
    from asbuilt.answers.gate.leaving import may_leave

    return lambda name: {stop.code.removeprefix("gate.") for one in may_leave(actor, name) for stop in one.stops}


def about(*units: str, day: int) -> dict:
    common = {"nonconformity": "NCR-1", "operator": "045"}
    said = {
        "source": "test",
        "severity": "minor",
        "product": "board",
        "defect": "",
        "party": "",
        "question": "",
        "description": "fails",
    }
    return {
        "nonconformities": [{**common, **said, "raised_at": at(day)}],
        "nonconformity_units": [
            {**common, "order": "WO", "first_serial": one, "last_serial": one, "disposition": "", "stated_at": at(day)} for one in units
        ],
        "nonconformity_states": [{**common, "state": "closed", "reason": "probe was dirty", "decided_at": at(day, 20)}],
    }  # fmt: skip


def test_failed_twice_and_passed_somebody_looks_first(load, actor, codes, monkeypatch):
    """S0000 fails once, S0001 twice, S0002 twice around a repair, S0003 by errors of the tester, S0004 twice and was looked into, S0005 twice after that."""
    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.answers.gate.raising import proposed

    rows = finished(6)
    fails = {"S0000": (4,), "S0001": (3, 4), "S0002": (3, 7), "S0003": (), "S0004": (3, 4), "S0005": (7, 8)}
    rows["tests"] = [run(name, outcome="fail", day=day) for name, days in fails.items() for day in days]
    rows["tests"] += [
        run("S0003", outcome=outcome, day=day) for day, outcome in ((2, "error"), (3, "aborted"), (4, "error"))
    ]
    rows["tests"] += [run(name, day=9) for name in fails]
    rows["replacements"] = [
        {"serial": "S0002", "refdes": "R1", "removed_package": "", "installed_package": "OK", "operator": "", "reason": "open", "happened_at": at(6)}
    ]  # fmt: skip
    load(rows)
    load(about("S0004", "S0005", day=5), "looked")
    assert [codes(name) for name in fails] == [set(), {"test_repeated"}, set(), set(), set(), {"test_repeated"}]
    (stop,) = may_leave(actor, "S0001")[0].stops
    assert stop.message == "S0001 failed FCT 2 times before it passed, and nobody looked into it." and stop.remedy
    assert "failed FCT 2 times" in proposed(actor, "gate", "S0001").description

    monkeypatch.setenv("ASBUILT_RETESTS", "0")
    assert codes("S0000") == {"test_repeated"} and codes("S0003") == set()
    monkeypatch.setenv("ASBUILT_RETESTS", "2")
    assert codes("S0001") == set()
    for wrong in ("-1", "many", "1001", "²"):
        monkeypatch.setenv("ASBUILT_RETESTS", wrong)
        with pytest.raises(Invalid) as refusal:
            codes("S0001")
        assert refusal.value.code == "gate.retests_setting" and refusal.value.remedy
        assert wrong == "²" or wrong in refusal.value.message
