"""Where the maker's parts of a change notice are used: products, stock, orders, units that were built and where they went.

    where_used(actor, notice)   -> dict for JSON; pages and commands show the same

Units are asked for with the question language, by the date codes or lots by which the notice tells changed product from unchanged: the questions
stand in the answer, and anybody can ask them again. A package whose date code or lot is not known is named as such, never left out. A person of
a party sees products and units of his own.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.built.production.remaining import left_in
from asbuilt.built.supply.queries import PackageRow, packages, packages_of_lots
from asbuilt.designed.catalog.queries import part_codes, part_numbers
from asbuilt.designed.changes.sourcing.notice_file import ChangeNotice
from asbuilt.designed.parties.product_roles import manufacturer_of
from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.spans import bitmap_of
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.answering.answers import ask
from asbuilt.questions.genealogy.evaluating.evaluate import units_of
from asbuilt.questions.genealogy.evaluating.part_positions import positions_of_parts
from asbuilt.questions.genealogy.evaluating.view import BEGUN, BUILT, SCRAPPED, View
from asbuilt.questions.genealogy.words import language
from asbuilt.questions.genealogy.words.saying import quoted
from asbuilt.storage import reading

STOCK_SHOWN_MAX = 2_000
ORDERS_SHOWN_MAX = 500
CHANGED, UNCHANGED, UNKNOWN = "changed", "unchanged", "unknown"


@dataclass(frozen=True)
class Used:
    """A maker's part of a notice as the catalogue and deliveries know it: under which internal parts, in which spelling."""

    mpn: str
    spelt: tuple[str, ...]
    parts: tuple[int, ...]


def parts_used(tenant: int, notice: ChangeNotice) -> list[Used]:
    """The maker's parts of the notice that parts.csv or a lot names. Two statements."""
    wanted = {one.mpn.casefold(): one.mpn for one in notice.parts}
    found: dict[str, tuple[set[str], set[int]]] = {}
    of_packages = " AND EXISTS (SELECT 1 FROM supply_package k WHERE k.tenant = t.tenant AND k.lot = t.number AND k.until_entry IS NULL)"
    for table in ("catalog_manufacturer_part", "supply_lot"):
        stands = " AND t.until_entry IS NULL" if table == "catalog_manufacturer_part" else of_packages
        sql = f"SELECT DISTINCT t.mpn, t.part FROM {table} t WHERE t.tenant = %s AND {reading.any_of('lower(t.mpn)', 'text')}{stands}"
        for mpn, part in reading.fetch(sql, (tenant, reading.list_param(sorted(wanted)))):
            spelt, parts = found.setdefault(mpn.casefold(), (set(), set()))
            spelt.add(mpn)
            parts.add(part)
    return [
        Used(wanted[key], tuple(sorted(spelt)), tuple(sorted(parts))) for key, (spelt, parts) in sorted(found.items())
    ]


def products_using(tenant: int, parts: Iterable[int]) -> list[dict]:
    """Every BOM line that takes one of these parts: product, revision, BOM version, line, part, quantity. One statement."""
    sql = (
        "SELECT p.code, r.code, b.version, l.line, l.part, l.quantity, b.number FROM catalog_bom_line l "
        "JOIN catalog_bom b ON b.tenant = l.tenant AND b.number = l.bom "
        "JOIN catalog_revision r ON r.tenant = b.tenant AND r.number = b.revision "
        "JOIN catalog_product p ON p.tenant = r.tenant AND p.number = r.product "
        f"WHERE l.tenant = %s AND l.until_entry IS NULL AND {reading.any_of('l.part')} ORDER BY p.code, r.code, b.version, l.line"
    )
    rows = reading.fetch(sql, (tenant, reading.list_param(sorted(set(parts)))))
    codes = part_codes(tenant, {row[4] for row in rows})
    return [
        {"product": row[0], "revision": row[1], "bom_version": row[2], "line": row[3], "part": codes[row[4]], "quantity": row[5], "bom": row[6]}
        for row in rows
    ]  # fmt: skip


def owners_of(tenant: int, products: Iterable[str]) -> dict[str, int | None]:
    """Product -> its manufacturer now; None where nobody said. A statement a product."""
    now = clock.now()
    return {product: manufacturer_of(tenant, product, now) for product in sorted(set(products))}


def touches(actor: Actor, notice: ChangeNotice) -> bool:
    """Whether a party's reader has a product that uses a part of the notice; everybody of the house sees every notice."""
    if actor.party is None:
        return True
    used = {part for one in parts_used(actor.tenant, notice) for part in one.parts}
    products = {row["product"] for row in products_using(actor.tenant, used)} if used else set()
    return actor.party in owners_of(actor.tenant, products).values()


def questions_of(
    view: View, used: list[Used], notice: ChangeNotice, products: Iterable[str] | None = None
) -> dict[str, str]:
    """`all` units with the parts, and `changed` those with a piece of them that the notice identifies; empty where no part is known here."""
    spelt = [mpn for one in used for mpn in one.spelt]
    if not spelt:
        return {}
    every = "part:" + ",".join(quoted(mpn) for mpn in spelt)
    found, told = {"all": every}, notice.identification
    low, high = told.get("date_code_from", ""), told.get("date_code_until", "")
    if told.get("lots"):
        known = _lots_known(view.tenant, told["lots"])
        narrow = "lot:" + ",".join(quoted(lot) for lot in known) if known else ""
    elif low or high:
        narrow = "datecode:" + (f"{low}..{high}" if low and high else f">={low}" if low else f"<={high}")
    else:
        narrow = ""
    # of the same piece: beside each other the two terms might hold of two pieces of a unit
    places = positions_of_parts(view, _codes(view, used), products) if narrow else ()
    if places:
        found["changed"] = f"({every} {narrow} at:{','.join(map(quoted, places))})"
    return found


def _codes(view: View, used: list[Used]) -> list[str]:
    return list(part_codes(view.tenant, {part for one in used for part in one.parts}).values())


def _lots_known(tenant: int, lots: Iterable[str]) -> list[str]:
    """However they are written; without lots that nothing has: a question with an unknown name would be refused, and says nothing of the others."""
    sql = f"SELECT DISTINCT lot_code FROM supply_lot WHERE tenant = %s AND {reading.any_of('lower(lot_code)', 'text')}"
    wanted = sorted({lot.casefold() for lot in lots})
    return sorted(code for (code,) in reading.fetch(sql, (tenant, reading.list_param(wanted))))


def where_used(actor: Actor, notice: ChangeNotice) -> dict:
    """Products, stock, orders and units of a notice. Reads one snapshot."""
    with reading.snapshot():
        view = View(actor)
        tenant, party = view.tenant, actor.party
        used = parts_used(tenant, notice)
        parts = {part for one in used for part in one.parts}
        products = products_using(tenant, parts) if parts else []
        owners = owners_of(tenant, {row["product"] for row in products})
        if party is not None:
            products = [row for row in products if owners[row["product"]] == party]
            used = _of_products(tenant, used, products)
        names = dict(reading.fetch("SELECT number, name FROM parties_party WHERE tenant = %s", (tenant,)))
        orders = _orders(view, {row["bom"] for row in products})
        mine = None if party is None else {row["product"] for row in products}
        questions = questions_of(view, used if party is None else _with_units(view, used), notice, mine)
        return {
            "parts": _parts(tenant, notice, used),
            "products": [
                {**{key: row[key] for key in ("product", "revision", "bom_version", "line", "part", "quantity")},
                 "manufacturer": names.get(owners[row["product"]])}
                for row in products
            ],
            "stock": [] if party is not None else _stock(tenant, used, notice),
            "orders": orders,
            "questions": questions,
            "units": {name: _counted(actor, question) for name, question in questions.items()},
        }  # fmt: skip


def _of_products(tenant: int, used: list[Used], products: list[dict]) -> list[Used]:
    """Those that these products take, under the internal parts that they take: what another's product alone has is not known here."""
    mine = part_numbers(tenant, {row["part"] for row in products})
    numbers = frozenset(mine.values())
    narrowed = (Used(one.mpn, one.spelt, tuple(part for part in one.parts if part in numbers)) for one in used)
    return [one for one in narrowed if one.parts]


def _with_units(view: View, used: list[Used]) -> list[Used]:
    """Those that the reader may ask for: to a party a part that none of its units has is no name, and a question that holds one is refused."""
    found = []
    for one in used:
        spelt = tuple(mpn for mpn in one.spelt if _known(view, mpn))
        found += [Used(one.mpn, spelt, one.parts)] if spelt else []
    return found


def _known(view: View, mpn: str) -> bool:
    try:
        units_of(view, language.parse(f"part:{quoted(mpn)}"))
    except NotFound:
        return False
    return True


def _parts(tenant: int, notice: ChangeNotice, used: list[Used]) -> list[dict]:
    codes = part_codes(tenant, {part for one in used for part in one.parts})
    ours = {one.mpn: sorted(codes[part] for part in one.parts) for one in used}
    return [
        {"mpn": one.mpn, "revision": one.revision, "replacement": one.replacement, "replacement_maker": one.replacement_maker,
         "changes": list(one.changes), "parts": ours.get(one.mpn, [])}
        for one in notice.parts
    ]  # fmt: skip


def _stock(tenant: int, used: list[Used], notice: ChangeNotice) -> list[dict]:
    spelt = {mpn for one in used for mpn in one.spelt}
    sql = f"SELECT number FROM supply_lot WHERE tenant = %s AND {reading.any_of('mpn', 'text')}"
    lots = [number for (number,) in reading.fetch(sql, (tenant, reading.list_param(sorted(spelt))))]
    rows = packages(tenant, [number for number, _lot in packages_of_lots(tenant, lots)])
    left = left_in(tenant, rows)
    found = []
    for number, row in rows.items():
        if left[number].most == 0:  # used up
            continue
        found.append(
            {"package": row.code, "mpn": row.mpn, "lot_code": row.lot_code, "date_code": row.date_code, "status": row.status,
             "least": left[number].least, "most": left[number].most, "changed": changed(notice, row)}
        )  # fmt: skip
    order = (CHANGED, UNKNOWN, UNCHANGED)
    return sorted(found, key=lambda one: (order.index(one["changed"]), one["package"]))[:STOCK_SHOWN_MAX]


def changed(notice: ChangeNotice, row: PackageRow) -> str:
    """Whether a package holds what the notice identifies: changed, unchanged, or unknown where the record or the notice does not say."""
    told = notice.identification
    if told.get("lots"):
        named = {lot.casefold() for lot in told["lots"]}
        return UNKNOWN if not row.lot_code else CHANGED if row.lot_code.casefold() in named else UNCHANGED
    low, high = told.get("date_code_from", ""), told.get("date_code_until", "")
    code = row.date_code
    if not (low or high) or not code.isdigit() or len(code) != len(low or high):
        return UNKNOWN
    return CHANGED if (not low or code >= low) and (not high or code <= high) else UNCHANGED


def _orders(view: View, boms: set[int]) -> list[dict]:
    """Open orders that build one of these BOM versions, with how many units are not begun yet."""
    sql = (
        "SELECT o.code, b.first_unit, b.until_unit FROM production_block b JOIN production_order o ON o.tenant = b.tenant "
        f"AND o.number = b.work_order WHERE b.tenant = %s AND {reading.any_of('b.bom')}{view.seen('b')}{view.seen('o')} AND NOT EXISTS "
        "(SELECT 1 FROM production_order_closing c WHERE c.tenant = o.tenant AND c.code = o.code AND c.until_entry IS NULL)"
    )
    spans: dict[str, list[tuple[int, int]]] = {}
    for code, first, until in reading.fetch(sql, (view.tenant, reading.list_param(sorted(boms)))) if boms else ():
        spans.setdefault(code, []).append((first, until))
    found = []
    for code, mine in sorted(spans.items())[:ORDERS_SHOWN_MAX]:
        units = view.limit(bitmap_of(mine))
        if not units:
            continue
        done = view.state_units(BEGUN, BUILT, SCRAPPED, over=units) & units
        found.append({"order": code, "units": len(units), "begun": len(done), "open": len(units) - len(done)})
    return found


def _counted(actor: Actor, question: str) -> dict:
    """The numbers of a question, customer by customer."""
    said = ask(actor, question).as_dict()
    return {name: said[name] for name in ("affected", "finished")} | {
        "by": {"customer": said["by"]["customer"], "state": said["by"]["state"]}
    }
