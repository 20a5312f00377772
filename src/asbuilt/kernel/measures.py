"""Units of measure: what a tester writes beside a value, and values in one unit against limits in another.

    in_unit("28300", "Ohm", "kOhm")  ->  Decimal("28.3")

- Numbers are decimals, so that 28300 Ω is 28.3 kΩ exactly, and 5e-06 A is 5 µA.
- A unit is a symbol, perhaps with an SI prefix before it; Ω, Ohm and OHM are one, so are µ, μ and u. Capitals matter: mW, MW.
- Temperatures are shifted too. Levels (dB, dBm) and counts stand for themselves.
- No unit beside an other one is not guessed at: the two do not compare.

Refused: a unit that stands in no table here, two units of different kinds. Standard: SI brochure, 9th edition, tables 2, 4, 7, 8.
"""

from decimal import Decimal, DecimalException
from functools import lru_cache

from asbuilt.kernel.errors import Invalid

UNIT_CHARACTERS_MAX = 40
NUMBER_CHARACTERS_MAX = 40
EXPONENT_MAX = 120
PREFIXES = {
    "f": -15, "p": -12, "n": -9, "u": -6, "m": -3, "c": -2, "d": -1, "h": 2, "k": 3, "M": 6, "G": 9, "T": 12,
}  # fmt: skip
# symbol -> (what it measures, its size in the first unit of that)
_SCALED = {
    "V": ("voltage", "1"), "A": ("current", "1"), "Ohm": ("resistance", "1"), "F": ("capacitance", "1"),
    "H": ("inductance", "1"), "S": ("conductance", "1"), "W": ("power", "1"), "VA": ("apparent power", "1"),
    "J": ("energy", "1"), "Wh": ("energy", "3600"), "Hz": ("frequency", "1"), "s": ("time", "1"), "m": ("length", "1"),
    "g": ("mass", "1"), "N": ("force", "1"), "Pa": ("pressure", "1"), "bar": ("pressure", "100000"), "C": ("charge", "1"),
    "Ah": ("charge", "3600"), "T": ("flux density", "1"), "Wb": ("flux", "1"), "lm": ("luminous flux", "1"),
    "cd": ("luminous intensity", "1"), "lx": ("illuminance", "1"), "rad": ("angle", "1"), "l": ("volume", "0.001"),
    "L": ("volume", "0.001"), "bit": ("information", "1"), "B": ("information", "8"), "bit/s": ("bit rate", "1"),
    "bps": ("bit rate", "1"), "Sa/s": ("sample rate", "1"), "V/s": ("slew rate", "1"), "m/s": ("speed", "1"), "K": ("temperature", "1"),
}  # fmt: skip
_WHOLE = {
    "min": ("time", "60"), "h": ("time", "3600"), "d": ("time", "86400"), "mil": ("length", "0.0000254"),
    "in": ("length", "0.0254"), "psi": ("pressure", "6894.757293168"), "rpm": ("rotation", "1"), "dB": ("level", "1"),
    "dBm": ("power level", "1"), "dBc": ("level of a carrier", "1"), "dBuV": ("voltage level", "1"), "dBV": ("level of a volt", "1"), "dBi": ("gain", "1"),
    "%": ("share", "0.01"), "ppm": ("share", "0.000001"), "ppb": ("share", "0.000000001"), "1": ("share", "1"), "px": ("pixels", "1"),
    "count": ("count", "1"), "deg": ("angle in degrees", "1"), "mm2": ("area", "0.000001"), "um2": ("area", "0.000000000001"),
    "mm3": ("volume", "0.000000001"), "um3": ("volume", "0.000000000000000001"), "%RH": ("humidity", "1"),
}  # fmt: skip
# temperatures: kelvin = (value + before) * times / through + after
_SHIFTED = {"degC": ("0", 1, 1, "273.15"), "degF": ("459.67", 5, 9, "0")}
_SAME = {
    "\u2126": "Ohm", "\u03a9": "Ohm", "ohm": "Ohm", "ohms": "Ohm", "Ohms": "Ohm", "OHM": "Ohm", "\u00b5": "u", "\u03bc": "u", "℃": "degC",
    "°C": "degC", "°F": "degF", "°": "deg", "²": "2", "³": "3", "㎛": "um", "㎜": "mm",
}  # fmt: skip
_NAMES = {
    "volt": "V", "volts": "V", "ampere": "A", "amps": "A", "amp": "A", "hertz": "Hz", "second": "s", "seconds": "s", "sec": "s",
    "percent": "%", "celsius": "degC", "degree celsius": "degC", "farad": "F", "henry": "H", "watt": "W", "watts": "W",
    "minutes": "min", "hours": "h", "counts": "count", "pcs": "count", "mils": "mil", "inch": "in", "metre": "m", "meter": "m",
    "deg c": "degC", "degrees": "deg", "pixel": "px", "pixels": "px", "msec": "ms", "usec": "us", "milliseconds": "ms",
}  # fmt: skip


def number_of(text: str) -> Decimal:
    """The decimal of a number as testers write it (3.3, +1.2E+01); Invalid for NaN, infinity and what is none."""
    try:
        found = Decimal(text) if len(text) <= NUMBER_CHARACTERS_MAX and text.isascii() and "_" not in text else None
    except DecimalException:
        found = None
    if found is None or not found.is_finite() or abs(found.adjusted()) > EXPONENT_MAX:
        raise Invalid(
            "kernel.not_a_number", f"{text[:40]!a} is not a finite number.", {"value": text[:40]}, "Look at the tester."
        )
    return found


def of_float(value: int | float) -> Decimal:
    """The decimal that a number was written as: the shortest that gives it back."""
    return number_of(repr(value))


@lru_cache(4096)
def _known(unit: str) -> tuple[str, Decimal, str]:
    """What the unit measures, its size, and its symbol where the scale is shifted; LookupError where nobody knows it."""
    text = " ".join(unit.split())
    for sign, word in _SAME.items():
        text = text.replace(sign, word)
    text = _NAMES.get(text.lower(), text)
    if text in _SHIFTED:
        return "temperature", Decimal(1), text
    for table in (_WHOLE, _SCALED):
        if text in table:
            kind, size = table[text]
            return kind, Decimal(size), ""
    head, rest = text[:1], text[1:]
    if head == "K" and rest in ("Ohm", "Hz", "B"):  # a capital K is a kilo wherever kelvins make no sense
        head = "k"
    kind, size = _SCALED[rest]
    return kind, Decimal(size).scaleb(PREFIXES[head]), ""


def is_unit(unit: str) -> bool:
    """Whether a unit stands in the tables; the empty one does not."""
    try:
        _known(unit[: UNIT_CHARACTERS_MAX + 1])
    except LookupError:
        return False
    return True


def in_unit(value: Decimal, unit: str, wanted: str) -> Decimal:
    """The value in another unit, exactly where the two differ by powers of ten. Invalid where they do not compare."""
    if unit == wanted:
        return value
    try:
        (kind, size, shift), (kind_wanted, size_wanted, shift_wanted) = _known(unit), _known(wanted)
    except LookupError:
        unknown = unit if not is_unit(unit) else wanted
        remedy = "Write it as mV, kOhm, µA, degC, or leave both units as they are."
        said = f"{unknown[:UNIT_CHARACTERS_MAX]!a} is no unit that we know." if unknown else "A unit is missing."
        raise Invalid("kernel.unit_unknown", said, {"unit": unknown[:40]}, remedy) from None
    if kind != kind_wanted:
        raise Invalid(
            "kernel.unit_other",
            f"{unit[:40]} measures {kind}, {wanted[:40]} measures {kind_wanted}.",
            {"unit": unit[:40], "wanted": wanted[:40]},
            "Correct the unit of the tester or of the plan.",
        )
    return _out_of_kelvin(_kelvin(value, shift) * size, shift_wanted) / size_wanted


def _kelvin(value: Decimal, shift: str) -> Decimal:
    if not shift:
        return value
    before, times, through, after = _SHIFTED[shift]
    return (value + Decimal(before)) * times / through + Decimal(after)


def _out_of_kelvin(value: Decimal, shift: str) -> Decimal:
    if not shift:
        return value
    before, times, through, after = _SHIFTED[shift]
    return (value - Decimal(after)) * through / times - Decimal(before)
