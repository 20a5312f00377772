"""CFX read: expectations from IPC-2591's published examples (shared/data/ems/cfx) and from the formats of .NET."""

import gzip
import json
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.formats.cfx.envelope import NESTING_MAX, read_envelope, split, unpacked
from asbuilt.formats.cfx.reading import READERS, read_body
from asbuilt.formats.cfx.readings import process_of
from asbuilt.formats.cfx.values import moment, time_span
from asbuilt.kernel.errors import Invalid

HEAD = {
    "MessageName": "CFX.Production.WorkStarted", "Version": "2.1", "TimeStamp": "2026-03-02T08:15:00.0000000+01:00",
    "UniqueID": "cf043658-bed4-5790-a4ee-e26fd98dd2fd", "Source": "Vendor.Model.SN1", "MessageBody": {"TransactionID": "T"},
}  # fmt: skip


def message(**changed) -> bytes:
    return json.dumps({**HEAD, **changed}).encode()


def refusal(payload: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        for piece in split(payload):
            read_body(read_envelope(piece))
    assert caught.value.remedy
    return caught.value.code


@pytest.fixture(scope="module")
def example(shared_data):
    def read(name: str):
        (piece,) = split((shared_data / "ems" / "cfx" / f"{name}.json").read_bytes())
        return read_body(read_envelope(piece))

    return read


def test_every_published_example_is_read(shared_data):
    files = sorted((shared_data / "ems" / "cfx").glob("*.json"))
    names = set()
    for file in files:
        (piece,) = split(file.read_bytes())
        envelope = read_envelope(piece)
        names.add(envelope.name)
        assert envelope.source == "ExampleVendor.Model1.SN0001" and len(envelope.identity) == 16
        assert (read_body(envelope) is not None) == (envelope.name in READERS)
    assert len(files) == 32 and len(names & READERS.keys()) >= 14


def test_what_was_published_broken_is_refused(shared_data):
    for file in (shared_data / "ems" / "cfx").glob("*.txt"):
        assert refusal(file.read_bytes()) == "cfx.not_json"


def test_installed_materials(example):
    said = example("MaterialsInstalled")
    first, second = said.installed
    assert (first.place.identifier, first.place.position) == ("PANEL23423432", 1)
    assert (first.package.code, first.positions, first.feeder) == ("MAT4566556456", ("R1", "R2", "R3"), "SLOT45")
    assert second.positions == ("R1", "R2", "R3")  # the rejected R1 is not counted
    assert first.at.at == 1538596985109190  # 2018-10-03T16:03:05.1091909-04:00, cut to microseconds


def test_an_inspection_with_defects(example):
    passed, failed = example("UnitsInspected").units
    assert (passed.outcome, failed.outcome) == ("pass", "fail")
    assert [one["code"] for one in failed.measurements["defects"]] == ["ISFSLD112", "TMBSTN211", "SCR23443"]
    assert failed.measurements["defects"][1]["at"] == "R22"


def test_measurements_keep_their_units(example):
    measured = example("UnitsTested").units[0].measurements["RESISTANCE_MEASUREMENT_R21"]
    assert (measured["value"], measured["units"], measured["min"], measured["limit_units"]) == (
        28300.0,
        "Ohm",
        28.0,
        "kOhm",
    )


def test_a_defect_that_a_person_rejected_fails_nothing(shared_data):
    said = json.loads((shared_data / "ems" / "cfx" / "UnitsInspected.json").read_text())
    for run in said["MessageBody"]["InspectedUnits"][1]["Inspections"]:
        run["Verification"] = "DefectRejected"
    (piece,) = split(json.dumps(said).encode())
    assert [one.outcome for one in read_body(read_envelope(piece)).units] == ["pass", "pass"]


def test_reflow_zones_are_readings(example):
    process = process_of(example("UnitsProcessed_0").common)
    assert process.step == "REFLOW"
    assert (process.readings["zone1"], process.readings["zone1_set"], process.readings["zone1_bottom_temperature"]) == (
        221.0,
        220.0,
        209.0,
    )
    assert process.readings["conveyor_speed"] == 60.0


def test_printing_cleaning_and_generic_data_are_readings(example):
    printing = process_of(example("UnitsProcessed_4").common)
    assert (printing.step, printing.program, printing.readings["stroke2_print_pressure"]) == (
        "PRINT",
        "RECIPE_123",
        2.0,
    )
    assert process_of(example("UnitsProcessed_3").common).readings["cycle_time"] == 104.2  # 00:01:44.2
    generic = process_of(example("UnitsProcessed_7").common)
    assert (generic.program, generic.operator) == ("RECIPE_42", "BADGE489435")
    assert generic.readings["stage1_actual_heater_temperature"] == 221.3


def test_packages_made_known(example):
    one = example("MaterialsInitialized").packages[0]
    assert (one.code, one.part, one.mpn, one.lot_code, one.quantity) == (
        "MAT4566556456",
        "IPN47788",
        "MOT231234",
        "LOT2016110588",
        1000.0,
    )
    assert one.made_at.sure is False and one.made_at.offset == 60  # no offset: that of the message


def test_one_message_or_an_array_plain_or_gzip():
    assert split(message()) == [message()]
    assert split(b"\xef\xbb\xbf [ " + message() + b" ,\n" + message() + b"]") == [message(), message()]
    assert split(gzip.compress(b"[" + message() + b"]")) == [message()]
    assert split(b"[]") == []
    assert len(split(gzip.compress(b"[" + message()) + gzip.compress(b"," + message() + b"]"))) == 2


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", "cfx.not_json"), (b"null", "cfx.no_envelope"), (b"3", "cfx.no_envelope"), (b"[1]", "cfx.no_envelope"),
        (b"[" + message() + b",]", "cfx.not_json"), (b"[" + message(), "cfx.not_json"), (message() + b"x", "cfx.not_json"),
        (b"[" + message() + b"] x", "cfx.not_json"), (b"[" + message() + b" " + message() + b"]", "cfx.not_json"),
        (message()[:-3], "cfx.not_json"), (b"\xff" + message(), "cfx.not_json"), (message().replace(b'"T"', b"NaN"), "cfx.not_json"),
        (message().replace(b'"T"', b"1e999"), "cfx.not_json"), (message().replace(b'"T"', b'"\\ud800"'), "cfx.not_json"),
        (message().replace(b'"T"', b"9" * 5000), "cfx.not_json"), (b"\x1f\x8b" + b"x" * 40, "cfx.gzip_broken"),
        (gzip.compress(message())[:-9], "cfx.gzip_broken"), (message(MessageName=None), "cfx.no_envelope"),
        (message(Source=""), "cfx.no_envelope"), (message(MessageBody=[]), "cfx.no_envelope"), (message(UniqueID="a\x00b"), "cfx.field"),
        (message(TimeStamp="yesterday"), "cfx.field"), (message(TimeStamp=3), "cfx.field"), (message(Source="x" * 201), "cfx.field"),
        (message(MessageBody={"Units": {}}), "cfx.field"), (message(MessageBody={"Units": ["a"]}), "cfx.field"),
        (message(MessageBody={"UnitCount": -1}), "cfx.field"), (message(MessageBody={"UnitCount": 1.5}), "cfx.field"),
        (message(MessageBody={"Units": [{"Status": "Odd"}]}), "cfx.field"),
        (message(MessageBody={"Units": [{"PositionNumber": 1}, {"PositionNumber": 1}]}), "cfx.field"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused(payload, code):
    assert refusal(payload) == code


def test_a_bomb_is_not_unpacked():
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < 100_000
    with pytest.raises(Invalid, match="at most"):
        unpacked(bomb, 1_000_000)


def test_many_small_members_take_no_longer_than_one():
    # 300,000 empty members are 6 MB; copying what is left after each would be 900 GB
    begun = time.process_time()
    assert unpacked(gzip.compress(b"") * 300_000 + gzip.compress(b"{}")) == b"{}"
    assert time.process_time() - begun < 8
    large = bytes(range(256)) * 4_000
    assert unpacked(gzip.compress(large) + b"\x00" * 5_000 + gzip.compress(large)) == large * 2
    assert refusal(gzip.compress(large)[:-9]) == "cfx.gzip_broken"


@pytest.mark.parametrize("depth", [NESTING_MAX - 3, NESTING_MAX + 1, 5_000, 200_000])
def test_nesting_has_a_limit(depth):
    payload = message(MessageBody={"TransactionID": "T", "X": 0}).replace(
        b'"X": 0', b'"X": ' + b"[" * depth + b"]" * depth
    )
    if depth < NESTING_MAX:
        assert read_envelope(payload).name
    else:
        assert refusal(payload) == "cfx.too_deep"


def test_the_transaction_in_any_case():
    for name in ("TransactionID", "TransactionId", "transactionid"):
        assert read_body(read_envelope(message(MessageBody={name: "T-9"}))).transaction == "T-9"


def test_a_message_is_known_by_its_id_or_its_bytes():
    one = read_envelope(message()).identity
    assert one.hex() == "cf043658bed45790a4eee26fd98dd2fd"
    assert read_envelope(message(UniqueID="CF043658-BED4-5790-A4EE-E26FD98DD2FD", Source="Other")).identity == one
    nil = "00000000-0000-0000-0000-000000000000"
    assert (
        read_envelope(message(UniqueID=nil)).identity != read_envelope(message(UniqueID=nil, Source="Other")).identity
    )
    assert (
        read_envelope(message(UniqueID="7")).identity == read_envelope(message(UniqueID="7", Source="Other")).identity
    )


@pytest.mark.parametrize(
    ("text", "at", "sure"),
    [
        ("2018-03-26T16:52:25.3769532-04:00", 1522097545376953, True), ("2017-05-06T00:00:00", 1494028800000000, False),
        ("2017-05-06T00:00:00Z", 1494028800000000, True), ("0001-01-01T00:00:00", None, None), ("", None, None),
    ],
)  # fmt: skip
def test_times_of_dotnet(text, at, sure):
    found = moment(text, "TimeStamp")
    assert (found.at, found.sure) == (at, sure) if at is not None else found is None


def test_a_time_without_offset_takes_that_of_its_sender():
    assert moment("2017-05-06T00:00:00", "T", 60).at == 1494028800000000 - 3_600_000_000


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("6.00:00:00", 518400),
        ("00:01:44.2000000", 104.2),
        ("-00:00:01", -1),
        ("00:00:00", 0),
        ("1.02:03:04.0000010", 93784.000001),
    ],
)
def test_spans_of_time_of_dotnet(text, seconds):
    assert time_span(text, "X") == round(seconds * 1_000_000)


def test_words_that_are_no_span_of_time():
    for text in ("25:00:00", "00:60:00", "1 day", "6.0:0:0:0"):
        with pytest.raises(Invalid):
            time_span(text, "X")


WORDS = st.text(max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(sorted(READERS)), st.data())
def test_any_body_is_read_or_refused_by_name(name, data):
    """Fields of the right names with anything in them: a refusal names the field, nothing else escapes."""
    fields = sorted(set(re.findall(r'get\(\w+, "(\w+)"\)', SOURCES)))
    body = data.draw(st.dictionaries(st.sampled_from(fields), VALUES, max_size=6))
    try:
        piece = json.dumps({**HEAD, "MessageName": name, "MessageBody": body}).encode()
        said = read_body(read_envelope(piece))
        if name.endswith("UnitsProcessed"):
            process_of(said.common)
    except Invalid as refused:
        assert refused.code.startswith("cfx.")


def _sources() -> str:
    from asbuilt.formats.cfx import bodies, records

    return "".join(open(module.__file__, encoding="utf-8").read() for module in (bodies, records))


SOURCES = _sources()
