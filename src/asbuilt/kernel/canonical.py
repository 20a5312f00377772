"""Canonical bytes: the one byte form of an entry and of a row, so that a hash means the same to everybody.

- `canonical_bytes` is RFC 8785 for any JSON value; hashes of records use it.
- An entry allows less (reference/log.md, section 1): an object whose keys are `[a-z0-9_./]`, integers within
  ±(2^53 - 1), no fraction or exponent (a decimal is a string), at most 65,535 bytes. RFC 8785 sorts keys by UTF-16
  units, Python by code points; for these keys both orders are one, so `checked_entry` may use the fast encoder.
- A row is a flat array of strings, integers and null: `row_text`.
- `parse_strict` reads foreign JSON without Python's leniency: no doubled keys, no lone surrogates or noncharacters
  (RFC 7493, 2.1), no NaN, no -0, no number that underflows to zero, limited size and nesting.

Refused with Invalid; the codes begin `kernel.json_` and `kernel.entry_`.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from json.encoder import c_make_encoder, encode_basestring

import rfc8785

from asbuilt.kernel.errors import Invalid

ENTRY_BYTES_MAX = 65_535
ENTRY_NESTING_MAX = 16
DOCUMENT_BYTES_MAX = 32 * 1024 * 1024
DOCUMENT_NESTING_MAX = 64
INTEGER_MAX = (1 << 53) - 1

_KEY = re.compile(r"[a-z0-9_./]{1,200}").fullmatch
_NONCHARACTER = re.compile(
    "[\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
    + "]"
).search
_ROW_TYPES = {str, int, type(None)}
_ENTRY_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
_ROW_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _row_encoder():
    if c_make_encoder is None:
        return _ROW_ENCODER.encode
    # JSONEncoder.encode builds this anew for each call, which doubles the price of a row
    encode = c_make_encoder(None, None, encode_basestring, None, ":", ",", False, False, False)
    return lambda cells: "".join(encode(cells, 0))


_encode_row = _row_encoder()


def _strange(text: str) -> bool:
    # whether a text is ASCII is known without looking at it, and most of ours is
    return not text.isascii() and _NONCHARACTER(text) is not None


def canonical_bytes(value: object) -> bytes:
    """The RFC 8785 bytes of a JSON value; Invalid where it has none."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as refusal:
        raise Invalid("kernel.json_no_canonical_form", f"There is no canonical form of this: {refusal}.") from None


def record_sha256(value: object) -> bytes:
    """SHA-256 of the RFC 8785 bytes of a record; its first 8 bytes are a fact's id."""
    return hashlib.sha256(canonical_bytes(value)).digest()


def row_text(cells: Sequence[str | int | None]) -> bytes:
    """The bytes of a row: `[244,"SN000244",null]`. Strings, integers and null only; Invalid names the cell."""
    if not _ROW_TYPES.issuperset(map(type, cells)):
        raise _bad_cell(cells)
    for cell in cells:
        if type(cell) is int and not -INTEGER_MAX <= cell <= INTEGER_MAX:
            raise _bad_cell(cells)
    text = _encode_row(cells)
    if _strange(text):
        raise _bad_cell(cells)
    return text.encode()


def _bad_cell(cells: Sequence) -> Invalid:
    for position, cell in enumerate(cells):
        if type(cell) not in _ROW_TYPES:
            reason = f"{type(cell).__name__} is neither text, a whole number nor empty"
        elif type(cell) is int and abs(cell) > INTEGER_MAX:
            reason = "the number has more than 53 bits"
        elif type(cell) is str and _strange(cell):
            reason = "the text holds a character that may not be exchanged"
        else:
            continue
        return Invalid("kernel.row_cell", f"Cell {position} of the row cannot be kept: {reason}.", {"cell": position})
    return Invalid("kernel.row_cell", "The row cannot be kept.")


def checked_row(text: str) -> list[str | int | None]:
    """The cells of a row's text; Invalid where the text is not exactly what `row_text` writes of them."""
    raw = _utf8(text)
    cells = _load(raw, _WHOLE)
    if type(cells) is not list or row_text(cells) != raw:
        raise Invalid("kernel.row_not_canonical", "The text of the row is not in its canonical form.")
    return cells


def entry_bytes(entry: dict) -> bytes:
    """The canonical bytes of an entry, the leaf of the log; Invalid where an entry may not hold something."""
    if type(entry) is not dict:
        raise Invalid("kernel.entry_shape", "An entry is an object.")
    _refuse_foreign(entry, "", ENTRY_NESTING_MAX)
    body = canonical_bytes(entry)
    if len(body) > ENTRY_BYTES_MAX:
        raise Invalid(
            "kernel.entry_too_long",
            f"The entry has {len(body)} bytes, the limit is {ENTRY_BYTES_MAX}.",
            {"bytes": len(body), "limit": ENTRY_BYTES_MAX},
            "Keep long text as evidence and name its hash in the entry.",
        )
    return body


def checked_entry(body: bytes) -> dict:
    """The entry of these bytes; Invalid where they are not exactly what `entry_bytes` writes of it."""
    if len(body) > ENTRY_BYTES_MAX:
        raise Invalid("kernel.entry_too_long", f"An entry has at most {ENTRY_BYTES_MAX} bytes.")
    entry = _load(body, _ENTRY)
    if type(entry) is not dict:
        raise Invalid("kernel.entry_shape", "An entry is an object.")
    if body.count(b"{") + body.count(b"[") > ENTRY_NESTING_MAX:
        _refuse_foreign(entry, "", ENTRY_NESTING_MAX)
    try:
        text = _ENTRY_ENCODER.encode(entry)
        same = text.encode() == body and not _strange(text)
    except UnicodeEncodeError:
        same = False
    if not same:
        raise Invalid("kernel.entry_not_canonical", "The text of the entry is not in its canonical form.")
    return entry


def parse_strict(
    raw: bytes,
    *,
    decimals: bool = True,
    bytes_max: int = DOCUMENT_BYTES_MAX,
    nesting_max: int = DOCUMENT_NESTING_MAX,
) -> object:
    """A JSON value of UTF-8 bytes; Invalid for whatever two readers could understand differently."""
    if len(raw) > bytes_max:
        raise Invalid("kernel.json_too_long", f"The document has {len(raw)} bytes, the limit is {bytes_max}.")
    value = _load(raw, _STRICT if decimals else _WHOLE)
    _refuse_strange(value, nesting_max)
    return value


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Invalid("kernel.json_character", "The text has half a character (a lone surrogate).") from None


def _load(raw: bytes, decoder: json.JSONDecoder) -> object:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as refusal:
        raise Invalid("kernel.json_not_utf8", f"The document is not UTF-8 at byte {refusal.start}.") from None
    try:
        return decoder.decode(text)
    except RecursionError:
        raise Invalid("kernel.json_too_deep", "The document is nested too deep.") from None
    except json.JSONDecodeError as refusal:
        place = f"line {refusal.lineno}, column {refusal.colno}"
        raise Invalid("kernel.json_grammar", f"The document is not JSON: {refusal.msg}, {place}.") from None


def _strict_object(pairs: list[tuple[str, object]]) -> dict:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        doubled = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise Invalid("kernel.json_doubled_key", "A name stands twice in one object.", {"key": ascii(doubled)[1:80]})
    return found


def _entry_object(pairs: list[tuple[str, object]]) -> dict:
    found = _strict_object(pairs)
    for key in found:
        if _KEY(key) is None:
            raise _bad_key(key)
    return found


def _bad_key(key: object) -> Invalid:
    return Invalid("kernel.entry_key", "A name in an entry is made of a-z, 0-9, _, . and /.", {"key": ascii(key)[:80]})


def _refuse_decimal(text: str) -> float:
    raise Invalid(
        "kernel.entry_decimal", "A number here is whole; a decimal is written as text.", {"number": text[:80]}
    )


def _refuse_constant(text: str) -> float:
    raise Invalid("kernel.json_grammar", f"{text} is not JSON.")


def _strict_decimal(text: str) -> float:
    number = float(text)
    mantissa = text.lower().partition("e")[0]
    if number == 0 and (text.startswith("-") or any(digit in "123456789" for digit in mantissa)):
        raise Invalid("kernel.json_number", "A number is lost on the way: it becomes zero.", {"number": text[:80]})
    if number in (float("inf"), float("-inf")):
        raise Invalid("kernel.json_number", "A number is too large.", {"number": text[:80]})
    return number


def _strict_integer(text: str) -> int:
    # 17 characters hold every taken integer; int() of a longer text costs time that grows with its square
    if text == "-0" or len(text) > 17 or abs(int(text)) > INTEGER_MAX:
        raise Invalid("kernel.json_number", "A whole number has at most 53 bits and is not -0.", {"number": text[:80]})
    return int(text)


def _decoder(pairs, decimal) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=pairs, parse_float=decimal, parse_int=_strict_integer, parse_constant=_refuse_constant
    )


_STRICT = _decoder(_strict_object, _strict_decimal)
_WHOLE = _decoder(_strict_object, _refuse_decimal)
_ENTRY = _decoder(_entry_object, _refuse_decimal)


def _refuse_strange(value: object, nesting_left: int) -> None:
    if type(value) is str:
        if _strange(value):
            raise Invalid("kernel.json_character", "A text holds a character that may not be exchanged.")
    elif type(value) in (dict, list):
        if nesting_left == 0:
            raise Invalid("kernel.json_too_deep", "The document is nested too deep.")
        if type(value) is dict:
            for key in value:
                _refuse_strange(key, 0)
            value = value.values()
        for part in value:
            _refuse_strange(part, nesting_left - 1)


def _refuse_foreign(value: object, path: str, nesting_left: int) -> None:
    kind = type(value)
    if kind in (dict, list, tuple):
        if nesting_left == 0:
            raise Invalid("kernel.json_too_deep", "The entry is nested too deep.", {"path": path[:80]})
        for key, part in value.items() if kind is dict else enumerate(value):
            if kind is dict and (type(key) is not str or _KEY(key) is None):
                raise _bad_key(key)
            _refuse_foreign(part, f"{path}.{key}", nesting_left - 1)
    elif kind is str:
        if _strange(value):
            raise Invalid(
                "kernel.json_character", "A text holds a character that may not be exchanged.", {"path": path}
            )
    elif kind is int:
        if abs(value) > INTEGER_MAX:
            raise Invalid("kernel.json_number", "A whole number has at most 53 bits.", {"path": path})
    elif kind is not bool and value is not None:
        raise Invalid(
            "kernel.entry_value",
            f"An entry holds no {kind.__name__}; a decimal is written as text.",
            {"path": path},
        )
