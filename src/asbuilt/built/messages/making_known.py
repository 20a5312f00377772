"""WorkOrdersCreated, MaterialsInitialized, MaterialsSplit: orders and packages that another system makes known.

- An order's product is the part it makes. The BOM version is the one that the message names, and only that one; where it names none the
  newest is taken, with a warning where there are several. A configuration that it names says which firmware the order takes.
- A package that is known already is left as it is: goods-in knows it better. A new one comes as at goods-in: in quarantine
  where its inspection plan says so; its moisture level is a row of lives.csv.
- What a message does not know of a package (its date code) is worked out from the day of manufacture, or left empty.
- A part split off is of the same lot, and takes status, floor life and images of its source with it.
"""

from datetime import UTC, datetime

from asbuilt.built.messages.events import KEPT, USED
from asbuilt.built.messages.work import Work, instant_text
from asbuilt.built.production.intake.orders import OrdersIntake
from asbuilt.built.programming.configurations import row_of
from asbuilt.built.programming.preprogrammed_intakes import ConfigurationsIntake
from asbuilt.built.supply.inspections import status_at_first
from asbuilt.built.supply.intake import LotsIntake
from asbuilt.built.supply.kept_intakes import HandlingIntake, LivesIntake, StatusesIntake
from asbuilt.built.supply.moisture import level_known
from asbuilt.built.supply.split_further import SPLIT_FURTHER
from asbuilt.built.supply.splitting import split_rows
from asbuilt.built.supply.standing import QUARANTINE
from asbuilt.designed.catalog.queries import BomFinder
from asbuilt.designed.parties import queries as parties
from asbuilt.formats.cfx import records
from asbuilt.formats.cfx.values import Moment
from asbuilt.formats.tables import TABLES
from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.storage import reading

KIND = "other"
SPLIT_INTAKES = {intake.table: intake for intake in (LotsIntake, LivesIntake, StatusesIntake, HandlingIntake)}


def work_orders_created(work: Work, said: records.WorkOrdersCreated) -> str:
    """Open the orders that are not known yet."""
    finder, known_parties = BomFinder(work.tenant), parties.numbers_by_name(work.tenant)
    rows = []
    for one in said.orders:
        if work.orders.by_code(one.code):
            continue
        version = one.bom_version or _newest_version(work, one)
        if version is None or finder.find(one.part, one.revision, version) is None:
            column, value, remedy = finder.explain(one.part, one.revision, version or "")
            raise NotFound(
                "production.bom_unknown",
                f"No {column} {value} in the BOMs.",
                {"order": one.code, column: value},
                remedy,
            )
        customer = one.customer if one.customer in known_parties else ""
        if one.customer and not customer:
            work.warn(f"Order {one.code}: its customer {one.customer} is no party and was left out.")
        opened = instant_text(one.at.at if one.at else work.when)
        rows.append((one.code, one.part, one.revision, version, str(one.quantity), customer, opened, one.batch))
    if not rows:
        return KEPT
    work.now(OrdersIntake, rows)
    for row in rows:
        work.orders.forget(row[0])
    new = {row[0]: row[6] for row in rows}
    named = [
        row_of(one.code, one.configuration, "", new[one.code])
        for one in said.orders
        if one.configuration and one.code in new
    ]
    columns = TABLES["configurations"].columns
    work.now(ConfigurationsIntake, [tuple(row[column] for column in columns) for row in named])
    return USED


def _newest_version(work: Work, one: records.NewOrder) -> str | None:
    sql = (
        "SELECT b.version FROM catalog_product p JOIN catalog_revision r ON r.tenant = p.tenant AND r.product = p.number "
        "JOIN catalog_bom b ON b.tenant = r.tenant AND b.revision = r.number WHERE p.tenant = %s AND p.code = %s "
        "AND r.code = %s AND EXISTS (SELECT 1 FROM catalog_bom_line l WHERE l.tenant = b.tenant AND l.bom = b.number "
        "AND l.until_entry IS NULL) ORDER BY b.number DESC LIMIT 2"
    )
    rows = reading.fetch(sql, (work.tenant, one.part, one.revision))
    if len(rows) > 1:
        work.warn(
            f"Order {one.code} names no BOM version of {one.part} {one.revision}: the newest was taken, {rows[0][0]}."
        )
    return rows[0][0] if rows else None


def materials_initialized(work: Work, said: records.MaterialsInitialized) -> str:
    """Packages as lots.csv has them."""
    known = _known(work.tenant, [one.code for one in said.packages])
    names = parties.numbers_by_name(work.tenant)
    rows = []
    for one in said.packages:
        if one.code in known:
            continue
        supplier = one.vendor if one.vendor in names else ""
        if one.vendor and not supplier:
            work.warn(f"Package {one.code}: its supplier {one.vendor} is no party and was left out.")
        rows.append(
            (
                one.code, KIND, one.part, one.mpn, one.maker, supplier, one.lot_code, _date_code(one.made_at),
                _pieces(one.quantity), instant_text(one.received_at.at) if one.received_at else "", "", "",
                _status(work.tenant, one, names.get(supplier)), "",
            )
        )  # fmt: skip
    if not rows:
        return KEPT
    work.now(LotsIntake, rows)
    at, new = instant_text(work.when), {row[0] for row in rows}
    told = [one for one in said.packages if one.code in new and level_known(one.level)]
    blank = dict.fromkeys(TABLES["lives"].columns, "")
    lives = [{**blank, "package": one.code, "msl": one.level, "happened_at": at} for one in told]
    work.now(LivesIntake, [tuple(row.values()) for row in lives])
    return USED


def _status(tenant: int, one: records.NewPackage, supplier: int | None) -> str:
    return status_at_first(tenant, one.part, supplier) if one.status in ("", "Active") else QUARANTINE


def _known(tenant: int, codes: list[str]) -> set[str]:
    sql = "SELECT code FROM supply_package WHERE tenant = %s AND until_entry IS NULL AND " + reading.any_of(
        "code", "text"
    )
    return {code for (code,) in reading.fetch(sql, (tenant, reading.list_param(codes)))}


def _date_code(made: Moment | None) -> str:
    """The date code YYWW of the day of manufacture, by ISO 8601 weeks."""
    if made is None:
        return ""
    local = made.at + (made.offset or 0) * 60_000_000
    year, week, _ = datetime.fromtimestamp(local // 1_000_000, UTC).isocalendar()
    return f"{year % 100:02}{week:02}"


def _pieces(quantity: float | None) -> str:
    return str(int(quantity)) if quantity is not None and quantity == int(quantity) and quantity >= 0 else ""


def materials_split(work: Work, said: records.MaterialsSplit) -> str:
    """A new package of the same lot."""
    if _known(work.tenant, [said.new]):
        return KEPT
    if said.new == said.source:
        raise Invalid("cfx.field", "NewMaterialPackageIdentifier: is the source itself.", {}, "Have it mended.")
    rows = split_rows(work.tenant, source=said.source, new=said.new, quantity=_pieces(said.quantity), at=work.when)
    for table, found in rows.items():
        work.now(SPLIT_INTAKES[table], found)
    for further in SPLIT_FURTHER.values():
        work.now(*further(work.tenant, said.source, said.new, work.when))
    return USED
