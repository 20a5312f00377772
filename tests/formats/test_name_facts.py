"""The 16 digits of a fact are those that section 7 of the design describes."""

import hashlib

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.formats.tables import TABLES, fact_id

UNITS = TABLES["units"]


def test_it_is_the_hash_of_the_canonical_row():
    # printf '["units","WO-1","SN1","P1","1",""]' | sha256sum
    canonical = b'["units","WO-1","SN1","P1","1",""]'
    assert fact_id(UNITS, ("WO-1", "SN1", "P1", "1", "")) == hashlib.sha256(canonical).hexdigest()[:16]


def test_columns_that_only_find_the_unit_do_not_count():
    cells = ("SN1", "mac", "00:11", "2027-03-15T08:00:00.000000Z", "", "")
    names = TABLES["names"]
    assert fact_id(names, (*cells, "CTRL-100")) == fact_id(names, (*cells, "")) == fact_id(names, cells)


def test_product_counts_where_it_says_what_was_loaded():
    programming = TABLES["programming"]
    cells = ["SN1", "A", "1.0", "", "", "", "", "pass", "2027-03-15T08:00:00.000000Z", "", "", ""]
    other = [*cells]
    other[1] = "B"
    assert fact_id(programming, cells) != fact_id(programming, other)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=5, max_size=5))
def test_it_agrees_with_rfc8785_for_any_text(cells):
    expected = hashlib.sha256(rfc8785.dumps(["units", *cells])).hexdigest()[:16]
    assert fact_id(UNITS, cells) == expected
