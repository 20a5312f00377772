"""Record levels, gaps and doubts: against the slow count on random factories, and counted by hand."""

import os

import pytest
from brute_force import instant
from factories import Floor, at, factories, row, write_folder
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from record_brute_force import Records

from asbuilt.access.actor import local_system
from asbuilt.access.queries import tenant_of_slug
from asbuilt.built.exchange.actions import import_folder


@st.composite
def recorded(draw):
    """A factory with routings, packages that hold few pieces, and receipts that nobody recorded."""
    tables = draw(factories())
    floor = Floor(draw)
    floor.tables = tables | {"routings": []}
    tables = floor.tables
    for product, revision in sorted({(line["product"], line["revision"]) for line in tables["bom"]}):
        if floor.chance():
            since = at(floor.pick((1, 15, 30)))
            for place, step in enumerate(floor.pick((("REFLOW",), ("SMT", "REFLOW"), ("REFLOW", "FCT"), ("ICT",))), 1):
                cells = {
                    "product": product,
                    "revision": revision,
                    "routing": "R",
                    "place_in_route": place,
                    "step": step,
                }
                limits = floor.pick(("", '{"zone5": [200, 261]}'))
                side = floor.pick(("", "", "top"))
                optional = floor.pick(("", "", "true"))
                floor.add("routings", **cells, side=side, limits=limits, optional=optional, from_at=since)
    for lot in tables["lots"]:
        lot["quantity"] = str(floor.whim((1, 5, 20, 5000)))
        lot["received_at"] = floor.whim((lot["received_at"], lot["received_at"], ""))
        lot["delivery"] = floor.whim(("", "", "D-1"))
        lot["lot_code"] = lot["lot_code"] or floor.whim(("", "L7", "L7"))
    for run in tables["processes"]:
        run["machine"] = floor.whim((run["machine"], run["machine"], ""))
        run["program"] = floor.whim((run["program"], run["program"], ""))
    return tables


def counts(levels):
    return tuple(list(levels.values()).count(level) for level in range(5))


@settings(phases=(Phase.explicit, Phase.generate), max_examples=int(os.environ.get("ASBUILT_EXAMPLES", "25")))
@given(tables=recorded())
def test_levels_are_those_of_the_page(fresh_home, tables):
    from asbuilt.questions.evidence.record import record_of

    with fresh_home() as folder:
        write_folder(tables, folder)
        actor = local_system(tenant_of_slug("main").number)
        import_folder(actor, folder)
        slow = Records(tables)
        for order in slow.factory.orders:
            found = record_of(actor, order, kind="order")
            (judged,) = found.of
            material, process = slow.material(order), slow.process(order)
            assert judged.units == len(material)
            assert judged.sides[0].counts == counts(material), order
            assert judged.sides[1].counts == counts(process), (order, process)
            for unit in list(material)[:3]:
                (one,) = record_of(actor, f"{order}#{unit[1]}").of
                reached = tuple(side.reached for side in one.sides)
                assert reached == (material[unit], process[unit]), unit
        placed = slow.placed()
        over = {package for package, pieces in placed.items() if pieces > int(slow.lot[package]["quantity"])}
        for product in {line["product"] for line in tables["bom"]}:
            said = record_of(actor, product, kind="product").doubts
            told = {text.split(" held ")[0] for text in said if " held " in text}
            orders = [order for order, said in slow.factory.orders.items() if said["product"] == product]
            standing = {
                package for order in orders for line in slow.lines(order) for package in slow.on_order(order, line)
            }
            assert told == over & standing, product
            for package in told:
                assert f"at least {placed[package]:,} are" in next(
                    text for text in said if text.startswith(f"{package} ")
                )


# ---- by hand: ten boards with R1 R2 (line 10), U1 (line 20) and a label (#30)


HEAD = {"product": "LAMP", "revision": "A"}


def lamp(**more):
    """Ten lamps. Splice of PK-1 and PK-2 at units 5 and 6; U1 silent at 9 and 10; the label of one package."""

    def mounted(refdes, package, low, high, certainty="certain", machine="NXT-1"):
        ends = {"first_serial": f"WO-7#{low}", "last_serial": f"WO-7#{high}"}
        return row(
            "materials",
            order="WO-7",
            refdes=refdes,
            package=package,
            **ends,
            certainty=certainty,
            machine=machine,
            happened_at=at(3),
        )

    def lot(package, part, **cells):
        said = {
            "lot_code": f"L-{package}",
            "quantity": "30",
            "received_at": at(1),
            "status": "released",
            "package_kind": "reel",
        }
        return row("lots", package=package, part=part, mpn="", manufacturer="", **(said | cells))

    tables = {
        "parties": [row("parties", party="own", name="Own", roles="ems", country="DE")],
        "parts": [row("parts", part=part, mpn=part) for part in ("RES", "CPU", "LABEL")],
        "bom": [
            row("bom", **HEAD, bom_version="1", line="10", part="RES", quantity="2", refdes="R1 R2"),
            row("bom", **HEAD, bom_version="1", line="20", part="CPU", quantity="1", refdes="U1"),
            row("bom", **HEAD, bom_version="1", line="30", part="LABEL", quantity="1", refdes=""),
        ],
        "lots": [lot("PK-1", "RES"), lot("PK-2", "RES"), lot("PK-3", "CPU"), lot("PK-4", "LABEL")],
        "orders": [row("orders", order="WO-7", **HEAD, bom_version="1", quantity="10", opened_at=at(1))],
        "units": [row("units", order="WO-7", serial=f"L{n:02d}") for n in range(1, 11)],
        "materials": [
            mounted("R1 R2", "PK-1", 1, 4), mounted("R1 R2", "PK-1", 5, 6, "possible"), mounted("R1 R2", "PK-2", 5, 6, "possible"),
            mounted("R1 R2", "PK-2", 7, 10, machine="NXT-2"), mounted("U1", "PK-3", 1, 8), mounted("#30", "PK-4", 1, 10),
        ],
    }  # fmt: skip
    return {**tables, **more}


@pytest.fixture
def record(load, actor):
    def asked(code="WO-7", tables=None, **more):
        from asbuilt.questions.evidence.record import record_of

        if tables is not None:
            load(tables)
        return record_of(actor, code, **more)

    return asked


def demand(material, process="", **more):
    return row(
        "record_demands",
        **HEAD,
        material_level=material,
        process_level=process,
        agreed_in="QP-4",
        **{"from_at": at(1)} | more,
    )


@pytest.fixture(autouse=True)
def _columns(monkeypatch):
    import factories

    columns = ["product", "revision", "material_level", "process_level", "agreed_in", "from_at"]
    monkeypatch.setitem(factories.COLUMNS, "record_demands", columns)


@pytest.fixture(autouse=True)
def _in_march_2027():
    """Demands are in force on the day of the test."""
    from asbuilt.ledger import clock

    clock.set_clock(lambda: int(instant(at(31)).timestamp() * 1_000_000))
    yield
    clock.set_clock(None)


def test_material_levels_gaps_and_shortage_by_hand(record):
    found = record(tables=lamp(record_demands=[demand("M4")]))
    (one,) = found.of
    # units 1-4, 7 and 8 exact; 5 and 6 spliced; 9 and 10 silent at U1, whose package on the order is known
    assert one.sides[0].counts == (0, 0, 2, 2, 6) and one.sides[0].reached == 2
    assert (one.sides[0].demanded, one.sides[0].short, one.demand.agreed_in) == (4, 4, "QP-4")
    assert [text for gap, text in found.gap_texts() if gap.letter == "M"] == [
        "U1 on 2 units of WO-7: no package is recorded",
        "R1 R2 on 2 units of WO-7: reel change not resolved: PK-1 or PK-2",
    ]
    assert [gap.short for gap in found.gaps if gap.letter == "M"] == [True, True]
    assert found.short and found.doubts == []


def test_a_unit_says_its_own(record):
    record(tables=lamp())
    found = record("L09")
    assert [side.reached for side in found.of[0].sides] == [2, 0]
    assert [text for _, text in found.gap_texts()] == [
        "U1: no package is recorded", "no step is recorded", "no routing was in force, so that a missing step cannot be told",
    ]  # fmt: skip
    assert record("L01").of[0].sides[0].reached == 4 and not record("L01").short


def test_what_a_package_lacks_lowers_its_line(record):
    tables = lamp()
    tables["lots"][2]["lot_code"] = ""  # the CPU's
    tables["lots"][3]["received_at"] = ""  # the label's
    found = record(tables=tables)
    assert found.of[0].sides[0].counts == (10, 0, 0, 0, 0)
    said = [text for gap, text in found.gap_texts() if gap.letter == "M"]
    assert said[0] == "#30 on 10 units of WO-7: receipt not recorded of PK-4"
    assert "U1 on 8 units of WO-7: lot code not recorded of PK-3" in said
    assert "U1 on 2 units of WO-7: lot code not recorded of PK-3" in said


def test_a_replacement_that_names_nothing(record):
    said = {"reason": "dead", "happened_at": at(9)}
    tables = lamp(replacements=[
        row("replacements", serial="L01", refdes="R1", removed_package="PK-1", installed_package="", **said),
        row("replacements", serial="L05", refdes="R2", removed_package="", installed_package="PK-2", **said),
    ])  # fmt: skip
    found = record(tables=tables)
    assert found.of[0].sides[0].counts == (0, 0, 3, 2, 5)
    assert "R1 on 1 unit of WO-7: replaced, and what went in is not named" in [text for _, text in found.gap_texts()]
    assert "R2 on 1 unit of WO-7: reel change not resolved: PK-1 or PK-2" in [text for _, text in found.gap_texts()]


def step(name, low, high, start, end, machine="NXT-1", program="P1", **cells):
    ends = {"first_serial": f"WO-7#{low}", "last_serial": f"WO-7#{high}"}
    said = {
        "started_at": at(5, start),
        "finished_at": at(5, end),
        "result": "completed",
        "machine": machine,
        "program": program,
    }
    return row("processes", order="WO-7", step=name, **ends, **(said | cells))


def route(name, place, **cells):
    said = {"routing": "R1", "place_in_route": str(place), "step": name, "from_at": at(1)}
    return row("routings", **HEAD, **(said | cells))


def test_process_levels_by_hand(record):
    tables = lamp(
        record_demands=[demand("", "P3")],
        routings=[route("SMT", 1), route("REFLOW", 2, limits='{"zone5": [240, 262]}'), route("WASH", 3), route("PACK", 4, optional="true")],
        processes=[
            step("SMT", 1, 10, 0, 10),
            step("REFLOW", 1, 6, 10, 20, "OVEN", "P7", readings='{"zone5": 250}'),
            step("REFLOW", 7, 8, 10, 20, "OVEN", "P7"),
            step("REFLOW", 9, 9, 10, 20, "OVEN", ""),
            step("WASH", 1, 10, 20, 30, "", "", operator="045"),
        ],
    )  # fmt: skip
    found = record(tables=tables)
    # unit 10 has no reflow, 9 no program, 7 and 8 no reading; nothing came from a machine
    assert found.of[0].sides[1].counts == (1, 1, 2, 6, 0) and found.of[0].sides[1].short == 4
    assert [text for gap, text in found.gap_texts() if gap.letter == "P" and gap.short] == [
        "REFLOW on 1 unit of WO-7: not recorded",
        "REFLOW on 1 unit of WO-7: machine and program not named, nor who did it by hand",
        "REFLOW on 2 units of WO-7: not measured: zone5",
    ]
    assert not any("PACK" in text for _, text in found.gap_texts())


def test_more_than_a_package_held(record):
    tables = lamp()
    tables["lots"][0]["quantity"], tables["lots"][2]["quantity"], tables["lots"][3]["quantity"] = "7", "8", "9"
    tables["units"][3]["state"] = "skipped"
    tables["units"][3]["serial"] = "-"
    tables["replacements"] = [
        row(
            "replacements",
            serial="L08",
            refdes="R1",
            removed_package="PK-2",
            installed_package="PK-1",
            reason="x",
            happened_at=at(9),
        )
    ]
    found = record(tables=tables)
    # PK-1: two on units 1-3 (4 is a crossed-out position), one more at a replacement: 7 of 7. PK-3: units 1-8 but 4: 7 of 8
    assert found.doubts == []


def test_one_piece_too_many(record):
    tables = lamp()
    tables["lots"][0]["quantity"], tables["lots"][3]["quantity"] = "7", "9"
    found = record(tables=tables)
    # two resistors on each of units 1-4 certainly, more perhaps at the splice; a label on each of ten
    assert found.doubts == [
        "PK-1 held 7 pieces, at least 8 are recorded as placed", "PK-4 held 9 pieces, at least 10 are recorded as placed",
    ]  # fmt: skip


@pytest.mark.parametrize(("start", "told"), [(5, True), (10, False)])
def test_a_package_at_two_places(record, start, told):
    tables = lamp(processes=[step("SMT", 1, 4, 0, 10), step("SMT", 7, 10, start, 20, "NXT-2")])
    tables["materials"][3]["package"] = "PK-1"
    found = record(tables=tables)
    said = f"PK-1 is at NXT-1 and at NXT-2 at once, 2027-03-05T00:0{start}:00Z to 2027-03-05T00:10:00Z"
    assert found.doubts == ([said] if told else [])


def test_the_demand_in_force_is_the_latest_that_has_come(record, actor):
    tables = lamp(record_demands=[demand("M2", "P1"), demand("M3", from_at=at(20)), demand("M4", from_at=at(40))])
    assert record(tables=tables).of[0].demand.material == 3
    from asbuilt.designed.catalog.actions import set_record_demand

    said = {"product": "LAMP", "revision": "A", "material": "M1", "process": "P2", "request_key": "k"}
    assert set_record_demand(actor, **said) == set_record_demand(actor, **said)
    assert (record().of[0].demand.material, record().of[0].demand.process) == (1, 2)


def test_what_was_known_then(record, load):
    from asbuilt.ledger import clock

    tables = lamp()
    late = [tables["materials"].pop(4)]
    clock.set_clock(lambda: int(instant(at(6)).timestamp() * 1_000_000))
    before = record(tables=tables)
    assert before.of[0].sides[0].reached == 0
    clock.set_clock(lambda: int(instant(at(8)).timestamp() * 1_000_000))
    load({"materials": late}, "late")
    assert record().of[0].sides[0].reached == 2
    assert record(as_of="2027-03-07").of[0].sides[0].reached == 0


def test_refusals(record):
    from asbuilt.kernel.errors import Invalid, NotFound

    tables = lamp()
    tables["units"][0]["serial"] = "LAMP"
    record(tables=tables)
    with pytest.raises(NotFound):
        record("WO-8")
    with pytest.raises(Invalid) as caught:
        record("LAMP")
    assert caught.value.code == "question.record_ambiguous"
    assert record("LAMP", kind="unit").of[0].units == 1 and record("LAMP", kind="product").of[0].units == 10


def test_demands_go_out_and_in_and_can_be_withdrawn(record, load, actor, tmp_path):
    from asbuilt.built.exchange.exporting import export_folder, rows_of
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.formats.tables import TABLES, fact_id
    from asbuilt.ledger.verifying import verify

    record(tables=lamp(record_demands=[demand("M2", "P1"), demand("M3", from_at=at(20))]))
    export_folder(actor, tmp_path / "out")
    assert (tmp_path / "out" / "record_demands.csv").read_text().count("\n") == 3
    last = list(rows_of(actor.tenant, "record_demands"))[-1]
    withdraw_facts(
        actor, [Withdraw(fact_id(TABLES["record_demands"], last), "not agreed", "045", 1_800_000_000_000_000)]
    )
    assert record().of[0].demand.material == 2
    assert verify(actor.tenant).findings == []


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"product": "LAMPE"}, "catalog.product_unknown", "product"),
        ({"revision": "B"}, "catalog.revision_unknown", "revision"),
        ({"material_level": "M5"}, "tables.cell_not_a_word", "material_level"),
        ({"agreed_in": "x" * 401}, "tables.cell_too_long", "agreed_in"),
    ],
)
def test_demands_refused(record, load, cells, code, column):
    from asbuilt.kernel.errors import Invalid

    record(tables=lamp())
    with pytest.raises(Invalid) as caught:
        load({"record_demands": [demand("M2") | cells]}, "refused")
    assert [(one.code, one.column) for one in caught.value.rows] == [(code, column)]
