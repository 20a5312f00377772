"""From a box to the market: packing through the gate, the as-built package that anybody checks, placing on the market, coming back."""

import re
import subprocess
import sys
import zipfile
from io import BytesIO

import pytest
from shipping_floor import finished, names, run

from asbuilt.kernel.errors import Conflict, Invalid, NotFound, Refused, Tampered
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger import clock


@pytest.fixture
def floor(load):
    """Eight finished boards."""
    load(finished(8))


@pytest.fixture
def pack(actor):
    """pack("box", "S0000", …) -> code of a closed container with them."""
    from asbuilt.answers.gate.packing import put_in
    from asbuilt.built.shipping.actions.packing import close_container, open_container

    def packed(kind, *codes, close=True, **said):
        code = open_container(actor, kind=kind, **said).container.code
        put_in(actor, container=code, codes=codes)
        if close:
            close_container(actor, code=code)
        return code

    return packed


@pytest.fixture
def ask(actor):
    from asbuilt.questions.genealogy.answering import answers

    return lambda question: [row["serial"] for row in answers.ask(actor, question, serials=True).as_dict()["serials"]]


def test_box_pallet_shipment_and_what_is_refused_on_the_way(floor, actor, pack, ask):
    from asbuilt.answers.gate.packing import put_in, ship, take_out
    from asbuilt.built.shipping.actions.packing import close_container, open_container, reopen_container
    from asbuilt.built.shipping.packing import units_in

    box = pack("box", "S0000", "S0001")
    with pytest.raises(Refused) as closed:
        put_in(actor, container=box, codes=["S0002"])
    assert closed.value.code == "shipping.container_state"
    reopen_container(actor, code=box, reason="label torn")
    put_in(actor, container=box, codes=["S0002"])
    with pytest.raises(Refused) as twice:
        put_in(actor, container=box, codes=["S0002"])
    assert twice.value.code == "gate.packed_already"
    take_out(actor, container=box, codes=["S0001"], reason="scratched")
    with pytest.raises(Refused):
        take_out(actor, container=box, codes=["S0001"], reason="again")
    shipment = open_container(actor, kind="shipment", customer="SHOP", country="FR").container.code
    with pytest.raises(Refused) as still_open:
        put_in(actor, container=shipment, codes=[box])
    assert still_open.value.code == "gate.container_not_closed"
    close_container(actor, code=box)
    pallet = pack("pallet", box)
    with pytest.raises(Refused) as empty:
        ship(actor, shipment=shipment)
    assert empty.value.code == "gate.shipment_empty"
    with pytest.raises(Refused):
        put_in(actor, container=box, codes=[pallet])
    put_in(actor, container=shipment, codes=[pallet, "S0003"], request_key="k1")
    assert put_in(actor, container=shipment, codes=[pallet, "S0003"], request_key="k1").units == 3
    with pytest.raises(Conflict):
        put_in(actor, container=shipment, codes=["S0004"], request_key="k1")
    assert len(units_in(actor.tenant, shipment)) == 3
    gone = ship(actor, shipment=shipment, request_key="k2")
    assert gone.units == 3 and ship(actor, shipment=shipment, request_key="k2") == gone
    assert ask("in:shipped") == ["S0000", "S0002", "S0003"] == ask(f"shipment:{shipment} customer:SHOP country:FR")
    with pytest.raises(Refused) as again:
        put_in(actor, container=pack("box", "S0004", close=False), codes=["S0000"])
    assert again.value.code == "gate.shipped_already"
    with pytest.raises(Conflict):
        reopen_container(actor, code=box, reason="no")
    with pytest.raises(NotFound):
        put_in(actor, container="BOX-99", codes=["S0005"])
    with pytest.raises(Invalid):
        put_in(actor, container=box, codes=[])


def test_a_hold_between_packing_and_shipping_keeps_the_shipment_here(floor, actor, pack, ask):
    from asbuilt.answers.gate.packing import ship
    from asbuilt.answers.register.holds import hold, lift

    shipment = pack("shipment", "S0000", "S0001", customer="SHOP", country="FR")
    code = hold(actor, units=["S0001"], reason="wait")
    with pytest.raises(Refused) as held:
        ship(actor, shipment=shipment)
    assert held.value.code == "gate.held" and [stop["facts"]["unit"] for stop in held.value.facts["stops"]] == ["S0001"]
    lift(actor, code=code, reason="looked at")
    assert ship(actor, shipment=shipment).units == 2


WORKER = """
import sys
import django
django.setup()
from asbuilt.access.actor import local_system
from asbuilt.answers.gate.packing import put_in
from asbuilt.answers.register.holds import hold
from asbuilt.kernel.errors import Refused
print("ready", flush=True)
sys.stdin.readline()
for n in range(int(sys.argv[2]), 8, 4):
    try:
        if sys.argv[1] == "hold":
            print("placed", hold(local_system(1), units=["S0000..S0007"], reason="stop"), flush=True)
            break
        print("packed", put_in(local_system(1), container="BOX-1", codes=[f"S{n:04d}"]).units, flush=True)
    except Refused as refusal:
        print("refused", refusal.code, flush=True)
"""


def begin(home, kind: str, n: int) -> subprocess.Popen:
    env = {**home.env(), "DJANGO_SETTINGS_MODULE": "asbuilt.site.settings"}
    command = [sys.executable, "-c", WORKER, kind, str(n)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)


def test_a_packer_racing_a_hold_the_hold_wins(floor, home, actor):
    """Processes of their own: whoever packed did so before the hold stood; behind it nobody packs, and nothing of the box leaves."""
    from asbuilt.answers.gate.packing import put_in, ship
    from asbuilt.built.shipping.actions.packing import close_container, open_container
    from asbuilt.storage import reading

    open_container(actor, kind="box")
    workers = [
        begin(home, "pack", 0),
        begin(home, "pack", 1),
        begin(home, "hold", 0),
        begin(home, "pack", 2),
        begin(home, "pack", 3),
    ]
    assert all(worker.stdout.readline() == "ready\n" for worker in workers)
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    said = [line.split() for worker in workers for line in worker.communicate(timeout=120)[0].splitlines()]
    assert [one[0] for one in said if one[0] == "placed"] == ["placed"] and len(said) == 9
    packed = [one for one in said if one[0] == "packed"]
    assert {one[1] for one in said if one[0] == "refused"} <= {"gate.held"}
    (held_by,) = reading.fetch_one("SELECT max(entry) FROM production_hold WHERE tenant = 1", ())
    entries = [entry for (entry,) in reading.fetch("SELECT entry FROM shipping_packed WHERE tenant = 1", ())]
    assert len(entries) == len(packed) and all(entry < held_by for entry in entries)
    with pytest.raises(Refused) as held:
        put_in(actor, container="BOX-1", codes=["S0005"])
    assert held.value.code in ("gate.held", "gate.packed_already")
    if packed:
        close_container(actor, code="BOX-1")
        shipment = open_container(actor, kind="shipment", customer="SHOP", country="FR").container.code
        with pytest.raises(Refused) as kept:
            put_in(actor, container=shipment, codes=["BOX-1"])
        assert kept.value.code == "gate.held"
        with pytest.raises(Refused):
            ship(actor, shipment=shipment)


def keys_of(actor):
    from asbuilt.ledger import keyring, sequencing

    origin = sequencing.head(actor.tenant)[0]
    return {"record_keys": [keyring.record_public(origin)], "log_vkeys": keyring.vkeys(origin)}


def test_the_package_of_a_shipment_is_checked_without_us_and_each_byte_counts(load, actor, pack):
    from asbuilt.answers.gate.packing import ship
    from asbuilt.kernel import shipment_packages
    from asbuilt.questions.genealogy.seen.conformity import conformity
    from asbuilt.questions.genealogy.seen.shipment_package import shipment_package

    rows = finished(8)
    rows["lots"].append({**rows["lots"][0], "package": "THEIRS", "lot_code": "LTHEIRS", "owner": "OTHER"})
    rows["lots"] = [{"owner": "", **one} for one in rows["lots"]]
    rows["materials"][0] |= {"last_serial": "S0006"}
    rows["materials"].append(
        {**rows["materials"][0], "first_serial": "S0007", "last_serial": "S0007", "package": "THEIRS"}
    )
    load(rows)
    shipment = pack("shipment", "S0000", "S0001", "S0007", customer="SHOP", country="FR")
    other = pack("shipment", "S0002", customer="OTHER", country="DE")
    ship(actor, shipment=shipment)
    ship(actor, shipment=other)
    document = shipment_package(actor, shipment)
    found = shipment_packages.check(document, **keys_of(actor))
    assert (
        found.manifest["units"] == 3
        and found.manifest["customer"] == "Shop X"
        and found.manifest["shipment"] == shipment
    )
    text = b"".join(found.files.values()).decode()
    for mine in ("S0000", "S0001", "S0007", "LOK", "M-RES", "FCT", "a2" * 32, "1.1.0"):
        assert mine in text
    for theirs in ("S0002", "LTHEIRS", "THEIRS", "Secret Supplies", "SUP", "Other Brand", other, "045"):
        # as a word: a hash or a fraction of a second may hold any digits
        assert not re.search(rf"\b{theirs}\b", text), theirs
    materials = found.files["materials.csv"].decode().splitlines()
    assert materials[1:] == [
        "WO,1,2,R1,Acme,M-RES,LOK,2601,certain", "WO,8,8,R1,,,not shown: another party's material,,certain"
    ]  # fmt: skip
    assert "compliant" not in text.lower()
    said = conformity(actor, shipment)
    assert [(one.what, one.units, one.of) for one in said.tests] == [("FCT 2", 3, 3)] and said.gaps == ()
    for place in range(0, len(document), 7):
        changed = bytearray(document)
        changed[place] ^= 1
        with pytest.raises((Tampered, Invalid)):
            shipment_packages.check(bytes(changed), **keys_of(actor))
    with zipfile.ZipFile(BytesIO(document)) as archive:
        at = document.index(archive.read("tests.csv"))
    with pytest.raises(Tampered) as named:
        shipment_packages.check(document[:at] + b"X" + document[at + 1 :], **keys_of(actor))
    assert named.value.facts["file"] == "tests.csv"
    with pytest.raises((Tampered, Invalid)):
        shipment_packages.check(document + b"x", **keys_of(actor))


def test_a_package_goes_to_its_customer_and_nobody_else(floor, actor, pack, stranger):
    from asbuilt.access.actor import person_actor
    from asbuilt.answers.gate.packing import ship
    from asbuilt.designed.parties.queries import numbers_by_name
    from asbuilt.questions.genealogy.seen.shipment_package import shipment_package

    shipment = pack("shipment", "S0000", customer="SHOP", country="FR")
    with pytest.raises(NotFound):
        shipment_package(actor, shipment)
    ship(actor, shipment=shipment)
    party = numbers_by_name(actor.tenant)
    reader = lambda code: person_actor(actor.tenant, 9, frozenset({"party_reader"}), party[code])  # noqa: E731
    assert shipment_package(reader("SHOP"), shipment)
    for who in (reader("OTHER"), stranger):
        with pytest.raises(NotFound):
            shipment_package(who, shipment)


def test_placing_on_the_market_is_a_decision_with_its_date(floor, actor, pack, ask):
    from asbuilt.answers.gate.packing import Decision, place_on_market, ship
    from asbuilt.answers.register.holds import hold
    from asbuilt.kernel.instants import parse_instant

    shipment = pack("shipment", "S0000", "S0001", customer="SHOP", country="FR")
    decision = Decision(
        "BRAND", "Ada Brand", "sale", "order 7", parse_instant("2027-12-11T00:00:00Z"), "order.pdf", b"%PDF-1.4 order"
    )
    with pytest.raises(NotFound):
        place_on_market(actor, shipment=shipment, decision=decision)
    ship(actor, shipment=shipment)
    assert ask("placed:2027-12-11..") == []
    hold(actor, units=["S0001"], reason="look")
    with pytest.raises(Refused) as held:
        place_on_market(actor, shipment=shipment, decision=decision)
    assert held.value.code == "gate.held"
    assert place_on_market(actor, shipment=shipment, decision=decision, codes=["S0000"]).units == 1
    assert ask("placed:2027-12-11..") == ["S0000"] and ask("placed:..2027-12-10") == []
    with pytest.raises(Refused) as twice:
        place_on_market(actor, shipment=shipment, decision=decision, codes=["S0000"])
    assert twice.value.code == "gate.placed_already"
    with pytest.raises(Refused):
        place_on_market(actor, shipment=shipment, decision=decision, codes=["S0002"])


def test_what_comes_back_is_looked_at_and_goes_again_or_another_stands_for_it(floor, actor, pack, ask, load):
    from asbuilt.answers.gate.packing import put_in, ship
    from asbuilt.answers.gate.returning import receive_returns, record_return
    from asbuilt.built.shipping.returns import replaced_by
    from asbuilt.kernel.instants import format_instant
    from asbuilt.ledger import clock
    from asbuilt.questions.genealogy.seen.life import unit_life
    from asbuilt.questions.genealogy.seen.returns import return_seen

    first = pack("shipment", "S0000", "S0001", customer="SHOP", country="FR")
    with pytest.raises(Refused):
        receive_returns(actor, codes=["S0000"])
    ship(actor, shipment=first)
    rma, _ = receive_returns(actor, codes=["S0000", "S0001"], said="no light", party="SHOP")
    assert rma == "RMA-1" and ask("in:returned") == ["S0000", "S0001"] and ask("in:shipped") == []
    assert unit_life(actor, "S0000").where.state == "returned"
    with pytest.raises(Refused):
        receive_returns(actor, codes=["S0000"])
    with pytest.raises(Refused):
        record_return(actor, code="S0002", event="found", said="x")
    record_return(actor, code="S0000", event="found", said="R1 open")
    record_return(actor, code="S0001", event="replaced", replacement="S0005")
    with pytest.raises(Refused):
        record_return(actor, code="S0000", event="replaced", replacement="S0005")
    units = {row["serial"]: row["unit"] for row in _units(actor)}
    assert replaced_by(actor.tenant, units["S0001"])[0] == units["S0005"]
    # the replacement's own page said nothing of it
    said = [(one.cells["event"], one.other) for one in unit_life(actor, "S0005").events if one.kind == "returned"]
    assert said == [("stands_for", "S0001")]
    seen = return_seen(actor, rma)
    assert [(one.name, one.state) for one in seen.units] == [("S0000", "found"), ("S0001", "replaced")]
    assert seen.units[1].replacement == "S0005"
    second = pack("shipment", "S0005", customer="SHOP", country="FR", close=False)
    with pytest.raises(Refused) as untouched:
        put_in(actor, container=second, codes=["S0000"])
    assert untouched.value.code == "gate.return_open"
    record_return(actor, code="S0000", event="repaired", said="R1 soldered")
    later = format_instant(clock.now())
    load({"tests": [{**run("S0000"), "started_at": later, "finished_at": later}]}, "tested again")
    put_in(actor, container=second, codes=["S0000"])
    ship(actor, shipment=second)
    assert ask("in:returned") == ["S0001"] and ask("in:shipped") == ["S0000", "S0005"]
    assert [one.state for one in return_seen(actor, rma).units] == ["sent_back", "replaced"]
    kinds = [event.kind for event in unit_life(actor, "S0000").events]
    assert kinds.count("returned") == 4 and "packed" in kinds


def test_what_is_still_here_is_listed_however_much_is_newer(floor, actor, pack):
    """A shipment that was being packed, and a return that nobody had looked at, were gone from their lists once 200 newer ones were there."""
    from asbuilt.access.actor import person_actor
    from asbuilt.answers.gate.packing import ship
    from asbuilt.answers.gate.returning import receive_returns
    from asbuilt.designed.parties.queries import numbers_by_name
    from asbuilt.questions.genealogy.seen.packing import shipments_seen
    from asbuilt.questions.genealogy.seen.returns import open_returns

    waiting = pack("shipment", "S0000", customer="SHOP", country="FR", close=False)
    first, second = (pack("shipment", unit, customer="SHOP", country="FR") for unit in ("S0001", "S0002"))
    for one in (first, second):
        ship(actor, shipment=one)
    assert [one.code for one in shipments_seen(actor, 1)] == [waiting, second]

    def reader(code):
        return person_actor(actor.tenant, 9, frozenset({"party_reader"}), numbers_by_name(actor.tenant)[code])

    assert (
        [one.code for one in shipments_seen(reader("SHOP"))]
        == [second, first]
        == [one.code for one in shipments_seen(reader("BRAND"))]
    )
    assert shipments_seen(reader("OTHER")) == []
    for unit in ("S0001", "S0002"):
        receive_returns(actor, codes=[unit])
    assert [one[:3] for one in open_returns(actor, 0)] == [("RMA-2", 1, 1), ("RMA-1", 1, 1)]
    assert [one[:3] for one in open_returns(reader("SHOP"))] == [("RMA-2", 1, 1), ("RMA-1", 1, 1)] and open_returns(
        reader("OTHER")
    ) == []


def _units(actor):
    from asbuilt.storage import reading

    rows = reading.fetch("SELECT unit, value FROM production_unit_name WHERE tenant = %s AND kind = 0", (actor.tenant,))
    return [{"unit": unit, "serial": value} for unit, value in rows]


def test_a_repaired_unit_needs_its_tests_again_before_it_goes_back(load, actor, pack):
    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.answers.gate.packing import ship
    from asbuilt.answers.gate.returning import receive_returns
    from asbuilt.answers.gate.reworking import replace_part

    load(finished(2))
    ship(actor, shipment=pack("shipment", "S0000", customer="SHOP", country="FR"))
    assert [stop.code for stop in may_leave(actor, "S0000")[0].stops] == ["gate.shipped_already"]
    receive_returns(actor, codes=["S0000"])
    assert [stop.code for stop in may_leave(actor, "S0000")[0].stops] == ["gate.return_open"]
    replace_part(actor, code="S0000", refdes="R1", installed="OK", reason="open")
    assert [stop.code for stop in may_leave(actor, "S0000")[0].stops] == ["gate.test_before_rework"]
    load(
        {"tests": [{**run("S0000"), "started_at": "2099-01-01T00:00:00Z", "finished_at": "2099-01-01T00:00:00Z"}]},
        folder="later",
    )
    # of a day that has not come it shows nothing yet
    assert [stop.code for stop in may_leave(actor, "S0000")[0].stops] == ["gate.test_before_rework"]
    clock.set_clock(lambda: parse_instant("2099-01-02T00:00:00Z"))
    assert {stop.code for stop in may_leave(actor, "S0000")[0].stops} <= {"gate.calibration"}
    assert names(1) == ["S0000"]
