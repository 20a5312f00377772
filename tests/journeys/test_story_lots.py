"""A lot turned bad: splices make possible units, silence makes unrecorded ones, one code may name several lots."""

import re

import independent_count as count
import pytest
from told import compare, numbers


@pytest.mark.parametrize(
    ("code", "affected"), [("2EKR1", (1788, 4, 1)), ("6B15", (2954, 8, 40))], ids=["2EKR1", "6B15"]
)
def test_the_independent_count_agrees(ask, code, affected):
    said = ask(f"lot:{code}")
    compare(said, count.lot_story()[code])
    assert numbers(said["affected"]) == affected  # examples/README.md


def test_the_stretch_without_a_record_is_named(ask):
    gaps = ask("lot:6B15")["gaps"]
    assert len(gaps) == 1 and all(word in gaps[0] for word in ("WO-1035", "R12", "40 units"))


def test_a_bare_code_answers_for_all_and_says_which(ask):
    counted = count.bare_code()
    said = ask("lot:27A0418")
    compare(said, counted["all"])
    assert len(said["notes"]) == 1 and all(word in said["notes"][0] for word in ("Yageo", "Murata", "2 lots"))
    forms = re.search(r"Narrower: (.*)\.", said["notes"][0])[1].split(" or ")
    assert len(forms) == 2
    for form in forms:
        package = next(row for row in count.table("lots") if row["package"] == form.removeprefix("package:"))
        compare(ask(form), counted[package["part"]])


def test_bare_boards_are_traced(ask):
    """Position #10 of the board is its bare PCB: every lot of it, asked one by one."""
    axis = count.Axis()
    part = next(row["part"] for row in count.table("bom") if row["product"] == "MB-200" and row["line"] == "10")
    codes = {row["lot_code"] for row in count.table("lots") if row["part"] == part and row["lot_code"]}
    assert codes
    for code in sorted(codes)[:6]:
        compare(ask(f"(lot:{code} at:#10)"), axis.answer(count.lot_grades(axis, code, part)))


def test_every_lot_of_a_part_with_splices(ask):
    """The crystal of the whole factory's main board, lot by lot; nothing falls between two lots."""
    axis = count.Axis()
    part = count.part_of(count.FOLDER, "MB-200", "U7")
    for code in sorted({row["lot_code"] for row in count.table("lots") if row["part"] == part and row["lot_code"]}):
        compare(ask(f"lot:{code} part:{part}"), axis.answer(count.lot_grades(axis, code, part)))


def test_replaced_parts_count_only_for_ever(ask):
    """Every unit on whose U7 it was mounted, or went in later, counted run by run and replacement by replacement."""
    axis = count.Axis()
    part = count.part_of(count.FOLDER, "MB-200", "U7")
    packages = {row["package"] for row in count.table("lots") if (row["part"], row["lot_code"]) == (part, "2EKR1")}
    mounted: dict[int, set[str]] = {}
    for row in count.table("materials"):
        if "U7" in row["refdes"].split():
            for unit in set(axis.span(row)) & axis.built:
                mounted.setdefault(unit, set()).add(row["package"])
    certain = {unit for unit, found in mounted.items() if found <= packages and axis.product(unit) == "MB-200"}
    for row in count.table("replacements"):
        if row["refdes"] == "U7" and packages & {row["removed_package"], row["installed_package"]}:
            certain.add(axis.place[row["serial"]])
    said = ask("ever:(lot:2EKR1)")
    assert said["affected"]["certain"] == len(certain) > ask("lot:2EKR1")["affected"]["certain"]


def test_skipped_positions_are_in_no_answer(ask):
    skipped = [row for row in count.table("units") if row["state"] == "skipped"]
    assert len(skipped) == 13
    everything = ask("product:MB-200 or product:RB-50 or product:EG-200")
    planned = [row for row in count.table("units") if row["state"] == "planned"]
    assert everything["affected"]["certain"] in (15571 - 13, 15571 - 13 - len(planned))
