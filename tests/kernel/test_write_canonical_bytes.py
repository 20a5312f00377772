"""Canonical bytes, against RFC 8785's own files, the strict cases, and rfc8785 as judge of the row encoder."""

import json
import struct

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.kernel import canonical
from asbuilt.kernel.errors import Invalid

LARGEST = 2**53 - 1
texts = st.text(st.characters(exclude_categories=["Cs", "Cn"]), max_size=20)
cells = st.lists(texts | st.none() | st.integers(-LARGEST, LARGEST), max_size=8)
entry_keys = st.text("abz019_./", min_size=1, max_size=8)
entries = st.dictionaries(
    entry_keys,
    st.recursive(
        texts | st.none() | st.booleans() | st.integers(-LARGEST, LARGEST),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(entry_keys, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=5,
)


def code_of(call, *arguments, **named):
    with pytest.raises(Invalid) as refused:
        call(*arguments, **named)
    return refused.value.code


@pytest.mark.parametrize("name", ["arrays", "structures", "unicode", "values"])
def test_published_files(shared_data, name):
    folder = shared_data / "crypto/jcs"
    value = canonical.parse_strict((folder / f"input/{name}.json").read_bytes())
    expected = bytes.fromhex((folder / f"outhex/{name}.txt").read_text())
    assert canonical.canonical_bytes(value) == expected == (folder / f"output/{name}.json").read_bytes()


def test_published_numbers(shared_data):
    for case in json.loads((shared_data / "crypto/jcs/numbers.json").read_text())["cases"]:
        number = struct.unpack(">d", bytes.fromhex(case["ieee_hex"]))[0]
        if case["json"] is None:
            assert code_of(canonical.canonical_bytes, number) == "kernel.json_no_canonical_form"
        else:
            assert canonical.canonical_bytes(number).decode() == case["json"]


def strict_cases(folder):
    for part, count in (("core", 20), ("reject", 13), ("verify", 10)):
        lines = (folder / f"strict-{part}.jsonl").read_text().splitlines()
        assert len(lines) == count
        yield from map(json.loads, lines)


def test_published_strict_cases(shared_data):
    for case in strict_cases(shared_data / "crypto/jcs"):
        raw = case["input"].encode("utf-8", "surrogatepass")
        try:
            written = canonical.canonical_bytes(canonical.parse_strict(raw))
        except Invalid:
            written = None
        if case["mode"] == "verify":
            assert (written == raw) is (case["want_exit"] == 0), case["id"]
        elif case["want_exit"]:
            assert written is None, case["id"]
        else:
            assert written == case["want_stdout"].encode("utf-16", "surrogatepass").decode("utf-16").encode(), case[
                "id"
            ]


@given(cells)
def test_a_row_is_written_as_rfc8785_writes_it(row):
    raw = canonical.row_text(row)
    assert raw == rfc8785.dumps(row)
    assert canonical.checked_row(raw.decode()) == row


@pytest.mark.parametrize(
    "cell", [1.5, True, [], {}, b"x", LARGEST + 1, -LARGEST - 1, "\ud800", "\ufffe", "a\U0010ffff"]
)
def test_a_cell_that_cannot_be_kept_is_named(cell):
    with pytest.raises(Invalid) as refused:
        canonical.row_text(["first", cell])
    assert (refused.value.code, refused.value.facts) == ("kernel.row_cell", {"cell": 1})


@pytest.mark.parametrize(
    "text", ['["a", 1]', "[1.0]", "[-0]", "{}", '["\\u0041"]', "[[1]]", '["\\ud800"]', "[" * 9999, "1"]
)
def test_a_row_in_another_spelling_is_refused(text):
    assert code_of(canonical.checked_row, text).startswith("kernel.")


@given(entries)
def test_an_entry_is_written_as_rfc8785_writes_it_and_read_back(entry):
    body = canonical.entry_bytes(entry)
    assert body == rfc8785.dumps(entry)
    assert canonical.checked_entry(body) == entry
    assert canonical.parse_strict(body, decimals=False) == entry


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"A": 1}, "kernel.entry_key"),
        ({"a": {"ü": 1}}, "kernel.entry_key"),
        ({"": 1}, "kernel.entry_key"),
        ({"a": 1.0}, "kernel.entry_value"),
        ({"a": b""}, "kernel.entry_value"),
        ({"a": LARGEST + 1}, "kernel.json_number"),
        ({"a": ["\udc00"]}, "kernel.json_character"),
        ({"a": "x" * 65_528}, "kernel.entry_too_long"),
        ([], "kernel.entry_shape"),
    ],
)
def test_what_an_entry_may_not_hold(entry, code):
    assert code_of(canonical.entry_bytes, entry) == code


def test_the_longest_entry_and_the_deepest():
    assert len(canonical.entry_bytes({"a": "x" * 65_527})) == 65_535
    deep = {"a": 1}
    for _ in range(canonical.ENTRY_NESTING_MAX - 1):
        deep = {"a": deep}
    assert canonical.checked_entry(canonical.entry_bytes(deep)) == deep
    assert code_of(canonical.entry_bytes, {"a": deep}) == "kernel.json_too_deep"
    assert code_of(canonical.checked_entry, rfc8785.dumps({"a": deep})) == "kernel.json_too_deep"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"a":1,"a":1}', "kernel.json_doubled_key"),
        (b'{"a": 1}', "kernel.entry_not_canonical"),
        (b'{"b":1,"a":2}', "kernel.entry_not_canonical"),
        (b'{"a":"\\u0041"}', "kernel.entry_not_canonical"),
        (b'{"a":1.0}', "kernel.entry_decimal"),
        (b'{"a":1e400}', "kernel.entry_decimal"),
        (b'{"a":-0}', "kernel.json_number"),
        (b'{"a":9007199254740992}', "kernel.json_number"),
        (b'{"a":' + b"9" * 60_000 + b"}", "kernel.json_number"),
        (b'{"a":NaN}', "kernel.json_grammar"),
        (b'{"a":"\\ud800"}', "kernel.entry_not_canonical"),
        ('{"a":"\ufffe"}'.encode(), "kernel.entry_not_canonical"),
        (b'{"a":"\xff"}', "kernel.json_not_utf8"),
        (b"\xef\xbb\xbf{}", "kernel.json_grammar"),
        (b"{}\n", "kernel.entry_not_canonical"),
        (b'{"A":1}', "kernel.entry_key"),
        (b"[]", "kernel.entry_shape"),
        (b"[" * 60_000, "kernel.json_too_deep"),
        (b" " * 65_536, "kernel.entry_too_long"),
    ],
)
def test_an_entry_in_another_spelling_is_refused(body, code):
    assert code_of(canonical.checked_entry, body) == code


def test_limits_of_a_foreign_document():
    assert code_of(canonical.parse_strict, b"[1]", bytes_max=2) == "kernel.json_too_long"
    assert code_of(canonical.parse_strict, b"[[1]]", nesting_max=1) == "kernel.json_too_deep"
    assert canonical.parse_strict(b"[[1]]", nesting_max=2) == [[1]]
    assert canonical.parse_strict(b'{"elapsed_ms":3.1}') == {"elapsed_ms": 3.1}


def test_the_sha256_of_a_record():
    # printf '["lots","R-1"]' | sha256sum
    import subprocess

    known = subprocess.run(["sha256sum"], input=b'["lots","R-1"]', capture_output=True, check=True).stdout.split()[0]
    assert canonical.record_sha256(["lots", "R-1"]).hex() == known.decode()
