"""read_mark: the mark on a unit is its own, or the unit does not go on; both are recorded."""

from io import BytesIO

import pytest
from PIL import Image
from planned import NEW, operator, stranger
from pyroaring import BitMap

from asbuilt.built.production.actions.marks import read_mark
from asbuilt.built.production.actions.naming import name_units
from asbuilt.built.production.actions.orders import open_order
from asbuilt.built.production.intake.mark_readings import units_without_read_mark
from asbuilt.built.production.marks import mark_content
from asbuilt.designed.catalog.actions import set_mark_rule, set_serial_rule
from asbuilt.formats.marks import Content, matrix_of, png
from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused

GTIN = "09506000134352"


@pytest.fixture
def marked(stage, actor):
    """Five boards AB-001 to AB-005 as WO-9, units 15 to 19."""
    stage()
    open_order(actor, **NEW)
    set_serial_rule(actor, product="board", prefix="AB-", width=3)
    name_units(actor, order="WO-9")


def unread(actor) -> list[int]:
    return list(units_without_read_mark(actor.tenant, BitMap(range(15, 20))))


def test_a_scanned_text_is_its_own(marked, actor, findings, moved):
    found = read_mark(actor, unit="WO-9#2", read="AB-002", station="MARK-1")
    assert (found.unit, found.serial, found.read) == ("WO-9#2", "AB-002", "AB-002")
    assert read_mark(actor, unit="AB-003", read="]d1AB-003").unit == "WO-9#3"
    assert unread(actor) == [15, 18, 19] and findings() == []
    moved()
    assert len(unread(actor)) == 3 and findings() == []


def test_a_picture_is_read_back_and_kept(marked, actor, sql, findings):
    picture = png(matrix_of(Content("AB-004")))
    found = read_mark(actor, unit="WO-9#4", picture=picture)
    assert found.read == "AB-004"
    assert (
        sql("SELECT count(*) FROM ledger_entry_evidence WHERE entry = %s", found.entry) == [(1,)] and findings() == []
    )


def test_gs1_marks(marked, actor, refused):
    set_mark_rule(actor, product="board", content="gs1", gtin="9506000134352")
    assert mark_content(actor.tenant, 15) == ("AB-001", Content(f"(01){GTIN}(21)AB-001", True))
    for read in (f"]d201{GTIN}21AB-001", f"(01){GTIN}(21)AB-001", f"01{GTIN}21AB-001\x1d"):
        assert read_mark(actor, unit="WO-9#1", read=read).serial == "AB-001"
    assert (
        read_mark(actor, unit="WO-9#1", picture=png(matrix_of(Content(f"(01){GTIN}(21)AB-001", True)))).serial
        == "AB-001"
    )
    refusal = refused(Refused, "production.mark_wrong", read_mark, actor, unit="WO-9#1", read="AB-001")
    assert refusal.facts["expected"] == f"(01){GTIN}(21)AB-001"


def test_a_wrong_mark_is_refused_with_what_was_read_and_recorded(marked, actor, refused, findings, withdraw):
    read_mark(actor, unit="WO-9#1", read="AB-001")
    refusal = refused(Refused, "production.mark_wrong", read_mark, actor, unit="WO-9#1", read="AB-002")
    assert (refusal.facts["read"], refusal.facts["expected"]) == ("AB-002", "AB-001") and "AB-002" in refusal.message
    assert 15 in unread(actor)  # the last reading counts
    assert findings() == []
    withdraw("mark_readings", result="wrong")
    assert 15 not in unread(actor) and findings() == []


def test_what_cannot_be_read_is_refused_and_recorded(marked, actor, refused, sql):
    out = BytesIO()
    Image.new("L", (200, 200), 255).save(out, "PNG")
    refused(Refused, "production.mark_unreadable", read_mark, actor, unit="WO-9#1", picture=out.getvalue())
    refused(Refused, "production.mark_unreadable", read_mark, actor, unit="WO-9#1", read=" ")
    assert sql("SELECT unit, result, read FROM production_mark_reading ORDER BY entry") == [(15, 2, ""), (15, 2, "")]


def test_of_two_marks_in_a_picture_one_must_be_its_own(marked, actor, refused):
    one, other = (Image.open(BytesIO(png(matrix_of(Content(text))))) for text in ("AB-001", "AB-009"))
    paper = Image.new("L", (400, 200), 255)
    paper.paste(one, (20, 20))
    paper.paste(other, (220, 20))
    out = BytesIO()
    paper.save(out, "PNG")
    assert read_mark(actor, unit="WO-9#1", picture=out.getvalue()).read == "AB-001"
    refusal = refused(Refused, "production.mark_wrong", read_mark, actor, unit="WO-9#2", picture=out.getvalue())
    assert sorted(refusal.facts["read"].split()) == ["AB-001", "AB-009"]


def test_control_characters_are_shown(marked, actor, refused):
    refusal = refused(Refused, "production.mark_wrong", read_mark, actor, unit="WO-9#1", read="[)>\x1e06\x1dSAB-001")
    assert refusal.facts["read"] == "[)>␞06␝SAB-001"


def test_the_same_request_twice(marked, actor, refused, sql):
    first = read_mark(actor, unit="WO-9#1", read="AB-001", request_key="k1")
    assert read_mark(actor, unit="WO-9#1", read="AB-001", request_key="k1") == first
    refused(Conflict, "ledger.request_key_reused", read_mark, actor, unit="WO-9#1", read="AB-002", request_key="k1")
    for _ in range(2):
        refused(Refused, "production.mark_wrong", read_mark, actor, unit="WO-9#2", read="AB-001", request_key="k2")
    assert sql("SELECT count(*) FROM production_mark_reading") == [(2,)]


def test_refusals(marked, actor, refused, load):
    refused(NotFound, "production.serial_unknown", read_mark, actor, unit="AB-999", read="AB-999")
    refused(Refused, "production.unit_unnamed", read_mark, actor, unit="WO-2#1", read="x")
    refused(Invalid, "production.mark_one_way", read_mark, actor, unit="WO-9#1")
    refused(Invalid, "production.mark_one_way", read_mark, actor, unit="WO-9#1", read="AB-001", picture=b"x")
    refused(Invalid, "marks.no_picture", read_mark, actor, unit="WO-9#1", picture=b"no picture")
    refused(Invalid, "tables.cell_too_long", read_mark, actor, unit="WO-9#1", read="x" * 401)
    refused(Invalid, "production.serial_ambiguous", read_mark, actor, unit="B1", read="B1")
    refused(NotFound, "production.serial_unknown", read_mark, stranger(), unit="WO-9#1", read="AB-001")
    set_serial_rule(actor, product="board", prefix="x" * 20, width=3)
    open_order(actor, **{**NEW, "order": "WO-10", "quantity": 1})
    name_units(actor, order="WO-10")
    set_mark_rule(actor, product="board", content="gs1", gtin=GTIN)
    refused(Refused, "production.mark_unfit", read_mark, actor, unit="WO-10#1", read="x")


def test_an_operator_may_read_marks_an_auditor_may_not(marked, actor, refused):
    from dataclasses import replace

    from asbuilt.access.rights import ROLES

    assert read_mark(operator(actor), unit="WO-9#1", read="AB-001").serial == "AB-001"
    auditor = replace(actor, rights=ROLES["auditor"])
    refused(NotAllowed, "access.right_missing", read_mark, auditor, unit="WO-9#1", read="AB-001")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"product": "bored"}, "catalog.product_unknown"),
        ({"content": "qr"}, "tables.cell_not_a_word"),
        ({"gtin": ""}, "catalog.gtin_missing"),
        ({"gtin": "9506000134353"}, "catalog.gtin_wrong"),
        ({"company_digits": 5}, "catalog.company_prefix_wrong"),
        ({"module_mm": "0.05"}, "catalog.module_size"),
        ({"module_mm": "a"}, "tables.cell_not_a_number"),
    ],
)
def test_mark_rules_that_are_none(stage, actor, changed, code):
    from asbuilt.kernel.errors import AsbuiltError

    stage()
    with pytest.raises(AsbuiltError) as caught:
        set_mark_rule(actor, **{"product": "board", "content": "gs1", "gtin": GTIN, **changed})
    assert caught.value.code == code and caught.value.remedy
