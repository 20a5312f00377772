"""Reads of packing: boxes, pallets and shipments, what is in them now, where a unit is packed.

    container_of(tenant, "(00)340123450000000018")   -> the container with this code or SSCC
    units_in(tenant, "SH-7")                          -> units in it, through its pallets and boxes
    packed_in(tenant, units)                          -> unit -> the container that it was put into last, where nobody took it out

`as_of` is an entry's number: what was recorded up to and with it; without it, what stands. What happened last by `happened_at` counts, ties by entry and row. A container is open from its opening, closed by `closed`, open again by
`reopened`, and gone by `shipped`; where something is inside of is said by its own rows alone.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.built.production.unit_records import range_or_list
from asbuilt.built.shipping.queries import stands
from asbuilt.kernel.gs1 import AIM, GROUP
from asbuilt.storage import reading

BOX, PALLET, SHIPMENT = "box", "pallet", "shipment"
KINDS = (BOX, PALLET, SHIPMENT)
OPEN, CLOSED, SHIPPED = "open", "closed", "shipped"
PREFIXES = {BOX: "BOX-", PALLET: "PAL-", SHIPMENT: "SH-"}
DEPTH_MAX = 8
_STATES = {"opened": OPEN, "reopened": OPEN, "closed": CLOSED, "shipped": SHIPPED}
_COLUMNS = 'container, kind, event, sscc, customer, country, note, operator, happened_at, entry, "row"'
_NOW = " AND until_entry IS NULL"
_HERE = (
    " AND NOT EXISTS (SELECT 1 FROM shipping_container s WHERE s.tenant = shipping_container.tenant AND s.container = shipping_container.container "
    "AND s.event = 'shipped' AND s.until_entry IS NULL)"
)
_LAST = 'ORDER BY happened_at, entry, "row"'


@dataclass(frozen=True)
class ContainerSeen:
    """A box, pallet or shipment as it is now; `customer` and people by number, `inside` the code of what it is in."""

    code: str
    kind: str
    state: str
    sscc: str
    customer: int | None
    country: str
    note: str
    opened_at: int
    changed_at: int
    entry: int
    inside: str = ""


def containers_named(tenant: int, codes: Iterable[str]) -> dict[str, str]:
    """Code -> kind of the containers that were opened. One statement."""
    wanted = sorted(set(codes))
    sql = "SELECT container, kind FROM shipping_container WHERE tenant = %s AND event = 'opened' AND "
    sql += reading.any_of("container", "text") + _NOW
    return dict(reading.fetch(sql, (tenant, reading.list_param(wanted)))) if wanted else {}


def container_of(tenant: int, scan: str) -> ContainerSeen | None:
    """The container with this code, or with the SSCC that a label says; None where there is none. Three statements."""
    code = scan.strip()
    if digits := sscc_of(code):
        sql = "SELECT container FROM shipping_container WHERE tenant = %s AND sscc = %s" + _NOW
        row = reading.fetch_one(sql, (tenant, digits))
        code = row[0] if row else code
    return next(iter(containers(tenant, [code])), None)


def sscc_of(scan: str) -> str:
    """The 18 digits of an SSCC as a scanner gives it, with or without (00) and symbology identifier; empty where it is none."""
    plain = AIM.sub("", scan, count=1).strip(GROUP)
    found = re.fullmatch(r"(?:\(00\)|00)?([0-9]{18})", plain, re.ASCII)
    return found[1] if found else ""


def containers(
    tenant: int, codes: Iterable[str] | None = None, kind: str = "", limit: int = 1000, here: bool = False
) -> list[ContainerSeen]:
    """These containers (None: those opened last, of a kind, that did not leave where `here`), the newest first. Two statements."""
    where, params = "", (tenant,)
    if codes is not None:
        where, params = " AND " + reading.any_of("container", "text"), (tenant, reading.list_param(sorted(set(codes))))
    elif kind:
        where, params = " AND kind = %s", (tenant, kind)
    if codes is None:
        sql = f"SELECT container FROM shipping_container WHERE tenant = %s AND event = 'opened'{where}{_NOW}{_HERE if here else ''}"
        sql += f" ORDER BY happened_at DESC, entry DESC LIMIT {int(limit)}"
        listed = [code for (code,) in reading.fetch(sql, params)]
        return containers(tenant, listed) if listed else []
    rows = reading.fetch(f"SELECT {_COLUMNS} FROM shipping_container WHERE tenant = %s{where}{_NOW} {_LAST}", params)
    found: dict[str, list[tuple]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    around = inside_of(tenant, found)
    seen = [
        _seen(said, around.get(code, "")) for code, said in found.items() if any(row[2] == "opened" for row in said)
    ]
    return sorted(seen, key=lambda one: (-one.opened_at, one.code))


def _seen(rows: list[tuple], inside: str) -> ContainerSeen:
    opened = next(row for row in rows if row[2] == "opened")
    code, kind, _, sscc, customer, country, note, _, at, entry, _ = opened
    last = rows[-1]
    return ContainerSeen(code, kind, _STATES[last[2]], sscc, customer, country, note, at, last[8], entry, inside)


def inside_of(tenant: int, codes: Iterable[str], as_of: int | None = None) -> dict[str, str]:
    """Container -> what it is in now. One statement."""
    wanted = sorted(set(codes))
    stood, more = stands(as_of)
    sql = "SELECT content, container, action FROM shipping_packed WHERE tenant = %s AND " + reading.any_of(
        "content", "text"
    )
    rows = reading.fetch(f"{sql} AND {stood} {_LAST}", (tenant, reading.list_param(wanted), *more)) if wanted else []
    last = {content: (container, action) for content, container, action in rows}
    return {content: container for content, (container, action) in last.items() if action == "in"}


def above(tenant: int, code: str, more: dict[str, str | None] | None = None) -> set[str]:
    """The containers around this one; `more` says what is known besides. A statement a level."""
    found: set[str] = set()
    while code and code not in found and len(found) <= DEPTH_MAX:
        known = (more or {}).get(code)
        code = known or inside_of(tenant, [code]).get(code, "")
        if code:
            found.add(code)
    return found


def packed_in(tenant: int, units: BitMap, as_of: int | None = None) -> dict[int, str]:
    """Unit -> the container that it is in. One statement."""
    if not units:
        return {}
    condition, params = range_or_list(units)
    stood, more = stands(as_of)
    sql = f"SELECT unit, container, action FROM shipping_packed WHERE tenant = %s AND {condition} AND {stood} {_LAST}"
    rows = reading.fetch(sql, (tenant, *params, *more))
    last = {unit: (container, action) for unit, container, action in rows if unit in units}
    return {unit: container for unit, (container, action) in last.items() if action == "in"}


def directly_in(
    tenant: int, codes: Iterable[str], as_of: int | None = None
) -> tuple[dict[str, BitMap], dict[str, set[str]]]:
    """(container -> units in it, container -> containers in it), one level. Four statements at most."""
    wanted = sorted(set(codes))
    if not wanted:
        return {}, {}
    sql = "SELECT unit, content FROM shipping_packed WHERE tenant = %s AND action = 'in' AND "
    stood, more = stands(as_of)
    sql += f"{reading.any_of('container', 'text')} AND {stood}"
    rows = reading.fetch(sql, (tenant, reading.list_param(wanted), *more))
    units: dict[str, BitMap] = {}
    for unit, container in packed_in(tenant, BitMap(unit for unit, _ in rows if unit is not None), as_of).items():
        units.setdefault(container, BitMap()).add(unit)
    within: dict[str, set[str]] = {}
    for content, container in inside_of(tenant, {content for unit, content in rows if unit is None}, as_of).items():
        within.setdefault(container, set()).add(content)
    return {code: units[code] for code in wanted if code in units}, {
        code: within[code] for code in wanted if code in within
    }


def units_in(tenant: int, code: str) -> BitMap:
    """The units in a container, at any depth."""
    return BitMap().union(*tree_of(tenant, code).values())


def tree_of(tenant: int, code: str, as_of: int | None = None) -> dict[str, BitMap]:
    """Container -> the units right in it: this one and all inside it, the outer ones first."""
    found: dict[str, BitMap] = {}
    level = {code}
    while level and len(found) < 100_000:
        units, within = directly_in(tenant, level, as_of)
        found |= {one: units.get(one, BitMap()) for one in sorted(level)}
        level = set().union(*within.values()) - found.keys() if within else set()
    return found


def free_code(tenant: int, kind: str) -> str:
    """The next code by the rule: BOX-1, PAL-1, SH-1 …, never one that was given before."""
    sql = "SELECT DISTINCT container FROM shipping_container WHERE tenant = %s AND kind = %s AND event = 'opened'"
    codes = [code for (code,) in reading.fetch(sql, (tenant, kind))]
    if kind == SHIPMENT:
        codes += [code for (code,) in reading.fetch("SELECT code FROM shipping_shipment WHERE tenant = %s", (tenant,))]
    numbers = [re.fullmatch(re.escape(PREFIXES[kind]) + "([0-9]{1,9})", code) for code in codes]
    return f"{PREFIXES[kind]}{max((int(found[1]) for found in numbers if found), default=0) + 1}"
