"""The table of defects came later: an older home fills it from the runs that it has, and goes back."""

import json


def test_there_and_back(load, actor):
    from django.core.management import call_command

    from asbuilt.ledger.verifying import verify
    from asbuilt.storage import reading

    defects = [
        {"code": "BRIDGE"},
        {"category": "Solder"},
        {"code": "BRIDGE"},
        {"code": "CALL", "verification": "DefectRejected"},
        "no object",
    ]
    load(
        {
            "parts": [{"part": "R1"}],
            "bom": [{"product": "P", "revision": "A", "bom_version": "1", "line": "1", "part": "R1", "quantity": "1", "refdes": "R1"}],
            "orders": [{"order": "WO", "product": "P", "revision": "A", "bom_version": "1", "quantity": "1", "opened_at": "2027-03-01T08:00:00Z"}],
            "units": [{"order": "WO", "serial": "SN1"}],
            "tests": [
                {"serial": "SN1", "plan": "AOI", "plan_version": "", "station": "", "operator": "", "outcome": "fail", "started_at": "2027-03-02T08:00:00Z",
                 "finished_at": "2027-03-02T08:01:00Z", "measurements": json.dumps({"defects": defects})},
            ],
        }
    )  # fmt: skip
    select = 'SELECT code, unit, entry, "row", until_entry, times FROM quality_defect ORDER BY code'
    before = reading.fetch(select, ())
    assert [code for code, *_ in before] == ["BRIDGE", "Solder"] and [times for *_, times in before] == [2, 1]
    call_command("migrate", "quality", "0001", verbosity=0)
    call_command("migrate", "quality", verbosity=0)
    assert reading.fetch(select, ()) == before and verify(actor.tenant).findings == []


def test_what_was_repaired_and_closed_is_counted_in_older_homes(load, actor):
    """It counted as a false call; three such bridges beside one that nobody verified are four."""
    from django.core.management import call_command

    from asbuilt.ledger.verifying import verify
    from asbuilt.storage import reading

    closed = {"code": "BRIDGE", "verification": "DefectClosed"}
    told = (
        [closed, closed, closed, {"code": "BRIDGE"}],
        [{**closed, "code": "LIFTED"}],
        [{"code": "CALL", "verification": "DefectAccepted"}],
    )
    load(
        {
            "parts": [{"part": "R1"}],
            "bom": [{"product": "P", "revision": "A", "bom_version": "1", "line": "1", "part": "R1", "quantity": "1", "refdes": "R1"}],
            "orders": [{"order": "WO", "product": "P", "revision": "A", "bom_version": "1", "quantity": "3", "opened_at": "2027-03-01T08:00:00Z"}],
            "units": [{"order": "WO", "serial": f"SN{n}"} for n in range(3)],
            "tests": [
                {"serial": f"SN{n}", "plan": "AOI", "plan_version": "", "station": "", "operator": "", "outcome": "fail", "started_at": "2027-03-02T08:00:00Z",
                 "finished_at": "2027-03-02T08:01:00Z", "measurements": json.dumps({"defects": defects})}
                for n, defects in enumerate(told)
            ],
        }
    )  # fmt: skip
    select = "SELECT code, unit, times FROM quality_defect ORDER BY code"
    now = [("BRIDGE", 1, 4), ("LIFTED", 2, 1)]
    assert reading.fetch(select, ()) == now
    call_command("migrate", "quality", "0007", verbosity=0)
    assert reading.fetch(select, ()) == [("BRIDGE", 1, 1)]
    call_command("migrate", "quality", verbosity=0)
    assert reading.fetch(select, ()) == now and verify(actor.tenant).findings == []
