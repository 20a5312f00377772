"""Properties that are read once, by the first task that asks for them (`reading.at_once`)."""

from collections.abc import Callable
from typing import Generic, TypeVar

from asbuilt.storage.transactions import _open

Of, Read = TypeVar("Of"), TypeVar("Read")


class once(Generic[Of, Read]):
    """As `functools.cached_property`: what was read stays with the object. A task that asks while another reads it waits for that one, so it is
    read once too where tasks take turns."""

    def __init__(self, read: Callable[[Of], Read]):
        self._read, self.__doc__ = read, read.__doc__

    def __set_name__(self, _, name: str) -> None:
        self._name = name

    def __get__(self, of: Of | None, _=None) -> Read:
        if of is None:
            return self
        kept, name = of.__dict__, self._name

        def read() -> None:
            kept[name] = self._read(of)

        together = _open.snapshot.together if _open.snapshot is not None else None
        while name not in kept:  # whoever was waited for may have failed
            read() if together is None else together.once((id(of), name), read)
        return kept[name]
