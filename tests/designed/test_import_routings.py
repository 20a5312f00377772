"""documents.csv and routings.csv: the way of a revision through the factory and what applies there; each wrong row is named."""

from hashlib import sha256

import pytest

from asbuilt.kernel.errors import AsbuiltError

AT, LATER = "2026-03-01T08:00:00Z", "2026-03-05T08:00:00Z"
DOCUMENT = {
    "document": "WI-7",
    "revision": "C",
    "kind": "instruction",
    "title": "Reflow",
    "file": "",
    "sha256": "ab" * 32,
    "valid_from_at": AT,
}
STEP = {
    "product": "board",
    "revision": "A",
    "routing": "1",
    "place_in_route": "10",
    "step": "PRINT",
    "side": "top",
    "from_at": AT,
}
BOM = {
    "parts": [{"part": "R1", "description": "", "mpn": "RC", "manufacturer": "Y", "lifecycle": "", "msl": ""}],
    "bom": [{"product": "board", "revision": "A", "bom_version": "1", "line": "1", "part": "R1", "quantity": "1", "refdes": "R1"}],
}  # fmt: skip


@pytest.fixture
def designed(load):
    load(BOM, "design")


def in_force(actor, text):
    from asbuilt.designed.catalog.queries import standing_revisions
    from asbuilt.designed.catalog.routings import routing_in_force
    from asbuilt.kernel.instants import parse_instant

    return routing_in_force(actor.tenant, standing_revisions(actor.tenant, "board")["A"], parse_instant(text))


def test_the_steps_in_order_and_the_routing_in_force(designed, load, actor):
    steps = [
        STEP | {"place_in_route": "20", "step": "REFLOW"},
        STEP,
        STEP | {"place_in_route": "30", "step": "REFLOW", "side": "bottom"},
    ]
    load({"routings": [*steps, *(one | {"routing": "2", "from_at": LATER} for one in steps[:2])]}, "first")
    assert in_force(actor, "2026-02-01T00:00:00Z") is None
    first, second = in_force(actor, "2026-03-02T00:00:00Z"), in_force(actor, LATER)
    assert (first.name, [one.name for one in first.steps]) == ("1", ["PRINT top", "REFLOW top", "REFLOW bottom"])
    assert (second.name, [one.name for one in second.steps]) == ("2", ["PRINT top", "REFLOW top"])
    assert (
        first.step("PRINT").side == "top"
        and first.step("REFLOW") is None
        and first.step("REFLOW", "bottom").place_in_route == 30
    )


def test_a_document_is_evidence_and_a_later_revision_takes_its_place(designed, load, actor, tmp_path):
    from asbuilt.designed.catalog.routings import documents, superseded
    from asbuilt.kernel.instants import parse_instant
    from asbuilt.ledger import evidence

    (tmp_path / "first" / "docs").mkdir(parents=True)
    (tmp_path / "first" / "docs" / "wi7.pdf").write_bytes(b"%PDF reflow")
    digest = sha256(b"%PDF reflow").hexdigest()
    rows = [DOCUMENT | {"file": "docs/wi7.pdf", "sha256": digest}, DOCUMENT | {"revision": "D", "valid_from_at": LATER}]
    load({"documents": rows, "routings": [STEP | {"instruction": "WI-7@C"}]}, "first")
    assert b"".join(evidence.open_evidence(actor.tenant, digest)) == b"%PDF reflow"
    known = documents(actor.tenant)
    assert superseded(known, "WI-7@C", parse_instant(AT)) is None
    assert superseded(known, "WI-7@C", parse_instant(LATER)).name == "WI-7@D"


@pytest.mark.parametrize(
    ("table", "rows", "named"),
    [
        ("routings", [STEP | {"product": "bord"}], [("catalog.product_unknown", 2, "product")]),
        ("routings", [STEP | {"revision": "B"}], [("catalog.revision_unknown", 2, "revision")]),
        ("routings", [STEP | {"instruction": "WI-9@A"}], [("catalog.document_unknown", 2, "instruction")]),
        ("routings", [STEP | {"criteria": "WI-7@C"}], [("catalog.document_unknown", 2, "criteria")]),
        ("routings", [STEP | {"limits": '{"zone5": [240]}'}], [("catalog.limits_malformed", 2, "limits")]),
        ("routings", [STEP | {"limits": '["zone5"]'}], [("catalog.limits_malformed", 2, "limits")]),
        ("routings", [STEP, STEP | {"step": "REFLOW"}], [("catalog.step_doubled", 3, "place_in_route")]),
        ("routings", [STEP, STEP | {"place_in_route": "20"}], [("catalog.step_doubled", 3, "step")]),
        ("documents", [DOCUMENT | {"document": "W@7"}], [("catalog.document_code", 2, "document")]),
        ("documents", [DOCUMENT | {"revision": "D"}, DOCUMENT | {"revision": "D", "title": "x"}], [("catalog.document_doubled", 3, "revision")]),
        ("documents", [DOCUMENT | {"title": "Oven"}], [("tables.contradicts", 2, "revision")]),
    ],
)  # fmt: skip
def test_wrong_rows_are_named(designed, load, table, rows, named):
    load({"documents": [DOCUMENT]}, "before")
    with pytest.raises(AsbuiltError) as caught:
        load({table: rows}, "wrong")
    found = [vars(row) for row in getattr(caught.value, "rows", ())] or caught.value.facts["errors"]
    assert [(one["code"], one["line"], one["column"]) for one in found] == named


def test_a_document_that_a_step_needs_stays(designed, load, actor):
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.formats.tables import TABLES, fact_id
    from asbuilt.kernel.instants import format_instant, parse_instant

    load({"documents": [DOCUMENT], "routings": [STEP | {"instruction": "WI-7@C"}]}, "first")

    def fact(table, row):
        said = row | {name: format_instant(parse_instant(row[name])) for name in row if name.endswith("_at")}
        return Withdraw(fact_id(TABLES[table], [said.get(name, "") for name in TABLES[table].columns]), "r", "045", 1)

    mine = fact("documents", DOCUMENT)
    with pytest.raises(AsbuiltError) as caught:
        withdraw_facts(actor, [mine])
    assert caught.value.code == "exchange.fact_rested_on" and caught.value.facts["names"] == ["1 PRINT"]
    withdraw_facts(actor, [mine, fact("routings", STEP | {"instruction": "WI-7@C"})])
    assert in_force(actor, LATER) is None
