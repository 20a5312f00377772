"""The slow count itself, held to the page: small factories whose answers were counted by hand.

Each test is one sentence of section 6 or 7 of the design. Numbers in the expectations were written down from the page
before the count ran. The last tests draw random factories and hold laws that any right count obeys.
"""

from collections import defaultdict
from contextlib import nullcontext
from csv import DictReader
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from brute_force import Factory, answer, instant, roll_up, to_text
from factories import COLUMNS, factories, factories_with_questions, write_folder
from hypothesis import HealthCheck, given, settings

BOM = ("product", "revision", "bom_version", "line", "part", "quantity", "refdes")
LOT = ("package", "part", "mpn", "manufacturer", "supplier", "lot_code", "date_code")
ORDER = ("order", "product", "revision", "bom_version", "quantity", "customer")
UNIT = ("order", "serial", "panel", "position", "state")
MATERIAL = ("order", "refdes", "package", "first_serial", "last_serial", "certainty", "happened_at")
PROCESS = ("step", "machine", "program", "side", "first_serial", "last_serial", "started_at", "finished_at", "readings")
REPLACEMENT = ("serial", "refdes", "removed_package", "installed_package", "operator", "happened_at")
ASSEMBLY = ("parent_serial", "child_serial", "position", "happened_at", "removed_at")
FIRMWARE = ("product", "version", "role", "sha256", "released_at")
PROGRAMMING = ("serial", "product", "version", "sha256", "station", "operator", "result", "happened_at", "role")
TEST = ("serial", "plan", "station", "operator", "outcome", "started_at", "finished_at")
SHIPMENT = ("shipment", "customer", "country", "first_serial", "last_serial", "shipped_at", "placed_on_market_at")
PARTY = ("party", "name")
PART = ("part", "mpn", "manufacturer")


def rows(columns, text):
    """Rows written as lines of blank-separated cells: `.` is an empty cell, `_` a blank inside a cell."""
    cells = [["" if cell == "." else cell.replace("_", " ") for cell in line.split()] for line in text.split("\n")]
    return [dict(zip(columns, line, strict=True)) for line in cells if line]


def board(count=6, **tables):
    """One order WO of `count` boards S1, S2, … with R1 and R2 of part RES, C1 of part CAP and a bare board, line 40."""
    units = "\n".join(f"WO S{n} . . ." for n in range(1, count + 1))
    plain = {
        "parties": rows(PARTY, "own Brand_One\nsup Supply_One\ncx Distributor_X\ncy Shop_Y"),
        "parts": rows(PART, "RES RES-M Acme\nCAP CAP-M Bolt\nPCB PCB-M Etch"),
        "bom": rows(BOM, "B A 1 10 RES 2 R1_R2\nB A 1 20 CAP 1 C1\nB A 1 40 PCB 1 ."),
        "lots": rows(
            LOT,
            """r1 RES RES-M Acme sup X 2327
               r2 RES RES-M Acme sup Y 2330
               r3 RES RES-Z Zinc Supply_One X .
               r0 RES RES-M Acme sup . 2331
               c1 CAP CAP-M Bolt sup K 2328
               c2 CAP CAP-M Bolt sup X 2326
               p1 PCB PCB-M Etch other P 2301""",
        ),
        "orders": rows(ORDER, f"WO B A 1 {count} own"),
        "units": rows(UNIT, units),
    }
    return plain | tables


def filled(*lines):
    """Material rows `refdes package first last certainty` on order WO, given by place in the order."""
    found = []
    for line in lines:
        refdes, package, first, last, certainty = line.split()
        row = ("WO", refdes.replace("_", " "), package, f"WO#{first}", f"WO#{last}", certainty, "2027-03-01T08:00:00Z")
        found.append(dict(zip(MATERIAL, row, strict=True)))
    return found


WHOLE = ("C1 c1 1 6 certain", "#40 p1 1 6 certain")


def letters(tables, question, as_of=None, order="WO"):
    """The grades along an order as one letter a unit: c p u n."""
    grades = answer(tables, question, as_of)
    return "".join(grade[0] for (name, _), grade in sorted(grades.items()) if name == order)


def test_a_certain_run_is_certain_and_its_end_is_in_it():
    tables = board(materials=filled("R1_R2 r1 1 3 certain", "R1_R2 r2 4 6 certain", *WHOLE))
    assert letters(tables, ("lot", ["Y"])) == "nnnccc"
    assert letters(tables, ("package", "r1")) == "cccnnn"


def test_a_splice_makes_both_lots_possible():
    tables = board(
        materials=filled(
            "R1_R2 r1 1 2 certain", "R1_R2 r1 3 4 possible", "R1_R2 r2 3 4 possible", "R1_R2 r2 5 6 certain"
        )
    )
    assert letters(tables, ("package", "r1")) == "ccppnn"
    assert letters(tables, ("not", ("package", "r1"))) == "nnppcc"
    # whichever it is, it is one of the two; `or` of two possibles stays possible
    assert letters(tables, ("package", ["r1", "r2"])) == "cccccc"
    assert letters(tables, ("or", ("package", "r1"), ("package", "r2"))) == "ccppcc"


def test_a_lone_possible_run_stands_beside_an_unknown_candidate():
    tables = board(materials=filled("R1_R2 r1 1 3 possible", "R1_R2 r2 4 6 certain", *WHOLE))
    assert letters(tables, ("lot", ["Y"])) == "uuuccc"
    assert letters(tables, ("package", "r1")) == "pppnnn"
    assert letters(tables, ("lot", ["K"])) == "cccccc"


def test_a_certain_run_beside_a_possible_one_of_another_package_leaves_both_possible():
    tables = board(materials=filled("R1_R2 r1 1 6 certain", "R1_R2 r2 3 4 possible", *WHOLE))
    assert letters(tables, ("package", "r1")) == "ccppcc"
    assert letters(tables, ("package", "r2")) == "nnppnn"


def test_two_packages_of_one_lot_code_leave_no_doubt_about_the_lot():
    tables = board(materials=filled("R1_R2 r1 1 6 possible", "R1_R2 r3 1 6 possible", *WHOLE))
    assert letters(tables, ("lot", ["X"])) == "cccccc"
    assert letters(tables, ("maker", "Acme")) == "pppppp"


def test_a_position_without_a_run_is_unrecorded_where_it_admits_the_part():
    tables = board(materials=filled("R1 r2 1 6 certain", "R2 r2 1 4 certain", "C1 c1 1 6 certain"))
    assert letters(tables, ("lot", ["X"])) == "nnnnuu"  # X names lots of RES and CAP; C1 is recorded, R2 is not on 5, 6
    assert letters(tables, ("lot", ["Y"])) == "cccccc"
    assert letters(tables, ("lot", ["K"])) == "cccccc"
    assert letters(tables, ("part", "PCB")) == "uuuuuu"
    assert letters(tables, ("part", "RES-Z")) == "nnnnuu"
    assert letters(tables, ("supplier", "Supply One")) == "cccccc"
    assert letters(tables, ("datecode", "2400", None)) == "uuuuuu"  # #40 may hold any date code


def test_a_package_without_a_lot_code_is_unrecorded_and_no_other_lot():
    tables = board(materials=filled("R1_R2 r0 1 3 certain", "R1_R2 r2 4 6 certain", *WHOLE))
    assert letters(tables, ("lot", ["Y"])) == "uuuccc"
    assert letters(tables, ("lot", ["K"])) == "cccccc"
    assert letters(tables, ("datecode", "2331", "2331")) == "cccnnn"


def test_a_date_code_range_is_inclusive_and_an_empty_date_code_is_unrecorded():
    tables = board(materials=filled("R1_R2 r1 1 2 certain", "R1_R2 r2 3 4 certain", "R1_R2 r3 5 6 certain", *WHOLE))
    assert letters(tables, ("datecode", "2329", "2330")) == "nnccuu"
    assert letters(tables, ("datecode", "2327", "2327")) == "ccnnuu"
    assert letters(tables, ("datecode", None, "2301")) == "cccccc"


def test_at_speaks_of_one_package_at_one_position():
    tables = board(
        materials=filled("R1 r1 1 6 certain", "R2 r2 1 6 certain", "C1 c2 1 3 certain", "#40 p1 1 6 certain")
    )
    assert letters(tables, ("bracket", ("lot", ["Y"]), ("at", "R1"))) == "nnnnnn"
    assert letters(tables, ("bracket", ("lot", ["Y"]), ("at", "R2"))) == "cccccc"
    assert letters(tables, ("and", ("lot", ["X"]), ("maker", "Bolt"), ("at", "C1"))) == "cccuuu"
    assert letters(tables, ("and", ("lot", ["X"]), ("maker", "Acme"), ("at", "C1"))) == "nnnnnn"
    assert letters(tables, ("and", ("lot", ["X"]), ("maker", "Bolt"), ("at", "R1"))) == "nnnnnn"
    assert letters(tables, ("and", ("part", "PCB"), ("at", "#40"))) == "cccccc"
    with pytest.raises(ValueError, match="at:"):
        answer(tables, ("and", ("at", "R1"), ("order", "WO")))


def test_a_replacement_names_what_was_there_and_ever_remembers_it():
    swaps = rows(
        REPLACEMENT,
        """S1 R1 r1 r2 o 2027-03-02T08:00:00Z
           S2 R1 . r2 o 2027-03-02T08:00:00Z
           S3 R1 r2 . o 2027-03-02T08:00:00Z""",
    )
    runs = filled("R1 r1 1 6 possible", "R1 r2 1 6 possible", "R2 r3 1 6 certain", *WHOLE)
    tables = board(materials=runs, replacements=swaps)
    assert letters(tables, ("package", "r1")) == "nnuppp"
    assert letters(tables, ("package", "r2")) == "ccuppp"
    assert letters(tables, ("ever", ("package", "r1"))) == "cpuppp"
    assert letters(tables, ("ever", ("package", "r2"))) == "cccppp"
    assert letters(tables, ("bracket", ("maker", "Zinc"), ("at", "R2"))) == "cccccc"
    assert letters(tables, ("reworked",)) == "cccnnn"
    # on S3 the grey zone is over: r2 was certainly there, so r1 was not; what is there now is not known


def test_the_last_replacement_by_time_decides_not_the_last_row():
    swaps = rows(REPLACEMENT, "S1 R1 r2 r3 o 2027-03-05T08:00:00Z\nS1 R1 r1 r2 o 2027-03-02T08:00:00+02:00")
    tables = board(1, materials=filled("R1_R2 r1 1 1 certain", "C1 c1 1 1 certain"), replacements=swaps)
    assert letters(tables, ("package", "r3")) == "c"
    assert letters(tables, ("package", "r2")) == "n"
    assert letters(tables, ("ever", ("package", "r2"))) == "c"


def test_passed_is_certain_inside_the_window_and_for_one_unit_possible_for_an_overlap():
    passes = rows(
        PROCESS,
        """REFLOW OVEN P7 top WO#1 WO#2 2027-03-15T00:00:00Z 2027-03-17T23:59:59Z .
           REFLOW OVEN P7 top WO#3 WO#3 2027-03-14T22:00:00Z 2027-03-15T00:00:00Z .
           REFLOW OVEN P8 top WO#4 WO#5 2027-03-17T23:00:00Z 2027-03-18T00:00:00Z .
           REFLOW OVEN P7 bottom WO#6 WO#6 2027-03-18T01:00:00+01:00 2027-03-18T02:00:00+01:00 .""",
    )
    tables = board(processes=passes)
    window = ("2027-03-15", "2027-03-17")
    assert letters(tables, ("passed", "REFLOW", {}, window)) == "cccppn"
    assert letters(tables, ("passed", "OVEN", {"program": "P8"}, None)) == "nnnccn"
    assert letters(tables, ("passed", "REFLOW", {"program": "P7", "side": "top"}, window)) == "cccnnn"
    assert letters(tables, ("passed", "REFLOW", {}, ("2027-03-18", None))) == "nnnppc"
    assert letters(tables, ("not", ("passed", "REFLOW", {}, window))) == "nnnppc"


def test_conditions_in_one_bracket_speak_of_one_pass():
    passes = rows(
        PROCESS,
        """REFLOW OVEN P7 top S1 S1 2027-03-15T08:00:00Z 2027-03-15T09:00:00Z {"zone5":259.5}
           REFLOW OVEN P8 bottom S1 S1 2027-03-15T10:00:00Z 2027-03-15T11:00:00Z {"zone5":261}""",
    )
    tables = board(2, processes=passes)
    assert letters(tables, ("passed", "REFLOW", {"program": "P7", "side": "bottom"}, None)) == "nn"
    assert letters(tables, ("passed", "REFLOW", {"program": "P8", "side": "bottom"}, None)) == "cn"
    assert letters(tables, ("reading", "REFLOW", "zone5", ">", "260")) == "cn"
    assert letters(tables, ("reading", "OVEN", "zone5", "<", "259.5")) == "nn"
    assert letters(tables, ("reading", "OVEN", "zone5", "<=", "259.5")) == "cn"


def programmed():
    """S1 was updated, S2's update failed, S3 was set back, S4 has a boot loader only, S5 nothing."""
    return board(
        5,
        firmware=rows(
            FIRMWARE,
            """B 2.9.0 app a9 2027-01-01T00:00:00Z
               B 2.10.0 app a10 2027-02-01T00:00:00Z
               B 1.0.0 boot b1 2027-01-01T00:00:00Z""",
        ),
        programming=rows(
            PROGRAMMING,
            """S1 B 2.9.0 a9 PG1 o1 pass 2027-03-01T08:00:00Z .
               S1 B 2.10.0 a10 PG1 o1 pass 2027-03-02T08:00:00Z app
               S2 B 2.9.0 a9 PG1 o1 pass 2027-03-01T08:00:00Z app
               S2 B 2.10.0 a10 PG2 o2 fail 2027-03-02T08:00:00Z app
               S3 B 2.9.0 a9 PG1 o1 pass 2027-03-03T08:00:00Z app
               S3 B 2.10.0 a10 PG1 o1 pass 2027-03-02T08:00:00Z app
               S4 B 1.0.0 b1 PG1 o1 pass 2027-03-02T08:00:00Z boot""",
        ),
    )


def test_firmware_is_the_last_successful_record_and_no_record_runs_none():
    tables = programmed()
    assert letters(tables, ("firmware", None, "2.9.0")) == "nccnn"
    assert letters(tables, ("not", ("firmware", None, "2.9.0"))) == "cnncc"
    assert letters(tables, ("ever", ("firmware", None, "2.9.0"))) == "cccnn"
    assert letters(tables, ("ever", ("firmware", None, "2.10.0"))) == "cncnn"
    assert letters(tables, ("firmware", "boot", "1.0.0")) == "nnncn"
    assert letters(tables, ("firmware", None, "1.0.0")) == "nnnnn"
    assert letters(tables, ("image", "b1")) == "nnncn"
    assert letters(tables, ("station", "PG2")) == "ncnnn"


def test_versions_compare_as_releases_never_as_text():
    tables = programmed()
    assert letters(tables, ("firmware_cmp", "<", None, "2.10.0")) == "nccnn"
    assert letters(tables, ("firmware_cmp", ">=", "B", "2.9.0")) == "cccnn"
    tables["firmware"] += rows(FIRMWARE, "B 2.10.0-rc.1 app rc 2027-03-01T00:00:00Z")
    tables["programming"] += rows(PROGRAMMING, "S5 B 2.10.0-rc.1 rc PG1 o1 pass 2027-03-01T08:00:00Z .")
    assert letters(tables, ("firmware_cmp", "<", None, "2.10.0")) == "nccnc"  # SemVer decides, not the release date
    assert letters(tables, ("firmware_cmp", "<=", None, "2.9.0")) == "nccnn"
    tables["firmware"] = rows(FIRMWARE, "B R10 app a 2027-01-01T00:00:00Z\nB R9 app b 2026-01-01T00:00:00Z")
    tables["programming"] = rows(PROGRAMMING, "S1 B R9 b PG1 o pass 2027-03-01T08:00:00Z .")
    assert letters(tables, ("firmware_cmp", "<", None, "R10")) == "cnnnn"


def test_the_last_run_of_each_plan_counts():
    runs = rows(
        TEST,
        """S1 ICT T1 o fail 2027-03-01T08:00:00Z 2027-03-01T08:01:00Z
           S1 ICT T1 o pass 2027-03-01T09:00:00Z 2027-03-01T09:01:00Z
           S2 ICT T1 o pass 2027-03-01T08:00:00Z 2027-03-01T08:01:00Z
           S2 FCT T2 o fail 2027-03-01T08:05:00Z 2027-03-01T08:06:00Z
           S3 FCT T2 o error 2027-03-01T08:05:00Z 2027-03-01T08:06:00Z""",
    )
    tables = board(4, tests=runs)
    assert letters(tables, ("test_failed",)) == "ncnn"
    assert letters(tables, ("ever", ("test_failed",))) == "ccnn"
    assert letters(tables, ("test", "ICT", "pass")) == "ccnn"
    assert letters(tables, ("test", "FCT", "error")) == "nncn"


def test_each_unit_is_in_one_state_and_skipped_ones_are_in_no_answer():
    units = rows(UNIT, "WO S1 . . .\nWO S2 . . scrapped\nWO - . . skipped\nWO S4 . . planned\nWO S5 . . planned")
    shipped = rows(SHIPMENT, "SH cx DE S1 S1 2027-04-01T08:00:00Z .")
    tables = board(6, units=units, shipments=shipped, materials=filled("R1_R2 r1 4 4 certain"))
    grades = answer(tables, ("in", ["shipped"]))
    assert len(grades) == 5 and ("WO", 3) not in grades
    # S1 shipped, S2 scrapped, S4 in production for its material run, S5 and the sixth (without a row) planned
    assert letters(tables, ("in", "shipped")) == "cnnnn"
    assert letters(tables, ("in", "scrapped")) == "ncnnn"
    assert letters(tables, ("in", "production")) == "nncnn"
    assert letters(tables, ("in", "planned")) == "nnncc"
    assert letters(tables, ("not", ("in", "shipped"))) == "nccnn"
    assert letters(tables, ("order", "WO")) == "ccccc"
    assert (
        letters(tables, ("lot", ["Y"])) == "uunnn"
    )  # S1 and S2 have no run, S4 has one; planned units carry nothing yet


def nested_products():
    """Boards S1-S3 of WO, boxes X1, X2 of WB, rack K1 of WK: S1 in X1 in K1; S2 was taken out of X2; S3 is in X2."""
    tables = board(3, materials=filled("R1_R2 r1 1 1 certain", "R1_R2 r2 2 3 certain", "C1 c1 1 3 certain"))
    tables["bom"] += rows(BOM, "BOX A 1 10 CASE 1 .\nRACK A 1 10 FRAME 1 .")
    tables["parts"] += rows(PART, "CASE CASE-M Case\nFRAME FRAME-M Case")
    tables["orders"] += rows(ORDER, "WB BOX A 1 2 own\nWK RACK A 1 1 .")
    tables["units"] += rows(UNIT, "WB X1 . . .\nWB X2 . . .\nWK K1 . . .")
    tables["assemblies"] = rows(
        ASSEMBLY,
        """X1 S1 1 2027-03-10T08:00:00Z .
           K1 X1 1 2027-03-11T08:00:00Z .
           X2 S2 1 2027-03-10T08:00:00Z 2027-03-12T08:00:00Z
           X2 S3 1 2027-03-13T08:00:00Z .""",
    )
    tables["shipments"] = rows(
        SHIPMENT,
        """SH1 cx DE K1 K1 2027-04-01T08:00:00Z 2027-04-03T00:00:00Z
           SH3 Distributor_X AT X2 X2 2027-04-05T08:00:00Z .
           SH2 cy FR X2 X2 2027-04-01T08:00:00Z .""",
    )
    return tables


def test_what_left_is_outside_until_it_is_back_and_what_happened_last_counts():
    shipped = rows(SHIPMENT, "SH cx DE S1 S2 2027-04-01T08:00:00Z .")
    note = ["order", "party", "step", "side", "first_serial", "last_serial", "transport", "operator", "sent_at"]
    sent = [dict(zip(["note", *note], line.split(), strict=True)) for line in (
        "N1 WO cx COAT . S1 S1 . . 2027-04-01T08:00:00Z", "N2 WO cx COAT . S2 S2 . . 2027-04-02T08:00:00Z",
        "N3 WO cx COAT . S3 S5 . . 2027-04-02T08:00:00Z")]  # fmt: skip
    back = [{"note": "N3", "order": "WO", "first_serial": "S3", "last_serial": "S3"}]
    units = rows(UNIT, "WO S1 . . .\nWO S2 . . .\nWO S3 . . planned\nWO S4 . . planned\nWO S5 . . scrapped")
    tables = board(5, units=units, shipments=shipped, sent_out=sent, taken_back=back)
    # S1 shipped at the same instant, S2 left after it was shipped, S3 is back and begun, S4 is out, S5 was scrapped
    assert letters(tables, ("in", "outside")) == "ncncn"
    assert letters(tables, ("in", "shipped")) == "cnnnn"
    assert letters(tables, ("in", "production")) == "nncnn"
    assert letters(tables, ("in", "scrapped")) == "nnnnc"


def test_inside_and_contains_reach_any_depth_as_of_now():
    tables = nested_products()
    holds_x = ("contains", ("lot", ["X"]))
    assert (letters(tables, holds_x), letters(tables, holds_x, order="WB")) == ("nnn", "cn")
    assert letters(tables, holds_x, order="WK") == "c"
    assert letters(tables, ("inside", ("product", "RACK"))) == "cnn"
    assert letters(tables, ("inside", ("product", "RACK")), order="WB") == "cn"
    assert letters(tables, ("inside", ("product", "BOX"))) == "cnc"


def test_terms_about_place_look_at_the_outermost_unit_and_its_last_shipment():
    tables = nested_products()
    assert letters(tables, ("customer", "Distributor X")) == "cnc"
    assert letters(tables, ("customer", "cy")) == "nnn"
    assert letters(tables, ("country", "AT")) == "nnc"
    assert letters(tables, ("shipment", "SH1"), order="WB") == "cn"
    assert letters(tables, ("in", "shipped")) == "cnc"
    assert letters(tables, ("placed", "2027-04-03", "2027-04-03")) == "cnn"
    assert letters(tables, ("placed", None, "2027-04-02")) == "nnn"
    assert letters(tables, ("owner", "Brand One"), order="WK") == "n"


def test_the_roll_up_counts_finished_units_once_with_the_highest_grade():
    tables = nested_products()
    found = roll_up(tables, {("WO", 1): "possible", ("WO", 2): "certain", ("WB", 1): "certain", ("WO", 3): "no"})
    assert found["affected"] == {"certain": 2, "possible": 1, "unrecorded": 0}
    assert found["finished"] == {"certain": 2, "possible": 0, "unrecorded": 0}
    turned = roll_up(tables, {("WO", 1): "certain", ("WB", 1): "unrecorded", ("WO", 3): "unrecorded"})
    assert turned["finished"] == {"certain": 1, "possible": 0, "unrecorded": 1}
    one = {"certain": 1, "possible": 0, "unrecorded": 0}
    assert found["by"]["customer"] == [{"customer": "Distributor X"} | one, {"customer": None} | one]
    assert found["by"]["state"] == [{"state": "shipped"} | one, {"state": "stock"} | one]
    assert found["by"]["owner"] == [{"owner": "Brand One", "certain": 2, "possible": 1, "unrecorded": 0}]
    assert found["by"]["order"] == [
        {"order": "WB"} | one,
        {"order": "WO", "certain": 1, "possible": 1, "unrecorded": 0},
    ]
    assert found["by"]["firmware"] == [{"firmware": None, "certain": 2, "possible": 1, "unrecorded": 0}]


def test_names_orders_panels_and_ranges_find_their_units():
    units = rows(UNIT, "WO S9 PN 1 .\nWO S10 PN 2 .\nWO - PM 1 .\nWO S11 PM 2 .\nWO T10 . . .")
    tables = board(5, units=units)
    assert letters(tables, ("unit_range", "S9", "S10")) == "ccnnn"
    assert letters(tables, ("unit_range", "S10", None)) == "ncncn"
    assert letters(tables, ("order_range", "WO", 2, 3)) == "nccnn"
    assert letters(tables, ("panel", "PM")) == "nnccn"
    assert letters(tables, ("unit", "PM/1")) == "nncnn"
    assert letters(tables, ("unit", "WO#4")) == "nnncn"
    assert letters(tables, ("and", ("bom", "1"), ("revision", "A"), ("product", "B"))) == "ccccc"


def test_as_of_leaves_out_what_was_recorded_later():
    tables = board(3, materials=filled("R1_R2 r1 1 3 certain"))
    tables["materials"][0]["recorded_at"] = "2027-05-02T00:00:00Z"
    assert letters(tables, ("lot", ["Y"]), "2027-05-01T00:00:00Z") == "uuu"
    assert letters(tables, ("lot", ["Y"]), "2027-05-02T00:00:00Z") == "nnn"


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (("lot", ["A", "B", "C 1"]), 'lot:A,B,"C 1"'),
        (
            ("and", ("lot", ["X"]), ("firmware_cmp", "<", None, "2.3.2"), ("not", ("reworked",))),
            "lot:X firmware:<2.3.2 -reworked",
        ),
        (("bracket", ("lot", ["X"]), ("at", "#10")), "(lot:X at:#10)"),
        (("ever", ("or", ("lot", ['L"7']), ("test_failed",))), 'ever:(lot:"L\\"7" or test:failed)'),
        (("not", ("and", ("bom", "3"), ("in", ["stock", "shipped"]))), "-(bom:3 in:stock,shipped)"),
        (("order_range", "WO", 1, 40), "order:WO#1..WO#40"),
        (("not", ("not", ("or", ("scrapped",), ("reworked",)))), "-(-(scrapped or reworked))"),
        (("firmware", "boot", "1.0"), "firmware:boot/1.0"),
        (("firmware_cmp", ">=", "P", "1.2.0"), "(product:P firmware:>=1.2.0)"),
        (("placed", "2027-12-11", None), "placed:2027-12-11.."),
        (("reading", "REFLOW", "zone5", ">", "260"), "reading:REFLOW.zone5>260"),
        (
            ("passed", "REFLOW", {"program": "P7", "side": "top"}, ("2027-03-15", "2027-03-17")),
            "passed:REFLOW(program=P7 side=top)@2027-03-15..2027-03-17",
        ),
        (("customer", "Distributor X"), 'customer:"Distributor X"'),
    ],
)
def test_a_tree_is_written_in_the_question_language(tree, text):
    assert to_text(tree) == text


@settings(max_examples=60, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck))
@given(factories_with_questions(most=3))
def test_any_count_obeys_the_laws_of_grades(drawn):
    tables, trees = drawn
    planned = answer(tables, ("in", "planned"))
    for tree in trees:
        grades, turned = answer(tables, tree), answer(tables, ("not", tree))
        assert answer(tables, ("and", tree, tree)) == grades == answer(tables, ("or", tree, tree))
        for unit, grade in grades.items():
            mirror = {"certain": "no", "no": "certain"}.get(grade, grade)
            assert turned[unit] in (mirror, "no") if planned[unit] == "certain" else turned[unit] == mirror
        found = roll_up(tables, grades)
        for name in ("owner", "order"):
            assert sum(row["certain"] for row in found["by"][name]) == found["affected"]["certain"]
        # two devices of a unit may come with an app each
        assert sum(row["certain"] for row in found["by"]["firmware"]) >= found["affected"]["certain"]
        assert sum(row["possible"] for row in found["by"]["customer"]) == found["finished"]["possible"]
        assert to_text(tree)


@settings(max_examples=40, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck))
@given(factories())
def test_drawn_factories_keep_the_rules_of_the_tables(tables):
    factory = Factory(tables)
    certain = {}
    for row, span in factory.materials:
        for unit in span if row["certainty"] == "certain" else ():
            for position in row["refdes"].split():
                assert certain.setdefault((unit, position), row["package"]) == row["package"]
    for place, row in enumerate(tables["replacements"]):
        before = Factory(tables | {"replacements": tables["replacements"][:place]})
        there = before.history(factory.unit_of(row["serial"]), row["refdes"])[-1]
        assert not row["removed_package"] or row["removed_package"] in there
    homes = defaultdict(list)
    for row in tables["assemblies"]:
        parent, child = factory.unit_of(row["parent_serial"]), factory.unit_of(row["child_serial"])
        assert parent[0] > child[0]  # a later order, so never a circle
        until = instant(row["removed_at"] or "2028-01-01")
        assert all(instant(row["happened_at"]) >= end or until <= begin for begin, end in homes[child])
        homes[child].append((instant(row["happened_at"]), until))


@settings(max_examples=20, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck))
@given(factories())
def test_a_written_folder_reads_back_cell_by_cell(tables):
    with TemporaryDirectory() as folder:
        write_folder(tables, Path(folder))
        for name, written in tables.items():
            path = Path(folder) / f"{name}.csv"
            with path.open(encoding="utf-8", newline="") if path.exists() else nullcontext(()) as file:
                told = [{column: cells[column] for column in COLUMNS[name]} for cells in written]
                assert [dict.fromkeys(COLUMNS[name], "") | cells for cells in DictReader(file)] == told


def test_a_folder_is_written_as_the_exchange_has_it(tmp_path):
    write_folder(board(1), tmp_path)
    assert (tmp_path / "units.csv").read_text().splitlines() == ["order,serial,panel,position", "WO,S1,,"]
    assert (tmp_path / "bom.csv").read_text().splitlines()[1] == "B,A,1,10,RES,2,R1 R2"
