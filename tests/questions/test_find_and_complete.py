"""The find box and completion: what a code names, what may be typed next, and for whom."""

import pytest
from boards_and_boxes import tables
from cast import ALPINA, BOREAL, cast, cast_home  # noqa: F401


@pytest.fixture
def loaded(load, actor):
    load(tables())
    return actor


@pytest.mark.parametrize(
    ("code", "hits"),
    [
        ("B-01", [("unit", "B-01", "BRD B")]),
        ("b-01", [("unit", "B-01", "BRD B")]),
        ("00:11:22:33:44:55", [("unit", "B-01", "BRD B")]),
        ("WB#3", [("unit", "B-03", "BRD B")]),
        ("PN1/2", [("unit", "B-02", "BRD B")]),
        ("wb#3", [("unit", "B-03", "BRD B")]),
        ("pn1/2", [("unit", "B-02", "BRD B")]),
        ("LB", [("lot", "LB", "ACME IC9 · 2701")]),
        ("LA", [("lot", "LA", "ACME IC9 · 2701"), ("lot", "LA", "MURA CAP7 · 2701")]),
        ("PK-A", [("package", "PK-A", "ACME IC9 LA")]),
        ("WB", [("order", "WB", "10")]),
        ("wb", [("order", "WB", "10")]),
        ("BATCH-7", [("order", "WB", "10")]),
        ("PN1", [("panel", "PN1", "2")]),
        ("S-1", [("shipment", "S-1", "Nordlicht DE")]),
        ("nothing", []),
        ("", []),
    ],
)
def test_a_code_is_found(loaded, code, hits):
    from asbuilt.questions.genealogy.seen.finding import find

    assert [(hit.kind, hit.code, hit.label) for hit in find(loaded, code)] == hits


def test_two_lots_of_one_code_have_addresses_of_their_own(loaded):
    from asbuilt.questions.genealogy.seen.finding import find
    from asbuilt.questions.genealogy.seen.lots import lot_page

    one, other = find(loaded, "LA")
    assert one.url_args != other.url_args
    assert {lot_page(loaded, hit.url_args["code"]).lot.maker for hit in (one, other)} == {"ACME", "MURA"}
    assert lot_page(loaded, "LA").lot is None and len(lot_page(loaded, "LA").choices) == 2


def test_what_is_near(loaded):
    from asbuilt.questions.genealogy.seen.finding import near

    assert near(loaded, "PK-AA")[0] == "PK-A"
    assert near(loaded, "far-fetched-code") == []


def values(actor, text: str) -> list[str]:
    from asbuilt.questions.genealogy.answering.completion import complete

    return [one.text for one in complete(actor, text, len(text))]


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("lo", ["lot:"]),
        ("lot:L", ["LA", "LB", "LC"]),
        ("lot:l", ["LA", "LB", "LC"]),
        ("unit:B-0", [f"B-{n:02}" for n in range(1, 10)]),
        ("unit:X-1 order:W", ["WB", "WX"]),
        ("customer:", ["Nordlicht", "Sundvolt"]),
        ("supplier:", ['"Supp GmbH"']),
        ("firmware:1", ["1.0.0", "1.1.0"]),
        ("passed:RE", ["REFLOW"]),
        ("test:ICT=p", ["pass"]),
        ("test:I", ["ICT=pass", "ICT=fail", "ICT=error", "ICT=aborted"]),
        ("in:s", ["stock", "shipped", "scrapped"]),
        ("at:U", ["U1"]),
        ("country:D", ["DE"]),
        ("passed:REFLOW(", ["program=", "machine=", "step=", "side=", "result=", "pass="]),
        ("passed:REFLOW(si", ["side="]),
        ("passed:REFLOW(side=top ma", ["machine="]),
        ("passed:REFLOW(side=", ["top", "bottom"]),
        ("passed:REFLOW(result=completed,f", ["failed"]),
        ("passed:REFLOW(machine=O", ["OVEN1"]),
        ('passed:"a (b"@', []),
        ("passed:REFLOW@", []),
        ("passed:REFLOW(side=top)@2027-03-15..", []),
        ("tested:ICT(outcome=p", ["pass"]),
        ("paste:", []),
        ("nothing:", []),
    ],
)
def test_what_may_be_typed_next(loaded, text, offered):
    assert values(loaded, text) == offered


def test_what_is_offered_is_typed_as_the_question_takes_it(loaded, load):
    """A step of two words, an oven with a point in its name: what completion put into the question was no question."""
    from asbuilt.questions.genealogy.answering.answers import ask

    told = tables()
    load({
        "processes": [told["processes"][0] | {"step": "Zinc bath", "machine": "Z.1", "readings": '{"zone5": 7}'}],
        "tests": [told["tests"][0] | {"plan": "Z end of line", "station": "Z 9", "outcome": "pass"}],
    }, "marks")  # fmt: skip
    typed = {"passed:Z": "", "reading:Z": ".zone5>5", "tested:Z": "", "test:Z": "", "station:Z": ""}
    found = {head: values(loaded, head) for head in typed}
    assert found["passed:Z"] == ['"Z.1"', '"Zinc bath"'] and found["test:Z"][0] == '"Z end of line"=pass'
    for head, texts in found.items():
        for text in texts[:3]:
            ask(loaded, head[:-1] + text + typed[head])


def test_at_most_twelve_values(loaded):
    assert len(values(loaded, "unit:")) == 12


def test_terms_come_with_their_meaning(loaded):
    from asbuilt.questions.genealogy.answering.completion import complete

    found = {one.text: one.hint for one in complete(loaded, "", 0)}
    assert found["lot:"] == "Units that carry this lot now." and found["cve:"] == "Units exposed to this vulnerability."


EVERY_TERM = ("lot", "package", "part", "maker", "supplier", "datecode", "feeder", "at", "order", "product", "revision", "bom", "panel", "unit",
              "firmware", "image", "passed", "reading", "station", "operator", "test", "customer", "owner", "country", "shipment")  # fmt: skip


@pytest.mark.parametrize(
    ("who", "own", "other"), [("brand_a_reader", ALPINA, BOREAL), ("brand_b_reader", BOREAL, ALPINA)]
)
def test_a_reader_is_told_nothing_of_the_other_brand(cast, who, own, other):  # noqa: F811
    from asbuilt.questions.genealogy.seen.finding import find, near

    actor = cast.actor[who]
    told = [
        text
        for term in EVERY_TERM
        for letter in ("", "A", "B", "L", "P", "R", "W", "S", "1", "7")
        for text in values(actor, f"{term}:{letter}")
    ]
    told += [hit.code for name in other for hit in find(actor, name)]
    told += [text for name in other for text in near(actor, name)]
    assert [text for text in told if any(name in text for name in other)] == []
    assert any(name in text for text in told for name in own)


def test_another_tenant_finds_nothing(cast):  # noqa: F811
    from asbuilt.questions.genealogy.seen.finding import find

    assert [hit for name in (*ALPINA, "REEL-COMMON", "ALP-0001") for hit in find(cast.actor["dan"], name)] == []
