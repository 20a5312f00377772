"""firmware_demands, configurations, module_firmware, programming_orders, programming_order_states and read_backs .csv -> rows.

A row recorded before, word for word, is passed over. Refused are names that are not known (package, part, order, hardware
revision, release, supplier), a demand that demands nothing, two rows that say with what the same module lots came, a
programming order of no pieces, a state out of its order, the same sample read back twice.
"""

from asbuilt.built.production.orders import Orders
from asbuilt.built.programming import preprogrammed_models
from asbuilt.built.programming.configurations import configurations_known, words_of
from asbuilt.built.programming.date_ranges import DateRange
from asbuilt.built.programming.preprogrammed import KEPT
from asbuilt.built.supply.kept_intakes import KeptIntake
from asbuilt.designed.catalog.queries import product_number, standing_products, standing_revisions
from asbuilt.designed.firmware.queries import APP, ReleaseFinder, standing_release
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import TableIntake
from asbuilt.storage import reading


class ProgrammedIntake(KeptIntake):
    """Base of these intakes."""

    tables = {
        model._meta.db_table: model
        for model in (
            preprogrammed_models.FirmwareDemand, preprogrammed_models.Configuration, preprogrammed_models.ModuleFirmware, preprogrammed_models.ProgrammingOrder,
            preprogrammed_models.ProgrammingOrderState, preprogrammed_models.ReadBack,
        )
    }  # fmt: skip

    def release_known(self, line: int, product: str, role: str, version: str) -> bool:
        """Whether a release is so; names what is not."""
        if standing_release(self.tenant, product, role or APP, version) is not None:
            return True
        number = product_number(self.tenant, product)
        if number is None:
            remedy = did_you_mean(product, standing_products(self.tenant)) or "Add its BOM to bom.csv first."
            self.wrong(line, "product", product, "catalog.product_unknown", f"There is no product {product}", remedy)
            return False
        near = ReleaseFinder(self.tenant).nearest(number, version)
        reason = f"There is no release {version} of {product} in the role {role or APP}"
        self.wrong(line, "version", version, "programming.release_unknown", reason, near or "Record the release first.")
        return False


class FirmwareDemandsIntake(ProgrammedIntake):
    """Each row says which release an order or a hardware revision takes in an image role."""

    table, shape, kept = "firmware_demands", KEPT["firmware_demands"].shape, KEPT["firmware_demands"]

    def check(self, line, cells):
        order, product = cells["order"], cells["product"]
        if order and product:
            reason = "An order or a product with its revision, not both"
            self.wrong(line, "order", order, "programming.demand_scope", reason, "Leave product and revision empty.")
            return
        if not cells["version"] and not cells["part"]:
            reason = "Neither a version nor a part that comes programmed is demanded"
            self.wrong(line, "version", "", "programming.demand_empty", reason, "Fill version, part or both.")
            return
        if order:
            found = Orders(self.tenant).by_code(order)
            if found is None:
                reason = f"There is no order {order}"
                self.wrong(line, "order", order, "production.order_unknown", reason, "Open the order first.")
                return
            sql = "SELECT code FROM catalog_product WHERE tenant = %s AND number = %s"
            product = reading.fetch_one(sql, (self.tenant, found.product))[0]
        elif cells["revision"] not in (known := standing_revisions(self.tenant, product)):
            reason = f"{product} has no hardware revision {cells['revision']}"
            remedy = did_you_mean(cells["revision"], known) or "Add its BOM to bom.csv first."
            self.wrong(line, "revision", cells["revision"], "catalog.revision_unknown", reason, remedy)
            return
        if cells["version"]:
            self.release_known(line, cells["of_product"] or product, cells["role"], cells["version"])
        elif cells["of_product"] and product_number(self.tenant, cells["of_product"]) is None:
            said = cells["of_product"]
            remedy = did_you_mean(said, standing_products(self.tenant)) or "Add its BOM to bom.csv first."
            self.wrong(line, "of_product", said, "catalog.product_unknown", f"There is no product {said}", remedy)


class ConfigurationsIntake(FirmwareDemandsIntake):
    """Each row says which release a configuration of a revision takes in an image role, or which configuration an order names."""

    table, shape, kept = "configurations", KEPT["configurations"].shape, KEPT["configurations"]

    def __init__(self, *args):
        super().__init__(*args)
        self.said: set[tuple[str, str, str]] = set()  # configurations that these rows make known

    def check(self, line, cells):
        order, name = cells["order"], cells["configuration"]
        if not order:
            super().check(line, cells)
            self.said.add((cells["product"], cells["revision"], name))
            return
        more = next(
            (column for column in ("product", "revision", "part", "of_product", "role", "version") if cells[column]), ""
        )
        if more:
            reason = "A row of an order names its configuration and nothing else"
            remedy = "Say what the configuration takes in a row of the product and revision."
            self.wrong(line, more, cells[more], "programming.configuration_scope", reason, remedy)
            return
        product, revision = words_of(self.tenant, order)
        known = configurations_known(self.tenant, product, revision) if product else []
        if not product:
            reason = f"There is no order {order}"
            self.wrong(line, "order", order, "production.order_unknown", reason, "Open the order first.")
        elif name not in known and (product, revision, name) not in self.said:
            reason = f"{product} {revision} has no configuration {name}"
            remedy = did_you_mean(name, known) or "Say which firmware it takes first (configurations.csv)."
            self.wrong(line, "configuration", name, "programming.configuration_unknown", reason, remedy)


class ModuleFirmwareIntake(ProgrammedIntake):
    """Each row says with which release lots of a maker's part come."""

    table, shape, kept = "module_firmware", KEPT["module_firmware"].shape, KEPT["module_firmware"]

    def __init__(self, *args):
        super().__init__(*args)
        self.stated: list[tuple] = []

    def check(self, line, cells):
        said = DateRange(cells["date_code_from"], cells["date_code_until"])
        if cells["lot_code"] and not said.open:
            reason, remedy = "One lot is named, and date codes too", "Name the lot or the date codes."
            self.wrong(line, "lot_code", cells["lot_code"], "programming.module_scope", reason, remedy)
            return
        if not said.right:
            reason = f"{said.low}..{said.high} is no range of date codes"
            remedy = "Write both with the same number of digits, the earlier one first, such as 2327 and 2340."
            self.wrong(line, "date_code_from", said.low, "programming.date_codes_wrong", reason, remedy)
            return
        if not self.release_known(line, cells["product"], cells["role"], cells["version"]):
            return
        mine = (
            cells["manufacturer"].casefold(),
            cells["mpn"].casefold(),
            cells["role"] or APP,
            cells["lot_code"],
            said,
        )
        for before in self.stated:
            if self._meet(before, mine):
                reason = "Another row of this file speaks of the same lots"
                remedy = "Keep one row for each lot and date code."
                self.wrong(line, "mpn", cells["mpn"], "programming.modules_doubled", reason, remedy)
                return
        for before in self._recorded(*mine[:3]):
            if self._meet(before, mine):
                reason = "A row recorded before speaks of the same lots"
                self.contradicts(line, "mpn", cells["mpn"], reason)
                return
        self.stated.append(mine)

    @staticmethod
    def _meet(one: tuple, other: tuple) -> bool:
        return one[:4] == other[:4] and (bool(one[3]) or one[4].meets(other[4]))

    def _recorded(self, maker: str, mpn: str, role: str) -> list[tuple]:
        sql = (
            "SELECT manufacturer, mpn, role, lot_code, date_code_from, date_code_until FROM programming_module_firmware "
            "WHERE tenant = %s AND until_entry IS NULL"
        )
        found = [
            (known.casefold(), said.casefold(), of_role or APP, lot, DateRange(low, high))
            for known, said, of_role, lot, low, high in reading.fetch(sql, (self.tenant,))
        ]
        return [row for row in found if row[:3] == (maker, mpn, role)]


class ProgrammingOrdersIntake(ProgrammedIntake):
    """Each row is an order to program a package."""

    table, shape, kept = "programming_orders", KEPT["programming_orders"].shape, KEPT["programming_orders"]

    def __init__(self, *args):
        super().__init__(*args)
        self.opened: set[str] = set()

    def check(self, line, cells):
        code = cells["programming_order"]
        if int(cells["quantity"]) < 1 or int(cells["read_backs"]) > int(cells["quantity"]):
            reason = "Programs 1 piece at least and reads back no more than it programs"
            self.wrong(line, "quantity", cells["quantity"], "programming.count_wrong", reason, "Count again.")
        elif (cells["by"] == "supplier") != bool(cells["supplier"]):
            reason = "A supplier is named where a supplier programs, and only there"
            self.wrong(
                line, "supplier", cells["supplier"], "programming.supplier_wrong", reason, "Fill or empty supplier."
            )
        elif self.release_known(line, cells["product"], cells["role"], cells["version"]):
            sql = "SELECT 1 FROM programming_package_order WHERE tenant = %s AND programming_order = %s AND until_entry IS NULL"
            if code in self.opened or reading.fetch_one(sql, (self.tenant, code)):
                reason = f"Programming order {code} is recorded already with other content"
                self.contradicts(line, "programming_order", code, reason)
            self.opened.add(code)


class _OfOrder(ProgrammedIntake):
    """Rows that speak of a programming order."""

    def __init__(self, *args):
        super().__init__(*args)
        self.said: dict[tuple[str, str], int | None] = {}

    def order_known(self, line: int, code: str) -> bool:
        """Whether the programming order is there; names it where not."""
        sql = "SELECT 1 FROM programming_package_order WHERE tenant = %s AND programming_order = %s AND until_entry IS NULL"
        if reading.fetch_one(sql, (self.tenant, code)):
            return True
        sql = "SELECT programming_order FROM programming_package_order WHERE tenant = %s AND until_entry IS NULL LIMIT 5000"
        known = [name for (name,) in reading.fetch(sql, (self.tenant,))]
        remedy = did_you_mean(code, known) or "Open the programming order first."
        reason = f"There is no programming order {code}"
        self.wrong(line, "programming_order", code, "programming.order_unknown", reason, remedy)
        return False


class ProgrammingOrderStatesIntake(_OfOrder):
    """Each row says that a programming order was done or closed."""

    table = "programming_order_states"
    shape, kept = KEPT["programming_order_states"].shape, KEPT["programming_order_states"]

    def check(self, line, cells):
        code, state = cells["programming_order"], cells["state"]
        if (state == "closed") != bool(cells["result"]):
            reason = "A result is named where it is closed, and only there"
            self.wrong(line, "result", cells["result"], "programming.result_wrong", reason, "Fill or empty result.")
        elif state == "done" and (not cells["quantity"] or not (cells["machine"] or cells["sha256"])):
            reason = "Says how many pieces, and the machine or the supplier's certificate"
            self.wrong(line, "quantity", cells["quantity"], "programming.done_by_what", reason, "Fill these cells.")
        elif self.order_known(line, code):
            at = parse_instant(cells["happened_at"])
            known = self._states(code)
            if state in known:
                reason = f"Programming order {code} is {state} already, otherwise"
                self.contradicts(line, "state", state, reason)
            elif state == "closed" and cells["result"] != "aborted" and known.get("done", at + 1) > at:
                reason = f"Programming order {code} was not done by then"
                remedy = "Say first that it was done, or close it as aborted."
                self.wrong(line, "state", state, "programming.not_done", reason, remedy)
            self.said[code, state] = at

    def _states(self, code: str) -> dict[str, int]:
        sql = (
            "SELECT state, happened_at FROM programming_package_order_state WHERE tenant = %s AND programming_order = %s "
            "AND until_entry IS NULL"
        )
        stored = dict(reading.fetch(sql, (self.tenant, code)))
        return stored | {state: at for (order, state), at in self.said.items() if order == code}


class ReadBacksIntake(_OfOrder):
    """Each row is what was read back of one sample."""

    table, shape, kept = "read_backs", KEPT["read_backs"].shape, KEPT["read_backs"]

    def check(self, line, cells):
        code, sample = cells["programming_order"], cells["sample"]
        if self.order_known(line, code):
            sql = (
                "SELECT 1 FROM programming_read_back WHERE tenant = %s AND programming_order = %s AND sample = %s "
                "AND until_entry IS NULL"
            )
            if (code, sample) in self.said or reading.fetch_one(sql, (self.tenant, code, int(sample))):
                reason = f"Sample {sample} of {code} was read back already, otherwise"
                self.contradicts(line, "sample", sample, reason)
            self.said[code, sample] = None


INTAKES: dict[str, type[TableIntake]] = {
    intake.table: intake
    for intake in (
        FirmwareDemandsIntake, ConfigurationsIntake, ModuleFirmwareIntake, ProgrammingOrdersIntake, ProgrammingOrderStatesIntake, ReadBacksIntake,
    )
}  # fmt: skip
