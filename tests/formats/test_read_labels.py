"""Every label of the corpus says what is printed on it; what it lacks is named; what is no label is refused."""

import re

import pytest
from label_corpus import FIELDS, PRINTED, REFUSED, as_printed, rows

from asbuilt.formats.labels.date_codes import read_date_code
from asbuilt.formats.labels.elements import check_digit_fits
from asbuilt.formats.labels.reading import FIELDS_MAX, LABEL_BYTES_MAX, decode_label, read_label
from asbuilt.kernel.errors import Invalid

# identifier of the corpus' column -> our field
NAMED = {
    "1P": "mpn", "P": "customer_part", "30P": "order_code", "3P": "order_code", "1T": "lot_code", "1V": "manufacturer",
    "4L": "country", "Q": "quantity", "9D": "date_code", "10D": "date_code", "16D": "date_code", "pc": "order_code",
    "pm": "mpn", "qty": "quantity", "mc": "customer_part", "PN": "order_code", "MPN": "mpn", "QTY": "quantity",
    "CoO": "country", "SPN": "mpn", "DCD": "date_code", "mpn": "mpn", "lot": "lot_code", "date": "date_code",
    "coo": "country", "batch": "lot_code", "31P": "mpn", "10": "lot_code", "01": "order_code",
}  # fmt: skip


def read(text: str) -> dict:
    return read_label(text).as_document()


def refusal(text: str) -> Invalid:
    with pytest.raises(Invalid) as caught:
        read_label(text)
    assert caught.value.remedy
    return caught.value


def test_what_was_copied_by_hand_agrees_with_the_corpus(shared_data):
    for row in rows(shared_data):
        for name, value in re.findall(r"(\w+)=([^;]*)", row.expected) if row.name in PRINTED else ():
            value = re.sub(r" \(strip .*\)$", "", value)
            if name in NAMED:
                said = PRINTED[row.name][NAMED[name]]
                said = said[0] if isinstance(said, tuple) else said
                assert (value == "(empty)" and said is None) or str(said) == value, (row.name, name)


def test_every_label_of_the_corpus(shared_data):
    for row in rows(shared_data):
        if row.name in REFUSED:
            assert refusal(row.text).code == REFUSED[row.name], row.name
            continue
        document = read(row.text)
        assert list(document) == [*FIELDS, "warnings"]
        assert as_printed(document) == PRINTED[row.name], row.name
        warned = {warning.partition(":")[0] for warning in document["warnings"]}
        assert {name for name in FIELDS if document[name] is None} <= warned <= set(FIELDS), row.name


def test_labels_that_are_whole_raise_no_doubt(shared_data):
    doubted = {}
    for row in rows(shared_data):
        if row.name in PRINTED:
            document = read(row.text)
            found = [w for w in document["warnings"] if document[w.partition(":")[0]] is not None]
            if found:
                doubted[row.name] = sorted(warning.partition(":")[0] for warning in found)
    assert doubted == {
        "dk02": ["order_code"],  # names no part at all
        "dk04": ["date_code"], "dk08": ["date_code"], "sp01": ["date_code"],  # more than one reading
        "sa01": ["date_code"], "ya01": ["date_code"],  # no reading
        "ke01": ["mpn"],  # by its position alone
        "sy02": ["lot_code"],  # two lots
    }  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "form", "read_as"),
    [
        ("2332", "", (2023, 32, True)),
        ("9952", "", (1999, 52, True)),
        ("2399", "", (None, None, False)),
        ("231013", "", (2023, 41, False)),
        ("202332", "", (2023, 32, True)),  # no day 32, so a year and a week
        ("20231013", "", (2023, 41, True)),
        ("13102023", "", (2023, 41, True)),
        ("2023-10-13", "", (2023, 41, True)),
        ("31/12/2023", "", (2023, 52, True)),
        ("08/02/2023", "", (2023, None, False)),
        ("08.02.2023", "", (2023, 6, True)),
        ("23W32", "", (2023, 32, True)),
        ("2023-W32", "", (2023, 32, True)),
        ("17/16", "", (2017, 16, False)),
        ("1452", "YYWW", (2014, 52, True)),
        ("1487", "YYWW", (None, None, False)),
        ("202332", "YYYYWW", (2023, 32, True)),
        ("20140307", "YYYYMMDD", (2014, 10, True)),
        ("20140230", "YYYYMMDD", (None, None, False)),
        ("07032014", "DDMMYYYY", (2014, 10, True)),
        ("140300", "YYMMDD", (2014, None, False)),  # GS1: day not told
        ("٢٣٣٢", "", (None, None, False)),
        ("A1", "", (None, None, False)),
    ],
)
def test_date_codes(raw, form, read_as):
    date = read_date_code(raw, form)
    assert (date.raw, date.year, date.week, date.sure) == (raw, *read_as)


def message(*fields: str, header: str = "[)>\x1e06\x1d", trailer: str = "\x1e\x04") -> str:
    return header + "\x1d".join(fields) + trailer


@pytest.mark.parametrize(
    ("header", "separator", "trailer"),
    [
        ("[)>\x1e06\x1d", "\x1d", "\x1e\x04"),
        ("[)>\x1e06\x1d", "\x1d", "\x1e\x04\r\n"),
        ("[)>06\x1d", "\x1d", ""),
        (">[)>06\x1d", "\x1d", ""),
        (")>06\x1d", "\x1d", "\x1e\x04"),
        ("]d1[)>\x1e06\x1d", "\x1d", "\x1e\x04"),
        ("[)>␞06␝", "␝", "␞␄"),
        ("[)>^06]", "]", "^d"),
        ("[)>^^06^]", "^]", "^^^D"),
        ("[)>\x1e06\x1d", "\x1f", "\x1e\x04"),
        ("[)>\x1e06\x1d", "\x1d\x1d", "\x1d\x1e\x1e\x04\x04"),
    ],
)
def test_every_way_a_scanner_sends_the_envelope(header, separator, trailer):
    text = header + separator.join(("1PABC-1", "1TL7", "10D1452", "Q5", "4LDE")) + trailer
    document = read(text)
    assert [document[name] for name in ("mpn", "lot_code", "quantity", "country")] == ["ABC-1", "L7", 5, "DE"]
    assert document["date_code"] == {"raw": "1452", "year": 2014, "week": 52, "sure": True}
    assert all("doubtful" not in warning for warning in document["warnings"])


def test_formats_05_and_12():
    trade = "[)>\x1e05\x1d0104150123456782\x1d10AB1\x1d11231013\x1d3725\x1e\x04"
    said = read(trade)
    assert (said["order_code"], said["lot_code"], said["quantity"]) == ("04150123456782", "AB1", 25)
    assert said["date_code"] == {"raw": "231013", "year": 2023, "week": 41, "sure": True}
    words = "[)>\x1e12\x1dMFR 0CVA5\x1dPNO 65B-1\x1dLOT L9\x1dQTY 4\x1dSER 786950\x1e\x04"
    said = read(words)
    assert (said["manufacturer"], said["mpn"], said["lot_code"], said["quantity"]) == ("0CVA5", "65B-1", "L9", 4)
    assert refusal("[)>\x1e07\x1d1PABC\x1dQ5\x1e\x04").code == "labels.format_unknown"


@pytest.mark.parametrize(
    "text",
    [
        "]d20104150123456782101A234B5\x1d17151231211234567890123456",
        "\x1d0104150123456782101A234B5\x1d17151231211234567890123456",
        "(01)04150123456782(10)1A234B5(17)151231(21)1234567890123456",
        "]C10104150123456782101A234B5",
    ],
)
def test_gs1_element_strings_in_every_form(text):
    said = read(text)
    assert (said["order_code"], said["lot_code"]) == ("04150123456782", "1A234B5")


@pytest.mark.parametrize(
    ("number", "fits"),
    # 629104150021 takes check digit 3: the worked example that GS1 publishes; 04150123456782 is of the corpus
    [("6291041500213", True), ("04150123456782", True), ("04150123456783", False), ("0415012345678X", False)],
)
def test_check_digits(number, fits):
    assert check_digit_fits(number) is fits


def test_a_wrong_check_digit_leaves_the_field_empty():
    said = read("0104150123456783101A234B5\x1d17151231")
    assert said["order_code"] is None and said["lot_code"] == "1A234B5"
    assert any(warning.startswith("order_code: not read, the check digit") for warning in said["warnings"])


@pytest.mark.parametrize(
    "text",
    [
        "0104150123456782101A234B517151231211234567890123456",  # FNC1 lost: the lot would have 33 letters
        "]d2ABC",
        "]d201041501234567",
        "(01)04150123456782(10)A)x",
    ],
)
def test_damaged_element_strings_are_refused(text):
    assert refusal(text).code == "labels.elements_damaged"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "labels.empty"),
        (" \r\n", "labels.empty"),
        ("\x1d\x1e\x04", "labels.empty"),
        ("␞␝␄", "labels.empty"),
        ("]]]^^", "labels.empty"),
        ("4006381333931", "labels.number_only"),
        ("hello", "labels.not_a_label"),
        ("-x", "labels.not_a_label"),
        ('{"a": 1}', "labels.not_a_label"),
        ("https://example.org/x?y=1", "labels.not_a_label"),
        ("[)>\x1e06\x1d\x1e\x04", "labels.not_a_label"),
        ("1PABC\x1dQ5", "labels.header_lost"),
        ("[)>\x1e\x1d1PABC\x1dQ5\x1e\x04", "labels.header_damaged"),
        ("[)>061PABCQ5", "labels.separators_lost"),
        ("[)>061PABC Q5", "labels.separators_lost"),
        ("[)>\x1e06\x1d1PABC\x1dQ5\x1e\x04[)>\x1e06\x1d1PABC\x1dQ5\x1e\x04", "labels.several"),
        ("A" * (LABEL_BYTES_MAX + 1), "labels.too_long"),
        (message(*["1PA"] * (FIELDS_MAX + 1)), "labels.too_many_fields"),
        ("{pbn:P,on:O,pc:C1,pm:A,pm:B,qty:1}", "labels.field_twice"),
        ("QTY:1 PN:A MPN:B MPN:C", "labels.field_twice"),
    ],
)
def test_what_is_no_label_is_refused(text, code):
    assert refusal(text).code == code


def test_lost_separators_are_refused_with_the_setting_that_mends_it():
    assert "control characters" in refusal("[)>06K3828825514K0011P67C18-8-M-PQ5").remedy


def test_bytes_that_are_no_text_are_refused():
    assert decode_label("1PÄ".encode()) == "1PÄ"
    for content, code in ((b"1P\xff", "labels.not_text"), (b"A" * (LABEL_BYTES_MAX + 1), "labels.too_long")):
        with pytest.raises(Invalid) as caught:
            decode_label(content)
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("field", "name", "value"),
    [
        ("Q0004000", "quantity", 4000),
        ("Q478 PCS", "quantity", 478),
        ("Q12.5", "quantity", None),
        ("Q5M", "quantity", None),
        ("Q-5", "quantity", None),
        ("Q٣", "quantity", None),
        ("Q99999999999", "quantity", None),
        ("4LXX", "country", None),
        ("4Lde", "country", None),
        ("4L DE ", "country", "DE"),
        ("4LDE", "country", "DE"),
    ],
)
def test_numbers_and_countries_are_checked(field, name, value):
    document = read(message("1PABC", "1TL", "10D1452", field))
    assert document[name] == value
    if value is None:
        assert any(warning.startswith(f"{name}: ") and field[-1] in warning for warning in document["warnings"])
