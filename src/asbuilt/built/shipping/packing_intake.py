"""containers, packed, placings and returns .csv -> boxes, pallets and shipments, what was in them, placing on the market, returns.

A row recorded before, word for word, is passed over. A container begins with its row `opened`; a shipment has a customer and a country.
Refused: a container that is not there, one put into itself or into what it holds, an SSCC with a wrong check digit or given twice, a
placing of a shipment that is not there, a replacement that names no unit or the unit itself.
"""

from asbuilt.built.production.intake.kept_units import UnitKeptIntake
from asbuilt.built.shipping import packing_models
from asbuilt.built.shipping.kept import KEPT
from asbuilt.built.shipping.packing import above, containers_named
from asbuilt.built.supply.kept_intakes import KeptIntake
from asbuilt.formats.countries import lack_of
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.gs1 import mod10
from asbuilt.ledger.intake import TableIntake
from asbuilt.storage import reading

_TABLES = {
    model._meta.db_table: model
    for model in (
        packing_models.Container, packing_models.Packed, packing_models.Placing, packing_models.Return,
    )
}  # fmt: skip


class ContainersIntake(KeptIntake):
    """Each row is what happened to a container."""

    table, shape, kept = "containers", KEPT["containers"].shape, KEPT["containers"]
    tables = _TABLES

    def __init__(self, *args):
        super().__init__(*args)
        self.opened: dict[str, str] = {}  # by rows of this file: container -> kind
        self.numbers: dict[str, str] = {}  # SSCC -> container

    def check(self, line, cells):
        code, kind, sscc = cells["container"], cells["kind"], cells["sscc"]
        known = self.opened.get(code) or containers_named(self.tenant, [code]).get(code)
        if cells["event"] == "opened":
            self._check_opened(line, cells, known)
            return
        if known is None:
            self.wrong(
                line, "container", code, "shipping.container_unknown", f"There is no {kind} {code}", "Open it first."
            )
        elif known != kind:
            self.wrong(line, "kind", kind, "shipping.container_kind", f"{code} is a {known}", "Write its own kind.")
        elif sscc or cells["customer"] or cells["country"]:
            column = next(name for name in ("sscc", "customer", "country") if cells[name])
            reason = "is said where the container is opened"
            self.wrong(line, column, cells[column], "shipping.container_cells", reason, "Leave it empty.")

    def _check_opened(self, line: int, cells: dict[str, str], known: str | None) -> None:
        code, kind, sscc = cells["container"], cells["kind"], cells["sscc"]
        if known is not None:
            self.contradicts(line, "container", code, f"{code} was opened already")
            return
        if (kind == "shipment") != bool(cells["customer"] and cells["country"]):
            reason = "A shipment has a customer and a country, a box or pallet neither"
            self.wrong(
                line, "customer", cells["customer"], "shipping.container_customer", reason, "Fill or empty both."
            )
        if (lack := lack_of(cells["country"])) is not None:
            self.wrong(line, "country", cells["country"], *lack)
        if sscc:
            self._check_sscc(line, code, sscc)
        self.opened[code] = kind

    def _check_sscc(self, line: int, code: str, sscc: str) -> None:
        if len(sscc) != 18 or not (sscc.isascii() and sscc.isdigit()) or mod10(sscc[:-1]) != sscc[-1]:
            reason = "has 18 digits, the last of which checks the others"
            self.wrong(line, "sscc", sscc, "shipping.sscc_wrong", reason, "Read it off the label again.")
            return
        sql = "SELECT container FROM shipping_container WHERE tenant = %s AND sscc = %s AND until_entry IS NULL"
        before = reading.fetch_one(sql, (self.tenant, sscc)) or (self.numbers.get(sscc),)
        if before[0] is not None:
            reason = f"is the number of {before[0]}"
            self.wrong(line, "sscc", sscc, "shipping.sscc_taken", reason, "Give each container a number of its own.")
        self.numbers[sscc] = code


class PackedIntake(UnitKeptIntake):
    """Each row puts something into a container or takes it out."""

    table, shape, kept = "packed", KEPT["packed"].shape, KEPT["packed"]
    tables = _TABLES

    def __init__(self, *args):
        super().__init__(*args)
        self.inside: dict[str, str | None] = {}  # container -> what it is in, by rows of this file

    def check_units(self, line, units, cells):
        content, container = cells["content"], cells["container"]
        known = containers_named(self.tenant, [one for one in (content, container) if one])
        for column, code in (("container", container), ("content", content)):
            if code and code not in known:
                reason = f"There is no container {code}"
                remedy = did_you_mean(code, _codes(self.tenant)) or "Open it in containers.csv first."
                self.wrong(line, column, code, "shipping.container_unknown", reason, remedy)
                return
        if units[0] is not None and content:
            reason = "A row puts one thing in: a unit, or a container"
            self.wrong(line, "content", content, "shipping.packed_two", reason, "Make it two rows.")
        elif content and known[content] == "shipment":
            reason = f"{content} is a shipment, which goes into nothing"
            self.wrong(line, "content", content, "shipping.packed_shipment", reason, "Put its boxes and pallets in.")
        elif content and known[container] == "box":
            reason = f"{container} is a box, which holds units"
            self.wrong(line, "container", container, "shipping.box_holds_units", reason, "Use a pallet.")
        elif content and cells["action"] == "in":
            if content == container or content in above(self.tenant, container, self.inside):
                reason = f"{container} is inside {content}"
                self.wrong(
                    line, "content", content, "shipping.packed_circle", reason, "Name the outer one as container."
                )
            self.inside[content] = container


class PlacingsIntake(UnitKeptIntake):
    """Each row says that a shipment, or a unit of it, was placed on the market."""

    table, shape, kept = "placings", KEPT["placings"].shape, KEPT["placings"]
    tables = _TABLES

    def check_units(self, line, units, cells):
        code = cells["shipment"]
        sql = "SELECT number FROM shipping_shipment WHERE tenant = %s AND code = %s"
        row = reading.fetch_one(sql, (self.tenant, code))
        if row is None:
            self.wrong(
                line, "shipment", code, "shipping.shipment_unknown", f"There is no shipment {code}", "Ship it first."
            )
        elif units[0] is not None:
            sql = (
                "SELECT 1 FROM shipping_line WHERE tenant = %s AND shipment = %s AND first_unit <= %s AND until_unit > %s "
                "AND until_entry IS NULL"
            )
            if reading.fetch_one(sql, (self.tenant, row[0], units[0], units[0])) is None:
                reason = f"The unit is not in shipment {code}"
                self.wrong(
                    line, "serial", "", "shipping.not_in_shipment", reason, "Name the shipment that it left with."
                )


class ReturnsIntake(UnitKeptIntake):
    """Each row is what happened to a unit that came back."""

    table, shape, kept = "returns", KEPT["returns"].shape, KEPT["returns"]
    tables = _TABLES
    serials = ("serial", "replacement_serial")

    def check_units(self, line, units, cells):
        unit, replacement = units
        if (cells["event"] == "replaced") != (replacement is not None):
            reason = "A replacement is named where the unit is replaced, and only there"
            self.wrong(line, "replacement_serial", "", "shipping.replacement_cells", reason, "Fill or empty it.")
        elif replacement == unit:
            reason = "stands for itself"
            self.wrong(line, "replacement_serial", "", "shipping.replacement_itself", reason, "Name the other unit.")


def _codes(tenant: int) -> list[str]:
    sql = "SELECT DISTINCT container FROM shipping_container WHERE tenant = %s AND until_entry IS NULL LIMIT 5000"
    return [code for (code,) in reading.fetch(sql, (tenant,))]


INTAKES: dict[str, type[TableIntake]] = {
    intake.table: intake for intake in (ContainersIntake, PackedIntake, PlacingsIntake, ReturnsIntake)
}
