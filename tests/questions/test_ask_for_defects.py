"""The term `defect:`: the last run of a plan counts, a false call does not, `ever:` takes any run. Counted by hand."""

import json

import pytest

from asbuilt.kernel.errors import NotFound

BOM = {"product": "P", "revision": "A", "bom_version": "1", "line": "1", "part": "R1", "quantity": "1", "refdes": "R1"}


def run(serial, hour, *defects, plan="AOI"):
    said = [
        {"code": code, "at": "R1", **({"verification": verified} if verified else {})} for code, verified in defects
    ]
    return {"serial": serial, "plan": plan, "plan_version": "1", "station": "A1", "operator": "", "outcome": "fail" if said else "pass",
            "started_at": f"2027-03-02T{hour:02d}:00:00Z", "finished_at": f"2027-03-02T{hour:02d}:01:00Z", "measurements": json.dumps({"defects": said}) if said else ""}  # fmt: skip


@pytest.fixture
def inspected(load):
    """SN1 has BRIDGE, mended later; SN2 has BRIDGE and LIFTED; SN3 a false call; SN4 BRIDGE at another plan beside a good AOI."""
    load(
        {
            "parts": [{"part": "R1"}],
            "bom": [BOM],
            "orders": [{"order": "WO", "product": "P", "revision": "A", "bom_version": "1", "quantity": "5", "opened_at": "2027-03-01T08:00:00Z"}],
            "units": [{"order": "WO", "serial": f"SN{n}"} for n in range(1, 6)],
            "tests": [
                run("SN1", 8, ("BRIDGE", "")), run("SN1", 9), run("SN2", 8, ("BRIDGE", "DefectConfirmed"), ("LIFTED", "")),
                run("SN3", 8, ("BRIDGE", "DefectRejected")), run("SN4", 8), run("SN4", 7, ("BRIDGE", ""), plan="AXI"),
            ],
        }
    )  # fmt: skip


@pytest.fixture
def units(actor):
    from asbuilt.questions.genealogy.answering import answers

    def asked(question, **more):
        return sorted(one["serial"] for one in answers.ask(actor, question, **more).serials())

    return asked


def test_the_last_run_of_a_plan_counts(inspected, units):
    assert units("defect:BRIDGE") == ["SN2", "SN4"] and units("defect:LIFTED") == ["SN2"]
    assert units("defect:BRIDGE,LIFTED") == ["SN2", "SN4"] and units("defect:bridge -defect:lifted") == ["SN4"]
    assert units("ever:(defect:BRIDGE)") == ["SN1", "SN2", "SN4"]


def test_a_code_that_nothing_has_is_named_with_the_nearest(inspected, units):
    with pytest.raises(NotFound) as refusal:
        units("defect:BRIGDE")
    assert "BRIDGE" in refusal.value.remedy


def test_a_withdrawn_run_is_left_out_and_the_table_is_rebuilt(inspected, units, actor):
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.ledger.verifying import verify
    from asbuilt.storage import reading

    ids = reading.fetch_one("SELECT fact_ids FROM ledger_segment WHERE shape = %s", ("quality.test_run/1",))[0]
    second = bytes(ids)[8:16].hex()  # the good AOI of SN1
    withdraw_facts(actor, [Withdraw(second, "wrong board", "045", 1_804_000_000_000_000)])
    assert units("defect:BRIDGE") == ["SN1", "SN2", "SN4"] and verify(actor.tenant).findings == []
    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    with write_tx(actor.tenant):
        bulk.run("DELETE FROM quality_defect WHERE tenant = %s AND code = %s", (actor.tenant, "LIFTED"))
    assert [finding.where["table"] for finding in verify(actor.tenant).findings] == ["quality_defect"]
