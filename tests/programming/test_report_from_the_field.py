"""Field reports: what units in the field said they run, as records of source `field`."""

import json

import pytest
from preprogrammed_line import V11, came

CSV = "serial number,version,time\nB1,1.1.0,2026-05-01T08:00:00Z\nB2,1.0.0,2026-05-01T10:00:00+02:00\n"


@pytest.fixture
def report(line_floor, actor, tmp_path):
    """report(text) -> what became of the file."""
    from asbuilt.built.exchange.field_reports import import_field_reports

    def of(content, name="july.csv", by=None, **said):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return import_field_reports(by or actor, path, **said)

    return of


def records():
    from asbuilt.built.programming.queries import records_of_unit

    found = [row for unit in range(1, 60) for row in records_of_unit(1, unit)]
    return [(row.unit, row.result, row.source) for row in found]


@pytest.fixture
def ask(actor):
    from asbuilt.questions.genealogy.answering import answers

    return lambda question: [row["serial"] for row in answers.ask(actor, question, serials=True).as_dict()["serials"]]


@pytest.mark.parametrize(
    "content",
    [
        CSV,
        CSV.replace(",", ";").replace("serial number", "SN").replace("version", "Firmware Version").replace("time", "Timestamp"),
        "\ufeff" + CSV,
        json.dumps([{"serial_number": "B1", "version": "1.1.0", "time": "2026-05-01T08:00:00Z", "rssi": -60}, {"sn": "B2", "fw": "1.0.0", "at": "2026-05-01T08:00:00Z"}]),
        json.dumps({"reports": [{"serial": "B1", "version": "1.1.0", "timestamp": "2026-05-01T08:00:00Z"}, {"serial": "WO#2", "version": "1.0.0", "timestamp": "2026-05-01T08:00:00Z"}]}, indent=1),
        '{"serial": "B1", "version": "1.1.0", "time": "2026-05-01T08:00:00Z"}\n{"serial": "B2", "version": "1.0.0", "time": "2026-05-01T08:00:00Z"}\n',
    ],
)  # fmt: skip
def test_reports_say_what_units_run(report, ask, content):
    done = report(content)
    assert (done.rows, done.stored, done.known, done.already) == (2, 2, 0, False)
    assert (ask("firmware:1.1.0"), ask("firmware:1.0.0")) == (["B1"], ["B2"])
    assert records() == [(1, "pass", "field"), (2, "pass", "field")]


def test_the_last_by_its_time_counts_whoever_said_it(report, ask, load):
    report(CSV)
    written = came("", "2.0.0", source="station", at="2026-04-01T08:00:00Z") | {"serial": "B1"}
    load({"programming": [written]}, "earlier")
    assert ask("firmware:1.1.0") == ["B1"]
    report("sn,version,time\nB1,1.0.0,2026-06-01T08:00:00Z\n", "august.csv")
    assert (ask("firmware:1.1.0"), ask("firmware:1.0.0")) == ([], ["B1", "B2"])
    assert ask("ever:(firmware:2.0.0)") == ["B1"]


def test_the_same_file_and_the_same_report_change_nothing(report):
    first = report(CSV)
    again = report(CSV)
    assert (again.already, again.entry) == (True, first.entry)
    more = report(CSV + "B3,1.0.0,2026-05-02T08:00:00Z\n", "more.csv")
    assert (more.stored, more.known) == (1, 2)
    twice = report("sn,version,time\n" + "B4,1.0.0,2026-05-02T08:00:00Z\n" * 2, "twice.csv")
    assert twice.stored == 1 and "twice" in twice.warnings[0]


def test_the_file_is_evidence(report):
    from asbuilt.ledger.evidence import open_evidence

    assert b"".join(open_evidence(1, report(CSV).sha256)) == CSV.encode()


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        ("B77,1.1.0,2026-05-01T08:00:00Z", "serial", "production.serial_unknown"),
        ("B1,9.9.9,2026-05-01T08:00:00Z", "version", "programming.release_unknown"),
        ("B1,1.1.0,yesterday", "happened_at", "tables.cell_not_a_time"),
        ("B1,1.1.0,2026-05-01 08:00", "happened_at", "tables.time_without_offset"),
        (",1.1.0,2026-05-01T08:00:00Z", "serial", "foreign.report_cell_missing"),
        ("B1,,2026-05-01T08:00:00Z", "version", "foreign.report_cell_missing"),
    ],
)
def test_a_wrong_report_is_named_and_nothing_is_stored(report, line, column, code):
    from asbuilt.kernel.errors import Invalid

    with pytest.raises(Invalid) as refusal:
        report(CSV + line + "\n")
    (wrong,) = refusal.value.rows
    assert (wrong.line, wrong.column, wrong.code) == (4, column, code)
    assert wrong.remedy and records() == []


def test_a_serial_number_of_two_products_asks_for_the_product(report, load):
    from asbuilt.kernel.errors import Invalid

    order = {
        "order": "WX",
        "product": "bench",
        "revision": "A",
        "bom_version": "1",
        "quantity": "1",
        "customer": "",
        "opened_at": "",
    }
    unit = {"order": "WX", "serial": "B1", "panel": "", "position": "", "state": ""}
    load({"orders": [order], "units": [unit]}, "bench")
    with pytest.raises(Invalid) as refusal:
        report(CSV)
    assert refusal.value.rows[0].code == "production.serial_ambiguous"
    assert report(CSV, product="board").stored == 2
    done = report("sn,product,version,time\nB1,bench,1.1.0,2026-05-01T08:00:00Z\n", "bench.csv")
    assert done.stored == 1 and records()[-1][0] > 20


def test_an_image_that_is_not_the_releases_is_refused(report):
    from asbuilt.kernel.errors import Invalid

    assert report(f"sn,version,sha256,time\nB1,1.1.0,{V11.upper()},2026-05-01T08:00:00Z\n").stored == 1
    with pytest.raises(Invalid) as refusal:
        report(f"sn,version,sha256,time\nB1,1.0.0,{V11},2026-05-02T08:00:00Z\n", "b.csv")
    assert refusal.value.rows[0].code == "programming.image_differs"


def test_a_time_ahead_of_the_clock_is_a_warning(report):
    done = report("sn,version,time\nB1,1.1.0,2199-05-01T08:00:00Z\n")
    assert done.stored == 1 and len(done.warnings) == 1 and "line 2" in done.warnings[0]


def test_the_same_moment_said_otherwise_is_a_conflict(report):
    from asbuilt.kernel.errors import Conflict

    report("sn,version,uid,time\nB1,1.1.0,00ff,2026-05-01T08:00:00Z\n")
    with pytest.raises(Conflict) as refusal:
        report("sn,version,uid,time\nB1,1.1.0,00fe,2026-05-01T08:00:00Z\n", "b.csv")
    assert refusal.value.code == "exchange.report_recorded_otherwise"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "foreign.header"),
        ("a,b\n1,2\n", "foreign.header"),
        ("sn,version,time\n", "foreign.reports_empty"),
        ("[]", "foreign.reports_empty"),
        ("[1]", "foreign.no_report"),
        ('{"reports": 3}', "foreign.no_report"),
        ('[{"sn": "B1", "version": 1.1, "time": "2026-05-01T08:00:00Z"}]', "foreign.report_no_text"),
        ('[{"sn": "B1", "sn": "B2"}]', "foreign.reports_no_json"),
        ("[" * 100_000, "foreign.reports_no_json"),
        ('{"sn": "B1"', "foreign.reports_no_json"),
        (b"PK\x03\x04" + bytes(100), "foreign.not_text"),
    ],
)
def test_what_is_no_file_of_reports_is_refused(report, content, code):
    from asbuilt.kernel.errors import Invalid

    with pytest.raises(Invalid) as refusal:
        report(content)
    assert refusal.value.code == code and records() == []


def test_reports_are_taken_from_those_who_may(report, person, stranger):
    from asbuilt.kernel.errors import Invalid, NotAllowed

    with pytest.raises(NotAllowed):
        report(CSV, by=person("operator"))
    with pytest.raises(Invalid):
        report(CSV, by=stranger)
    assert report(CSV, by=person("psirt")).stored == 2
