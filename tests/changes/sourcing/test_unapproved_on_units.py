"""A maker's part that nobody approved and no comparison sheet names, told by a table or a machine as mounted: it is recorded, and the unit does not go on."""

import pytest
from sourcing_floor import deviate, lot, material, ran

from asbuilt.kernel.errors import Refused

W2 = {"part": "WIFI", "description": "", "mpn": "W-2", "manufacturer": "Radio", "lifecycle": "active", "msl": ""}


@pytest.fixture
def against(actor, house):
    """against("H1") -> which of the gate's two reasons stop it (at a step, when it leaves, in the answer to a machine)."""
    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.answers.gate.verdicts import verdicts

    mine = ("gate.part_unapproved", "gate.maker_unknown")

    def stopped(name: str) -> tuple[list[str], list[str], list[str]]:
        at_step, packing = ([stop.code for stop in verdicts(actor, name, step)[0].stops] for step in ("SMT", "PACK"))
        leaving = [stop.code for stop in may_leave(actor, name)[0].stops]
        return tuple([code for code in codes if code in mine] for codes in (at_step, packing, leaving))

    return stopped


STOPPED, UNKNOWN, FREE = (["gate.part_unapproved"],) * 3, (["gate.maker_unknown"],) * 3, ([],) * 3


def told(*rows: dict) -> dict:
    return {"materials": list(rows)}


def on(unit: str, package: str, **more) -> dict:
    return material("WO-2", unit, unit, "U1", package, 4) | more


def test_what_a_table_tells_as_mounted_is_recorded_and_the_unit_goes_nowhere(actor, load, against):
    from asbuilt.answers.gate.leaving import may_leave, order_may_leave
    from asbuilt.doors.web.leaving_words import stop_says
    from asbuilt.questions.genealogy.answering import answers

    maybe = [on("H3", package, certainty="possible") for package in ("W-ALT", "W-NEW")]
    (report,) = load(told(on("H1", "W-ALT"), on("H2", "W-NEW"), *maybe), "told")
    assert report.warnings == [
        "materials.csv line 2: package W-ALT is of Radio W-2, which nobody approved for WIFI, and was mounted all the same."
    ]
    assert answers.ask(actor, "order:WO-2 part:W-2").affected.counts()["certain"] == 1
    assert [against(name) for name in ("H1", "H2", "H3", "H4")] == [STOPPED, FREE, STOPPED, FREE]
    stops = {
        name: next(one for one in may_leave(actor, name)[0].stops if one.code == "gate.part_unapproved")
        for name in ("H1", "H3")
    }
    assert stops["H1"].message == "H1 carries Radio W-2 for WIFI, which nobody approved; approved are W-1."
    assert stops["H3"].message == "H3 possibly carries Radio W-2 for WIFI, which nobody approved; approved are W-1."
    assert stop_says(stops["H1"]) == "It carries W-2 for WIFI, which nobody approved. Approved are W-1."
    assert stop_says(stops["H3"]).startswith("It may carry W-2")
    found = [(one.subject, one.count, one.first) for one in order_may_leave(actor, "WO-2").missing if one.code == "gate.part_unapproved"]  # fmt: skip
    assert found == [("Radio/W-2", 1, ("H1",)), ("Radio/W-2", 1, ("H3",))]


def test_what_counts_is_what_is_approved_now(load, against, actor):
    """W-2 is approved after H1 was built with it: H1 goes on. The row was wrong and is withdrawn: H1 stands still, as does what is built from then on."""
    from asbuilt.formats.tables import TABLES, fact_id

    load(told(on("H1", "W-ALT")), "told")
    assert against("H1") == STOPPED
    load({"parts": [W2]}, "approved")
    assert against("H1") == FREE
    wrong = {
        "fact": fact_id(TABLES["parts"], ["WIFI", "", "W-2", "Radio", "active", ""]), "action": "withdraw", "reason": "of another part",
        "person": "045", "decided_at": "2026-04-01T00:00:00Z",
    }  # fmt: skip
    load({"corrections": [wrong]}, "withdrawn")
    assert against("H1") == STOPPED


def test_a_package_of_which_nobody_knows_whose_part_it_holds_stops_its_units_too(load, against, actor):
    """No MPN; an MPN without a maker is enough, until another maker's reel has that number."""
    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.doors.web.leaving_words import stop_says

    bare = [lot("W-BARE", "WIFI", "", "LB", "2646"), lot("W-LABEL", "WIFI", "W-1", "LC", "2646", maker="")]
    (_, report) = load({"lots": bare, **told(on("H1", "W-BARE"), on("H2", "W-LABEL"))}, "bare")
    assert report.warnings == [] and [against(name) for name in ("H1", "H2")] == [UNKNOWN, FREE]
    (stop,) = [one for one in may_leave(actor, "H1")[0].stops if one.code == "gate.maker_unknown"]
    assert stop.message == "H1 carries package W-BARE, of which nobody recorded the MPN; approved for WIFI are W-1."
    assert "W-BARE" in stop_says(stop) and stop.facts["lacks"] == "MPN"
    load({"lots": [lot("W-COPY", "WIFI", "W-1", "LD", "2646", maker="Copycat")], **told(on("H3", "W-COPY"))}, "copy")
    assert [against(name) for name in ("H1", "H2", "H3")] == [UNKNOWN, UNKNOWN, STOPPED]
    everything = {**W2, "mpn": ""}  # all that Radio makes
    load({"parts": [everything]}, "all of Radio's")
    assert [against(name) for name in ("H1", "H2", "H3")] == [FREE, UNKNOWN, STOPPED]


def test_what_no_maker_was_approved_for_is_free(load, against):
    bare = {"part": "GLUE", "description": "", "mpn": "", "manufacturer": "", "lifecycle": "active", "msl": ""}
    line = {
        "product": "gateway",
        "revision": "A",
        "bom_version": "2",
        "line": "9",
        "part": "GLUE",
        "quantity": "1",
        "refdes": "",
    }
    order = {"order": "WO-G", "product": "gateway", "revision": "A", "bom_version": "2", "quantity": "1", "customer": "BRAND", "opened_at": "2026-03-01T08:00:00Z"}  # fmt: skip
    load({"parts": [bare], "bom": [line], "lots": [lot("GLUE-1", "GLUE", "Stick 5", "LG", "", maker="Anybody")], "orders": [order],
          "units": [{"order": "WO-G", "serial": "GB1", "panel": "", "position": "", "state": "planned"}],
          "materials": [material("WO-G", "GB1", "GB1", "#9", "GLUE-1", 4)]}, "glue")  # fmt: skip
    assert against("GB1") == FREE


def test_what_was_put_in_at_a_bench_that_only_a_table_tells_of_stops_the_unit_and_what_it_is_inside_of(load, against):
    swapped = {"serial": "H1", "refdes": "U1", "removed_package": "W-NEW", "installed_package": "W-ALT", "operator": "045", "reason": "dead",
               "happened_at": "2026-03-05T08:00:00Z"}  # fmt: skip
    load(told(on("H1", "W-NEW")), "built")
    assert against("H1") == FREE
    (report,) = load({"replacements": [swapped]}, "mended")
    assert report.warnings == [
        "replacements.csv line 2: package W-ALT is of Radio W-2, which nobody approved for WIFI, and was mounted all the same."
    ]
    load({"assemblies": [{"parent_serial": "H2", "child_serial": "H1", "position": "", "happened_at": "2026-03-06T08:00:00Z"}]}, "inside")  # fmt: skip
    assert against("H1") == STOPPED and against("H2") == STOPPED
    back = {**swapped, "removed_package": "W-ALT", "installed_package": "W-NEW", "happened_at": "2026-03-07T08:00:00Z"}
    load({"replacements": [back]}, "put right")
    assert against("H1") == FREE and against("H2") == FREE


def test_a_unit_with_it_goes_under_a_concession_or_a_deviation_that_is_named(house, actor, load, against):
    from asbuilt.answers.gate.conceding import propose_concession
    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.answers.gate.verdicts import verdicts
    from asbuilt.built.quality.actions.concessions import approve_concession
    from asbuilt.kernel.instants import format_instant
    from asbuilt.ledger import clock

    load(
        told(on("H1", "W-ALT"), material("WO-1", "G8", "G8", "U1", "W-ALT", 4)), "told"
    )  # H1 was built before anybody agreed
    asked = {
        "codes": ["G8"],
        "allows": "part_unapproved",
        "reason": "checked under the microscope",
        "until_at": clock.now() + 10**12,
    }
    name, _ = propose_concession(house["eva"], **asked)
    assert against("G8") == STOPPED
    approve_concession(house["ada"], concession=name)
    approve_concession(house["brand"], concession=name)
    assert against("G8") == FREE and against("H1") == STOPPED
    assert [one["concession"] for one in may_leave(actor, "G8")[0].conceded] == [name]
    assert deviate(house) == "DEV-1"
    now = format_instant(clock.now())
    load(
        {
            **told(on("H5", "W-ALT", happened_at=now)),
            "processes": [{**ran("WO-2", "H5", "H5"), "started_at": now, "finished_at": now}],
        },
        "later",
    )
    assert against("H1") == STOPPED and against("H5") == FREE
    for conceded in (verdicts(actor, "H5", "SMT")[0].conceded, may_leave(actor, "H5")[0].conceded):
        (one,) = [one for one in conceded if one["concession"] == "DEV-1"]
        assert (
            one["message"] == "H5 carries Radio W-2 for WIFI, which nobody approved; approved are W-1." and one["note"]
        )


def test_a_sheet_that_names_it_asks_for_its_qualification_instead(house, load, against, actor):
    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.designed.changes.qualifying.actions.alternates import open_sheet, state_candidate

    load(told(on("H1", "W-ALT")), "told")
    open_sheet(house["eva"], part="WIFI", title="Wi-Fi module")
    state_candidate(house["eva"], sheet="ALT-1", mpn="W-2", maker="Radio", properties={})
    assert against("H1") == FREE
    assert "gate.alternate_unqualified" in [stop.code for stop in may_leave(actor, "H1")[0].stops]


def test_what_left_with_it_says_so_on_its_certificate(actor, load, house):
    """The shipment came with tables: history is not argued with. Its certificate said that no gap of that kind is known."""
    from asbuilt.questions.genealogy.seen.conformity import conformity, conformity_text

    load(told(on("H1", "W-ALT"), on("H2", "W-NEW")), "told")
    left = {
        "shipment": "S-3",
        "customer": "SHOP",
        "country": "DE",
        "first_serial": "H1",
        "last_serial": "H2",
        "shipped_at": "2026-03-22T08:00:00Z",
    }
    load({"shipments": [{**left, "placed_on_market_at": ""}]}, "left")
    assert "  a part neither approved nor qualified: 1 of 2" in conformity_text(conformity(actor, "S-3")).splitlines()
    assert "approved nor" not in conformity_text(conformity(actor, "S-1"))
    load({"parts": [W2]}, "approved")
    assert "approved nor" not in conformity_text(conformity(actor, "S-3"))


def test_a_feeder_where_it_was_spliced_stops_the_step(house, actor, load):
    """A machine tells of the splice (MaterialsJoined comes in as this row); the setup is asked before the step."""
    from asbuilt.answers.gate.actions import pass_step
    from asbuilt.built.production.actions.steps import StepDone
    from asbuilt.designed.catalog.actions import set_program

    where = {"product": "gateway", "revision": "A", "side": "top", "machine": "PP", "program": "P"}
    set_program(house["eva"], **where, feeders=[{"feeder": "1", "refdes": "U1", "grey_pieces": "2"}])
    row = {"machine": "PP", "feeder": "1", "order": "WO-2", "operator": "045"}
    load({"mounts": [
        {**row, "package": "W-NEW", "what": "mounted", "grey_pieces": "", "happened_at": "2026-03-04T08:00:00Z"},
        {**row, "package": "W-ALT", "what": "spliced", "grey_pieces": "2", "happened_at": "2026-03-04T09:00:00Z"},
    ]}, "spliced")  # fmt: skip
    with pytest.raises(Refused) as refused:
        pass_step(actor, code="H1", done=StepDone("SMT", side="top", machine="PP"))
    assert refused.value.code == "production.not_approved" and refused.value.facts["mpn"] == "W-2"
