"""Reads of programming orders: what is to be programmed, how far it is, what was read back.

    programming_order(tenant, "PG-12").state -> opened, done or closed

A package that has an order which is not closed is in hand: it cannot be mounted.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from asbuilt.access.actor import Actor
from asbuilt.access.rights import RECORD_READ
from asbuilt.designed.firmware.errors import refuse_party
from asbuilt.designed.firmware.queries import APP
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.instants import format_instant
from asbuilt.storage import reading

OPENED, DONE, CLOSED = "opened", "done", "closed"
LISTED_MAX = 200
_ORDER = (
    "SELECT o.programming_order, o.package, o.product, o.role, o.version, o.quantity, o.read_backs, o.by, p.name, o.operator, "
    "o.happened_at, o.entry FROM programming_package_order o LEFT JOIN parties_party p ON p.tenant = o.tenant "
    "AND p.number = o.supplier AND p.until_entry IS NULL WHERE o.tenant = %s AND o.until_entry IS NULL"
).replace("o.by", 'o."by"')
_STATE = (
    "SELECT programming_order, state, result, quantity, machine, file, sha256, reason, operator, happened_at, entry "
    "FROM programming_package_order_state WHERE tenant = %s AND until_entry IS NULL AND "
)
_READ = (
    "SELECT programming_order, sample, sha256, machine, operator, happened_at, entry FROM programming_read_back "
    "WHERE tenant = %s AND until_entry IS NULL AND "
)


@dataclass(frozen=True)
class OrderStep:
    """It was done, or closed: how, how many pieces, at which machine, the certificate's file, why, by whom (a person's number)."""

    state: str
    result: str
    quantity: int | None
    machine: str
    file: str
    sha256: str
    reason: str
    operator: int | None
    happened_at: int
    entry: int

    def as_dict(self) -> dict:
        """As the API and `--format json` write it."""
        said = {name: getattr(self, name) for name in ("result", "quantity", "machine", "sha256", "reason")}
        return {**said, "at": format_instant(self.happened_at), "entry": self.entry}


@dataclass(frozen=True)
class ReadBackSeen:
    """What was read back of one sample; `right` where it is the image that was ordered."""

    sample: int
    sha256: str
    machine: str
    operator: int | None
    happened_at: int
    entry: int
    right: bool

    def as_dict(self) -> dict:
        """As the API and `--format json` write it."""
        said = {name: getattr(self, name) for name in ("sample", "sha256", "machine", "right")}
        return {**said, "at": format_instant(self.happened_at), "entry": self.entry}


@dataclass(frozen=True)
class ProgrammingOrderSeen:
    """An order to program a package, with all that happened of it. `image` is the SHA-256 of the release."""

    code: str
    package: str
    product: str
    role: str
    version: str
    quantity: int
    asked: int
    by: str
    supplier: str
    operator: int | None
    opened_at: int
    entry: int
    image: str
    done: OrderStep | None = None
    closed: OrderStep | None = None
    read_backs: tuple[ReadBackSeen, ...] = field(default=())

    @property
    def state(self) -> str:
        """opened, done or closed."""
        return CLOSED if self.closed else DONE if self.done else OPENED

    @property
    def wrong(self) -> list[ReadBackSeen]:
        """Samples that were not the image."""
        return [one for one in self.read_backs if not one.right]

    @property
    def left(self) -> int:
        """How many samples are still to be read back."""
        return max(0, self.asked - len(self.read_backs))

    @property
    def name(self) -> str:
        """`PSU-48 app 2.3.1`."""
        return f"{self.product} {self.role} {self.version}"

    def as_dict(self) -> dict:
        """As the API and `--format json` write it."""
        named = (
            "code",
            "package",
            "product",
            "role",
            "version",
            "image",
            "quantity",
            "by",
            "supplier",
            "state",
            "entry",
        )
        return {
            **{name: getattr(self, name) for name in named},
            "opened_at": format_instant(self.opened_at),
            "read_backs": {"asked": self.asked, "done": len(self.read_backs), "wrong": len(self.wrong)},
            "samples": [one.as_dict() for one in self.read_backs],
            "done": self.done.as_dict() if self.done else None,
            "closed": self.closed.as_dict() if self.closed else None,
        }


def programming_order(tenant: int, code: str) -> ProgrammingOrderSeen:
    """The programming order with this code; NotFound with the nearest ones. Four statements."""
    found = _seen(tenant, reading.fetch(f"{_ORDER} AND o.programming_order = %s", (tenant, code)))
    if found:
        return found[0]
    sql = "SELECT programming_order FROM programming_package_order WHERE tenant = %s AND until_entry IS NULL LIMIT 5000"
    known = [name for (name,) in reading.fetch(sql, (tenant,))]
    said, facts = f"There is no programming order {code[:60]}.", {"programming_order": code[:60]}
    raise NotFound("programming.order_unknown", said, facts, did_you_mean(code, known) or "Look at the list of them.")


def programming_orders(tenant: int, *, package: str = "", everything: bool = False) -> list[ProgrammingOrderSeen]:
    """Those of a package, or those that are not closed, or the newest 200 of all; the newest first. Four statements."""
    sql, params = _ORDER, [tenant]
    if package:
        sql, params = sql + " AND o.package = %s", [tenant, package]
    elif not everything:
        sql += (
            " AND NOT EXISTS (SELECT 1 FROM programming_package_order_state s WHERE s.tenant = o.tenant "
            "AND s.programming_order = o.programming_order AND s.state = 'closed' AND s.until_entry IS NULL)"
        )
    sql += f' ORDER BY o.happened_at DESC, o.entry DESC, o."row" DESC LIMIT {LISTED_MAX}'
    return _seen(tenant, reading.fetch(sql, params))


def order_seen(actor: Actor, code: str) -> ProgrammingOrderSeen:
    """One programming order, for who reads this record; a party's person is told that nothing is there."""
    actor.require(RECORD_READ)
    refuse_party(actor)
    with reading.snapshot():
        return programming_order(actor.tenant, code)


def orders_seen(actor: Actor, *, package: str = "", everything: bool = False) -> list[ProgrammingOrderSeen]:
    """Those of a package, those that are not closed, or the newest 200."""
    actor.require(RECORD_READ)
    refuse_party(actor)
    with reading.snapshot():
        return programming_orders(actor.tenant, package=package, everything=everything)


def open_orders_of(tenant: int, packages: Iterable[str]) -> dict[str, str]:
    """Package -> the code of its programming order that is not closed. One statement."""
    sql = (
        "SELECT o.package, o.programming_order FROM programming_package_order o WHERE o.tenant = %s AND o.until_entry IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM programming_package_order_state s WHERE s.tenant = o.tenant AND s.programming_order = "
        "o.programming_order AND s.state = 'closed' AND s.until_entry IS NULL) AND "
        + reading.any_of("o.package", "text")
    )
    return dict(reading.fetch(sql, (tenant, reading.list_param(sorted(set(packages))))))


def free_order_code(tenant: int) -> str:
    """The next code `PG-12` that no programming order ever had. One statement, mostly."""
    sql = "SELECT count(*) FROM programming_package_order WHERE tenant = %s"
    number = reading.fetch_one(sql, (tenant,))[0] + 1
    sql = "SELECT 1 FROM programming_package_order WHERE tenant = %s AND programming_order = %s LIMIT 1"
    while reading.fetch_one(sql, (tenant, f"PG-{number}")):
        number += 1
    return f"PG-{number}"


def _seen(tenant: int, rows: list[tuple]) -> list[ProgrammingOrderSeen]:
    codes = reading.list_param([row[0] for row in rows])
    of_codes = reading.any_of("programming_order", "text")
    steps: dict[str, dict[str, OrderStep]] = {}
    for code, *said in reading.fetch(_STATE + of_codes + " ORDER BY entry", (tenant, codes)) if rows else ():
        steps.setdefault(code, {})[said[0]] = OrderStep(*said)
    images = _images(tenant, {(row[2], row[3] or APP, row[4]) for row in rows})
    read: dict[str, list[tuple]] = {}
    for code, *said in reading.fetch(_READ + of_codes + " ORDER BY sample", (tenant, codes)) if rows else ():
        read.setdefault(code, []).append(said)
    found = []
    for code, package, product, role, version, *rest in rows:
        image = images.get((product, role or APP, version), "")
        samples = tuple(ReadBackSeen(*said, said[1] == image) for said in read.get(code, ()))
        done, closed = (steps.get(code, {}).get(state) for state in (DONE, CLOSED))
        quantity, asked, by, supplier, *who = rest
        said = (quantity, asked, by, supplier or "", *who)
        found.append(
            ProgrammingOrderSeen(code, package, product, role or APP, version, *said, image, done, closed, samples)
        )
    return found


def _images(tenant: int, keys: set[tuple[str, str, str]]) -> dict[tuple[str, str, str], str]:
    sql = (
        "SELECT p.code, r.role, r.version, r.sha256 FROM firmware_release r JOIN catalog_product p ON p.tenant = r.tenant "
        "AND p.number = r.product WHERE r.tenant = %s AND r.until_entry IS NULL AND "
        + reading.any_of("r.version", "text")
    )
    versions = reading.list_param(sorted({key[2] for key in keys}))
    rows = reading.fetch(sql, (tenant, versions)) if keys else []
    return {(product, role or APP, version): bytes(sha256).hex() for product, role, version, sha256 in rows}
