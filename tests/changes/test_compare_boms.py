"""Two BOM versions by meaning: what stands where, not in which line; and what the record says of both."""

from dataclasses import replace

import pytest

from asbuilt.designed.changes.comparing.bom_difference import Side, SideLine, difference


def side(*lines: tuple, makers: dict | None = None) -> Side:
    read = [SideLine(str(n), part, quantity, tuple(refdes.split())) for n, (part, quantity, refdes) in enumerate(lines)]
    return Side(tuple(read), {part: frozenset(pairs) for part, pairs in (makers or {}).items()})


def test_lines_that_were_renumbered_split_or_joined_are_no_change():
    old = side(("R", 3, "R1 R2 R3"), ("LABEL", 2, ""))
    new = side(("LABEL", 1, ""), ("R", 2, "R3 R1"), ("R", 1, "R2"), ("LABEL", 1, ""))
    assert difference(old, new).same and difference(new, old).same


def test_parts_quantities_and_places():
    old = side(("R", 2, "R1 R2"), ("C", 2, "C1 C2"), ("U", 1, "U1"), ("GLUE", 1, ""), ("L", 1, "L1"), ("Q", 1, "Q1"))
    new = side(
        ("R", 3, "R1 R2 R10"), ("C", 2, "C1 C7"), ("V", 1, "U1"), ("GLUE", 4, ""), ("L", 1, "Q1"), ("Q", 1, "L1")
    )
    found = difference(old, new)
    assert [(one.part, one.new_quantity, one.gained) for one in found.added] == [("V", 1, ("U1",))]
    assert [(one.part, one.old_quantity, one.lost) for one in found.removed] == [("U", 1, ("U1",))]
    assert [(one.old_part, one.new_part, one.positions) for one in found.replaced] == [("U", "V", ("U1",))]
    assert [(one.part, one.positions, one.other_part, one.other_positions) for one in found.swapped] == [
        ("L", ("Q1",), "Q", ("L1",))
    ]
    assert [(one.part, one.old_positions, one.new_positions) for one in found.moved] == [("C", ("C2",), ("C7",))]
    assert [(one.part, one.old_quantity, one.new_quantity, one.gained) for one in found.quantities] == [
        ("GLUE", 1, 4, ()), ("R", 2, 3, ("R10",))
    ]  # fmt: skip


def test_makers_of_the_same_number():
    lines = [("R", 1, "R1"), ("U", 1, "U1"), ("X", 1, "X1")]
    old = side(*lines, makers={"R": {("Yageo", "RC")}, "U": {("Acme", "A1"), ("Bcme", "B1")}})
    new = side(*lines, makers={"R": {("Vishay", "CRCW")}, "U": {("Acme", "A1")}, "X": {("Xo", "X")}})
    found = {one.part: one for one in difference(old, new).makers}
    assert found["R"].substituted and found["R"].gone == (("Yageo", "RC"),) and found["R"].new == (("Vishay", "CRCW"),)
    assert not found["U"].substituted and found["U"].kept == (("Acme", "A1"),)
    assert found["X"].new == (("Xo", "X"),) and not found["X"].substituted


def test_what_two_thousand_lines_differ_in_by_an_independent_count():
    """Every seventh line is of another part, every eleventh lost one piece; counted by arithmetic."""
    old = side(*((f"P{n}", 3, f"R{n}A R{n}B R{n}C") for n in range(2_000)))
    lines = [replace(one, part=f"N{n}") if n % 7 == 0 else one for n, one in enumerate(old.lines)]
    lines = [
        replace(one, quantity=2, positions=one.positions[:2]) if n % 11 == 0 else one for n, one in enumerate(lines)
    ]
    found = difference(old, Side(tuple(lines), {}))
    assert len(found.added) == len(found.removed) == len(found.replaced) == len(range(0, 2_000, 7))
    assert len(found.quantities) == len([n for n in range(0, 2_000, 11) if n % 7])


@pytest.fixture
def versions(load, actor):
    import change_floor

    load(change_floor.tables())
    load(
        {
            "firmware_demands": [
                {"order": "", "product": "board", "revision": "A", "part": "", "of_product": "", "role": "app", "version": "1.0.0", "operator": "", "happened_at": "2026-03-02T08:00:00Z"}
            ],
            "configurations": [
                {"order": "", "product": "board", "revision": "A", "configuration": "EU", "part": "", "of_product": "", "role": "app", "version": "1.1.0", "operator": "", "happened_at": "2026-03-02T08:00:00Z"}
            ],
            "firmware": [
                {"product": "board", "version": version, "role": "app", "image": "", "sha256": digit * 64, "revisions": "A", "released_at": "2026-01-10T08:00:00Z", "security_relevant": "false"}
                for version, digit in (("1.0.0", "1"), ("1.1.0", "2"))
            ],
        },
        "firmware",
    )  # fmt: skip
    return actor


def test_what_the_record_says_of_two_versions(versions, ask_names):
    from asbuilt.questions.boms.compared import Named, compared, versions_to_compare
    from asbuilt.questions.boms.difference_paper import difference_pdf

    found = compared(versions, product="board", old=Named("A", "1"), new=Named("A", "2", "EU"))
    assert [one["part"] for one in found["added"]] == ["CAP"] and found["removed"] == found["moved"] == []
    assert found["firmware"] == [{"product": "board", "role": "app", "old_version": "1.0.0", "new_version": "1.1.0"}]
    assert not found["same"] and found["makers"] == []
    assert ask_names(found["old"]["units"])[:2] == ["B1", "B2"] and ask_names(found["new"]["units"]) == ["N1", "N2", "N3", "N4"]  # fmt: skip
    assert difference_pdf(found).startswith(b"%PDF-1.7") or difference_pdf(found).startswith(b"%PDF-")
    chinese = [{**found["added"][0], "part": "\u56fd\u5de8 100R"}]  # letters that no font of ours has
    assert difference_pdf({**found, "added": chinese}).startswith(b"%PDF-")
    assert {"revision": "A", "bom_version": "2"} in versions_to_compare(versions, "board")
    assert compared(versions, product="board", old=Named("A", "1"), new=Named("A", "1"))["same"]


def test_an_mpn_that_changed_under_the_same_number_shows(versions, load):
    from asbuilt.questions.boms.compared import Named, compared

    load(
        {
            "parts": [
                {"part": "RES", "description": "", "mpn": "OTHER", "manufacturer": "Vishay", "lifecycle": "", "msl": ""}
            ]
        },
        "later",
    )
    ((one),) = compared(versions, product="board", old=Named("A", "1"), new=Named("A", "1"))["makers"]
    assert one["part"] == "RES" and one["new"] == [{"maker": "Vishay", "mpn": "OTHER"}] and not one["substituted"]


def test_what_is_not_there_and_who_sees_none(versions, person, stranger):
    from asbuilt.kernel.errors import NotAllowed, NotFound
    from asbuilt.questions.boms.compared import Named, compared

    for product, old, code in (
        ("boad", Named("A", "1"), "changes.bom_unknown"), ("board", Named("A", "9"), "changes.bom_unknown"),
        ("board", Named("Z", "1"), "changes.bom_unknown"), ("board", Named("A", "1", "US"), "changes.configuration_unknown"),
    ):  # fmt: skip
        with pytest.raises(NotFound) as refused:
            compared(versions, product=product, old=old, new=Named("A", "2"))
        assert refused.value.code == code and refused.value.remedy
    with pytest.raises(NotFound):
        compared(stranger, product="board", old=Named("A", "1"), new=Named("A", "2"))
    with pytest.raises(NotAllowed):
        compared(person("administrator"), product="board", old=Named("A", "1"), new=Named("A", "2"))
