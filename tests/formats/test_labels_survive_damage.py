"""A damaged label is read as printed, refused, or read with a warning that names the doubtful field.

Every header, separator, identifier and trailer of every label of the corpus is dropped, doubled and replaced; every
character inside a value is changed. Where the damage leaves a label that another printer could have printed just so, no
reader can tell; those cases are listed.
"""

import contextlib
import random
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from label_corpus import FIELDS, PRINTED, as_printed, rows, structure

from asbuilt.formats.labels.reading import LABEL_BYTES_MAX, read_label
from asbuilt.kernel.errors import Invalid

SIGNS = (
    " ",
    "?",
    "|",
    "_",
    ";",
    ",",
    "/",
    "~",
    "A",
    "7",
    "^",
    "]",
    "<GS>",
    "\t",
    "\n",
    "\x00",
    "\x1c",
    "\x1d",
    "\x1e",
    "␝",
)
NO_IDENTIFIERS = ("X", "9Z", "?", "!!", " ")
IDENTIFIERS = ("1P", "P", "1T", "9D", "Q", "4L", "1V", "30P", "10D", "K")


def damaged(text: str, part: str, begin: int, end: int):
    """(what was done, the label after it)"""
    for sign in ("", text[begin:end] * 2, *(NO_IDENTIFIERS if part == "identifier" else SIGNS)):
        if sign != text[begin:end]:
            yield sign, text[:begin] + sign + text[end:]


def slid(name: str, text: str) -> dict:
    """Fields that differ from what is printed and that no warning names; none where the label is refused."""
    try:
        document = read_label(text).as_document()
    except Invalid as refusal:
        assert refusal.code.startswith("labels.") and refusal.remedy
        return {}
    said, warned = as_printed(document), {warning.partition(":")[0] for warning in document["warnings"]}
    return {one: said[one] for one in FIELDS if said[one] != PRINTED[name][one] and one not in warned}


def test_no_value_moves_into_another_field(shared_data):
    tried, wrong = 0, []
    for row in rows(shared_data):
        for part, begin, end in structure(row) if row.name in PRINTED else ():
            for sign, text in damaged(row.text, part, begin, end):
                tried += 1
                if found := slid(row.name, text):
                    wrong.append((row.name, part, row.text[begin:end], sign, found))
    assert wrong == []
    assert tried > 12_000


# labels of no known printer, with a lot, a date and a country: such a field may well stand on them
ANOTHER_LABEL = {
    ("ge01", "P", "1V"), ("sy01", "3S", "P"), ("sy01", "3S", "1V"), ("sy01", "2P", "P"), ("sy01", "2P", "1V"),
}  # fmt: skip


def test_an_identifier_replaced_by_another_is_noticed(shared_data):
    unnoticed = set()
    for row in rows(shared_data):
        if row.name not in PRINTED or not row.kind.startswith(("dm06", "pdf417")):
            continue
        for part, begin, end in structure(row):
            for identifier in IDENTIFIERS if part == "identifier" else ():
                if slid(row.name, row.text[:begin] + identifier + row.text[end:]):
                    unnoticed.add((row.name, row.text[begin:end], identifier))
    assert unnoticed == ANOTHER_LABEL


def values(row) -> list[int]:
    """Where the characters of values are."""
    taken = {at for _, begin, end in structure(row) for at in range(begin, end)}
    return [at for at, letter in enumerate(row.text) if at not in taken and letter.isprintable()]


@pytest.mark.parametrize("letters", ["X7", "z-", "0Q", "P:"])
def test_a_changed_character_changes_exactly_its_value(shared_data, letters):
    for row in rows(shared_data):
        for at in values(row) if row.name in PRINTED else ():
            for letter in letters:
                if letter == row.text[at]:
                    continue
                said = as_printed(read_label(row.text[:at] + letter + row.text[at + 1 :]).as_document())
                differs = [name for name in FIELDS if said[name] != PRINTED[row.name][name]]
                assert len(differs) <= 1, (row.name, at, letter, differs)


def test_every_changed_character_of_a_part_number_shows(shared_data):
    for row in rows(shared_data):
        part = PRINTED.get(row.name, {}).get("mpn")
        if not part or row.text.count(part) != 1:
            continue
        begin = row.text.index(part)
        for at in range(begin, begin + len(part)):
            text = row.text[:at] + ("X" if row.text[at] != "X" else "Y") + row.text[at + 1 :]
            assert as_printed(read_label(text).as_document())["mpn"] != part, (row.name, at)


PIECE = st.one_of(
    st.sampled_from(["[)>", ">", "\x1e", "\x1d", "\x04", "06", "05", "12", "^", "]", "]d2", "{pbn:", ",pc:", "QTY:", " PN:",
                     "MPN:", "1P", "Q5", "31P", "01", "04150123456782", "(10)", ";", "/", "\r", "␝", "9D2332", "4LDE"]),
    st.text(max_size=6),
)  # fmt: skip


@settings(max_examples=500)
@given(st.lists(PIECE, max_size=40).map("".join))
@example("[)>")
@example("]d2")
@example("(01)")
def test_noise_is_a_label_or_refused(text):
    try:
        document = read_label(text).as_document()
    except Invalid as refusal:
        assert refusal.code.startswith("labels.") and refusal.remedy
        return
    warned = {warning.partition(":")[0] for warning in document["warnings"]}
    assert {name for name in FIELDS if document[name] is None} <= warned


@pytest.mark.parametrize(
    "piece",
    [
        "UIDPIDTIMSPLLIDSPNQTYDCDMSDCOOESDROH",
        "P 1P Q K",
        "QTY:1 PN:",
        ",pc:",
        "(10)",
        "\x1d1P",
        "]1P",
        "/",
        ";",
        "[)>",
        "A ",
    ],
)
def test_the_longest_text_takes_no_longer_than_a_scan(piece):
    for begin in ("", "UID", "{pbn:", "[)>\x1e06\x1d", "[)>^06]", "01041501234567", "QTY:1 PN:2 MPN:3 "):
        text = (begin + piece * LABEL_BYTES_MAX)[:LABEL_BYTES_MAX]
        began = time.process_time()
        with contextlib.suppress(Invalid):
            read_label(text)
        assert time.process_time() - began < 0.2, text[:60]


def test_any_two_damages_at_once_crash_nothing(shared_data):
    random.seed(20261123)
    for row in rows(shared_data):
        parts = structure(row)
        for _ in range(40 if parts else 0):
            text = row.text
            for _, begin, end in sorted(random.sample(parts, min(2, len(parts))), key=lambda part: -part[1]):
                text = text[:begin] + random.choice(SIGNS) + text[end:]
            try:
                read_label(text)
            except Invalid as refusal:
                assert refusal.code.startswith("labels.")
