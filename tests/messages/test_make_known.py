"""Orders and packages that another system makes known by messages."""

import pytest
from machine_floor import at, envelope, panel_run

from asbuilt.built.supply.queries import standing_of


def orders(*created: tuple[str, str, str, float], batch=None) -> dict:
    found = [
        {"WorkOrderIdentifier": {"WorkOrderId": code, "Batch": batch}, "PartNumber": part, "PartRevision": revision, "Quantity": quantity,
         "CreatedDate": at(0), "Customer": "BRAND"}
        for code, part, revision, quantity in created
    ]  # fmt: skip
    return envelope("InformationSystem.WorkOrderManagement.WorkOrdersCreated", {"NewOrders": found}, source="Mes.1")


def packages(*made: tuple[str, str, str], **more) -> dict:
    found = [
        {"UniqueIdentifier": code, "InternalPartNumber": part, "Manufacturer": "ACME", "ManufacturerPartNumber": f"M-{part}",
         "Vendor": "SUPP", "ManufacturerLotCode": lot, "ManufactureDate": "2027-01-04T00:00:00", "ReceivedDate": None,
         "InitialQuantity": 1000.0, "Quantity": 887.0, "Status": "Active", **more}
        for code, part, lot in made
    ]  # fmt: skip
    return envelope("Materials.Management.MaterialsInitialized", {"Materials": found}, source="Goods.In.1")


def test_an_order_is_opened_and_built(say, ask, verified):
    assert say(orders(("WO-7", "BRD", "A", 8.0), batch="B-9"), *panel_run(1, "PNL-1", order="WO-7")).uses["used"] == 4
    assert ask("order:WO-7 lot:LR1") == (4, 0, 0)
    assert ask("order:B-9 -in:planned") == (4, 0, 0)
    assert say(orders(("WO-7", "BRD", "A", 99.0))).uses["kept"] == 1  # known already
    assert verified() == []


def test_an_order_of_a_product_without_a_bom_is_a_dead_letter(say):
    report = say(orders(("WO-7", "BRD", "A", 8.0), ("WO-8", "BRD", "Z", 8.0)))
    assert dict(report.causes) == {"production.bom_unknown": 1}
    assert say(*panel_run(1, "PNL-1", order="WO-7")).uses["dead"] == 3  # nothing of the message was applied


def test_an_unknown_customer_of_an_order_is_left_out_and_named(say, sql):
    message = orders(("WO-7", "BRD", "A", 8.0))
    message["MessageBody"]["NewOrders"][0]["Customer"] = "Nobody"
    report = say(message, orders(("WO-8", "BRD", "A", 8.0)))
    assert sql("SELECT code, owner IS NULL FROM production_order WHERE code IN ('WO-7', 'WO-8') ORDER BY code") in (
        [("WO-7", 1), ("WO-8", 0)],
        [("WO-7", True), ("WO-8", False)],
    )
    assert [text for text in report.warnings if "WO-" in text] == [
        "Order WO-7: its customer Nobody is no party and was left out."
    ]


def test_packages_are_received_and_mounted(say, ask, sql, verified):
    say(packages(("NEW-1", "P-RES", "LN1")), *panel_run(1, "PNL-1", packages=("NEW-1", "CAP-1", "IC-1")))
    assert ask("lot:LN1") == (4, 0, 0)
    assert ask("datecode:2701 lot:LN1") == (4, 0, 0)  # 4 January 2027 lies in ISO week 1
    assert ask("supplier:SUPP package:NEW-1") == (4, 0, 0)
    assert say(packages(("NEW-1", "P-RES", "LN1"))).uses["kept"] == 1
    assert sql("SELECT status, quantity FROM supply_package WHERE code = 'NEW-1'") == [("released", 1000)]
    assert verified() == []


def test_what_is_not_active_is_in_quarantine_and_an_unknown_vendor_is_left_out(say, sql):
    report = say(packages(("NEW-1", "P-RES", "LN1"), Status="Suspended", Vendor="Nobody"))
    assert sql("SELECT status, supplier FROM supply_package WHERE code = 'NEW-1'") == [("quarantine", None)]
    assert any("Nobody" in text for text in report.warnings)


def test_what_is_to_be_inspected_comes_in_quarantine(say, actor):
    from asbuilt.built.supply.actions.inspecting import plan_inspection
    from asbuilt.built.supply.actions.statuses import release_packages
    from asbuilt.kernel.errors import Refused

    plan_inspection(actor, standard="iso2859", level="II", aql="0.65", part="P-RES", supplier="SUPP")
    say(packages(("NEW-1", "P-RES", "LN1"), ("NEW-2", "P-CAP", "LN2")))
    assert [standing_of(actor.tenant, code).status for code in ("NEW-1", "NEW-2")] == ["quarantine", "released"]
    with pytest.raises(Refused) as refusal:
        release_packages(actor, packages=["NEW-1"], reason="looks good")
    assert refusal.value.code == "supply.inspection_due"


def test_a_package_of_an_unknown_part_is_a_dead_letter(say, sql):
    report = say(packages(("NEW-1", "P-RES", "LN1"), ("NEW-2", "P-ODD", "LN2")), packages(("NEW-3", "P-RES", "LN3")))
    assert dict(report.causes) == {"catalog.part_unknown": 1}
    assert sql("SELECT code FROM supply_package WHERE substr(code, 1, 3) = 'NEW'") == [("NEW-3",)]


def test_a_split_package_is_of_the_same_lot(say, ask, verified):
    split = {
        "SourceMaterialPackageIdentifier": "RES-1",
        "NewMaterialPackageIdentifier": "RES-1B",
        "NewMaterialPackageQuantity": 30.0,
    }
    say(
        envelope("Materials.Management.MaterialsSplit", split),
        *panel_run(1, "PNL-1", packages=("RES-1B", "CAP-1", "IC-1")),
    )
    assert ask("lot:LR1") == (4, 0, 0) and ask("package:RES-1B") == (4, 0, 0)
    assert verified() == []


def split(source, new, pieces, minute=0):
    body = {
        "SourceMaterialPackageIdentifier": source,
        "NewMaterialPackageIdentifier": new,
        "NewMaterialPackageQuantity": pieces,
    }
    return envelope("Materials.Management.MaterialsSplit", body, source="Goods.In.1", time=at(minute))


@pytest.mark.parametrize(
    ("taken", "doubt"),
    [
        # twelve resistors are placed on a panel of four; RES-1 came with 1,000 pieces
        (988.0, []),
        (989.0, ["RES-1 held 11 pieces after 989 were split off, at least 12 are recorded as placed"]),
        (None, []),  # nobody said how many went
    ],
)
def test_what_was_split_off_is_not_in_its_source_any_more(say, actor, verified, taken, doubt):
    from asbuilt.built.production.setups import package_use
    from asbuilt.questions.evidence.record import record_of

    say(split("RES-1", "RES-1B", taken), *panel_run(1, "PNL-1"))
    assert record_of(actor, "WO-1").doubts == doubt
    left = package_use(actor.tenant, "RES-1")[1]
    assert (left.least, left.most) == ((1000 - 12 - int(taken or 0),) * 2)
    assert verified() == []


@pytest.mark.parametrize(
    ("pieces", "doubt"),
    [(12.0, []), (11.0, ["RES-1B held 11 pieces, at least 12 are recorded as placed"])],
)
def test_what_was_split_off_is_all_that_the_new_package_holds(say, actor, pieces, doubt):
    from asbuilt.questions.evidence.record import record_of

    say(split("RES-1", "RES-1B", pieces), *panel_run(1, "PNL-1", packages=("RES-1B", "CAP-1", "IC-1")))
    assert record_of(actor, "WO-1").doubts == doubt


def test_a_part_of_a_part_is_taken_off_once(say, actor, verified):
    from asbuilt.built.production.setups import package_use

    say(split("RES-1", "RES-1B", 300.0), split("RES-1B", "RES-1C", 100.0, 1), split("RES-1", "RES-1D", 50.0, 2))
    left = {code: package_use(actor.tenant, code)[1].most for code in ("RES-1", "RES-1B", "RES-1C", "RES-1D")}
    assert left == {"RES-1": 650, "RES-1B": 200, "RES-1C": 100, "RES-1D": 50}
    assert verified() == []


def test_a_split_told_by_tables(line, load, actor):
    from asbuilt.built.production.setups import package_use
    from asbuilt.kernel.errors import Invalid

    told = {"package": "RES-1", "event": "split", "operator": "", "happened_at": at(1)}
    load({"handling": [told | {"readings": '{"into": "RES-2", "pieces": 40}'}]}, "split")
    assert package_use(actor.tenant, "RES-1")[1].most == 960
    for readings in (
        "",
        '{"pieces": 4}',
        '{"into": "RES-1"}',
        '{"into": "NONE"}',
        '{"into": "RES-2", "pieces": -1}',
        "[]",
    ):
        with pytest.raises(Invalid) as refusal:
            load({"handling": [told | {"readings": readings}]}, "wrong")
        assert [row.code for row in refusal.value.rows] == ["supply.split_wrong"]


def test_what_has_no_home_is_kept_and_counted(say):
    blocked = envelope("ResourcePerformance.StationStateChanged", {"OldState": "ON"})
    baked = envelope("Materials.Management.MSDManagement.MaterialsRestored", {"Materials": []})
    report = say(blocked, baked, envelope("Made.Up.Name", {"a": [1, {"b": None}]}))
    assert report.uses["kept"] == 3 and sum(report.kept.values()) == 3


def test_an_order_names_its_bom_version_and_its_configuration(say, load, actor, sql, verified):
    """Demand by configuration and BOM version, both as the message says them; never silently the newest."""
    from asbuilt.built.programming.actions.demands import demand_firmware
    from asbuilt.built.programming.demands import demands_of

    line = {
        "product": "BRD",
        "revision": "A",
        "bom_version": "2",
        "line": "10",
        "part": "P-RES",
        "quantity": "1",
        "refdes": "R1",
    }
    load({"bom": [line]}, "bom 2")
    demand_firmware(actor, product="BRD", revision="A", part="P-IC")
    demand_firmware(actor, product="BRD", revision="A", configuration="EU", version="1.0.0")

    def made(code: str, **more) -> dict:
        message = orders((code, "BRD", "A", 8.0))
        message["MessageBody"]["NewOrders"][0] |= more
        return message

    report = say(made("WO-71", BomVersion="1", Configuration="EU"), made("WO-72", BomVersion="2"), made("WO-73"))
    assert report.uses == {"used": 3}
    assert [said for said in report.warnings if "WO-7" in said] == [
        "Order WO-73 names no BOM version of BRD A: the newest was taken, 2."
    ]
    versions = (
        "SELECT o.code, m.version FROM production_order o JOIN production_block b ON b.work_order = o.number "
        "JOIN catalog_bom m ON m.number = b.bom WHERE o.code LIKE 'WO-7%%' ORDER BY o.code"
    )
    assert sql(versions) == [("WO-71", "1"), ("WO-72", "2"), ("WO-73", "2")]
    demanded = [[one.version for one in demands_of(1, order, "BRD", "A", 2**60)] for order in ("WO-71", "WO-72")]
    assert demanded == [["1.0.0"], [""]]
    # what the catalogue does not know is a dead letter, and no order is opened by half
    wrong = say(made("WO-74", BomVersion="9"), made("WO-75", Configuration="US"))
    assert dict(wrong.causes) == {"production.bom_unknown": 1, "programming.configuration_unknown": 1}
    assert sql("SELECT count(*) FROM production_order WHERE code IN ('WO-74', 'WO-75')") == [(0,)]
    assert verified() == []
