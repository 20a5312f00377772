"""Reads of parties."""

from collections import defaultdict
from collections.abc import Iterable

from asbuilt.storage import reading

NOW = "until_entry IS NULL"


def numbers_by_name(tenant: int) -> dict[str, int]:
    """Code or name of every party -> number. One statement; a code wins over another party's equal name."""
    sql = f"SELECT number, code, name FROM parties_party WHERE tenant = %s AND {NOW}"
    rows = reading.fetch(sql, (tenant,))
    found = {name: number for number, _, name in reversed(rows)}
    found.update((code, number) for number, code, _ in rows)
    return found


class Called:
    """Which party a code or name meant at an entry, also where it was renamed since or the name is another's by now. One statement."""

    def __init__(self, tenant: int):
        self.codes: dict[int, str] = {}
        self._meant: dict[str, list[tuple]] = defaultdict(
            list
        )  # text -> (0 code or 1 name, number, first entry, entry it ended at)
        stated = defaultdict(list)
        sql = (
            'SELECT number, code, name, entry, "row", until_entry FROM parties_party WHERE tenant = %s ORDER BY number'
        )
        for number, code, name, entry, row, until in reading.fetch(sql, (tenant,)):
            stated[entry, row].append((number, code, name, until))
        for (entry, _), ((number, code, name, until), *before) in stated.items():
            # what the party was called before stands under later numbers, each up to its end: `withdraw.keep_number`
            self.codes[number] = code
            self._meant[code].append((0, number, entry, until))
            since = entry
            for *_, earlier, at in sorted(before, key=lambda one: one[3]):
                self._name(earlier, code, number, since, at)
                since = at
            self._name(name, code, number, since, until)

    def _name(self, name: str, code: str, *said) -> None:
        if name != code:
            self._meant[name].append((1, *said))

    def at(self, text: str, entry: int) -> int | None:
        """The number of the party; None for the empty text, -1 where none was ever called so. A code wins over another's equal name."""
        if not text:
            return None
        meant = self._meant.get(text, ())
        fits = [row for row in meant if row[2] <= entry and (row[3] is None or entry < row[3])]
        return min((row[:2] for row in fits or meant), default=(0, -1))[1]


def called_at(tenant: int, entry: int) -> dict[int, tuple[str, str]]:
    """Number -> code and name of the parties that stood at an entry, as they were called then. One statement."""
    stated = defaultdict(list)
    sql = 'SELECT number, code, name, entry, "row", until_entry FROM parties_party WHERE tenant = %s AND entry <= %s ORDER BY number'
    for number, code, name, since, row, until in reading.fetch(sql, (tenant, entry)):
        stated[since, row].append((number, code, name, until))
    found = {}
    for (number, *said, until), *before in stated.values():
        if until is None or until > entry:
            # what it was called before stands under later numbers, each up to its end: `withdraw.keep_number`
            then = [one for one in before if one[3] > entry]
            _, code, name, _ = min(then, key=lambda one: one[3]) if then else (number, *said, until)
            found[number] = (code, name)
    return found


def names(tenant: int, as_of: int | None = None) -> dict[int, str]:
    """Number -> name of every party, withdrawn ones too; as they were called at entry `as_of`. One statement, two with it."""
    found = dict(reading.fetch("SELECT number, name FROM parties_party WHERE tenant = %s", (tenant,)))
    return found if as_of is None else found | {number: name for number, (_, name) in called_at(tenant, as_of).items()}


def names_of(tenant: int, numbers: Iterable[int], as_of: int | None = None) -> dict[int, str]:
    """Number -> name of these parties, withdrawn ones too; as they were called at entry `as_of`. One statement, none without a number."""
    wanted = list(numbers)
    if as_of is not None and wanted:
        everything = names(tenant, as_of)
        return {number: everything[number] for number in wanted if number in everything}
    sql = "SELECT number, name FROM parties_party WHERE tenant = %s AND " + reading.any_of("number")
    return dict(reading.fetch(sql, (tenant, reading.list_param(wanted)))) if wanted else {}


def countries_of(tenant: int) -> dict[int, str]:
    """Number -> country of every party that stands, as parties.csv has it. One statement."""
    return dict(reading.fetch(f"SELECT number, country FROM parties_party WHERE tenant = %s AND {NOW}", (tenant,)))


def code_of(tenant: int, number: int) -> str:
    """The code of the party with this number now, or as it was last; empty where there is none. One statement."""
    sql = "SELECT code FROM parties_party WHERE tenant = %s AND number = %s ORDER BY entry DESC LIMIT 1"
    row = reading.fetch_one(sql, (tenant, number))
    return row[0] if row else ""


def codes_and_names(tenant: int) -> list[tuple[str, str]]:
    """(code, name) of every party that stands, by name. One statement."""
    return reading.fetch(
        f"SELECT code, name FROM parties_party WHERE tenant = %s AND {NOW} ORDER BY name, code", (tenant,)
    )
