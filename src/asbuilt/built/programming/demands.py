"""Which release an order demands in each image role, and which part comes programmed with it: rows of firmware_demands.csv.

    demands_of(tenant, "WO-7", "PSU-48", "B", at) -> [Demand(…)]

The last row by its time counts for each product and role. A row of the order goes before that of the configuration that the order
names (configurations.csv), and that before the one of the hardware revision, cell by cell: an order that demands another version leaves open which part carries it, and the other way round. A role for which nothing
is demanded takes any release that the matrix has for the revision and that is not withdrawn.
"""

from dataclasses import dataclass, field, replace

from asbuilt.access.actor import Actor
from asbuilt.access.rights import RECORD_READ
from asbuilt.built.programming.configurations import configuration_of
from asbuilt.designed.firmware.errors import refuse_party
from asbuilt.designed.firmware.queries import APP
from asbuilt.kernel.instants import format_instant
from asbuilt.storage import reading

_COLUMNS = '"order", product, revision, part, of_product, role, version, operator, happened_at, entry, "row"'


@dataclass(frozen=True)
class DemandRow:
    """A row of firmware_demands.csv; `operator` a person's number."""

    order: str
    product: str
    revision: str
    part: str
    of_product: str
    role: str
    version: str
    operator: int | None
    happened_at: int
    entry: int
    row: int
    configuration: str = ""

    def as_dict(self) -> dict:
        """As the API and `--format json` write it."""
        names = ("order", "product", "revision", "part", "of_product", "role", "version", "configuration", "entry")
        return {**{name: getattr(self, name) for name in names}, "from_at": format_instant(self.happened_at)}


@dataclass(frozen=True)
class Demand:
    """What is demanded of a product's image role: the version ("" where it is open), the part that carries it ("" where units
    are programmed), and who says so: the order, its configuration, or the hardware revision; `entry` is the log's."""

    of_product: str
    role: str
    version: str
    part: str
    by: str
    entry: int = field(default=0, compare=False)

    @property
    def name(self) -> str:
        """`PSU-48 app 2.3.1`."""
        return " ".join(filter(None, (self.of_product, self.role, self.version)))


def demand_rows(tenant: int, *, order: str = "", product: str = "", revision: str = "") -> list[DemandRow]:
    """The rows that stand: all, or those of an order, a product or its revision, the newest first. One statement."""
    sql = f"SELECT {_COLUMNS} FROM programming_firmware_demand WHERE tenant = %s AND until_entry IS NULL"
    params: list = [tenant]
    for column, said in (('"order"', order), ("product", product), ("revision", revision)):
        if said:
            sql, params = f"{sql} AND {column} = %s", [*params, said]
    rows = reading.fetch(f'{sql} ORDER BY happened_at DESC, entry DESC, "row" DESC', params)
    return [DemandRow(*row) for row in rows]


def _rows_for(tenant: int, order: str, product: str, revision: str) -> list[DemandRow]:
    """The rows of a revision and those of an order, the newest first. One statement."""
    rows = reading.fetch(
        f"SELECT {_COLUMNS} FROM programming_firmware_demand WHERE tenant = %s AND until_entry IS NULL AND "
        '((product = %s AND revision = %s) OR ("order" = %s AND "order" <> \'\')) '
        'ORDER BY happened_at DESC, entry DESC, "row" DESC',
        (tenant, product, revision, order),
    )
    return [DemandRow(*row) for row in rows]


def configuration_rows(tenant: int, product: str, revision: str, configuration: str) -> list[DemandRow]:
    """What a configuration of a revision takes, the newest first. One statement."""
    sql = (
        f"SELECT {_COLUMNS} FROM programming_configuration WHERE tenant = %s AND until_entry IS NULL AND product = %s "
        'AND revision = %s AND configuration = %s ORDER BY happened_at DESC, entry DESC, "row" DESC'
    )
    return [DemandRow(*row) for row in reading.fetch(sql, (tenant, product, revision, configuration))]


def demands_seen(actor: Actor, *, order: str = "", product: str = "") -> list[DemandRow]:
    """The rows that stand, for who reads this record."""
    actor.require(RECORD_READ)
    refuse_party(actor)
    found = demand_rows(actor.tenant, order=order, product=product)
    return sorted((*found, *_configured(actor.tenant, order, product)), key=lambda one: -one.happened_at)


def _configured(tenant: int, order: str, product: str) -> list[DemandRow]:
    sql = f"SELECT {_COLUMNS}, configuration FROM programming_configuration WHERE tenant = %s AND until_entry IS NULL"
    params: list = [tenant]
    for column, said in (('"order"', order), ("product", product)):
        if said:
            sql, params = f"{sql} AND {column} = %s", [*params, said]
    return [
        DemandRow(*row) for row in reading.fetch(f'{sql} ORDER BY happened_at DESC, entry DESC, "row" DESC', params)
    ]


def demands_of(tenant: int, order: str, product: str, revision: str, at: int) -> list[Demand]:
    """What an order of a product's revision demands at an instant, by product and role. Two statements, three with a configuration."""
    found: dict[tuple[str, str], Demand] = {}
    named, rows_for = configuration_of(tenant, order, at), _rows_for(tenant, order, product, revision)
    for by, rows in (
        (f"{product} {revision}", [row for row in rows_for if (row.product, row.revision) == (product, revision)]),
        (f"{product} {revision} {named}", configuration_rows(tenant, product, revision, named) if named else []),
        (order, [row for row in rows_for if order and row.order == order]),
    ):
        last: dict[tuple[str, str], DemandRow] = {}
        for row in rows:
            if row.happened_at <= at:
                last.setdefault((row.of_product or product, row.role or APP), row)
        for key, row in last.items():
            before = found.get(key)
            if before is None:
                found[key] = Demand(*key, row.version, row.part, by, row.entry)
            else:
                changed = replace(before, part=row.part or before.part)
                found[key] = replace(changed, version=row.version, by=by, entry=row.entry) if row.version else changed
    return sorted(found.values(), key=lambda one: (one.of_product, one.role))
