"""Check digits against published values: ISO/IEC 7064, ISO 7812, and the standards that use them."""

import pytest

from asbuilt.kernel.check_digits import SCHEMES, check_digit


@pytest.mark.parametrize(
    ("scheme", "text", "check"),
    [
        ("luhn", "7992739871", "3"),  # the usual worked example of Luhn's formula
        ("luhn", "453201511283036", "6"),
        ("luhn", "49015420323751", "8"),  # IMEI 490154203237518, GSMA TS.06
        ("mod11_2", "0794", "0"),  # ISO/IEC 7064, worked example
        ("mod11_2", "000000021825009", "7"),  # ORCID 0000-0002-1825-0097, ORCID's example
        ("mod11_10", "0794", "5"),  # ISO/IEC 7064, worked example
        ("mod97_10", "794", "44"),  # ISO/IEC 7064, worked example
        ("mod37_2", "G123498654321", "H"),  # ISBT 128, donation number G1234 98 654321 H
        ("mod37_36", "A12425GABC1234002", "M"),  # GRid A1-2425G-ABC1234002-M, the standard's example
        ("none", "AB-1", ""),
    ],
)  # fmt: skip
def test_published_values(scheme, text, check):
    assert check_digit(scheme, text) == check


@pytest.mark.parametrize("scheme", [scheme for scheme in SCHEMES if scheme != "none"])
def test_one_wrong_digit_and_two_exchanged_ones_show(scheme):
    """Every scheme finds any single wrong digit; those of ISO 7064 also any two neighbours exchanged."""
    text = "4820175"
    check = check_digit(scheme, text)
    for place in range(len(text)):
        others = {text[:place] + digit + text[place + 1 :] for digit in "0123456789"} - {text}
        assert check not in {check_digit(scheme, other) for other in others}
        if scheme.startswith("mod") and place and text[place] != text[place - 1]:
            swapped = text[: place - 1] + text[place] + text[place - 1] + text[place + 1 :]
            assert check_digit(scheme, swapped) != check


def test_what_a_scheme_does_not_know_is_passed_over():
    assert check_digit("luhn", "AB-799-2739871") == "3"
    assert check_digit("mod37_36", "a1-2425g-abc1234002") == "M"
