"""Documents: strict readers for signed documents, so that nothing in them is read past.

A permit that says something this version does not know may limit what the rest allows, so an unknown field is refused,
and so are a missing one, a doubled one, another kind, a number with a fraction, and more than a field may hold. Each
refusal is Invalid with the field's path, such as `images.0.sha256`; nothing else is ever raised for what stands in a file.

A reader is a function of (value, path) that returns what the value means: text, whole number, UTC microseconds, a dict.
"""

import re
from collections.abc import Callable

from asbuilt.kernel.canonical import INTEGER_MAX, parse_strict
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.identifiers import is_ulid
from asbuilt.kernel.instants import parse_instant
from asbuilt.kernel.keys import ED25519, P256, PublicKey
from asbuilt.kernel.notes import strict_base64

NESTING_MAX = 8
TEXT_CHARACTERS_MAX = 200
KEY_BYTES = {ED25519: 32, P256: 65}

Reader = Callable[[object, str], object]

_HEX = re.compile(r"[0-9a-f]*").fullmatch
# what reaches a screen, a log or the arguments of a tool holds no control character and does not look like an option
_TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]*").fullmatch
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+/#-]*").fullmatch


def read(payload: bytes, reader: Reader, *, bytes_max: int):
    """What a reader makes of the JSON in these bytes."""
    return reader(parse_strict(payload, decimals=False, bytes_max=bytes_max, nesting_max=NESTING_MAX), "")


def fields(**readers: Reader) -> Reader:
    """An object with exactly these fields, as a dict of what their readers return."""
    usual = {name: reader.usual for name, reader in readers.items() if isinstance(reader, LeftOut)}

    def take(value: object, path: str) -> dict:
        if type(value) is not dict:
            raise wrong(path, "is an object")
        for name in value:
            if name not in readers:
                raise wrong(_under(path, ascii(name)[1:-1][:40]), "is not known here")
        for name in readers:
            if name not in value and name not in usual:
                raise wrong(_under(path, name), "is missing")
        return {
            name: reader(value[name], _under(path, name)) if name in value else usual[name]
            for name, reader in readers.items()
        }

    return take


class LeftOut:
    """A field that documents from before it lack; then it is `usual`. What it may not do is change what they meant."""

    def __init__(self, usual: object, reader: Reader):
        self.usual, self._reader = usual, reader

    def __call__(self, value: object, path: str) -> object:
        return self._reader(value, path)


def many(reader: Reader, *, least: int = 0, most: int) -> Reader:
    """A list of that many, as a tuple."""

    def take(value: object, path: str) -> tuple:
        if type(value) is not list or not least <= len(value) <= most:
            raise wrong(path, f"is a list of {least} to {most:,}")
        return tuple(reader(one, _under(path, number)) for number, one in enumerate(value))

    return take


def once_each(reader: Reader, key: Callable[[object], object] = lambda one: one) -> Reader:
    """A list in which no two have the same key."""

    def take(value: object, path: str) -> tuple:
        found = reader(value, path)
        if len({key(one) for one in found}) != len(found):
            raise wrong(path, "names something twice")
        return found

    return take


def maybe(reader: Reader) -> Reader:
    """Null, or what the reader takes."""
    return lambda value, path: None if value is None else reader(value, path)


def into(kind: Callable, reader: Reader) -> Reader:
    """What the reader's fields make as a dataclass; a `schema` is only checked."""

    def take(value: object, path: str):
        found = reader(value, path)
        found.pop("schema", None)
        return kind(**found)

    return take


def text(most: int = TEXT_CHARACTERS_MAX, *, least: int = 0) -> Reader:
    """A line of text without control characters."""

    def take(value: object, path: str) -> str:
        if type(value) is not str or not least <= len(value) <= most or _TEXT(value) is None:
            raise wrong(path, f"is one line of {least} to {most} characters")
        return value

    return take


def name(most: int = 80) -> Reader:
    """A code such as WO-7 or W25Q128.V: it begins with a letter or digit and holds no blank."""

    def take(value: object, path: str) -> str:
        if type(value) is not str or len(value) > most or _NAME(value) is None:
            raise wrong(path, f"is a code of 1 to {most} letters, digits and . _ + / # -")
        return value

    return take


def ulid(value: object, path: str) -> str:
    """A ULID."""
    if not is_ulid(value):
        raise wrong(path, "is a ULID")
    return value


def whole(least: int, most: int = INTEGER_MAX) -> Reader:
    """A whole number in this range."""

    def take(value: object, path: str) -> int:
        if type(value) is not int or not least <= value <= most:
            raise wrong(path, f"is a whole number of {least:,} to {most:,}")
        return value

    return take


def one_of(*words: object) -> Reader:
    """One of these values, of the same type."""

    def take(value: object, path: str):
        if not any(type(value) is type(word) and value == word for word in words):
            raise wrong(path, f"is one of {', '.join(map(str, words))}")
        return value

    return take


def yes_or_no(value: object, path: str) -> bool:
    """true or false."""
    return one_of(True, False)(value, path)


def hexadecimal(least: int, most: int) -> Reader:
    """So many bytes in lower-case hex digits."""

    def take(value: object, path: str) -> str:
        right = type(value) is str and len(value) % 2 == 0 and least <= len(value) // 2 <= most and _HEX(value)
        if not right:
            size = f"{least}" if least == most else f"{least} to {most}"
            raise wrong(path, f"is {size} bytes in hex digits a-f")
        return value

    return take


SHA256 = hexadecimal(32, 32)
SHA512 = hexadecimal(64, 64)


def instant(value: object, path: str) -> int:
    """UTC microseconds of an ISO 8601 time with its offset."""
    if type(value) is not str:
        raise wrong(path, "is a time with its offset")
    try:
        return parse_instant(value)
    except ValueError as refusal:
        raise wrong(path, f"is wrong: {refusal}") from None


def _raw_key(value: dict, path: str) -> PublicKey:
    try:
        raw = strict_base64(value["public"])
    except ValueError as refusal:
        raise wrong(path, f"is no key: {refusal}") from None
    if len(raw) != KEY_BYTES[value["algorithm"]]:
        raise wrong(path, "is no key of its algorithm")
    return PublicKey(value["algorithm"], raw)


def public_key(value: object, path: str) -> PublicKey:
    """A public key that signs: algorithm and base64 of its bytes."""
    return _raw_key(fields(algorithm=one_of(ED25519, P256), public=text(120, least=1))(value, path), path)


def wrong(path: str, reason: str) -> Invalid:
    """The refusal of a field; also for rules between fields."""
    return Invalid(
        "kernel.document_field",
        f"{path or 'the document'} {reason}.",
        {"field": path, "reason": reason},
        "Get the document again from whoever signed it; a newer version of Asbuilt may read it.",
    )


def _under(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)
