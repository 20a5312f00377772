"""Which units are built which way: the boundary of an ECO at steps, feeders, permits' demands and packing, and what the record shows of it later."""

import change_floor
import pytest

from asbuilt.kernel.errors import NotAllowed, Refused


@pytest.fixture
def cast(house, people):
    """Eva proposes; Ben, Kim and Halden's person agree."""
    return {
        "eva": people("eva", "engineer"), "ben": people("ben", "quality_lead"), "kim": people("kim", "engineer"),
        "hal": people("hal", "party_reader", party="HAL"),
    }  # fmt: skip


def refused(verb, *args, **said):
    with pytest.raises(Refused) as caught:
        verb(*args, **said)
    return caught.value


@pytest.fixture
def agreed(cast):
    """agreed({"kind": "bom", …}) -> the code of an ECO that everybody agreed to."""
    from asbuilt.designed.changes.controlling.actions.proposing import add_change, propose_eco

    def make(*changes, why="w"):
        eva = cast["eva"]
        code = propose_eco(eva, title="T", why=why, products=["board"])
        for one in changes:
            add_change(eva, eco=code, product="board", **one)
        change_floor.assess(eva, code)
        kim = [(cast["kim"], "engineer")] if any(one["kind"] == "process" for one in changes) else []
        change_floor.agree(code, (cast["ben"], ""), (cast["hal"], ""), *kim)
        return code

    return make


PART = {"kind": "part", "subject": ["MCU"], "old": change_floor.OLD, "new": change_floor.NEW}
PROGRAM = {"product": "board", "revision": "A", "side": "top", "machine": "M9", "program": "T1", "feeder": "F1", "refdes": "U1"}  # fmt: skip
TEST = {
    "serial": "B7", "plan": "FCT", "plan_version": "0", "station": "T1", "operator": "", "outcome": "pass",
    "started_at": "2026-03-01T09:00:00Z", "finished_at": "2026-03-01T09:01:00Z", "measurements": "{}",
}  # fmt: skip
BOM = {"kind": "bom", "subject": ["A"], "old": "1", "new": "2"}


def bound(cast, eco, kind="unit", value="N1", **said):
    from asbuilt.answers.gate.bounding import set_boundary

    return set_boundary(cast["ben"], eco=eco, kind=kind, value=value, why="stock used up", **said)


def seen(actor, code):
    from asbuilt.questions.genealogy.answering.changes_built import change_seen

    return change_seen(actor, code)


def test_units_on_the_wrong_side_do_not_go_on(cast, agreed, go, stops, house, ask_names):
    code = agreed(BOM)
    go("B1", "PRINT", "top")
    error = refused(bound, cast, code, value="B1")
    assert error.code == "gate.boundary_behind" and error.facts["first"] == error.facts["last"] == "B1"
    bound(cast, code, value="B3", request_key="b")
    bound(cast, code, value="B3", request_key="b")
    assert stops("B2", "PRINT", "top") == [] and stops("B3", "PRINT", "top") == ["change_boundary"]
    error = refused(go, "B3", "PRINT", "top")
    assert error.code == "gate.change_boundary" and error.facts["wanted"] == "2" and error.facts["eco"] == code
    assert error.message == "B3 lies behind the boundary of ECO-1 (B3): it is built with BOM version 2, and has 1."
    go("B2", "PRINT", "top")
    go("N1", "PRINT", "top")
    found = seen(house, code)
    (built,) = found["built"]
    assert found["state"] == "in_force" and (built["first_new"], built["last_old"]) == ("N1", "B2")
    assert (built["old_units"], built["new_units"], built["old_behind_first_new"], built["new_before_last_old"]) == (
        2,
        1,
        0,
        0,
    )
    assert ask_names(built["old_question"] + " in:production") and ask_names(built["new_question"]) == [
        "N1",
        "N2",
        "N3",
        "N4",
    ]
    # moved over what was built: refused; over what was not: taken
    error = refused(bound, cast, code, value="B2")
    assert error.code == "gate.boundary_units_between" and (error.facts["units"], error.facts["first"]) == (1, "B2")
    bound(cast, code, value="B4")
    assert stops("B3", "PRINT", "top") == []


def test_a_concession_lets_units_between_pass(cast, agreed, go, stops):
    from asbuilt.answers.gate.conceding import propose_concession
    from asbuilt.built.quality.actions.concessions import approve_concession
    from asbuilt.ledger import clock

    bound(cast, agreed(BOM), value="B3")
    said = {"codes": ["B3", "B4"], "allows": "change_boundary", "reason": "stock", "until_at": clock.now() + 10**12}
    name, _ = propose_concession(cast["eva"], **said)
    assert stops("B3", "PRINT", "top") == ["change_boundary"]
    approve_concession(cast["ben"], concession=name)
    approve_concession(cast["hal"], concession=name)
    assert stops("B3", "PRINT", "top") == [] and stops("B5", "PRINT", "top") == ["change_boundary"]
    assert go("B3", "PRINT", "top").units == 1


def test_a_boundary_that_is_set_after_they_agreed_is_another(cast, agreed, stops, load):
    """They agreed that B4 goes with the old BOM version; that it goes with the old module, which was decided later, nobody agreed to. A boundary that is
    moved and leaves it on its side asks nobody again; one that reaches it anew does."""
    from asbuilt.answers.gate.conceding import propose_concession
    from asbuilt.built.quality.actions.concessions import approve_concession
    from asbuilt.ledger import clock

    first = agreed(BOM)
    bound(cast, first, value="B3")
    run = {"order": "WO", "refdes": "U1", "machine": "M1", "feeder": "F1", "happened_at": "2026-03-02T08:00:00Z"}

    def concede():
        said = {"codes": ["B4"], "allows": "change_boundary", "reason": "stock", "until_at": clock.now() + 10**12}
        name, _ = propose_concession(cast["eva"], **said)
        for who in ("ben", "hal"):
            approve_concession(cast[who], concession=name)

    concede()
    assert stops("B4", "PRINT", "top") == []
    bound(cast, first, value="B4")
    assert stops("B4", "PRINT", "top") == []
    bound(cast, first, value="B5")
    bound(cast, first, value="B4")
    assert stops("B4", "PRINT", "top") == ["change_boundary"]
    concede()
    assert stops("B4", "PRINT", "top") == []
    second = agreed(PART, why="end of life")
    bound(cast, second, value="B3")
    load({"materials": [{**run, "package": "U1", "first_serial": "B4", "last_serial": "B4", "certainty": "certain"}]}, "built")  # fmt: skip
    assert stops("B4", "PRINT", "top") == ["change_boundary"]
    concede()
    assert stops("B4", "PRINT", "top") == []


def test_a_unit_that_may_have_the_other_part_is_stopped_too_until_a_concession(cast, agreed, stops, load, actor):
    """A splice over B2 and B3, the boundary between them: of neither anybody knows which module it has."""
    from asbuilt.answers.gate.conceding import propose_concession
    from asbuilt.answers.gate.verdicts import verdicts
    from asbuilt.built.quality.actions.concessions import approve_concession
    from asbuilt.doors.web.leaving_words import stop_says
    from asbuilt.ledger import clock

    bound(cast, agreed(PART), value="B3")
    mounted = (("U1", "B1", "B1", "certain"), ("U1", "B2", "B3", "possible"), ("N1", "B2", "B3", "possible"), ("N1", "B4", "B6", "certain"),
               ("U1", "B7", "B7", "certain"))  # fmt: skip
    run = {"order": "WO", "refdes": "U1", "machine": "M1", "feeder": "F1", "happened_at": "2026-03-02T08:00:00Z"}
    load({"materials": [
        {**run, "package": package, "first_serial": first, "last_serial": last, "certainty": certainty} for package, first, last, certainty in mounted
    ]}, "mounted")  # fmt: skip
    found = {f"B{n}": stops(f"B{n}", "PRINT", "top") for n in range(1, 8)}
    wrong = ["change_boundary"]
    assert found == {"B1": [], "B2": wrong, "B3": wrong, "B4": [], "B5": [], "B6": [], "B7": wrong}
    said = {name: verdicts(actor, name, "PRINT", "top")[0].stops[0] for name in ("B2", "B3", "B7")}
    assert [said[name].facts["certainty"] for name in ("B2", "B3", "B7")] == ["possible", "possible", "certain"]
    assert said["B2"].message.endswith(f"built with part MCU {change_floor.OLD}, and possibly has {change_floor.NEW}.")
    assert said["B3"].message.endswith(f"built with part MCU {change_floor.NEW}, and possibly has {change_floor.OLD}.")
    assert stop_says(said["B2"]).endswith(f"and may have {change_floor.NEW}: nobody knows which.")
    assert stop_says(said["B7"]).endswith(f"not with {change_floor.OLD}.")
    given = {"codes": ["B3"], "allows": "change_boundary", "reason": "checked by eye", "until_at": clock.now() + 10**12}
    name, _ = propose_concession(cast["eva"], **given)
    approve_concession(cast["ben"], concession=name)
    approve_concession(cast["hal"], concession=name)
    assert stops("B3", "PRINT", "top") == [] and stops("B2", "PRINT", "top") == wrong


@pytest.fixture
def half_named(load):
    """Reels of the MCU: X1 says neither maker nor MPN, Y1 the old MPN alone, Z1 the new one alone; they are told by a machine on units of both orders."""
    from line_and_box import lot

    lots = [
        {**lot(code, "MCU", f"L{code}"), "mpn": mpn, "manufacturer": ""}
        for code, mpn in (("X1", ""), ("Y1", "M-MCU"), ("Z1", "N-MCU"))
    ]
    run = {"refdes": "U1", "machine": "M1", "feeder": "F1", "happened_at": "2026-03-02T08:00:00Z", "certainty": "certain"}  # fmt: skip
    told = (("B1", "U1"), ("B2", "X1"), ("B3", "Y1"), ("N1", "N1"), ("N2", "X1"), ("N3", "Y1"), ("N4", "Z1"))
    rows = [
        {**run, "order": "WO" if unit.startswith("B") else "WN", "package": package, "first_serial": unit, "last_serial": unit}
        for unit, package in told
    ]  # fmt: skip

    def tell():
        load({"lots": lots, "materials": rows}, "half named")

    return tell


def test_a_unit_whose_package_names_no_mpn_is_stopped_on_either_side_of_a_boundary(
    cast, agreed, stops, actor, half_named, house, ask_names
):
    """Nobody knows whose part X1 holds. Y1 and Z1 name no maker, and no other maker gives a part here their number: it is enough."""
    from asbuilt.answers.gate.verdicts import verdicts

    code = agreed(PART)
    bound(cast, code, value="N1")
    half_named()
    wrong = ["change_boundary"]
    found = {name: stops(name, "PRINT", "top") for name in ("B1", "B2", "B3", "N1", "N2", "N3", "N4")}
    nobodys = [*wrong, "maker_unknown"]
    assert found == {"B1": [], "B2": nobodys, "B3": [], "N1": [], "N2": nobodys, "N3": wrong, "N4": []}
    said = {name: verdicts(actor, name, "PRINT", "top")[0].stops[0].facts for name in ("B2", "N2", "N3")}
    assert [said[name]["certainty"] for name in ("B2", "N2", "N3")] == ["possible", "possible", "certain"]
    assert [said[name]["found"] for name in ("B2", "N2")] == [change_floor.NEW, change_floor.OLD]
    (built,) = seen(house, code)["built"]
    assert (built["first_new"], built["last_old"]) == ("N1", "N3")
    assert [built[name] for name in ("old_units", "new_units", "unclear_units")] == [3, 2, 2]
    # a question names those too of which it is not recorded
    assert ask_names(built["old_question"]) == ["B1", "B2", "B3", "N2", "N3"]
    assert ask_names(built["new_question"]) == ["B2", "N1", "N2", "N4"]


def test_a_package_that_names_no_maker_goes_by_its_mpn_at_feeders_and_by_hand(cast, agreed, actor, load):
    from line_and_box import lot

    from asbuilt.answers.gate.mounting import mount_package
    from asbuilt.answers.gate.placing import place_by_hand

    names = (("Y1", "M-MCU"), ("Z1", "N-MCU"))
    lots = [{**lot(code, "MCU", f"L{code}"), "mpn": mpn, "manufacturer": ""} for code, mpn in names]
    load({"programs": [PROGRAM], "lots": lots}, "half named")
    bound(cast, agreed(PART), value="N1")
    mount = {"machine": "M9", "feeder": "F1", "side": "top"}
    error = refused(mount_package, actor, package="Y1", order="WN", **mount)
    assert (error.code, error.facts["wanted"], error.facts["found"]) == ("gate.change_boundary", change_floor.NEW, change_floor.OLD)  # fmt: skip
    assert refused(mount_package, actor, package="Z1", order="WO", **mount).facts["wanted"] == change_floor.OLD
    for unit, package in (("B2", "Z1"), ("N2", "Y1")):
        assert refused(place_by_hand, actor, first=unit, refdes=["U1"], package=package).code == "gate.change_boundary"
    for unit, package in (("B2", "Y1"), ("N2", "Z1")):
        place_by_hand(actor, first=unit, refdes=["U1"], package=package)
    mount_package(actor, package="Z1", order="WN", **mount)


def test_an_approval_taken_back_holds_up_what_is_behind_it(cast, agreed, stops, house):
    from asbuilt.designed.changes.controlling.actions.deciding import decide, withdraw_eco

    code = agreed(BOM)
    bound(cast, code, kind="order", value="WN")
    assert stops("N1", "PRINT", "top") == []
    decide(cast["hal"], eco=code, decision="revoked", why="customer asks for the old one")
    assert stops("N1", "PRINT", "top") == ["change_suspended"] and stops("B1", "PRINT", "top") == []
    assert seen(house, code)["state"] == "suspended"
    assert refused(withdraw_eco, cast["eva"], eco=code, why="w").code == "changes.bounded"
    decide(cast["hal"], eco=code, decision="approved")
    assert stops("N1", "PRINT", "top") == []


def test_two_ecos_on_one_thing_follow_each_other(cast, agreed, stops, load):
    line = {
        "product": "board",
        "revision": "A",
        "bom_version": "3",
        "line": "1",
        "part": "RES",
        "quantity": "1",
        "refdes": "R1",
    }
    load({"bom": [line]}, "third")
    first = agreed(BOM, why="first")
    crossing, behind = agreed({**BOM, "new": "3"}, why="other"), agreed({**BOM, "old": "2", "new": "3"}, why="behind")
    bound(cast, first, value="N1")
    error = refused(bound, cast, crossing, value="N3")
    assert error.code == "changes.crossing" and error.facts["other"] == first
    assert refused(bound, cast, behind, value="B5").code == "changes.crossing"
    assert refused(bound, cast, behind, kind="date", value="2099-01-01").code == "changes.crossing"
    bound(cast, behind, value="N3")
    assert stops("N2", "PRINT", "top") == [] and stops("N3", "PRINT", "top") == ["change_boundary"]


def test_a_date_speaks_of_units_by_when_they_were_begun(cast, agreed, go, stops):
    from asbuilt.kernel.instants import parse_instant
    from asbuilt.ledger import clock

    now = clock.now()
    code = agreed(BOM)
    assert refused(bound, cast, code, kind="date", value="2020-01-01").code == "gate.boundary_passed"
    bound(cast, code, kind="date", value="2099-01-02")
    go("B1", "PRINT", "top")
    assert stops("N1", "PRINT", "top") == ["change_boundary"]  # the new way is not begun
    bound(cast, code, kind="date", value="2099-01-01")
    assert refused(bound, cast, code, value="N1").code == "gate.boundary_moved"
    clock.set_clock(lambda: parse_instant("2099-03-01T08:00:00Z"))
    try:
        assert stops("N1", "PRINT", "top") == [] and stops("B2", "PRINT", "top") == ["change_boundary"]
        assert stops("B1", "SMT", "top") == []  # begun before
        assert refused(bound, cast, code, kind="date", value="2099-04-01").code == "gate.boundary_moved"
    finally:
        clock.set_clock(lambda: now)


def test_the_same_request_of_today_is_one_entry_whenever_it_comes_again(cast, agreed):
    from asbuilt.kernel.instants import parse_instant
    from asbuilt.ledger import clock

    code = agreed(BOM)
    clock.set_clock(lambda: parse_instant("2099-03-01T08:00:00Z"))
    entry = bound(cast, code, kind="date", value="2099-03-01", request_key="today")
    for later in (
        "2099-03-01T08:00:07Z",
        "2099-03-02T09:00:00Z",
    ):  # seconds later; the next day, when the day has passed
        clock.set_clock(lambda later=later: parse_instant(later))
        assert bound(cast, code, kind="date", value="2099-03-01", request_key="today") == entry
    assert refused(bound, cast, code, kind="date", value="2099-03-01").code == "gate.boundary_passed"


def test_a_boundary_set_meanwhile_is_seen_under_the_lock(cast, agreed, go, monkeypatch):
    from asbuilt.answers.gate import bounding

    code = agreed(BOM)
    read = bounding.eco_read

    def read_and_be_overtaken(*args):
        found = read(*args)
        monkeypatch.setattr(
            bounding, "eco_read", read
        )  # once: between this reader's look and its lock another one sets B5, and B1 goes on
        bound(cast, code, value="B5")
        go("B1", "PRINT", "top")
        return found

    monkeypatch.setattr(bounding, "eco_read", read_and_be_overtaken)
    # it moves the other one's boundary, over B1, which was begun under it: of a first boundary it would be said that B1 lies behind
    error = refused(bound, cast, code, value="B1")
    assert error.code == "gate.boundary_units_between" and (error.facts["units"], error.facts["first"]) == (1, "B1")


def test_a_boundary_moves_to_earlier_units_that_nobody_began(cast, agreed, go, stops):
    code = agreed(BOM)
    bound(cast, code, value="N3")
    go("N3", "PRINT", "top")  # the new way
    bound(cast, code, value="N1")  # N1 and N2 are not begun
    assert stops("N1", "PRINT", "top") == [] and stops("B5", "PRINT", "top") == []
    go("N2", "PRINT", "top")
    assert refused(bound, cast, code, value="N3").facts["units"] == 1  # N2


def test_what_has_to_be_done_first(cast, agreed, people, house):
    from asbuilt.designed.changes.controlling.actions.proposing import add_change, ask_for, propose_eco, tick

    code = propose_eco(cast["eva"], title="T", why="w", products=["board"])
    assert refused(bound, cast, code).code == "changes.not_agreed"
    add_change(cast["eva"], eco=code, product="board", **BOM)
    asked = ask_for(cast["eva"], eco=code, what="qualification run")
    change_floor.assess(cast["eva"], code)
    change_floor.agree(code, (cast["ben"], ""), (cast["hal"], ""))
    assert refused(bound, cast, code).code == "changes.asked_open"
    tick(cast["eva"], eco=code, asked=asked, why="order Q-1, 60 of 60 passed")
    with pytest.raises(NotAllowed):
        from asbuilt.answers.gate.bounding import set_boundary

        set_boundary(cast["eva"], eco=code, kind="unit", value="N1", why="w")
    bound(cast, code)
    assert (
        refused(add_change, cast["eva"], eco=code, product="board", **{**BOM, "subject": ["B"]}).code == "changes.fixed"
    )


def test_a_part_at_a_feeder_and_on_a_unit(cast, agreed, stops, actor, load):
    from asbuilt.answers.gate.mounting import mount_package

    load({"programs": [PROGRAM]}, "programs")
    bound(cast, agreed(PART), value="N1")
    mount = {"machine": "M9", "feeder": "F1", "side": "top"}
    error = refused(mount_package, actor, package="N1", order="WO", **mount)
    assert error.code == "gate.change_boundary" and error.facts["wanted"] == change_floor.OLD
    assert refused(mount_package, actor, package="U1", order="WN", **mount).facts["wanted"] == change_floor.NEW
    mount_package(actor, package="N1", order="WN", **mount)
    assert stops("B1", "PRINT", "top") == []  # carries the old one, before the boundary


def test_a_makers_part_is_the_same_however_it_is_written(cast, agreed, stops, actor, load):
    from asbuilt.answers.gate.mounting import mount_package
    from asbuilt.answers.gate.placing import place_by_hand

    load({"programs": [PROGRAM]}, "programs")
    first = agreed({**PART, "old": change_floor.OLD.upper(), "new": change_floor.NEW.lower()})
    back = agreed({**PART, "old": change_floor.NEW, "new": change_floor.OLD}, why="back")
    bound(cast, first, value="B3")
    bound(cast, back, value="N1")  # B3 to B8 get the new one
    mount = {"machine": "M9", "feeder": "F1", "side": "top"}
    assert refused(mount_package, actor, package="N1", order="WN", **mount).facts["wanted"] == change_floor.OLD
    for unit, package in (("B2", "N1"), ("B3", "U1")):
        assert refused(place_by_hand, actor, first=unit, refdes=["U1"], package=package).code == "gate.change_boundary"
    for unit, package in (("B2", "U1"), ("B3", "N1"), ("N1", "U1")):
        place_by_hand(actor, first=unit, refdes=["U1"], package=package)
        assert stops(unit, "PRINT", "top") == [], unit


def test_a_unit_begun_before_the_day_goes_on_the_old_way(cast, agreed, go, actor, load):
    from asbuilt.answers.gate.mounting import mount_package
    from asbuilt.answers.gate.placing import place_by_hand
    from asbuilt.kernel.instants import parse_instant
    from asbuilt.ledger import clock

    load({"programs": [PROGRAM]}, "programs")
    bound(cast, agreed(PART), kind="date", value="2099-01-01")
    for unit in ("B1", "B2"):
        go(unit, "PRINT", "top")
    clock.set_clock(lambda: parse_instant("2099-03-01T08:00:00Z"))
    mount = {"machine": "M9", "feeder": "F1", "side": "top"}
    assert (
        refused(mount_package, actor, package="U1", order="WN", **mount).facts["wanted"] == change_floor.NEW
    )  # nobody began WN
    mount_package(actor, package="U1", order="WO", **mount)  # B1 and B2 of WO were begun before
    error = refused(place_by_hand, actor, first="B2", refdes=["U1"], package="N1")
    assert (error.code, error.facts["wanted"]) == ("gate.change_boundary", change_floor.OLD)
    go("B1", "SMT", "top", machine="M9")
    go("B3", "PRINT", "top")
    error = refused(go, "B3", "SMT", "top", machine="M9")
    assert (error.code, error.facts["wanted"]) == ("gate.change_boundary", change_floor.NEW)
    place_by_hand(actor, first="B3", refdes=["U1"], package="N1")


def test_a_permit_for_an_order_that_was_begun_before_the_day(cast, agreed, go, actor, load):
    from asbuilt.answers.gate.changed import permit_stops
    from asbuilt.built.programming.drafts import AskedTest, PermitDraft
    from asbuilt.kernel.instants import parse_instant
    from asbuilt.ledger import clock

    load({"tests": [TEST]}, "plan")  # the plan was run once: it is known
    bound(
        cast, agreed({"kind": "test_plan", "subject": ["FCT"], "old": "1", "new": "2"}), kind="date", value="2099-01-01"
    )
    go("B1", "PRINT", "top")
    clock.set_clock(lambda: parse_instant("2099-03-01T08:00:00Z"))

    def wanted(order, version):
        empty = dict.fromkeys(PermitDraft.__dataclass_fields__, ())
        draft = PermitDraft(**empty | {"order": order, "tests": (AskedTest("FCT", version),)})
        return [stop.facts["wanted"] for stop in permit_stops(actor.tenant, draft)]

    # B1 takes plan 1, the other units of WO and all of WN plan 2
    assert (wanted("WO", "1"), wanted("WO", "2"), wanted("WN", "1"), wanted("WN", "2")) == ([], [], ["2"], [])


def test_a_manufacturer_is_not_told_where_an_eco_with_anothers_products_begins(cast, house, people):
    from asbuilt.designed.changes.controlling.actions.bounding import control_process
    from asbuilt.designed.changes.controlling.actions.proposing import add_change, propose_eco
    from asbuilt.designed.changes.controlling.seen import controls_told, eco_told

    eva, ben, hal, kim = (cast[name] for name in ("eva", "ben", "hal", "kim"))
    alp = people("alp", "party_reader", party="ALP")
    code = propose_eco(eva, title="T", why="w", products=["board", "box"])
    for product in ("board", "box"):
        control_process(ben, product=product, step="PRINT", aspect="paste", value="A", why="V-1")
        change = {"kind": "process", "product": product, "subject": ["PRINT", "", "paste"], "old": "A", "new": "B"}
        add_change(eva, eco=code, **change)
    change_floor.assess(eva, code)
    from asbuilt.designed.changes.controlling.actions.deciding import decide

    decide(ben, eco=code, decision="approved", why="Alpina waits for it")
    decide(hal, eco=code, decision="approved", why="our own words")
    change_floor.agree(code, (kim, ""), (alp, ""))
    bound(cast, code, value="X1")  # a box of Alpina
    assert [one["why"] for one in eco_told(hal, code)["approvals"]] == ["", "", "our own words"]
    assert "Alpina waits" in repr(eco_told(house, code)) and "Alpina" not in repr(eco_told(hal, code))
    told = {
        who: [one["changes"][0]["boundary"] for one in controls_told(cast.get(who, house))] for who in ("hal", "house")
    }
    assert told == {"hal": [""], "house": ["X1", "X1"]}


def test_before_its_boundary_a_process_runs_by_what_it_is_controlled_by(cast, agreed, go):
    from asbuilt.designed.changes.controlling.actions.bounding import control_process

    control = {"product": "board", "step": "REFLOW", "side": "top", "aspect": "program", "why": "V-1"}
    change = {"kind": "process", "subject": ["REFLOW", "top", "program"], "new": "P8"}
    other, right = agreed({**change, "old": "P6"}, why="typed wrong"), agreed({**change, "old": "P7"})
    control_process(cast["ben"], value="P7", **control)
    error = refused(bound, cast, other, value="B3")
    assert (error.code, error.facts["value"], error.facts["old"]) == ("changes.beside_control", "P7", "P6")
    bound(cast, right, value="B3")
    bound(cast, right, value="B4")
    # taken out of control, and under it again by another program: the change that stands says P7 still
    control_process(cast["ben"], on=False, **control)
    control_process(cast["ben"], value="P9", **control)
    for unit in ("B3", "B4"):
        for step in ("PRINT", "SMT"):
            go(unit, step, "top")
    assert refused(go, "B3", "REFLOW", "top", program="P7").facts["approved"] == "P9"
    assert refused(go, "B4", "REFLOW", "top", program="P9").facts["approved"] == "P8"
    go("B3", "REFLOW", "top", program="P9")
    go("B4", "REFLOW", "top", program="P8")


def test_a_reel_of_a_change_whose_approval_was_taken_back_is_neither_mounted_nor_placed(
    cast, agreed, stops, actor, load
):
    from asbuilt.answers.gate.mounting import mount_package
    from asbuilt.answers.gate.placing import place_by_hand
    from asbuilt.designed.changes.controlling.actions.deciding import decide

    load({"programs": [PROGRAM]}, "programs")
    code = agreed(PART)
    bound(cast, code, value="N1")
    decide(cast["hal"], eco=code, decision="revoked", why="the new one leaks its key")
    mount = {"machine": "M9", "feeder": "F1", "side": "top"}
    error = refused(mount_package, actor, package="N1", order="WN", **mount)
    assert (error.code, error.facts["eco"]) == ("gate.change_suspended", code)
    assert refused(place_by_hand, actor, first="N1", refdes=["U1"], package="N1").code == "gate.change_suspended"
    mount_package(actor, package="U1", order="WO", **mount)  # before the boundary nothing is held up
    decide(cast["hal"], eco=code, decision="approved")
    place_by_hand(actor, first="N1", refdes=["U1"], package="N1")


def test_a_boundary_that_another_eco_follows_is_not_moved_behind_it(cast, agreed, stops, go):
    first, back = agreed(BOM), agreed({**BOM, "old": "2", "new": "1"}, why="back")
    bound(cast, first, value="N1")
    go("B1", "PRINT", "top")
    bound(cast, back, value="N3")
    error = refused(bound, cast, first, value="N4")
    assert (error.code, error.facts["other"]) == ("changes.crossing", back)
    assert stops("B1", "SMT", "top") == []  # built the old way, before every boundary
    bound(cast, back, value="N4")  # the last one may move


@pytest.mark.parametrize(
    "change",
    [
        {**BOM, "new": "99"}, {**BOM, "old": "0"}, {**BOM, "subject": ["Z"]}, {**PART, "old": "Acme/M-MCV"}, {**PART, "new": "Nova/N-MCV"},
        {"kind": "test_plan", "subject": ["FTC"], "old": "1", "new": "2"}, {"kind": "firmware", "subject": ["app"], "old": "1", "new": "2"},
    ],
)  # fmt: skip
def test_a_name_that_is_typed_wrong_has_no_boundary(cast, agreed, people, change):
    """It would be found on no unit, and the units it speaks of would go on either way."""
    from asbuilt.designed.changes.controlling.actions.deciding import decide

    code = agreed(change)
    if change["kind"] == "firmware":
        decide(people("rolf", "release_signer"), eco=code, decision="approved")
    assert refused(bound, cast, code, value="N1").code == "gate.boundary_unknown"


def test_a_process_that_nobody_controls_has_no_boundary(cast, agreed, go):
    from asbuilt.answers.gate.controlling import control_process

    code = agreed({"kind": "process", "subject": ["REFLOW", "top", "program"], "old": "P7", "new": "P8"})
    error = refused(bound, cast, code, value="B3")
    assert error.code == "changes.not_controlled" and error.remedy == "Put it under control by P7 first."
    # a control of any side is another one: the change would never hold
    control_process(cast["ben"], product="board", step="REFLOW", aspect="program", value="P7", why="V-1")
    assert refused(bound, cast, code, value="B3").code == "changes.not_controlled"


def test_a_step_that_a_brands_units_passed_stays_under_control(cast, house, go):
    """Out of control and in again by another program: that would change the process with nobody asked."""
    from asbuilt.answers.gate.controlling import control_process

    control = {"product": "board", "step": "PRINT", "side": "top", "aspect": "program"}
    control_process(cast["ben"], value="P6", why="typed wrong", **control)
    control_process(cast["ben"], on=False, why="was P7", **control)  # nobody used it yet
    control_process(cast["ben"], value="P7", why="V-1", **control)
    go("B1", "PRINT", "top", program="P7")
    error = refused(control_process, cast["ben"], on=False, why="the line stands", **control)
    assert error.code == "gate.control_used" and error.facts["units"] == 1
    assert refused(go, "B2", "PRINT", "top", program="P9").code == "gate.process_revision"
    # the house's own product is its own to decide
    from asbuilt.designed.changes.controlling.queries import parties_asked

    assert parties_asked(house.tenant, ["board"]) and not parties_asked(house.tenant, ["other"])


def test_a_product_of_which_nobody_said_who_makes_it_has_no_boundary(cast, house, load):
    """Else a brand whose role nobody entered would be asked nothing. Concessions are refused for the same reason."""
    from asbuilt.designed.changes.controlling.actions.proposing import add_change, propose_eco

    line = {"product": "lamp", "revision": "A", "line": "1", "part": "RES", "quantity": "1", "refdes": "R1"}
    load({"bom": [{**line, "bom_version": version} for version in ("1", "2")]}, "lamp")
    code = propose_eco(cast["eva"], title="T", why="w", products=["lamp"])
    add_change(cast["eva"], eco=code, product="lamp", **BOM)
    change_floor.assess(cast["eva"], code)
    change_floor.agree(code, (cast["ben"], ""))
    error = refused(bound, cast, code, kind="date", value="2099-01-01")
    assert (error.code, error.facts["products"]) == ("changes.manufacturer_unknown", ["lamp"])
    load({"product_roles": [change_floor.role("lamp", "OW")]}, "named")
    bound(cast, code, kind="date", value="2099-01-01")
