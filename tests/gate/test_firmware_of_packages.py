"""Units that run what the package on them came programmed with: at the gate, on the papers of their shipment, among what is touched.

Story: a customer's certificate said "no programming recorded" of boards whose reels had been programmed before placement, and boards whose
reel held a withdrawn release left. Boards S0000 to S0003 carry reel OK, which came with 1.1.0; S0004 and S0005 carry OLD, with 1.0.0; S0005
was programmed with 1.1.0 since.
"""

from hashlib import sha256

import pytest
import signers
from shipping_floor import at, finished, loaded, lot, material

IMAGES = {version: f"image {version} ".encode() * 90 for version in ("1.0.0", "1.1.0")}
DIGESTS = {version: sha256(image).hexdigest() for version, image in IMAGES.items()}


def programming() -> list[dict]:
    """The reels, and S0005 by itself."""
    reel = {"serial": "", "source": "supplier", "happened_at": at(1)}
    said = [
        loaded("", "1.1.0") | reel | {"package": "OK"},
        loaded("", "1.0.0") | reel | {"package": "OLD"},
        loaded("S0005", "1.1.0"),
    ]
    return [{"package": "", "source": "", "role": "app"} | one | {"sha256": DIGESTS[one["version"]]} for one in said]


@pytest.fixture
def boards(load, actor):
    """boards(…): tested and finished; 1.1.0 is demanded and comes with the part, or nothing is; a release may be withdrawn."""
    from asbuilt.designed.firmware.actions import (
        Draft,
        add_release,
        release_firmware,
        set_trust_store,
        sign_release,
        withdraw_release,
    )

    def made(demanded: bool = True, withdrawn: str = ""):
        rows = finished(6)
        rows["lots"].append(lot("OLD"))
        rows["materials"] = [material("S0000", "S0003", "OK"), material("S0004", "S0005", "OLD")]
        demand = {**rows["firmware_demands"][0], "part": "RES"}
        load(rows | dict.fromkeys(("firmware", "firmware_demands", "programming"), []))
        store = signers.store()
        set_trust_store(actor, document=signers.store_file(store), pin=store.sha256)
        for version, image in IMAGES.items():
            found = add_release(actor, draft=Draft("board", "app", version, ("A",)), image=image)
            sign_release(
                actor, product="board", role="app", version=version, document=signers.release_file(found.statement)
            )
            release_firmware(actor, product="board", role="app", version=version)
        load({"firmware_demands": [demand] if demanded else [], "programming": programming()}, "programmed")
        if withdrawn:
            withdraw_release(actor, product="board", role="app", version=withdrawn, reason="bricks")

    return made


@pytest.fixture
def stops(actor):
    """stops(n) -> what stops board n, without the room."""
    from asbuilt.answers.gate.leaving import may_leave

    return lambda n: [stop.code.removeprefix("gate.") for one in may_leave(actor, f"S{n:04d}") for stop in one.stops]


def test_a_board_whose_reel_holds_a_withdrawn_release_stays(boards, stops):
    boards(demanded=False, withdrawn="1.0.0")
    assert [stops(n) for n in (0, 3, 4, 5)] == [[], [], ["firmware_withdrawn"], []]


def test_what_is_demanded_and_withdrawn_is_said_once(boards, stops):
    boards(withdrawn="1.1.0")
    assert [stops(n) for n in (0, 5)] == [["firmware_withdrawn"], ["firmware_withdrawn"]]
    assert stops(4) == ["firmware_missing"]


def test_the_papers_of_a_shipment_say_what_its_reels_came_with(boards, actor, stops):
    from asbuilt.answers.gate.packing import put_in, ship
    from asbuilt.built.shipping.actions.packing import open_container
    from asbuilt.kernel import shipment_packages
    from asbuilt.ledger import keyring, sequencing
    from asbuilt.questions.genealogy.seen.conformity import conformity
    from asbuilt.questions.genealogy.seen.shipment_package import shipment_package

    boards(demanded=False)
    shipment = open_container(actor, kind="shipment", customer="SHOP", country="FR").container.code
    put_in(actor, container=shipment, codes=["S0000", "S0004", "S0005"])
    ship(actor, shipment=shipment)
    said = conformity(actor, shipment)
    assert [(one.what, one.units, one.of) for one in said.firmware] == [
        ("board app 1.0.0", 1, 3),
        ("board app 1.1.0", 2, 3),
    ]
    assert said.gaps == ()
    origin = sequencing.head(actor.tenant)[0]
    keys = {"record_keys": [keyring.record_public(origin)], "log_vkeys": keyring.vkeys(origin)}
    listed = (
        shipment_packages.check(shipment_package(actor, shipment), **keys)
        .files["firmware.csv"]
        .decode()
        .splitlines()[1:]
    )
    assert [line.split(",") for line in listed] == [
        ["S0000", "board", "app", "1.1.0", DIGESTS["1.1.0"], "2026-03-01T08:00:00.000000Z"],
        ["S0004", "board", "app", "1.0.0", DIGESTS["1.0.0"], "2026-03-01T08:00:00.000000Z"],
        ["S0005", "board", "app", "1.1.0", DIGESTS["1.1.0"], "2026-03-04T08:00:00.000000Z"],
    ]


def test_what_is_touched_knows_them_too(boards, actor):
    from asbuilt.questions.genealogy.answering.factors import common_factors

    boards(demanded=False)
    found = common_factors(actor, failed="unit:S0004", among="order:WO", kinds=["firmware"])
    counts = {(key.value, key.term): (one.failed_with, one.passed_with) for one in found.factors for key in one.keys}
    assert counts == {("1.0.0", "firmware:1.0.0"): (1, 0), ("1.1.0", "firmware:1.1.0"): (0, 5)}
