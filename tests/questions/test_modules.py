"""With which firmware makers' modules came: by lot and date code, certain and possible, and what was programmed since."""

import pytest
from preprogrammed_line import LATER, RADIO, came, line_floor, release  # noqa: F401
from supply.conftest import person  # noqa: F401


@pytest.fixture
def placed(load, line_floor):  # noqa: F811
    """placed("U-1", "B1", "B5") puts a package at U1 of these boards."""
    count = iter(range(100))

    def at(package, first, last, certainty="certain"):
        row = {"order": "WO", "refdes": "U1", "package": package, "first_serial": first, "last_serial": last}
        row |= {"certainty": certainty, "machine": "", "feeder": "", "happened_at": LATER}
        load({"materials": [row]}, f"placed{next(count)}")

    return at


@pytest.fixture
def ask(actor):
    """ask(question) -> (certain, possible, unrecorded)."""
    from asbuilt.questions.genealogy.answering import answers

    def counts(question, as_of=None):
        said = answers.ask(actor, question, as_of=as_of).affected.counts()
        return tuple(said[grade] for grade in ("certain", "possible", "unrecorded"))

    return counts


def test_lots_of_a_range_of_date_codes_came_with_it(line_floor, placed, ask):  # noqa: F811
    placed("U-1", "B1", "B5")  # of week 2601
    placed("U-2", "B6", "B10")  # of week 2610
    line_floor.module(date_code_from="2605", date_code_until="2610", source="PCN 2026-4")
    assert ask("firmware:radio/2.0") == (5, 0, 0)
    assert ask(f"image:{RADIO}") == (5, 0, 0)
    assert ask("firmware:radio/2.0 unit:B1..B5") == (0, 0, 0)
    line_floor.module(date_code_until="2604")
    assert ask("firmware:radio/2.0") == (10, 0, 0)


def test_a_package_whose_date_code_is_not_known_is_possible(line_floor, placed, ask):  # noqa: F811
    placed("U-3", "B1", "B4")
    line_floor.module(date_code_from="2605", date_code_until="2610")
    assert ask("firmware:radio/2.0") == (0, 4, 0)
    assert ask("-firmware:radio/2.0 unit:B1..B4") == (0, 4, 0)


def test_a_row_without_dates_speaks_of_every_lot(line_floor, placed, ask):  # noqa: F811
    placed("U-3", "B1", "B4")
    line_floor.module(manufacturer="ACME", mpn="m-mcu")
    assert ask("firmware:radio/2.0") == (4, 0, 0)


def test_a_row_of_one_lot_goes_before_rows_of_dates(line_floor, placed, load, ask):  # noqa: F811
    load({"firmware": [release("2.1", "f6" * 32, "radio", "")]}, "newer")
    placed("U-1", "B1", "B5")
    placed("U-2", "B6", "B10")
    placed("U-4", "B11", "B12")  # of week 2601, lot not known
    line_floor.module(date_code_from="2601")
    line_floor.module(version="2.1", lot_code="LU1")
    assert ask("firmware:radio/2.1") == (5, 2, 0)
    assert ask("firmware:radio/2.0") == (5, 2, 0)


def test_where_two_packages_may_be_there_both_must_have_come_with_it(line_floor, placed, ask):  # noqa: F811
    placed("U-1", "B1", "B4", "possible")
    placed("U-2", "B1", "B4", "possible")
    line_floor.module(date_code_until="2605")
    assert ask("firmware:radio/2.0") == (0, 4, 0)
    line_floor.module(date_code_from="2606")
    assert ask("firmware:radio/2.0") == (4, 0, 0)


def test_whoever_programmed_package_or_unit_goes_before_the_maker(line_floor, placed, load, ask):  # noqa: F811
    load({"firmware": [release("2.1", "f6" * 32, "radio", "")]}, "newer")
    placed("U-1", "B1", "B5")
    placed("U-2", "B6", "B10")
    line_floor.module()
    assert ask("firmware:radio/2.0") == (10, 0, 0)
    load({"programming": [came("U-2", "2.1", role="radio")]}, "package")
    assert ask("firmware:radio/2.0") == (5, 0, 0)
    assert ask("ever:(firmware:radio/2.0)") == (10, 0, 0)
    unit = came("", "2.1", role="radio", source="field") | {"serial": "B1"}
    load({"programming": [unit]}, "unit")
    assert ask("firmware:radio/2.0") == (4, 0, 0)
    assert ask("firmware:radio/2.1") == (6, 0, 0)


def test_what_was_known_before_the_maker_said_so_stays_so(line_floor, placed, ask):  # noqa: F811
    from asbuilt.kernel.instants import format_instant
    from asbuilt.ledger import clock

    placed("U-1", "B1", "B5")
    before = clock.now()
    clock.set_clock(lambda: before + 3_600_000_000)
    line_floor.module()
    assert ask("firmware:radio/2.0") == (5, 0, 0)
    assert ask("firmware:radio/2.0", as_of=format_instant(before + 1_000_000)) == (0, 0, 0)


def test_the_units_page_and_the_count_by_version_know_it(line_floor, placed, load, actor):  # noqa: F811
    from asbuilt.questions.genealogy.answering import answers
    from asbuilt.questions.genealogy.seen.life import unit_life

    placed("U-1", "B1", "B5")
    line_floor.module(role="", version="1.0.0")
    rows = answers.ask(actor, "order:WO").as_dict()["by"]["firmware"]
    assert [(row["firmware"], row["certain"]) for row in rows] == [("1.0.0", 5), (None, 15)]
    (seen,) = unit_life(actor, "B1").firmware
    assert (seen.version, seen.source, seen.since, seen.grade, seen.package) == (
        "1.0.0",
        "maker",
        None,
        "certain",
        "U-1",
    )


@pytest.mark.parametrize(
    ("said", "kind", "code"),
    [
        ({"version": "9"}, "Invalid", "programming.release_unknown"),
        ({"product": "no"}, "Invalid", "catalog.product_unknown"),
        ({"lot_code": "L", "date_code_from": "2601"}, "Invalid", "programming.module_scope"),
        ({"date_code_from": "2605", "date_code_until": "2601"}, "Invalid", "programming.date_codes_wrong"),
        ({"date_code_from": "26W05"}, "Invalid", "programming.date_codes_wrong"),
        ({"date_code_from": "2601", "date_code_until": "202610"}, "Invalid", "programming.date_codes_wrong"),
        ({"date_code_from": "2608"}, "Conflict", "tables.contradicts"),
        ({"lot_code": "LU9", "version": "2.0"}, "Conflict", "tables.contradicts"),
    ],
)
def test_what_cannot_be_said_of_modules_is_refused(line_floor, said, kind, code):  # noqa: F811
    from asbuilt.built.programming.modules import module_rows
    from asbuilt.kernel import errors

    line_floor.module(date_code_from="2605", date_code_until="2610")
    line_floor.module(lot_code="LU9")
    with pytest.raises(getattr(errors, kind)) as refusal:
        line_floor.module(**said)
    assert refusal.value.code == code
    assert len(module_rows(1)) == 2


def test_modules_are_said_of_by_those_who_may(line_floor, person):  # noqa: F811
    from asbuilt.kernel.errors import NotAllowed

    with pytest.raises(NotAllowed):
        line_floor.module(by=person("operator"))


def test_a_module_with_other_firmware_than_demanded_is_refused_at_the_feeder(line_floor, load):  # noqa: F811
    load({"firmware": [release("2.1", "f6" * 32, "radio", "")]}, "newer")
    line_floor.demand(product="board", revision="A", part="MCU", role="radio", version="2.1")
    line_floor.module(date_code_until="2605")
    line_floor.module(date_code_from="2606", version="2.1")
    assert line_floor.stops("U-1") == ["programming.other_image"]
    assert line_floor.stops("U-2") == []
    assert line_floor.stops("U-3") == ["programming.image_unsure"]
