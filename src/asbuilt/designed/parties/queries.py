"""Reads of parties."""

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


def names(tenant: int) -> dict[int, str]:
    """Number -> name of every party, withdrawn ones too. One statement."""
    return dict(reading.fetch("SELECT number, name FROM parties_party WHERE tenant = %s", (tenant,)))


def names_of(tenant: int, numbers: Iterable[int]) -> dict[int, str]:
    """Number -> name of these parties, withdrawn ones too. One statement, none without a number."""
    wanted = list(numbers)
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
