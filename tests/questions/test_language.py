"""The question language: what binds how, each term's forms, mistakes with their place, limits, the way back to text.

Expectations come from the design, section 6, and from `reference/pages.md`, section 6, written out by hand.
"""

import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asbuilt.kernel.errors import Invalid
from asbuilt.questions.genealogy.words.language import (
    And,
    Bracket,
    Comparison,
    Component,
    Condition,
    Contains,
    Ever,
    Inside,
    Limits,
    Moment,
    Not,
    Or,
    Outcome,
    Pass,
    Range,
    Reading,
    Release,
    Term,
    Value,
    Window,
    caret,
    complete_at,
    parse,
)
from asbuilt.questions.genealogy.words.saying import readback, unparse
from asbuilt.questions.genealogy.words.terms import TERMS, WORD

V = Value
A, B, C = (Term("lot", (V(code),)) for code in "ABC")


def day(text):
    return Moment(date.fromisoformat(text), text)


def instant(text):
    return Moment(datetime.fromisoformat(text), text)


@pytest.mark.parametrize(
    ("question", "tree"),
    [
        ("lot:A", A),
        ("lot:A lot:B", And((A, B))),
        ("lot:A\t\n lot:B lot:C", And((A, B, C))),
        ("lot:A or lot:B", Or((A, B))),
        ("lot:A or lot:B or lot:C", Or((A, B, C))),
        ("lot:A lot:B or lot:C", Or((And((A, B)), C))),
        ("lot:A or lot:B lot:C", Or((A, And((B, C))))),
        ("-lot:A", Not(A)),
        ("not lot:A", Not(A)),
        ("not -lot:A", Not(Not(A))),
        ("-lot:A lot:B", And((Not(A), B))),
        ("not lot:A or lot:B", Or((Not(A), B))),
        ("not(lot:A or lot:B)lot:C", And((Not(Bracket(Or((A, B)))), C))),
        ("lot:A (lot:B or lot:C)", And((A, Bracket(Or((B, C)))))),
        ("( lot:A )", Bracket(A)),
        ("((lot:A))", Bracket(A)),
        ("ever:(lot:A)", Ever(A)),
        ("ever:((lot:A))", Ever(A)),
        ("(ever:(lot:A))", Bracket(Ever(A))),
        ("inside:(contains:(lot:A or lot:B))", Inside(Contains(Or((A, B))))),
        ("-inside:(lot:A) lot:B", And((Not(Inside(A)), B))),
    ],
)
def test_it_binds_not_before_and_before_or(question, tree):
    assert parse(question) == tree


@pytest.mark.parametrize(
    ("question", "name", "values"),
    [
        ('lot:A,B,"C 1"', "lot", (V("A"), V("B"), V("C 1"))),
        (r'lot:"a\"b\\c"', "lot", (V(r"a\"b\c".replace("\\", "", 1)),)),
        ('lot:"A..B","<5",",)"', "lot", (V("A..B"), V("<5"), V(",)"))),
        ("lot:AB(C)D", "lot", (V("AB(C)D"),)),
        ("lot:A-B/C=D@E<F", "lot", (V("A-B/C=D@E<F"),)),
        ("part:ATECC608B-SSHDA-T", "part", (V("ATECC608B-SSHDA-T"),)),
        ("at:C12", "at", (V("C12"),)),
        ("at:#10", "at", (V("#10"),)),
        ("order:WO", "order", (V("WO"),)),
        ("order:WO#1..WO#40", "order", (Range(V("WO#1"), V("WO#40")),)),
        ("order:WO#7..", "order", (Range(V("WO#7"), None),)),
        ("unit:SN1..SN2", "unit", (Range(V("SN1"), V("SN2")),)),
        ('unit:"S 1".."S 2",PANEL/3', "unit", (Range(V("S 1"), V("S 2")), V("PANEL/3"))),
        ("datecode:2327..2330", "datecode", (Range(V("2327"), V("2330")),)),
        ("datecode:..2330,>=2401", "datecode", (Range(None, V("2330")), Comparison(">=", V("2401")))),
        ("firmware:2.3.1", "firmware", (Release(None, V("2.3.1")),)),
        ("firmware:<2.3.2", "firmware", (Release(None, Comparison("<", V("2.3.2"))),)),
        ("firmware:boot/1.0", "firmware", (Release("boot", V("1.0")),)),
        ("firmware:boot/>=1.0,2.0", "firmware", (Release("boot", Comparison(">=", V("1.0"))), Release(None, V("2.0")))),
        ("firmware:boot/1.0..1.2", "firmware", (Release("boot", Range(V("1.0"), V("1.2"))),)),
        ('firmware:"a/b"', "firmware", (Release(None, V("a/b")),)),
        ("image:9f86d081", "image", (V("9f86d081"),)),
        ("test:failed", "test", (Outcome(None, "failed"),)),
        ("test:PLAN=pass,FCT=aborted", "test", (Outcome(V("PLAN"), "pass"), Outcome(V("FCT"), "aborted"))),
        ("in:stock,outside", "in", (V("stock"), V("outside"))),
        ("country:DE", "country", (V("DE"),)),
        ("placed:2027-12-11..", "placed", (Window(day("2027-12-11"), None),)),
        ("placed:2027-12-11", "placed", (Window(day("2027-12-11"), day("2027-12-11")),)),
        ("placed:>2027-12-11", "placed", (Window(day("2027-12-11"), None, after=True),)),
        ("placed:<2027-12-11", "placed", (Window(None, day("2027-12-11"), before=True),)),
        (
            "reading:STEP.zone5>260",
            "reading",
            (Reading(V("STEP"), Condition(V("zone5"), (Comparison(">", V("260")),))),),
        ),
        (
            'reading:OVEN.1."zone.5"=240..250.5',
            "reading",
            (Reading(V("OVEN.1"), Condition(V("zone.5"), (Range(V("240"), V("250.5")),))),),
        ),
        ("passed:REFLOW", "passed", (Pass((V("REFLOW"),)),)),
        (
            "passed:A,OVEN-2@2027-03-15..2027-03-17",
            "passed",
            (Pass((V("A"), V("OVEN-2")), (), Window(day("2027-03-15"), day("2027-03-17"))),),
        ),
        (
            "passed:REFLOW( program=P7,P8 side=top zone5<=260.5 )@2027-03-15T08:00+01:00..",
            "passed",
            (
                Pass(
                    (V("REFLOW"),),
                    (
                        Condition(V("program"), (V("P7"), V("P8"))),
                        Condition(V("side"), (V("top"),)),
                        Condition(V("zone5"), (Comparison("<=", V("260.5")),)),
                    ),
                    Window(instant("2027-03-15T08:00+01:00"), None),
                ),
            ),
        ),
        (
            "passed:R(a=1.. b=..2)",
            "passed",
            (Pass((V("R"),), (Condition(V("a"), (Range(V("1"), None),)), Condition(V("b"), (Range(None, V("2")),)))),),
        ),
        ("component:mbedtls<2.28.8", "component", (Component(V("mbedtls"), (Comparison("<", V("2.28.8")),)),)),
        ("component:mbedtls", "component", (Component(V("mbedtls")),)),
        ("cve:CVE-2024-23744", "cve", (V("CVE-2024-23744"),)),
        ("held", "held", ()),
        ("reworked", "reworked", ()),
        ("scrapped", "scrapped", ()),
    ],
)
def test_each_term_has_its_forms(question, name, values):
    tree = parse(question)
    assert tree == Term(name, values)
    assert parse(unparse(tree)) == tree
    assert parse(f"({question})") == Bracket(tree)


def test_every_term_of_the_design_is_known():
    names = {
        *(
            "lot",
            "package",
            "part",
            "maker",
            "supplier",
            "datecode",
            "feeder",
            "at",
            "order",
            "product",
            "revision",
            "bom",
            "panel",
        ),
        *(
            "unit",
            "firmware",
            "image",
            "passed",
            "tested",
            "reading",
            "paste",
            "stencil",
            "tool",
            "station",
            "operator",
            "alarm",
        ),
        *("test", "defect", "reworked", "held", "scrapped", "in", "customer", "owner", "country", "shipment", "placed"),
        *("component", "cve", "inside", "contains", "ever"),
    }
    assert set(TERMS) == names


def test_places_are_counted_from_one():
    tree = parse('lot:A (firmware:boot/2.0 or unit:"S 1")')
    first, bracket = tree.parts
    firmware, unit = bracket.part.parts
    assert (first.position, first.length, first.values[0].position) == (1, 5, 5)
    assert (firmware.position, firmware.length) == (8, 17)
    assert (firmware.values[0].match.position, firmware.values[0].match.length) == (22, 3)
    assert (unit.values[0].position, unit.values[0].length) == (34, 5)


@pytest.mark.parametrize(
    ("question", "code", "position"),
    [
        ("firmware:2.3.1 custmer:X", "unknown_term", 16),
        ("lot:A and lot:B", "unknown_term", 7),
        ("lot:A OR lot:B", "unknown_term", 7),
        ("Lot:A", "unknown_term", 1),
        ("SN10000", "unknown_term", 1),
        ("", "empty", 1),
        (" \n\t", "empty", 1),
        ("lot:", "value_missing", 5),
        ("lot: A", "value_missing", 5),
        ("lot:A, B", "value_missing", 7),
        ("(lot:)", "value_missing", 6),
        ('lot:""', "value_missing", 5),
        ("lot lot:A", "value_missing", 1),
        ("ever:lot:A", "value_missing", 6),
        ("reading:X>2", "value_missing", 9),
        ("passed:R@", "value_missing", 10),
        ("firmware:boot/", "value_missing", 15),
        ("firmware:<", "value_missing", 11),
        ("(lot:A", "bracket", 1),
        ("((lot:A)", "bracket", 1),
        ("lot:A)", "bracket", 6),
        ("passed:R(a=1", "bracket", 9),
        ('lot:"A', "quote", 5),
        ('lot:A lot:"B\\"', "quote", 11),
        ("lot:A or", "syntax", 9),
        ("or lot:A", "syntax", 1),
        ("lot:A or or lot:B", "syntax", 10),
        ("lot:A or )", "bracket", 10),
        ("()", "syntax", 2),
        ("not", "syntax", 4),
        ('"C 1"', "syntax", 1),
        (":X", "syntax", 1),
        ("lot:A..B", "syntax", 6),
        ("lot:<A", "syntax", 5),
        ('lot:A"B"', "syntax", 6),
        ('lot:"A"B', "syntax", 8),
        ("unit:<SN5", "syntax", 6),
        ("unit:..", "syntax", 8),
        ("passed:R()", "syntax", 10),
        ("passed:R(program)", "syntax", 17),
        ("firmware:boot/1.0..boot/1.2", "syntax", 20),
        ("passed:R(zone5>hot)", "value", 16),
        ("reading:R.zone5>nan", "value", 17),
        ("test:good", "value", 6),
        ("test:PLAN=failed", "value", 11),
        ("in:stok", "value", 4),
        ("placed:yesterday", "value", 8),
        ("placed:2027-02-30", "value", 8),
        ("placed:0001-01-01", "value", 8),
        ("passed:R@2027-03-15..17.03.2027", "value", 22),
        ("order:A#1..B", "value", 12),
        ("reworked:yes", "value", 1),
        ("lot:\x00", "character", 5),
        ("lot:A\ud800", "character", 6),
    ],
)
def test_it_points_at_the_character(question, code, position):
    with pytest.raises(Invalid) as raised:
        parse(question)
    error = raised.value
    assert (error.code, error.facts["position"]) == ("question." + code, position)
    assert error.message.startswith(f"Character {position}: ")
    assert error.remedy
    assert {"question", "position", "found", "expected"} <= set(error.facts)
    assert "{" not in error.message + error.remedy
    error.as_text().encode()


def test_an_unknown_term_names_the_nearest():
    with pytest.raises(Invalid) as raised:
        parse("firmware:2.3.1 custmer:X")
    expected = "Character 16: there is no term custmer. Did you mean customer: or country:?"
    assert raised.value.message == expected
    assert raised.value.facts["nearest"] == ["customer:", "country:"]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ('lot:"A""B"', "a comma or a blank"),
        ("lot:,A", "a value"),
        ("passed:R(program)", "= or a comparison"),
        ("lot:A or", "a term"),
        ("unit:A..B..C", "a comma or a blank"),
        ("(lot:A or)", "a term"),
    ],
)
def test_it_says_what_it_expected(question, expected):
    with pytest.raises(Invalid) as raised:
        parse(question)
    assert raised.value.facts["expected"] == expected


def test_the_caret_stands_under_the_place():
    assert caret("firmware:2.3.1 custmer:X", 16, 7) == "firmware:2.3.1 custmer:X\n" + " " * 15 + "^^^^^^^"
    assert caret("lot:", 5) == "lot:\n    ^"
    assert caret("lot:A\nlot:", 11) == "lot:\n    ^"
    assert caret("批:A lot:", 9) == "批:A lot:\n         ^"
    line, mark = caret("lot:A " * 1000 + "x", 6001).split("\n")
    assert len(line) <= 100 and line[mark.index("^")] == "x"


def refused_in_ms(question, **limits):
    began = time.perf_counter()
    with pytest.raises(Invalid) as raised:
        parse(question, limits=Limits(**limits))
    return raised.value.code, (time.perf_counter() - began) * 1000


def test_it_keeps_its_limits():
    parse("lot:A")
    code, spent_ms = refused_in_ms("lot:" + "A" * 1_000_000)
    assert code == "question.too_long" and spent_ms < 50
    assert parse("lot:" + "A" * 9_996) == Term("lot", (V("A" * 9_996),))
    assert refused_in_ms("lot:" + "A" * 9_997)[0] == "question.too_long"

    assert refused_in_ms("(" * 10_000 + "lot:A" + ")" * 10_000, characters=10**6)[0] == "question.too_deep"
    for opening in ("(", "-", "not ", "-(", "ever:(", "(lot:A or lot:B ", "contains:(-"):
        assert refused_in_ms(opening * 10_000, characters=10**6)[0] == "question.too_deep"
    assert refused_in_ms("(" * 101 + "lot:A" + ")" * 101)[0] == "question.too_deep"

    assert len(parse("lot:A " * 500).parts) == 500
    assert refused_in_ms("lot:A " * 501)[0] == "question.too_many_terms"
    assert len(parse("lot:" + ",".join(["A"] * 1_000)).values) == 1_000
    assert refused_in_ms("lot:" + ",".join(["A"] * 1_001))[0] == "question.too_many_values"
    assert refused_in_ms("passed:R(" + "a=1 " * 1_001 + ")")[0] == "question.too_many_values"


def test_the_deepest_question_goes_all_ways():
    # the worst shape a level can have: a bracket, an or, an and
    question = "(lot:A or lot:B " * 100 + "lot:C" + ")" * 100
    tree = parse(question)
    assert unparse(tree) == question.replace("  ", " ")
    assert readback(tree).count("lot A") == 100
    assert hash(tree) == hash(parse(question))


@pytest.mark.parametrize(
    ("window", "start", "until"),
    [
        # Berlin is one hour ahead of UTC until 28 March 2027, 01:00 UTC, then two
        ("2027-03-15", "2027-03-14T23:00", "2027-03-15T23:00"),
        ("2027-03-15..2027-03-17", "2027-03-14T23:00", "2027-03-17T23:00"),
        ("2027-03-28", "2027-03-27T23:00", "2027-03-28T22:00"),
        ("2027-03-15T08:00..", "2027-03-15T07:00", None),
        ("2027-03-15T08:00Z..", "2027-03-15T08:00", None),
        (">=2027-03-15T08:00-02:00", "2027-03-15T10:00", None),
        (">2027-03-15", "2027-03-15T23:00", None),
        ("<2027-03-15", None, "2027-03-14T23:00"),
        ("<=2027-03-15", None, "2027-03-15T23:00"),
        ("..2027-03-15T08:00Z", None, "2027-03-15T08:00:00.000001"),
    ],
)
def test_a_window_is_half_open_in_the_tenants_zone(window, start, until):
    def microseconds(text):
        if text is None:
            return None
        spent = datetime.fromisoformat(text).replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
        return (spent.days * 86_400 + spent.seconds) * 1_000_000 + spent.microseconds

    (read,) = parse("placed:" + window).values
    assert read.bounds(ZoneInfo("Europe/Berlin")) == (microseconds(start), microseconds(until))
    assert parse("passed:R@" + window).values[0].window == read


def test_a_window_that_runs_backwards_holds_nothing():
    start, until = parse("placed:2027-03-17..2027-03-15").values[0].bounds(UTC)
    assert until <= start


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("firmware:2.3.1 product:EG-200", "Units of EG-200 that run firmware 2.3.1 now."),
        ("product:EG-200", "Units of EG-200."),
        ("lot:A,B", "Units that carry lot A or B now."),
        ("ever:(lot:A)", "Units that ever carried lot A."),
        ("lot:A -reworked", "Units that carry lot A now, but not those that were reworked."),
        ("-firmware:<2.3.2", "Units that are not among those that run firmware before 2.3.2 now."),
        ("lot:A lot:B or lot:C", "Units that (carry lot A now and carry lot B now) or carry lot C now."),
        ("contains:(lot:A)", "Units that contain units that carry lot A now."),
        ("lot:{value}", "Units that carry lot {value} now."),
        (
            "passed:REFLOW(program=P7 side=top)@2027-03-15..2027-03-17",
            "Units that went through REFLOW with program P7 and side top from 15 Mar 2027 to 17 Mar 2027.",
        ),
        ("lot:" + ",".join("ABCDEFGHIJ"), "Units that carry lot A, B, C, D, E or 5 more now."),
    ],
)
def test_it_reads_the_question_back(question, words):
    assert readback(parse(question)) == words


def test_the_read_back_speaks_other_languages():
    german = {"Units that {clause}.": "Einheiten, die {clause}.", "carry lot {value} now": "jetzt Los {value} tragen"}
    assert readback(A, lambda text: german.get(text, text)) == "Einheiten, die jetzt Los A tragen."


@pytest.mark.parametrize(
    ("typed", "completion"),
    [
        ("|", ("term", None, "", 0, 0)),
        ("cu|", ("term", None, "cu", 0, 2)),
        ("cu|st", ("term", None, "cu", 0, 4)),
        ("-(re|", ("term", None, "re", 2, 4)),
        ("lot:A |", ("term", None, "", 6, 6)),
        ("lot:|", ("value", "lot", "", 4, 4)),
        ("firmware:2.3.1 lot:2E|", ("value", "lot", "2E", 19, 21)),
        ("lot:A,B|C or", ("value", "lot", "B", 6, 8)),
        ('lot:"C 1|', ("value", "lot", "C 1", 4, 8)),
        ("(unit:SN1..S|)", ("value", "unit", "S", 11, 12)),
        ("firmware:<2.|", ("value", "firmware", "2.", 10, 12)),
        ("ever:(lo|", ("term", None, "lo", 6, 8)),
        ("passed:R(program=P|", ("value", "passed", "P", 17, 18)),
        ("test:PL|", ("value", "test", "PL", 5, 7)),
    ],
)
def test_it_knows_what_is_being_typed(typed, completion):
    cursor = typed.index("|")
    assert tuple(complete_at(typed.replace("|", ""), cursor)) == completion


TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from('\n\t"\\()<>=.,@/#- '), min_size=1, max_size=8
)
VALUE = TEXT.map(Value)
RANGE = st.tuples(st.none() | VALUE, st.none() | VALUE).filter(any).map(lambda ends: Range(*ends))
SIGN = st.sampled_from(["<", "<=", ">", ">="])
COMPARISON = st.builds(Comparison, SIGN, VALUE)
MATCH = VALUE | RANGE | COMPARISON
NUMBER = st.builds(Comparison, SIGN, st.integers(-999, 999).map(lambda number: Value(str(number))))
CONDITION = st.builds(Condition, VALUE, st.tuples(NUMBER) | st.lists(VALUE | RANGE, min_size=1, max_size=3).map(tuple))
MOMENT = st.dates(date(1900, 1, 1), date(2999, 12, 31)).map(lambda when: Moment(when, when.isoformat())) | st.datetimes(
    datetime(1900, 1, 1), datetime(2999, 12, 31), timezones=st.none() | st.just(UTC)
).map(lambda when: Moment(when, when.isoformat()))
WINDOW = (
    st.tuples(st.none() | MOMENT, st.none() | MOMENT).filter(any).map(lambda ends: Window(*ends))
    | MOMENT.map(lambda moment: Window(moment, None, after=True))
    | MOMENT.map(lambda moment: Window(None, moment, before=True))
)
VALUES = {
    "lot": VALUE,
    "at": VALUE,
    "unit": VALUE | RANGE,
    "datecode": MATCH,
    "firmware": st.builds(Release, st.sampled_from([None, "boot", "x-1"]), MATCH),
    "placed": WINDOW,
    "test": st.just(Outcome(None, "failed")) | st.builds(Outcome, VALUE, st.sampled_from(["pass", "error"])),
}
ALONE = {
    "passed": st.builds(
        Pass,
        st.lists(VALUE, min_size=1, max_size=3).map(tuple),
        st.lists(CONDITION, max_size=3).map(tuple),
        st.none() | WINDOW,
    ),
    "reading": st.builds(Reading, VALUE, CONDITION),
    "component": st.builds(
        Component,
        VALUE,
        st.just(()) | st.tuples(COMPARISON) | st.lists(VALUE | RANGE, min_size=1, max_size=3).map(tuple),
    ),
}
TERM = st.one_of(
    *[
        st.builds(Term, st.just(name), st.lists(kind, min_size=1, max_size=3).map(tuple))
        for name, kind in VALUES.items()
    ],
    *[st.builds(Term, st.just(name), st.tuples(kind)) for name, kind in ALONE.items()],
    st.sampled_from([Term(name) for name, rule in TERMS.items() if rule.kind == WORD]),
)


@st.composite
def trees(draw, depth=3):
    """A tree as the grammar can give it: And and Or stand in each other only in brackets, no bracket in a bracket."""
    kind = draw(st.sampled_from([Term, Term, And, Or, Not, Bracket, Ever, Inside, Contains])) if depth else Term
    if kind is Term:
        return draw(TERM)
    if kind in (And, Or):
        parts = draw(st.lists(trees(depth - 1), min_size=2, max_size=3))
        loose = (And, Or) if kind is And else (Or,)
        return kind(tuple(Bracket(part) if isinstance(part, loose) else part for part in parts))
    part = draw(trees(depth - 1))
    if kind is Not:
        return Not(Bracket(part) if isinstance(part, And | Or) else part)
    return kind(part.part if isinstance(part, Bracket) else part)


@settings(print_blob=True, deadline=None)
@given(trees())
def test_every_tree_comes_back_from_its_text(tree):
    assert parse(unparse(tree)) == tree
    assert readback(tree).startswith("Units ")


PIECES = st.sampled_from(
    [
        *("lot:", "firmware:", "passed:", "reading:", "test:", "placed:", "order:", "unit:", "component:", "reworked"),
        *(
            "ever:(",
            "inside:(",
            "or",
            "not",
            "-",
            "(",
            ")",
            ",",
            "..",
            "<",
            ">=",
            "=",
            "@",
            ".",
            "/",
            '"',
            "\\",
            "#",
            ":",
        ),
        *("A", "B", "2.3.1", "boot/", "failed", "2027-03-15", "2027-03-15T08:00Z", "WO#1", "zone5", "\x00", "é", "批"),
        *(" ", "  ", "\n", ":"),
    ]
)


@settings(print_blob=True, deadline=None, max_examples=400)
@given(st.text(max_size=60) | st.lists(PIECES, max_size=20).map("".join), st.integers(0, 60))
def test_any_text_is_a_tree_or_invalid(text, cursor):
    try:
        tree = parse(text)
    except Invalid as error:
        place = error.facts["position"]
        assert 1 <= place <= len(text) + 1
        assert error.code.startswith("question.") and error.remedy
        caret(text, place, error.facts["length"])
        error.as_text().encode()
    else:
        assert parse(unparse(tree)) == tree
        readback(tree)
    kind, _, prefix, start, end = complete_at(text, cursor)
    assert kind in ("term", "value") and 0 <= start <= end <= len(text)
    assert start <= min(cursor, len(text)) <= end
