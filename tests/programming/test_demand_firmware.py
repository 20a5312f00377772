"""Which release an order or a revision demands, and what that refuses at the feeder, at the gate and to machines that ask."""

import json

import pytest
from preprogrammed_line import came

EVERYTHING = ["programming.package_unprogrammed"]


def test_a_package_that_is_to_come_programmed_and_is_not_is_refused(line_floor):
    from asbuilt.kernel.errors import Refused

    assert line_floor.stops("U-1") == []
    line_floor.demand(product="board", revision="A", part="MCU", version="1.1.0")
    with pytest.raises(Refused) as refusal:
        line_floor.mount("U-1")
    assert refusal.value.code == "programming.package_unprogrammed"
    assert refusal.value.message == "Package U-1 is not programmed; board A demands board app 1.1.0 in MCU."
    assert refusal.value.remedy


def test_another_image_than_demanded_is_refused(line_floor, load):
    from asbuilt.kernel.errors import Refused

    line_floor.demand(product="board", revision="A", part="MCU", version="1.1.0")
    load({"programming": [came("U-1", "1.0.0"), came("U-2", "1.1.0")]}, "came programmed")
    with pytest.raises(Refused) as refusal:
        line_floor.mount("U-1")
    assert refusal.value.code == "programming.other_image"
    assert refusal.value.message == "Package U-1 holds board app 1.0.0; board A demands board app 1.1.0."
    assert line_floor.mount("U-2").package == "U-2"


def test_the_order_goes_before_the_revision(line_floor, load):
    line_floor.demand(product="board", revision="A", part="MCU", version="1.1.0")
    line_floor.demand(order="WO", version="1.0.0")
    load({"programming": [came("U-1", "1.0.0"), came("U-2", "1.1.0")]}, "came programmed")
    assert line_floor.stops("U-1") == []
    assert line_floor.stops("U-2") == ["programming.other_image"]
    # the part is that of the revision: the order said nothing of it
    assert line_floor.stops("U-3") == ["programming.package_unprogrammed"]
    # another order of the same revision takes what the revision takes
    assert line_floor.stops("U-2", "WA") == []
    assert line_floor.stops("U-1", "WA") == ["programming.other_image"]


def test_the_last_demand_counts_and_one_to_come_does_not_yet(line_floor, load):
    from asbuilt.kernel.instants import parse_instant

    load({"programming": [came("U-1", "1.0.0"), came("U-2", "1.1.0")]}, "came programmed")
    line_floor.demand(order="WO", version="1.0.0", happened_at=parse_instant("2026-01-02T00:00:00Z"))
    line_floor.demand(order="WO", version="1.1.0", happened_at=parse_instant("2026-01-01T00:00:00Z"))
    line_floor.demand(order="WO", version="1.1.0", happened_at=parse_instant("2199-01-01T00:00:00Z"))
    assert (line_floor.stops("U-1"), line_floor.stops("U-2")) == ([], ["programming.other_image"])


def test_an_image_of_another_revision_or_product_is_refused_though_nothing_is_demanded(line_floor, load):
    load(
        {"programming": [came("U-1", "2.0.0"), came("U-2", "1.1.0", "bench"), came("U-3", "1.0.0")]}, "came programmed"
    )
    assert line_floor.stops("U-1") == ["programming.image_of_other_revision"]
    assert line_floor.stops("U-2") == ["programming.other_image"]
    assert line_floor.stops("U-3") == []


def test_the_image_of_another_product_is_taken_where_it_is_demanded(line_floor, load):
    line_floor.demand(product="board", revision="A", part="MCU", of_product="bench", version="1.1.0")
    load({"programming": [came("U-1", "1.1.0", "bench"), came("U-2", "1.1.0", "board")]}, "came programmed")
    assert line_floor.stops("U-1") == []
    assert line_floor.stops("U-2") == ["programming.other_image"]


def test_any_version_of_the_matrix_is_taken_where_the_version_is_open(line_floor, load):
    line_floor.demand(product="board", revision="A", part="MCU")
    load({"programming": [came("U-1", "1.0.0"), came("U-2", "2.0.0")]}, "came programmed")
    assert line_floor.stops("U-1") == []
    assert line_floor.stops("U-2") == ["programming.image_of_other_revision"]
    assert line_floor.stops("U-3") == ["programming.package_unprogrammed"]


def test_every_role_that_is_demanded_must_be_there(line_floor, load):
    line_floor.demand(product="board", revision="A", part="MCU", version="1.1.0")
    line_floor.demand(product="board", revision="A", part="MCU", role="radio", version="2.0")
    load({"programming": [came("U-1", "1.1.0"), came("U-2", "1.1.0"), came("U-2", "2.0", role="radio")]}, "came")
    assert line_floor.stops("U-1") == ["programming.package_unprogrammed"]
    assert line_floor.stops("U-2") == []


def test_a_withdrawn_image_is_neither_mounted_nor_ordered(load, actor, tmp_path):
    """The register's own factory: board 2.0.0 was released under signatures and withdrawn."""
    from exchange.conftest import factory

    from asbuilt.built.production.mounting_checks import Use
    from asbuilt.built.production.orders import Orders
    from asbuilt.built.programming.actions.programming_orders import open_order
    from asbuilt.built.programming.image_checks import image_stops
    from asbuilt.built.supply.queries import PackageFinder
    from asbuilt.kernel.errors import Refused

    rows = factory()
    del (
        rows["sboms"],
        rows["own_entries"],
        rows["build_configurations"],
    )  # their documents lie beside that folder's tables
    rows["programming"].append({**rows["programming"][-1], "package": "P3", "version": "2.0.0"})
    load(rows)
    package = PackageFinder(1).find(["P3"])["P3"]
    (stops,) = image_stops(1, Orders(1).by_code("WO-1"), [Use(package, "feeder 1", frozenset({package.part}))], 2**60)
    # that factory's revision A demands 1.0.0 as well
    assert [stop.code for stop in stops] == ["programming.other_image", "programming.image_withdrawn"]
    with pytest.raises(Refused) as refusal:
        open_order(actor, package="P2", product="board", version="2.0.0")
    assert refusal.value.code == "programming.image_withdrawn"


def test_setup_gate_hand_and_machines_say_the_same(line_floor, actor):
    from asbuilt.access.actor import machine_door
    from asbuilt.answers.gate.actions import StepDone, pass_step
    from asbuilt.answers.gate.placing import place_by_hand
    from asbuilt.answers.gate.validating import validate_units
    from asbuilt.built.messages.machines import name_machine
    from asbuilt.built.production.setups import setup_of
    from asbuilt.formats.cfx.envelope import read_envelope
    from asbuilt.kernel.errors import Refused

    body = {"PrimaryIdentifier": "B1", "Units": []}
    asked = {
        "MessageName": "CFX.InformationSystem.UnitValidation.ValidateUnitsRequest", "Version": "2.1", "UniqueID": "u",
        "TimeStamp": "2027-03-01T08:00:00Z", "Source": "Acme.Placer.1", "MessageBody": body,
    }  # fmt: skip

    def to_the_machine():
        said = validate_units(machine_door(1), read_envelope(json.dumps(asked).encode()))
        return said["PrimaryResult"]["FailureCode"], said["PrimaryResult"]["Message"]

    name_machine(actor, handle="Acme.Placer.1", machine="M9", step="")
    line_floor.mount("U-1")
    line_floor.mount("U-2", machine="M9", feeder="1")
    assert to_the_machine()[0] == 0
    line_floor.demand(product="board", revision="A", part="MCU", version="1.1.0")
    seen = next(one for one in setup_of(actor, machine="M1", order="WO", side="bottom").feeders if one.feeder == "7")
    assert (seen.state, [stop.code for stop in seen.stops]) == ("stopped", EVERYTHING)
    with pytest.raises(Refused) as refusal:
        pass_step(actor, code="B1", done=StepDone("SMT", "bottom", machine="M1"))
    assert [stop["code"] for stop in refusal.value.facts["stops"]] == EVERYTHING
    with pytest.raises(Refused) as refusal:
        place_by_hand(actor, first="B1", last="B1", refdes=["U1"], package="U-3")
    assert refusal.value.code == EVERYTHING[0]
    code, words = to_the_machine()
    assert code == 7 and words.startswith("Package U-2 is not programmed; board A demands board app 1.1.0 in MCU.")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"order": "WO"}, "programming.demand_empty"),
        ({"order": "NO", "version": "1.1.0"}, "production.order_unknown"),
        ({"order": "WO", "product": "board", "revision": "A", "version": "1.1.0"}, "programming.demand_scope"),
        ({"product": "board", "revision": "Z", "version": "1.1.0"}, "catalog.revision_unknown"),
        ({"product": "board", "version": "1.1.0"}, "tables.cell_empty"),
        ({"order": "WO", "version": "9"}, "programming.release_unknown"),
        ({"order": "WO", "role": "boot", "version": "1.1.0"}, "programming.release_unknown"),
        ({"order": "WO", "part": "NONE", "version": "1.1.0"}, "catalog.part_unknown"),
        ({"order": "WO", "of_product": "no", "part": "MCU"}, "catalog.product_unknown"),
        ({"version": "1.1.0"}, "tables.cell_empty"),
    ],
)
def test_what_cannot_be_demanded_is_refused(line_floor, said, code):
    from asbuilt.built.programming.demands import demand_rows
    from asbuilt.kernel.errors import Invalid

    with pytest.raises(Invalid) as refusal:
        line_floor.demand(**said)
    assert refusal.value.code == code
    assert demand_rows(1) == []


def test_a_demand_is_said_once_and_by_those_who_may(line_floor, person):
    from asbuilt.built.programming.demands import demand_rows
    from asbuilt.kernel.errors import NotAllowed

    first = line_floor.demand(order="WO", version="1.1.0", request_key="k")
    assert line_floor.demand(order="WO", version="1.1.0", request_key="k").entry == first.entry
    assert len(demand_rows(1)) == 1
    with pytest.raises(NotAllowed):
        line_floor.demand(order="WO", version="1.1.0", by=person("operator"))


def test_a_demand_that_was_withdrawn_demands_nothing(line_floor):
    from asbuilt.access.actor import local_system
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts

    said = line_floor.demand(product="board", revision="A", part="MCU", version="1.1.0")
    assert line_floor.stops("U-1") == EVERYTHING
    withdraw_facts(local_system(1), [Withdraw(said.facts[0], "wrong part", "045", 1_800_000_000_000_000)])
    assert line_floor.stops("U-1") == []


def test_what_a_demand_rests_on_is_not_withdrawn_from_under_it(line_floor, actor):
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.kernel.errors import Refused
    from asbuilt.ledger.facts import all_facts, fact_ids

    line_floor.demand(product="board", revision="A", part="MCU", version="1.1.0")
    line_floor.opened("U-1")
    for shape, wanted in (("firmware.release/1", "1.1.0"), ("supply.package/1", "U-1")):
        fact = next(one for one in all_facts(1, shape) if wanted in one.values[:2] and "bench" not in one.values)
        ident = fact_ids(1, fact.entry, shape, fact.row, 1).hex()
        with pytest.raises(Refused) as refusal:
            withdraw_facts(actor, [Withdraw(ident, "never so", "045", 1_800_000_000_000_000)])
        assert refusal.value.code == "exchange.fact_rested_on"


@pytest.fixture
def configured(line_floor, load):
    """board A takes 1.1.0 in MCU; its configuration EU takes 1.0.0. U-1 came with 1.0.0, U-2 with 1.1.0."""
    line_floor.demand(product="board", revision="A", part="MCU", version="1.1.0")
    line_floor.demand(product="board", revision="A", configuration="EU", version="1.0.0")
    load({"programming": [came("U-1", "1.0.0"), came("U-2", "1.1.0")]}, "came programmed")
    return line_floor


def opened(actor, order, **said):
    from asbuilt.built.production.actions.orders import open_order

    return open_order(actor, order=order, product="board", revision="A", bom_version="1", quantity=4, **said)


def taken(line_floor, order):
    """The packages that the order takes, in words."""
    return [code for code in ("U-1", "U-2", "U-3") if line_floor.stops(code, order) == []]


def test_an_order_takes_what_its_configuration_takes_else_what_the_revision_takes(configured, actor):
    from asbuilt.built.exchange.exporting import rows_of
    from asbuilt.ledger.verifying import verify

    first = opened(actor, "EU-1", configuration="EU", request_key="k-1")
    assert opened(actor, "EU-1", configuration="EU", request_key="k-1").entry == first.entry
    opened(actor, "ANY-1")
    assert (taken(configured, "EU-1"), taken(configured, "ANY-1")) == (["U-1"], ["U-2"])
    # nothing of the configuration says which part: that of the revision, so an unprogrammed package is stopped
    assert configured.stops("U-3", "EU-1") == ["programming.package_unprogrammed"]
    # the order's own demand goes before that of its configuration
    configured.demand(order="EU-1", version="1.1.0")
    assert taken(configured, "EU-1") == ["U-2"]
    named = [row for row in rows_of(1, "configurations") if row[0]]
    assert [row[:5] for row in named] == [("EU-1", "", "", "EU", "")]
    assert verify(1).as_json()["findings"] == []


def test_an_order_is_given_another_configuration_and_a_split_one_keeps_it(configured, actor):
    from asbuilt.built.production.actions.orders import split_order

    opened(actor, "EU-1")
    assert taken(configured, "EU-1") == ["U-2"]
    configured.demand(order="EU-1", configuration="EU")
    split_order(actor, order="EU-1", new_order="EU-2", quantity=2)
    assert (taken(configured, "EU-1"), taken(configured, "EU-2")) == (["U-1"], ["U-1"])
    split_order(actor, order="EU-1", new_order="B-1", quantity=1, revision="B")
    from asbuilt.built.programming.configurations import configuration_of

    assert [configuration_of(1, order, 2**60) for order in ("EU-2", "B-1")] == ["EU", ""]


def test_a_configuration_that_nobody_knows_is_refused_and_no_order_opened(configured, actor, person):
    from asbuilt.built.production.orders import Orders
    from asbuilt.kernel.errors import Invalid, NotAllowed

    for said, code in (
        ({"order": "WO", "configuration": "US"}, "programming.configuration_unknown"),
        ({"order": "NO", "configuration": "EU"}, "production.order_unknown"),
        ({"order": "WO", "configuration": "EU", "version": "1.0.0"}, "programming.configuration_scope"),
        ({"product": "board", "revision": "A", "configuration": "US"}, "programming.demand_empty"),
        ({"product": "board", "revision": "A", "configuration": "US", "version": "7"}, "programming.release_unknown"),
        ({"product": "board", "revision": "Z", "configuration": "US", "version": "1.0.0"}, "catalog.revision_unknown"),
    ):
        with pytest.raises(Invalid) as refusal:
            configured.demand(**said)
        assert refusal.value.code == code
    with pytest.raises(Invalid) as refusal:
        opened(actor, "EU-9", configuration="US")
    assert refusal.value.code == "programming.configuration_unknown"
    assert Orders(1).by_code("EU-9") is None
    with pytest.raises(NotAllowed):
        configured.demand(by=person("auditor"), order="WO", configuration="EU")


def test_a_configuration_is_withdrawn_and_what_rests_on_its_order_is_named(configured, actor):
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts

    opened(actor, "EU-1")
    (fact,) = configured.demand(order="EU-1", configuration="EU").facts
    withdraw_facts(actor, [Withdraw(fact, "wrong order", "045", 1)])
    assert taken(configured, "EU-1") == ["U-2"]
