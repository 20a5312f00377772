"""materials.csv: packages over positions and units; neighbours merge, two lines at once keep one run each, silence stays."""

import pytest
from django.db import connections
from floor import rows

HEADER = "order|refdes|package|first_serial|last_serial|certainty|machine|feeder|happened_at"


def run(first, last, package="P1", refdes="R1 R2", certainty="certain", machine="M1", order="WO-1"):
    return f"{order}|{refdes}|{package}|{first}|{last}|{certainty}|{machine}|F1|2027-03-02T08:00Z"


def stored(sql) -> int:
    return sql("SELECT count(*) FROM production_material_run")[0][0]


def test_neighbours_merge_into_one_run(stage, load, sql, ask):
    stage()
    load({"materials": rows(HEADER, run("B1", "B2"), run("B3", "B4"))}, "first")
    load({"materials": rows(HEADER, run("B5", "B6"))}, "second")
    assert stored(sql) == 1
    assert ask("package:P1 order:WO-1") == {
        **{f"B{n}": "certain" for n in range(1, 7)},
        "B7": "unrecorded",
        "B8": "unrecorded",
    }


def test_two_lines_at_once_keep_a_run_each(stage, load, sql, ask):
    stage()
    lines = [run(f"B{n}", f"B{n}", "P1" if n % 2 else "P2", machine=f"M{n % 2}") for n in range(1, 9)]
    load({"materials": rows(HEADER, *lines)}, "first")
    assert stored(sql) == 2
    assert list(ask("package:P2 order:WO-1")) == ["B2", "B4", "B6", "B8"]


def test_a_splice_and_a_lone_doubtful_reel(stage, load, ask):
    stage()
    lines = [
        run("B1", "B2", certainty="possible"),
        run("B1", "B2", "P2", certainty="possible"),
        run("B3", "B3", certainty="possible"),
    ]
    load({"materials": rows(HEADER, *lines, run("B4", "B8", "P2"))}, "first")
    assert ask("package:P1 order:WO-1") == {"B1": "possible", "B2": "possible", "B3": "possible"}
    assert ask("package:P2 order:WO-1") == {
        "B1": "possible",
        "B2": "possible",
        "B3": "unrecorded",
        **{f"B{n}": "certain" for n in range(4, 9)},
    }


def test_the_same_rows_again_and_one_more(stage, load):
    stage()
    load({"materials": rows(HEADER, run("B1", "B2"))}, "first")
    (report,) = load({"materials": rows(HEADER, run("B1", "B2"), run("B3", "B4", "P2"))}, "second")
    assert (report.stored, report.known) == (1, 1)


def test_the_same_package_certain_twice_over_a_unit_is_no_contradiction(stage, load, ask):
    stage()
    load({"materials": rows(HEADER, run("B1", "B4"), run("B3", "B6"))}, "first")
    assert list(ask("package:P1 order:WO-1 -package:P2"))[:6] == [f"B{n}" for n in range(1, 7)]


def test_history_is_warned_about_and_kept(stage, load):
    """A quarantined lot, and a part that the BOM has elsewhere."""
    stage()
    (report,) = load({"materials": rows(HEADER, run("B1", "B2", "P3"))}, "first")
    assert (report.stored, report.warnings_total) == (1, 3)  # and the run lies ahead of the clock of the tests
    assert any("quarantine" in text for text in report.warnings) and any(
        "another part" in text for text in report.warnings
    )


@pytest.mark.parametrize(
    ("package", "said", "warned"),
    [
        ("P1", ("quarantine", "2027-03-02T07:00Z"), "in quarantine"),  # before it was mounted at 08:00
        ("P1", ("rejected", "2027-03-02T07:00Z"), "rejected"),
        ("P1", ("quarantine", "2027-03-02T09:00Z"), None),
        ("P3", ("released", "2027-03-02T07:00Z"), None),
        ("P3", ("released", "2027-03-02T09:00Z"), "in quarantine"),
    ],
)
def test_the_status_that_counts_is_that_of_the_hour(stage, load, package, said, warned):
    stage()
    load(
        {"statuses": rows("package|status|reason|operator|happened_at", f"{package}|{said[0]}|seen||{said[1]}")}, "said"
    )
    refdes = "#20" if package == "P3" else "R1 R2"
    (report,) = load({"materials": rows(HEADER, run("B1", "B2", package, refdes))}, "first")
    told = [text for text in report.warnings if "mounted all the same" in text]
    assert len(told) == (warned is not None) and all(f"was {warned}" in text for text in told)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([run("B1", "B2", order="WO-9")], ("Invalid", ("production.order_unknown", 2, "order"))),
        ([run("B1", "B2", "P9")], ("Invalid", ("supply.package_unknown", 2, "package"))),
        ([run("B1", "B2", refdes="R9")], ("Invalid", ("production.position_unknown", 2, "refdes"))),
        ([run("B1", "B2", refdes="#10")], ("Invalid", ("production.position_unknown", 2, "refdes"))),
        ([run("B99", "B2")], ("Invalid", ("production.serial_unknown", 2, "first_serial"))),
        ([run("B4", "B2")], ("Invalid", ("production.span_backwards", 2, "last_serial"))),
        ([run("B1", "WO-2#1")], ("Invalid", ("production.serial_outside_order", 2, "last_serial"))),
        ([run("B1", "B4"), run("B4", "B5", "P2", "R2")], ("Invalid", ("production.materials_overlap", 3, "refdes"))),
        ([run("B1", "B2", certainty="sure")], ("Invalid", ("tables.cell_not_a_word", 2, "certainty"))),
    ],
    ids=[
        "order",
        "package",
        "position",
        "line with designators",
        "unit",
        "backwards",
        "leaves",
        "overlap",
        "certainty",
    ],
)
def test_refusals(stage, refusal, lines, expected):
    stage()
    kind, named = refusal("materials", rows(HEADER, *lines))
    assert kind == expected[0] and expected[1] in named


def test_certain_over_certain_of_another_file_is_a_conflict(stage, load, refusal):
    stage()
    load({"materials": rows(HEADER, run("B1", "B4"))}, "first")
    assert refusal("materials", rows(HEADER, run("B4", "B5", "P2"))) == (
        "Conflict",
        [("tables.contradicts", 2, "refdes")],
    )


def meetings(sql):
    """(position group, position group) as kept, by their positions."""
    return set(
        sql(
            'SELECT o.label, t.label FROM production_group_meeting m JOIN catalog_position_group o ON o.number = m."group" '
            "JOIN catalog_position_group t ON t.number = m.other"
        )
    )


def test_groups_that_share_a_position_are_kept_as_meeting_and_are_each_others_candidates(stage, load, sql, ask, actor):
    from asbuilt.ledger.verifying import verify

    stage()
    load({"materials": rows(HEADER, run("B1", "B2", certainty="possible"))}, "first")
    assert meetings(sql) == set()
    load({"materials": rows(HEADER, run("B1", "B1", "P2", "R2"), run("B2", "B2", "P2", "R2", "possible"))}, "second")
    assert meetings(sql) == {("R1 R2", "R2"), ("R2", "R1 R2")}
    # R2 of B1: P1 possible beside P2 certain; R1 of both: P1 alone, and an unknown one
    assert ask("(package:P2 at:R2) order:WO-1 unit:B1..B2") == {"B1": "possible", "B2": "possible"}
    assert ask("(package:P1 at:R2) order:WO-1 unit:B1..B2") == {"B1": "possible", "B2": "possible"}
    assert verify(actor.tenant).as_json()["findings"] == []


def test_a_lost_meeting_is_named_by_verify_and_made_by_the_migration(stage, load, sql, actor):
    from django.core.management import call_command

    from asbuilt.ledger.verifying import verify

    stage()
    load({"materials": rows(HEADER, run("B1", "B2", certainty="possible"))}, "first")
    load({"materials": rows(HEADER, run("B1", "B2", "P2", "R2", "possible"))}, "second")
    kept = meetings(sql)
    assert kept == {("R1 R2", "R2"), ("R2", "R1 R2")}
    call_command("migrate", "production", "0004", verbosity=0)
    call_command("migrate", "production", verbosity=0)
    assert meetings(sql) == kept
    with connections["default"].cursor() as cursor:
        cursor.execute("DELETE FROM production_group_meeting")
    findings = verify(actor.tenant).as_json()["findings"]
    assert {found["code"] for found in findings} == {"ledger.projection_row_missing"}
    assert "production_group_meeting" in findings[0]["what"]
