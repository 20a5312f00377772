"""The papers of a shipment tell what was recorded when it left: asked for again, after a return, another test or a repair, they tell the same."""

import io
import zipfile

import pytest
from shipping_floor import at, finished, lot, run

from asbuilt.kernel.instants import parse_instant

FROZEN = ("units.csv", "materials.csv", "tests.csv", "firmware.csv", "concessions.csv", "deviations.csv", "dispositions.csv")  # fmt: skip


@pytest.fixture
def papers(actor):
    """papers("SH-1") -> (the tables of its package, the lines of its certificate but the head of the log)."""
    from asbuilt.questions.genealogy.seen.conformity import conformity, conformity_text
    from asbuilt.questions.genealogy.seen.shipment_package import shipment_package

    def read(shipment: str) -> tuple[dict, list[str]]:
        files = zipfile.ZipFile(io.BytesIO(shipment_package(actor, shipment)))
        lines = conformity_text(conformity(actor, shipment)).splitlines()
        return {name: files.read(name).decode() for name in FROZEN}, [one for one in lines if not one.startswith("Log ")]  # fmt: skip

    return read


@pytest.fixture
def gone(load, actor):
    """SH-1 left on 10 March 2026 with S0000 and, in BOX-1, S0001."""
    from asbuilt.answers.gate.packing import put_in, ship
    from asbuilt.built.shipping.actions.packing import close_container, open_container
    from asbuilt.ledger import clock

    clock.set_clock(lambda: parse_instant(at(10)))
    load(finished(3))
    open_container(actor, kind="shipment", code="SH-1", customer="SHOP", country="DE")
    open_container(actor, kind="box", code="BOX-1")
    put_in(actor, container="BOX-1", codes=["S0001"])
    close_container(actor, code="BOX-1")
    put_in(actor, container="SH-1", codes=["S0000", "BOX-1"])
    ship(actor, shipment="SH-1")
    yield "SH-1"
    clock.set_clock(None)


def test_a_package_asked_for_again_tells_what_it_told(gone, papers, actor, load):
    """It told the tests, parts and boxes of today: units that had passed stood in the certificate of the first shipment as failed."""
    from asbuilt.answers.gate.packing import put_in
    from asbuilt.answers.gate.returning import receive_returns, record_return
    from asbuilt.built.shipping.actions.packing import open_container
    from asbuilt.ledger import clock
    from asbuilt.questions.genealogy.seen.packing import shipment_seen

    before = papers(gone)
    tables, lines = before
    assert [row.split(",")[0:4] for row in tables["tests.csv"].splitlines()[1:]] == [
        ["S0000", "FCT", "2", "pass"], ["S0001", "FCT", "2", "pass"],
    ]  # fmt: skip
    assert "  passed FCT 2: 2 of 2" in lines and [row.split(",")[-1] for row in tables["units.csv"].splitlines()[1:]] == ["SH-1", "BOX-1"]  # fmt: skip
    assert [one for one in lines if "recorded when it left, by entry" in one]
    clock.set_clock(lambda: parse_instant(at(17)))
    receive_returns(actor, codes=["S0000", "S0001"], said="dead", party="SHOP")
    record_return(actor, code="S0000", event="repaired", said="R1 anew")
    record_return(actor, code="S0001", event="no_fault", said="none found")
    clock.set_clock(lambda: parse_instant(at(20)))
    fitted = {"serial": "S0000", "refdes": "R1", "removed_package": "OK", "installed_package": "NEW", "operator": "045", "reason": "burnt", "happened_at": at(19)}  # fmt: skip
    load({"lots": [lot("NEW")], "replacements": [fitted], "tests": [run("S0000", outcome="fail", day=18), run("S0001", day=19)]}, "back")  # fmt: skip
    open_container(actor, kind="box", code="BOX-2")
    put_in(actor, container="BOX-2", codes=["S0001"])
    assert papers(gone) == before
    (box,) = shipment_seen(actor, gone).container.within  # and its delivery note, printed again
    assert (box.code, box.units) == ("BOX-1", 1)


def test_what_came_with_tables_tells_what_is_recorded_now_and_says_so(load, papers):
    """Nobody here knows what the house had on record when such a shipment left; its tests may come in later."""
    rows = finished(1)
    tests = rows.pop("tests")
    rows["shipments"] = [{"shipment": "SH-9", "customer": "SHOP", "country": "DE", "first_serial": "S0000", "last_serial": "S0000", "shipped_at": at(9), "placed_on_market_at": ""}]  # fmt: skip
    load(rows)
    assert "S0000" not in papers("SH-9")[0]["tests.csv"]
    load({"tests": tests}, "later")
    tables, lines = papers("SH-9")
    assert "S0000,FCT,2,pass" in tables["tests.csv"]
    assert "The shipment came with tables: this is what is recorded now." in lines


def test_a_package_too_large_to_be_verified_is_had_in_parts(gone, actor, monkeypatch):
    """It was built whatever its size, and `asbuilt verify` refused it at the customer's: 256 MiB are read."""
    from asbuilt.doors.cli.verifying import FILE_BYTES_MAX
    from asbuilt.kernel import shipment_packages as packages
    from asbuilt.kernel.errors import Invalid, Refused
    from asbuilt.questions.genealogy.seen.shipment_package import shipment_package

    assert FILE_BYTES_MAX == packages.BYTES_MAX, "one limit"

    def tables(part=(1, 1)) -> dict[str, bytes]:
        files = zipfile.ZipFile(io.BytesIO(shipment_package(actor, gone, part)))
        return {name: files.read(name) for name in files.namelist()}

    whole = tables()
    size = sum(len(body) for name, body in whole.items() if name.endswith(".csv"))
    monkeypatch.setattr(packages, "BYTES_MAX", packages.BESIDE_BYTES + size - 1)
    with pytest.raises(Refused) as refusal:
        tables()
    assert refusal.value.code == "question.package_too_large" and refusal.value.facts["parts"] == 2
    assert "--part 1/2" in refusal.value.remedy
    monkeypatch.setattr(packages, "BYTES_MAX", packages.BESIDE_BYTES + size * 2)
    first, second = tables((1, 2)), tables((2, 2))
    assert b'"part":2,"parts":2' in second["manifest.json"] and b'"units":1' in second["manifest.json"]
    assert second["conformity.txt"].startswith(b"Part 2 of 2: 1 of the shipment's 2 units.")
    for name in ("units.csv", "tests.csv", "firmware.csv"):
        rows = [body[name].splitlines()[1:] for body in (first, second, whole)]
        assert rows[0] + rows[1] == rows[2] and rows[0] and rows[1], name
    for wrong in ((0, 1), (3, 2), (1, 3)):
        with pytest.raises(Invalid) as refused:
            tables(wrong)
        assert refused.value.code == "question.package_part"
    monkeypatch.setattr(packages, "BYTES_MAX", packages.BESIDE_BYTES + 100)
    with pytest.raises(Refused) as alone:
        tables((1, 2))
    assert "as few as can be" in alone.value.remedy
