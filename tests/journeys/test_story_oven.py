"""Story b: the profile of one oven was wrong for three days. Which boards, which finished products, which customers?"""

import independent_count as count
from told import compare, numbers

QUESTION = "passed:OVEN-2@2027-03-15..2027-03-17"
BEGIN, END = count.instant("2027-03-15T00:00Z"), count.instant("2027-03-18T00:00Z")


def test_the_independent_count_agrees(ask):
    said = ask(QUESTION)
    compare(said, count.story_b())
    assert min(numbers(said["affected"])[:2]) > 0 and min(numbers(said["finished"])[:2]) > 0


def test_the_numbers_of_the_page(ask):
    said = ask(QUESTION)
    assert (numbers(said["affected"]), numbers(said["finished"])) == ((1249, 529, 0), (953, 376, 0))
    assert {row["customer"]: numbers(row)[:2] for row in said["by"]["customer"]} == {
        "Distributor X": (221, 126),
        "Veldhuis Energie": (311, 145),
        "Atelier Réseau": (104, 0),
        "Baltic Meters": (0, 46),
        None: (317, 59),
    }


def test_each_board_with_its_grade(ask):
    """Serial number by serial number, not only the sums."""
    axis = count.Axis()
    graded = axis.grades_by_name(count.passed_grades(axis, "OVEN-2", BEGIN, END))
    said = ask(QUESTION)["serials"]
    relabelled = {row["value"]: row["replaces"] for row in count.table("names") if row["replaces"]}
    named = {
        row["value"]: row["unit"] for row in count.table("names") if row["kind"] == "serial" and "#" in row["unit"]
    }
    first = [relabelled.get(row["serial"], named.get(row["serial"], row["serial"])) for row in said]
    assert [(serial, row["certainty"]) for serial, row in zip(first, said, strict=True)] == list(graded.items())


def test_boards_by_product(ask):
    counted = count.story_b()["affected_by_product"]
    for product in ("MB-200", "RB-50"):
        assert ask(f"{QUESTION} product:{product}")["affected"] == counted[product]


def test_the_gateways_that_contain_such_boards(ask):
    """Asked from the other end, the finished gateways are the same."""
    counted = count.story_b()["finished_by_product"]["EG-200"]
    assert ask(f"contains:({QUESTION}) product:EG-200")["affected"] == counted


def test_the_other_oven_ran_well(ask):
    axis = count.Axis()
    compare(ask("passed:OVEN-1@2027-03-15..2027-03-17"), axis.answer(count.passed_grades(axis, "OVEN-1", BEGIN, END)))


def test_days_instants_and_open_ends(ask):
    axis = count.Axis()
    for window, begin, end in (
        ("2027-03-15", "2027-03-15T00:00Z", "2027-03-16T00:00Z"),
        ("2027-03-17..", "2027-03-17T00:00Z", "2999-01-01T00:00Z"),
        ("..2027-03-14", "1999-01-01T00:00Z", "2027-03-15T00:00Z"),
    ):
        grades = count.passed_grades(axis, "OVEN-2", count.instant(begin), count.instant(end))
        compare(ask(f"passed:OVEN-2@{window}"), axis.answer(grades))


def test_the_temperature_says_the_same(ask):
    """Zone 5 stood at 272 °C and more instead of 247 (examples/README.md); runs without readings are silent, so: no."""
    import json

    axis, hot = count.Axis(), set()
    for row in count.table("processes"):
        if row["machine"] == "OVEN-2" and row["readings"] and json.loads(row["readings"]).get("zone5", 0) > 260:
            hot |= set(axis.span(row)) & axis.built
    said = ask("reading:OVEN-2.zone5>260")
    assert said["affected"]["certain"] == len(hot) > 0
