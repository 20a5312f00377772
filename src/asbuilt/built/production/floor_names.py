"""Names of the floor: steps, machines, programs, feeders, stations, plans. A name begins with its first mention."""

from collections.abc import Iterable

from asbuilt.storage import bulk, reading

KINDS = ("step", "machine", "program", "feeder", "station", "plan", "name")
COLUMNS = ("tenant", "number", "kind", "name")


class FloorNames:
    """Floor names of one tenant, read once a kind; the same number each time for the same kind and name."""

    def __init__(self, tenant: int):
        self.tenant = tenant
        self._known: dict[str, dict[str, int]] = {}
        self._last: int | None = None

    def number(self, kind: str, name: str) -> int | None:
        """The number of a name, given at its first mention; None for the empty name. Needs a write transaction."""
        if not name:
            return None
        known = self.known(kind)
        if name not in known:
            if self._last is None:
                sql = "SELECT max(number) FROM production_floor_name WHERE tenant = %s"
                self._last = reading.fetch_one(sql, (self.tenant,))[0] or 0
            self._last += 1
            bulk.insert_rows("production_floor_name", COLUMNS, [(self.tenant, self._last, kind, name)])
            known[name] = self._last
        return known[name]

    def known(self, kind: str) -> dict[str, int]:
        """Name -> number of one kind. One statement the first time."""
        if kind not in KINDS:
            raise ValueError(f"{kind} is no kind of floor name")
        if kind not in self._known:
            sql = "SELECT name, number FROM production_floor_name WHERE tenant = %s AND kind = %s"
            self._known[kind] = dict(reading.fetch(sql, (self.tenant, kind)))
        return self._known[kind]

    def names(self, numbers: Iterable[int | None]) -> dict[int, str]:
        """Number -> name. One statement."""
        wanted = sorted({number for number in numbers if number is not None})
        sql = "SELECT number, name FROM production_floor_name WHERE tenant = %s AND " + reading.any_of("number")
        return dict(reading.fetch(sql, (self.tenant, reading.list_param(wanted)))) if wanted else {}
