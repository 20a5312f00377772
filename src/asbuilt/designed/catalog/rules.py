"""Rules of a product: how its units are numbered, and what the mark on them holds. Of several, the one recorded last is in use.

A serial number is prefix, counter of a fixed width, check digit; `SerialRule.serial` writes it. A mark is a Data Matrix of the plain serial
number, or of GTIN and serial number as a GS1 element string (AI 01 and 21); without a rule it is the plain serial number.
"""

from dataclasses import dataclass

from asbuilt.formats.marks import Content
from asbuilt.kernel.check_digits import check_digit
from asbuilt.kernel.gs1 import AIM, GROUP, element_string, same_elements
from asbuilt.storage import reading

COUNTER_WIDTH_MAX = 12
PREFIX_CHARACTERS_MAX = 60
PLAIN, GS1 = "plain", "gs1"
MODULE_UM = 250  # the smallest module that lasers and labels on boards hold well


@dataclass(frozen=True)
class SerialRule:
    """Prefix, digits of the counter, check digit's scheme, first counter."""

    prefix: str
    width: int
    check: str
    first: int

    def serial(self, counter: int) -> str:
        """The serial number of this counter; ValueError where the width does not hold it."""
        if not 0 <= counter <= self.last:
            raise ValueError(f"a counter of {self.width} digits does not hold {counter}")
        body = f"{self.prefix}{counter:0{self.width}}"
        return body + check_digit(self.check, body)

    @property
    def last(self) -> int:
        """The last counter there is."""
        return 10**self.width - 1


@dataclass(frozen=True)
class MarkRule:
    """What the mark holds: `content_kind` plain or gs1, the GTIN, digits of its company prefix (for tags), module size in µm,
    the step from which on a unit needs a mark that was read back (empty: none)."""

    content_kind: str = PLAIN
    gtin: str = ""
    company_digits: int | None = None
    module_um: int = MODULE_UM
    read_back: str = ""

    def content(self, serial: str) -> Content:
        """What the mark of the unit with this serial number holds; ValueError where GS1 does not take the number."""
        return Content(element_string(self.gtin, serial), True) if self.content_kind == GS1 else Content(serial)

    def same(self, read: str, serial: str) -> bool:
        """Whether a scanned or read text is the mark of the unit with this serial number."""
        if self.content_kind == GS1:
            return same_elements(read.replace("\u241d", GROUP), self.gtin, serial)
        return AIM.sub("", read, count=1) == serial or read == serial


def serial_rule(tenant: int, product: int) -> SerialRule | None:
    """The serial rule in use. One statement."""
    sql = (
        "SELECT prefix, width, check_digit, first_counter FROM catalog_serial_rule WHERE tenant = %s AND product = %s "
        'AND until_entry IS NULL ORDER BY entry DESC, "row" DESC LIMIT 1'
    )
    row = reading.fetch_one(sql, (tenant, product))
    return SerialRule(*row) if row else None


def mark_rule(tenant: int, product: int) -> MarkRule:
    """The mark rule in use, or that of a product without one. One statement."""
    sql = (
        "SELECT content, gtin, company_digits, module_um, read_back FROM catalog_mark_rule WHERE tenant = %s AND product = %s "
        'AND until_entry IS NULL ORDER BY entry DESC, "row" DESC LIMIT 1'
    )
    row = reading.fetch_one(sql, (tenant, product))
    return MarkRule(*row) if row else MarkRule()


def rules_kept(tenant: int, table: str, columns: str) -> list[tuple]:
    """Every row of a table of rules with its product's code, entry, row and end, for rebuilding. One statement."""
    sql = (
        f'SELECT p.code, {columns}, t.entry, t."row", t.until_entry FROM {table} t JOIN catalog_product p ON p.tenant = t.tenant '
        "AND p.number = t.product WHERE t.tenant = %s"
    )
    return reading.fetch(sql, (tenant,))
