"""Check digits of serial numbers: a mistyped or misread number shows by itself.

Each scheme is known by a word; `none` adds nothing. ISO/IEC 7064: mod 11,2 · mod 37,2 · mod 97,10 (pure systems), mod 11,10 · mod 37,36
(hybrid systems); Luhn's formula is that of ISO/IEC 7812-1 annex B. Letters and signs that a scheme does not know are passed over, so that
`AB-0001` is checked by its digits under Luhn and by letters and digits under mod 37,36; letters count without case.

    check_digit("mod37_36", "A12425GABC1234002")   # "M"
"""

DIGITS = "0123456789"
ALPHANUMERIC = DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _luhn(text: str) -> str:
    total = 0
    for place, digit in enumerate(reversed([int(letter) for letter in text])):
        total += digit if place % 2 else sum(divmod(2 * digit, 10))
    return str(-total % 10)


def _pure(text: str, modulus: int, radix: int, letters: str, digits: int = 1) -> str:
    """ISO/IEC 7064 clause 7: the check characters make the whole string congruent to 1."""
    rest = 0
    for letter in text:
        rest = (rest + letters.index(letter)) * radix % modulus
    if digits == 2:
        check = (1 - rest * radix) % modulus
        return f"{check:02}"
    return letters[(1 - rest) % modulus]


def _hybrid(text: str, modulus: int, letters: str) -> str:
    """ISO/IEC 7064 clause 8."""
    rest = modulus
    for letter in text:
        rest = (rest + letters.index(letter)) % modulus or modulus
        rest = rest * 2 % (modulus + 1)
    return letters[(1 - rest) % modulus]


SCHEMES = {
    "none": ("", lambda text: ""),
    "luhn": (DIGITS, _luhn),
    "mod11_2": (DIGITS, lambda text: _pure(text, 11, 2, DIGITS + "X")),
    "mod11_10": (DIGITS, lambda text: _hybrid(text, 10, DIGITS)),
    "mod37_2": (ALPHANUMERIC, lambda text: _pure(text, 37, 2, ALPHANUMERIC + "*")),
    "mod37_36": (ALPHANUMERIC, lambda text: _hybrid(text, 36, ALPHANUMERIC)),
    "mod97_10": (DIGITS, lambda text: _pure(text, 97, 10, DIGITS, 2)),
}
"""Word -> the characters that count, and the formula."""


def check_digit(scheme: str, text: str) -> str:
    """The check character or characters of this text, to be put behind it; KeyError for an unknown scheme."""
    letters, formula = SCHEMES[scheme]
    return formula("".join(letter for letter in text.upper() if letter in letters))
