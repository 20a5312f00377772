"""People of the floor by their code. Facts name them by number; code and name can be erased here."""

from collections.abc import Iterable

from asbuilt.access.actor import Actor
from asbuilt.access.events import hidden_path
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk, reading

COLUMNS = ("tenant", "number", "code", "entry")


class People:
    """People of one tenant as a file mentions them; a code met for the first time opens a person."""

    def __init__(self, tenant: int, entry_number: int):
        self.tenant, self.entry = tenant, entry_number
        self._known: dict[str, int] = {}
        self._last: int | None = None

    def number(self, code: str) -> int | None:
        """The person with this code, opened at the first mention; None for the empty code."""
        if not code:
            return None
        if code not in self._known:
            sql = "SELECT number FROM access_person WHERE tenant = %s AND code = %s"
            row = reading.fetch_one(sql, (self.tenant, code))
            self._known[code] = row[0] if row else self._open(code)
        return self._known[code]

    def _open(self, code: str) -> int:
        if self._last is None:
            sql = "SELECT max(number) FROM access_person WHERE tenant = %s"
            self._last = reading.fetch_one(sql, (self.tenant,))[0] or 0
        self._last += 1
        bulk.insert_rows("access_person", COLUMNS, [(self.tenant, self._last, code, self.entry)])
        return self._last

    def codes(self, numbers: Iterable[int | None]) -> dict[int, str]:
        """Number -> code; who was erased is left out. One statement."""
        wanted = sorted({number for number in numbers if number is not None})
        if not wanted:
            return {}
        sql = "SELECT number, code FROM access_person WHERE tenant = %s AND code IS NOT NULL AND " + reading.any_of(
            "number"
        )
        return dict(reading.fetch(sql, (self.tenant, reading.list_param(wanted))))


def badge(actor: Actor) -> str:
    """The code of who acts, as tables write it; empty for somebody without one and for the system."""
    return People(actor.tenant, 0).codes([actor.person]).get(actor.person, "")


def open_person(entry: Entry, name: str, code: str | None = None) -> int:
    """A new person of the entry's tenant; the name is hidden in the entry. Returns the number."""
    last = reading.fetch_one("SELECT max(number) FROM access_person WHERE tenant = %s", (entry.tenant,))[0] or 0
    columns = ("tenant", "number", "code", "name", "entry")
    bulk.insert_rows("access_person", columns, [(entry.tenant, last + 1, code, name or None, entry.number)])
    if name:
        entry.hide(hidden_path(last + 1, "name"), name)
    return last + 1
