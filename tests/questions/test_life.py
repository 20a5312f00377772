"""A unit's life, against the factory counted by hand in boards_and_boxes."""

import pytest
from boards_and_boxes import tables

from asbuilt.kernel.errors import Invalid, NotFound


@pytest.fixture
def life(load, actor):
    from asbuilt.questions.genealogy.seen.life import unit_life

    load(tables())
    return lambda code, **options: unit_life(actor, code, **options)


def at(one, position: str):
    return next(group for line in one.placed.lines for group in line.groups if position in group.positions)


def test_who_it_is_and_where(life):
    one = life("B-01")
    assert (one.who.product, one.who.revision, one.who.bom_version, one.who.order, one.who.place) == (
        "BRD",
        "B",
        "1",
        "WB",
        1,
    )
    assert (one.who.panel, one.who.position, one.who.owner, one.who.batch) == ("PN1", "1", "Brand One", "BATCH-7")
    assert {(name.kind, name.value) for name in one.who.names} == {("serial", "B-01"), ("mac", "00:11:22:33:44:55")}
    assert (one.where.state, one.where.shipment, one.where.customer, one.where.country) == (
        "shipped",
        "S-1",
        "Nordlicht",
        "DE",
    )
    assert life("B-03").where.state == "stock"


def test_every_name_leads_to_it(life):
    for code in ("B-01", "00:11:22:33:44:55", "WB#1", "PN1/1"):
        assert life(code).who.name == "B-01"


def test_genealogy_both_ways(life):
    assert [(one.name, one.position) for one in life("B-01").parents] == [("X-1", "MAIN")]
    assert [(one.name, one.position) for one in life("X-1").inside] == [("B-01", "MAIN")]
    assert life("B-03").parents == [] == life("B-03").inside


def test_positions_by_line_with_their_candidates(life):
    certain, splice, silent = at(life("B-01"), "U1"), at(life("B-05"), "U1"), at(life("B-10"), "U1")
    assert (certain.grade, [one.lot for one in certain.candidates], certain.open) == ("certain", ["LA"], False)
    assert (splice.grade, [one.lot for one in splice.candidates], splice.open) == ("possible", ["LA", "LB"], False)
    assert (silent.grade, silent.candidates) == ("unrecorded", ())
    assert [line.part for line in life("B-01").placed.lines] == ["P-IC", "P-CAP"]
    assert life("B-10").placed.counts == {"certain": 1, "possible": 0, "unrecorded": 1}


def test_a_replacement_keeps_its_history(life):
    group = at(life("B-02"), "U1")
    assert (group.grade, [one.package for one in group.candidates]) == ("certain", ["PK-B"])
    (change,) = group.changes
    assert (change.removed.package, change.installed.package, change.who, change.reason) == (
        "PK-A",
        "PK-B",
        "045",
        "solder",
    )


def test_what_it_runs_and_what_is_newer(life):
    (one,) = life("B-01").firmware
    assert (one.role, one.version, one.grade, one.newer) == ("app", "1.0.0", "certain", "1.1.0")
    assert life("B-05").firmware == []


def test_what_happened_in_order_with_its_source(life):
    one = life("B-02")
    kinds = [event.kind for event in one.events]
    assert kinds == ["stated", "placed", "processed", "programmed", "tested", "replaced", "tested"]
    assert [event.at for event in one.events[1:]] == sorted(event.at for event in one.events[1:])
    (first, second) = (event for event in one.events if event.kind == "tested")
    assert (first.bad, first.last, first.cells["values"]) == (True, False, [("u", "3.1")])
    assert (second.bad, second.last, second.who) == (False, True, "012")
    reflow = one.events[2]
    assert (reflow.units, reflow.who, reflow.cells["values"]) == (8, "045", [("peak", "244")])
    assert len(reflow.source.fact) == 16 and reflow.source.file == "processes.csv"
    assert {event.other for event in life("B-01").events if event.kind == "built_in"} == {"X-1"}


def test_a_source_names_the_fact_that_was_recorded(life, actor):
    from asbuilt.ledger.facts import find_fact

    for event in life("B-02").events:
        for part in event.parts or (event,):
            assert find_fact(actor.tenant, part.source.fact).entry == part.source.entry


def test_gaps_in_kind_and_place(life):
    assert [(gap.kind, gap.at) for gap in life("B-10").gaps] == [
        ("no_record", "U1"), ("no_process", ""), ("no_firmware", ""), ("no_test", ""),
    ]  # fmt: skip
    assert ("one_of", "U1", "PK-A PK-B") in {(gap.kind, gap.at, gap.also) for gap in life("B-05").gaps}
    assert life("B-02").gaps == []


def test_a_withdrawn_fact_stands_apart(life, actor):
    from asbuilt.built.exchange.resolving import Withdraw
    from asbuilt.built.exchange.withdrawing import withdraw_facts

    test = next(event for event in life("B-02").events if event.kind == "tested" and event.bad)
    withdraw_facts(actor, [Withdraw(test.source.fact, "wrong board", "045", 1_803_000_000_000_000)])
    after = life("B-02")
    assert [event.cells["outcome"] for event in after.events if event.kind == "tested"] == ["pass"]
    assert [one.source.fact for one in after.withdrawn] == [test.source.fact]


def test_as_of_leaves_out_what_came_later(life):
    with pytest.raises(NotFound):
        life("B-01", as_of="2001-01-01")


def test_a_serial_number_of_two_products_is_asked_back(load, actor):
    from asbuilt.questions.genealogy.seen.life import unit_life

    said = tables()
    said["units"] += [{"order": "WX2", "serial": "B-03", "panel": "", "position": "", "state": "built"}]
    said["orders"] += [
        {"order": "WX2", "product": "BOX", "revision": "B", "bom_version": "1", "quantity": "1", "customer": "BRAND"}
    ]
    for table in ("materials", "processes", "replacements", "assemblies", "programming", "tests", "shipments", "names"):
        said.pop(table)
    load(said)
    with pytest.raises(Invalid) as refusal:
        unit_life(actor, "B-03")
    assert sorted(refusal.value.facts["units"]) == ["WB#3", "WX2#1"]
    assert unit_life(actor, "WX2#1").who.product == "BOX"


def test_an_unknown_unit_names_the_nearest(life):
    with pytest.raises(NotFound, match="There is no unit B-011") as refusal:
        life("B-011")
    assert "B-01" in refusal.value.remedy
