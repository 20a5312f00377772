"""Values in one unit of measure against limits in another: exact, and never guessed. Factors from the SI brochure and by hand."""

from decimal import Decimal

import pytest

from asbuilt.kernel import measures
from asbuilt.kernel.errors import Invalid


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "found"),
    [
        ("28300", "Ohm", "kOhm", "28.3"),
        ("28.2", "kOhm", "Ω", "28200"),
        ("28.2", "kOhm", "\u2126", "28200"),
        ("0.0000071", "A", "µA", "7.1"),
        ("7.1", "\u03bcA", "uA", "7.1"),
        ("3300", "mV", "V", "3.3"),
        ("1", "MHz", "mHz", "1000000000"),
        ("1.5", "KOhm", "Ohm", "1500"),
        ("25", "°C", "K", "298.15"),
        ("212", "°F", "degC", "100"),
        ("100", "degC", "degF", "212"),
        ("0", "K", "°C", "-273.15"),
        ("1", "Ah", "mAh", "1000"),
        ("2", "h", "min", "120"),
        ("1000", "um", "mm", "1"),
        ("1", "mil", "um", "25.4"),
        ("50", "ppm", "%", "0.005"),
        ("5", "volts", "mV", "5000"),
        ("7", "", "", "7"),
        ("7", "furlong", "furlong", "7"),
    ],
)  # fmt: skip
def test_a_value_in_another_unit_is_exact(value, unit, wanted, found):
    assert measures.in_unit(Decimal(value), unit, wanted) == Decimal(found)


@pytest.mark.parametrize(
    ("unit", "wanted", "code"),
    [
        ("V", "A", "kernel.unit_other"),
        ("mW", "dBm", "kernel.unit_other"),
        ("furlong", "m", "kernel.unit_unknown"),
        ("V", "", "kernel.unit_unknown"),
        ("", "V", "kernel.unit_unknown"),
        ("k", "V", "kernel.unit_unknown"),
        ("kmin", "s", "kernel.unit_unknown"),
        ("x" * 500, "V", "kernel.unit_unknown"),
    ],
)
def test_units_that_do_not_compare_are_refused(unit, wanted, code):
    with pytest.raises(Invalid) as refusal:
        measures.in_unit(Decimal(1), unit, wanted)
    assert refusal.value.code == code


def test_a_float_is_the_number_that_was_written():
    assert measures.of_float(5e-06) == Decimal("0.000005")
    assert measures.in_unit(measures.of_float(0.1), "V", "mV") == 100  # 0.1 * 1000 in floats is not


@pytest.mark.parametrize(
    "text", ["NaN", "inf", "-Infinity", "1e999", "1e-999", "", "3,3", "1_0", "٣", "0x10", "9" * 60]
)
def test_what_is_no_finite_number_is_refused(text):
    with pytest.raises(Invalid) as refusal:
        measures.number_of(text)
    assert refusal.value.code == "kernel.not_a_number"


def test_capitals_of_prefixes_matter():
    assert measures.in_unit(Decimal(1), "MW", "mW") == Decimal(10**9)
    assert not measures.is_unit("") and measures.is_unit("mΩ") and not measures.is_unit("Volume")
