"""What a read model says, as JSON: fields by their names, instants in RFC 3339, hashes in hex, sets as sorted lists.

Fields that a read model leaves out of its own text (`repr=False`) are its tools, and no part of what it says.
"""

from dataclasses import fields, is_dataclass

from asbuilt.kernel.instants import format_instant

INSTANTS = ("at", "until", "since")


def plain(value: object, name: str = "") -> object:
    """The JSON value of a read model or a part of it; `name` is the field it stands in."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name), field.name) for field in fields(value) if field.repr}
    if isinstance(value, dict):
        return {str(key): plain(part, str(key)) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(part) for part in value), key=str)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if type(value) is int and (name in INSTANTS or name.endswith("_at")):
        return format_instant(value)
    return value
