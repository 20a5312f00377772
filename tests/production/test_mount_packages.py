"""Mount a package, take it off, put it back: each refusal once, the same request twice, two operators at the same moment."""

import threading

import pytest
from mounted_line import setup  # noqa: F401


def of_feeder(actor, feeder, order="WO"):
    from asbuilt.built.production.setups import setup_of

    return next(one for one in setup_of(actor, machine="M1", order=order, side="top").feeders if one.feeder == feeder)


def test_a_mounted_package_is_there(setup, actor):  # noqa: F811
    done = setup.mount("1", "R-1")
    assert (done.machine, done.feeder, done.package, done.left.most) == ("M1", "1", "R-1", 500)
    seen = of_feeder(actor, "1")
    assert (seen.state, seen.package, seen.lot_code, seen.part, seen.positions) == (
        "ready",
        "R-1",
        "LR1",
        "RES",
        ("R1", "R2", "R3"),
    )
    assert (of_feeder(actor, "2").state, of_feeder(actor, "2").package) == ("empty", "")


def test_an_approved_alternate_is_mounted(setup):  # noqa: F811
    assert setup.mount("1", "R-3").package == "R-3"


@pytest.mark.parametrize(
    ("package", "said", "kind", "code"),
    [
        ("C-1", {}, "Refused", "production.wrong_part"),
        ("R-4", {}, "Refused", "production.not_approved"),
        ("R-5", {}, "Refused", "production.package_not_released"),
        ("R-6", {}, "Refused", "production.package_of_another"),
        ("NO", {}, "NotFound", "supply.package_unknown"),
        ("R-1", {"feeder": "9"}, "NotFound", "production.feeder_unknown"),
        ("R-1", {"machine": "M2"}, "NotFound", "production.program_missing"),
        ("R-1", {"order": "W?"}, "NotFound", "production.order_unknown"),
        ("R-1", {"side": ""}, "Refused", "catalog.program_side_open"),
        ("R-1", {"program": "TOP-2"}, "Refused", "catalog.program_unknown"),
        ("C-1", {"feeder": "2", "order": "WB"}, "Refused", "production.feeder_not_used"),
        ("R-1", {"feeder": " "}, "Invalid", "production.setup_text"),
    ],
)
def test_refused(setup, refused, sql, package, said, kind, code):  # noqa: F811
    from asbuilt.kernel import errors

    said = {"feeder": "1", "package": package} | said
    refused(getattr(errors, kind), code, lambda: setup.mount(**said))
    assert sql("SELECT count(*) FROM production_mount") == [(0,)]


def test_a_customers_package_feeds_that_customers_order(setup):  # noqa: F811
    assert setup.mount("1", "R-6", order="WA").package == "R-6"


def test_a_lot_on_hold_is_refused(setup, refused, actor, sql):  # noqa: F811
    from asbuilt.built.production.actions.holds import place_hold
    from asbuilt.kernel.errors import Refused

    (lot,) = sql("SELECT number FROM supply_lot WHERE lot_code = 'LR1'")[0]
    place_hold(actor, lots=[lot], reason="cracks")
    error = refused(Refused, "production.lot_held", setup.mount, "1", "R-1")
    assert "cracks" in error.message and error.facts["hold"] == "H-1"


def test_a_package_that_was_mounted_longer_than_its_floor_life_stops_the_next_step(setup, refused, actor):  # noqa: F811
    from asbuilt.answers.gate.placing import place_by_hand
    from asbuilt.answers.gate.reworking import replace_part
    from asbuilt.built.supply.actions.handling import handle_packages
    from asbuilt.kernel.errors import Refused
    from asbuilt.ledger import clock

    now, hour = clock.now(), 3_600_000_000
    handle_packages(actor, packages=["U-1"], event="opened", happened_at=now - 160 * hour)
    setup.mount("7", "U-1", side="bottom")
    setup.go("B1", side="bottom")
    clock.set_clock(lambda: now + 9 * hour)  # 169 h open: level 3 has 168
    error = refused(Refused, "production.package_not_alive", setup.go, "B2", side="bottom")
    assert "168 h" in error.message and "Bake" in error.remedy
    setup.off("7")
    refused(
        Refused, "production.package_not_alive", lambda: place_by_hand(actor, first="B3", refdes=["U1"], package="U-1")
    )
    refused(
        Refused,
        "gate.package_not_alive",
        lambda: replace_part(actor, code="B1", refdes="U1", installed="U-1", reason="open"),
    )
    handle_packages(actor, packages=["U-1"], event="baked", readings={"temperature_c": 125, "hours": 24})
    setup.mount("7", "U-1", side="bottom")
    assert setup.go("B2", side="bottom").units == 1


def test_a_package_whose_floor_life_is_over_is_refused(setup, refused, actor):  # noqa: F811
    from asbuilt.built.supply.actions.handling import handle_packages
    from asbuilt.kernel.errors import Refused
    from asbuilt.ledger import clock

    # level 3 lies open for 168 hours; this one for 200
    handle_packages(actor, packages=["U-1"], event="opened", happened_at=clock.now() - 200 * 3_600_000_000)
    error = refused(Refused, "production.package_not_alive", setup.mount, "7", "U-1", side="bottom")
    assert "168 h" in error.message and "Bake" in error.remedy


def test_all_that_is_wrong_is_said(setup, refused, actor, sql):  # noqa: F811
    from asbuilt.built.production.actions.holds import place_hold
    from asbuilt.kernel.errors import Refused

    (lot,) = sql("SELECT number FROM supply_lot WHERE lot_code = 'LR5'")[0]
    place_hold(actor, lots=[lot], reason="cracks")
    error = refused(Refused, "production.wrong_part", setup.mount, "2", "R-5")
    codes = [stop["code"] for stop in error.facts["stops"]]
    assert codes == ["production.wrong_part", "production.package_not_released", "production.lot_held"]


def test_a_taken_feeder_is_refused(setup, refused):  # noqa: F811
    from asbuilt.kernel.errors import Refused

    setup.mount("1", "R-1")
    error = refused(Refused, "production.feeder_taken", setup.mount, "1", "R-2")
    assert "R-1" in error.message


def test_a_package_in_one_place_only(setup, refused, load):  # noqa: F811
    from mounted_line import feeder

    from asbuilt.kernel.errors import Refused

    load({"programs": [feeder("top", "OTHER", "1", "R1 R2 R3", machine="M2")]}, "second")
    setup.mount("1", "R-1")
    error = refused(Refused, "production.package_mounted", setup.mount, "1", "R-1", machine="M2")
    assert error.facts["machine"] == "M1"
    setup.off("1", "R-1")
    assert setup.mount("1", "R-1", machine="M2").machine == "M2"


def test_a_partial_return_keeps_identity_and_count(setup, ask, actor):  # noqa: F811
    setup.mount("1", "R-1")
    setup.mount("2", "C-1")
    setup.go("B1")
    off = setup.off("1", "R-1")
    assert (off.package, off.left.most, off.left.least) == ("R-1", 497, 497)
    assert of_feeder(actor, "1").state == "empty"
    setup.mount("1", "R-2")
    setup.go("B2")
    setup.off("1")
    assert setup.mount("1", "R-1").left.most == 497
    setup.go("B3")
    assert ask("lot:LR1") == {"B1": "certain", "B3": "certain"}
    assert of_feeder(actor, "1").left.most == 494


def test_refusals_of_taking_off(setup, refused):  # noqa: F811
    from asbuilt.kernel.errors import Refused

    refused(Refused, "production.nothing_mounted", setup.off, "1")
    setup.mount("1", "R-1")
    refused(Refused, "production.other_package_there", setup.off, "1", "R-2")


def test_low_is_shown(setup, actor, load):  # noqa: F811
    from mounted_line import lot

    # 59 pieces at three a board last for 19 boards, 60 for 20
    load({"lots": [lot("R-59", "RES", "LR59", "59"), lot("R-60", "RES", "LR60", "60")]}, "small")
    setup.mount("1", "R-59")
    assert (of_feeder(actor, "1").state, of_feeder(actor, "1").lasts_units) == ("low", 19)
    setup.off("1")
    setup.mount("1", "R-60")
    assert (of_feeder(actor, "1").state, of_feeder(actor, "1").lasts_units) == ("ready", 20)


def test_the_same_request_twice_is_one(setup, refused, sql):  # noqa: F811
    from asbuilt.kernel.errors import Conflict

    first = setup.mount("1", "R-1", request_key="k")
    assert setup.mount("1", "R-1", request_key="k").entry == first.entry
    refused(Conflict, "ledger.request_key_reused", setup.mount, "1", "R-2", request_key="k")
    assert sql("SELECT count(*) FROM production_mount") == [(1,)]


def test_a_stranger_mounts_nothing(setup, refused):  # noqa: F811
    from asbuilt.access.actor import local_system
    from asbuilt.access.opening import open_tenant
    from asbuilt.kernel.errors import NotFound

    stranger = local_system(open_tenant("elsewhere", "Elsewhere").number)
    refused(NotFound, "production.order_unknown", setup.mount, "1", "R-1", by=stranger)


def test_who_may_not(setup, refused, actor):  # noqa: F811
    from dataclasses import replace

    from asbuilt.kernel.errors import NotAllowed

    for call in (
        lambda by: setup.mount("1", "R-1", by=by),
        lambda by: setup.splice("1", "R-1", by=by),
        lambda by: setup.off("1", by=by),
    ):
        with pytest.raises(NotAllowed):
            call(replace(actor, rights=frozenset()))


def test_two_operators_at_the_same_moment(setup, load, sql):  # noqa: F811
    from django.db import connections
    from mounted_line import feeder

    from asbuilt.kernel.errors import Refused

    load({"programs": [feeder("top", "OTHER", "1", "R1 R2 R3", machine=f"M{n}") for n in (2,)]}, "second")
    said, together = [], threading.Barrier(2)

    def operator(machine):
        together.wait()
        try:
            said.append(setup.mount("1", "R-1", machine=machine).machine)
        except Refused as refusal:
            said.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=operator, args=(machine,)) for machine in ("M1", "M2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 2 and said.count("production.package_mounted") == 1, said
    assert sql("SELECT count(*) FROM production_mount") == [(1,)]


def test_a_line_without_designators_takes_as_many_pieces_as_it_says(setup, load, actor):  # noqa: F811
    """Four screws a unit: three units take twelve of 500."""
    from mounted_line import lot

    from asbuilt.built.production.setups import package_use

    part = {"part": "SCREW", "description": "", "mpn": "", "manufacturer": "", "lifecycle": "", "msl": ""}
    box = {"product": "box", "revision": "A", "bom_version": "1"}
    order = {**box, "order": "WS", "quantity": "5", "customer": "", "opened_at": "2026-03-01T08:00:00Z"}
    unit = {"order": "WS", "serial": "-", "panel": "", "position": "", "state": "planned"}
    run = {"order": "WS", "refdes": "#9", "package": "S-1", "certainty": "certain", "machine": "", "feeder": ""}
    run |= {"first_serial": "WS#1", "last_serial": "WS#3", "happened_at": "2026-03-02T08:00:00Z"}
    said = {
        "parts": [part],
        "bom": [{**box, "line": "9", "part": "SCREW", "quantity": "4", "refdes": ""}],
        "lots": [lot("S-1", "SCREW", "LS1", mpn="", manufacturer="")],
        "orders": [order],
        "units": [unit] * 5,
        "materials": [run],
    }
    load(said, "screws")
    left = package_use(actor.tenant, "S-1")[1]
    assert (left.quantity, left.placed, left.most) == (500, 12, 488)
