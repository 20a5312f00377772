"""GTIN, element string and SGTIN-96 against the values that GS1 prints in its standards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.kernel.gs1 import Sgtin, element_string, gtin14, mod10, read_tag, same_elements


def test_the_example_of_the_tag_data_standard():
    """TDS 1.13 and 2.0: urn:epc:tag:sgtin-96:3.0614141.812345.6789 <-> 3074257BF7194E4000001A85 <-> GTIN 80614141123458."""
    tag = Sgtin("80614141123458", "6789", 7, 3)
    assert tag.tag() == "3074257BF7194E4000001A85"
    assert tag.uri == "urn:epc:id:sgtin:0614141.812345.6789"
    assert read_tag("3074257bf7194e4000001a85") == tag


@pytest.mark.parametrize("gtin", ["09506000134352", "9506000134352", "614141000036", "73513537", "04012345123456"])
def test_check_digits_of_gtins(gtin):
    assert len(gtin14(gtin)) == 14 and mod10(gtin14(gtin)[:-1]) == gtin[-1]


@pytest.mark.parametrize("text", ["", "123", "09506000134353", "0950600013435X", "095060001343521", "٠٩٥٠٦٠٠٠"])
def test_what_is_no_gtin(text):
    with pytest.raises(ValueError, match="GTIN|check digit"):
        gtin14(text)


def test_the_element_string():
    assert element_string("9506000134352", "12345") == "(01)09506000134352(21)12345"
    for serial in ("", "x" * 21, "ä", "a b", "a\x1db"):
        with pytest.raises(ValueError, match="AI 21"):
            element_string("9506000134352", serial)


@pytest.mark.parametrize(
    "read",
    ["]d2010950600013435221AB-1", "010950600013435221AB-1", "(01)09506000134352(21)AB-1", "010950600013435221AB-1\x1d"],
)
def test_what_scanners_send(read):
    assert same_elements(read, "9506000134352", "AB-1")
    assert not same_elements(read, "9506000134352", "AB-2")
    assert not same_elements(read, "9506000134369", "AB-1")


@given(
    st.integers(6, 12), st.integers(0, 10**12 - 1), st.integers(0, 9), st.integers(0, (1 << 38) - 1), st.integers(0, 7)
)
def test_what_is_written_is_read(digits, body, indicator, serial, filter):
    number = f"{indicator}{body:012}"
    tag = Sgtin(number + mod10(number), str(serial), digits, filter)
    assert read_tag(tag.tag()) == tag


@pytest.mark.parametrize("serial", ["", "007", "A1", str(1 << 38), "-1", "٣"])
def test_serial_numbers_that_a_tag_cannot_hold(serial):
    with pytest.raises(ValueError, match="SGTIN-96"):
        Sgtin("80614141123458", serial, 7).tag()


@pytest.mark.parametrize(
    "text", ["", "3074257BF7194E4000001A8", "3174257BF7194E4000001A85", "301C" + "F" * 20, "30FF" + "F" * 20]
)
def test_what_is_no_tag(text):
    with pytest.raises(ValueError, match="SGTIN-96|partition"):
        read_tag(text)
