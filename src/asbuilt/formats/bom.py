"""BOM: the bills of material of CAD tools as their users export them: KiCad, JLCPCB, Altium and what looks like them.

One line of the document is one BOM line: part, how many, on which reference designators. The part is the internal
number where a column has it, else the manufacturer's, else the supplier's order number, else value and footprint (with
a warning). Designators come in lists and ranges (`R1-R4`). A line whose quantity is not the number of its designators
is wrong, and so is a designator on two lines: production would place what nobody meant.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from asbuilt.formats.foreign import Dialect, ForeignRow, ForeignTable, read_foreign, refuse_rows
from asbuilt.kernel.errors import RowError

RANGE_DESIGNATORS_MAX = 2_000
DESIGNATOR_CHARACTERS_MAX = 64
QUANTITY_MAX = 1_000_000


def _named(**names: str) -> dict[str, str]:
    return {name: role for role, said in names.items() for name in said.split()}


ROLES: Mapping[str, str] = _named(
    refdes="reference references designator designators refdes ref refs refdesignator refdesignators partreference"
    " referencedesignator referencedesignators",
    quantity="quantity qty qnty quantityperpcb qtyperboard quantityperboard qtyperpcb count",
    part="ipn internalpartnumber internalpart internalpn companypartnumber housepartnumber partnumber partno",
    mpn="mpn manf# mfr# mfg# manufacturerpartnumber manufacturerpartnumber1 manufacturerpart manufacturerpartno"
    " mfrpartnumber mfrpart mfrpartno mfgpartnumber mfgpart mfgpartno manfpartnumber mfpn mfrpn mfgpn manufacturerpn",
    manufacturer="manufacturer manufacturer1 manufacturername mfg mfr manf maker mfrname mfgname",
    supplier_part="lcsc lcscpart lcscpartnumber lcscpn jlcpcbpart jlcpart jlcpcbpartnumber supplierpart"
    " supplierpartnumber supplierpartnumber1 supplierandref digikeypartnumber mouserpartnumber",
    value="value comment designation val name",
    description="description desc",
    footprint="footprint package pcbfootprint footprintname",
    line="item id line lineno linenumber itemno # line# item#",
    do_not_place="dnp dnf dni dns donotplace donotpopulate donotfit donotmount nopop",
    fitted="fitted populate populated mount mounted",
    excluded="excludefrombom excludedfrombom",
)

_NOT_PLACED = re.compile(
    r"(?:^|[\s/(,_-])(?:DNP|DNF|DNI|NO ?POP|NOT FITTED|DO NOT (?:PLACE|POPULATE|FIT|MOUNT))(?:$|[\s/),_-])",
    re.IGNORECASE,
)
_NO = frozenset({"", "0", "no", "n", "false", "-"})
_NOT_FITTED = frozenset({"0", "no", "n", "false", "not fitted", "dnp", "dnf", "dni", "do not populate", "do not place"})
_RANGE = re.compile(r"([^\W\d_]+)([0-9]{1,9})(?:-|–|~|…|\.{2,3})([^\W\d_]*)([0-9]{1,9})")
_BLANKS_IN_RANGE = re.compile(r"(?<=\d)\s*(-|–|~|…|\.{2,3})\s*(?=[^\W\d_]+\d)")


@dataclass(frozen=True)
class BomLine:
    """One BOM line. `refdes` is empty for a bare board, label or glue; `at_line` is where it stands in the file."""

    line: str
    part: str
    description: str
    mpn: str
    manufacturer: str
    quantity: int
    refdes: tuple[str, ...]
    do_not_place: bool
    at_line: int = 0


@dataclass(frozen=True)
class BomDocument:
    """A BOM as read: lines in file order, how it was written, what was guessed, and (unless refused) what is wrong."""

    lines: tuple[BomLine, ...]
    dialect: Dialect
    warnings: tuple[str, ...]
    errors: tuple[RowError, ...] = ()


def is_foreign_bom(first_line: bytes) -> bool:
    """Whether a file named bom.csv is another tool's, not the exchange table, which has product, revision,
    bom_version.
    """
    names = {name.strip(' "\r') for name in re.split("[,;\t]", first_line.decode("utf-8-sig", "replace"))}
    return len(names & {"product", "revision", "bom_version"}) < 2


def read_bom(content: bytes, *, file: str, refuse: bool = True) -> BomDocument:
    """The BOM lines of a foreign file. `file` is its name in errors.

    Raises Invalid: `foreign.*` where the file cannot be read at all; `bom.rows_refused` with every wrong line, unless
    `refuse` is False: then they stand in `errors`, for a page that shows BOM and findings together.
    """
    table = read_foreign(
        content, file=file, roles=ROLES, needed=("refdes",), kind="a BOM", begin_after="Collated Components:"
    )
    reader = _BomReader(table)
    lines = tuple(reader.lines())
    if refuse:
        refuse_rows("bom.rows_refused", file, reader.errors)
    dialect = Dialect(_tool(table), table.encoding, table.delimiter, table.header_line)
    return BomDocument(lines, dialect, tuple(reader.warnings), tuple(reader.errors))


class _BomReader:
    def __init__(self, table: ForeignTable):
        self.table = table
        self.warnings = list(table.warnings)
        self.errors: list[RowError] = []
        self.seen: dict[str, int] = {}

    def lines(self) -> Iterator[BomLine]:
        numbers: set[str] = set()
        unnamed, left_out = [], []
        for count, row in enumerate(self.table.rows, 1):
            if row["excluded"].casefold() not in _NO or self._is_note(row):
                left_out.append(row.line)
                continue
            part = row["part"] or row["mpn"] or row["supplier_part"]
            if not part:
                part = " ".join(text for text in (row["value"], row["footprint"].rpartition(":")[2]) if text)
                unnamed.append(row.line)
            if not part:
                self._wrong("bom.part_missing", row, "refdes", "names no part and no value", "Name the part.")
                continue
            number = row["line"] if row["line"] and row["line"] not in numbers else str(count)
            numbers.add(number)
            yield self._line(row, number, part)
        if unnamed:
            self.warnings.append(
                f"{_lines(unnamed)} without a part number: value and footprint were taken as the part."
            )
        if left_out:
            self.warnings.append(f"{_lines(left_out)} left out: not part of the BOM.")

    def _is_note(self, row: ForeignRow) -> bool:
        """A total or a remark under the table: no designator, and nothing that names a part or counts one."""
        return not row["refdes"] and not (
            (row["part"] or row["mpn"] or row["supplier_part"] or row["value"]) and row["quantity"]
        )

    def _line(self, row: ForeignRow, number: str, part: str) -> BomLine:
        not_placed = _is_not_placed(row)
        given = self._quantity(row)
        refdes = self._designators(row, given)
        quantity = given if given is not None else len(refdes)
        if refdes and given is not None and given != len(refdes) and not (not_placed and given == 0):
            reason = f"says {given} pieces and names {len(refdes)} designators"
            self._wrong("bom.quantity_mismatch", row, "quantity", reason, "Correct the one that is wrong.")
        for name in refdes:
            if name in self.seen:
                reason = f"names {name}, which line {self.seen[name]} names too"
                self._wrong("bom.refdes_doubled", row, "refdes", reason, "Keep it on one line.")
            self.seen.setdefault(name, row.line)
        described = row["description"] or " ".join(t for t in (row["value"], row["footprint"].rpartition(":")[2]) if t)
        return BomLine(number, part, described, row["mpn"], row["manufacturer"], quantity, refdes, not_placed, row.line)

    def _quantity(self, row: ForeignRow) -> int | None:
        """None where the file does not say."""
        text = row["quantity"]
        if not text:
            if not row["refdes"]:
                self._wrong("bom.quantity_wrong", row, "quantity", "says no quantity", "Fill it in.")
            return None
        found = re.fullmatch(r"([0-9]{1,7})(?:[.,]0+)?", text, re.ASCII)
        if not found or int(found[1]) > QUANTITY_MAX:
            reason = "has a quantity that is no whole number"
            self._wrong("bom.quantity_wrong", row, "quantity", reason, "Write digits only, such as 4.")
            return None
        return int(found[1])

    def _designators(self, row: ForeignRow, quantity: int | None) -> tuple[str, ...]:
        glued = _BLANKS_IN_RANGE.sub(r"\1", row["refdes"])
        tokens = [token for token in re.split(r"[,;\s]+", glued) if token]
        if any(len(token) > DESIGNATOR_CHARACTERS_MAX for token in tokens):
            reason = f"has a designator of more than {DESIGNATOR_CHARACTERS_MAX} characters"
            self._wrong("bom.refdes_wrong", row, "refdes", reason, "Separate designators with a comma or a blank.")
            return ()
        names: list[str] = []
        for token in tokens:
            names += self._expanded(row, token)
        if len(names) != quantity and any(map(_short_range, tokens)):
            # `R1-4` is one name in some houses and four in others: the quantity tells.
            longer = [name for token in tokens for name in (_short_range(token) or self._expanded(row, token))]
            if len(longer) == quantity:
                names = longer
        return tuple(names)

    def _expanded(self, row: ForeignRow, token: str) -> list[str]:
        found = _RANGE.fullmatch(token)
        if not found or found[1] != found[3]:
            return [token]
        first, last = int(found[2]), int(found[4])
        if not first <= last <= first + RANGE_DESIGNATORS_MAX:
            reason = f"has the range {token}, which runs backwards or is too long"
            self._wrong("bom.range_wrong", row, "refdes", reason, "Write it as R1-R4.")
            return []
        return [f"{found[1]}{number}" for number in range(first, last + 1)]

    def _wrong(self, code: str, row: ForeignRow, role: str, reason: str, remedy: str) -> None:
        column = self.table.columns.get(role)
        self.errors.append(RowError(code, self.table.file, row.line, column, row[role], reason, remedy))


def _short_range(token: str) -> list[str]:
    """The names of `R1-4`; empty where the token is not of that form."""
    found = _RANGE.fullmatch(token)
    if not found or found[3]:
        return []
    first, last = int(found[2]), int(found[4])
    if not first < last <= first + RANGE_DESIGNATORS_MAX:
        return []
    return [f"{found[1]}{number}" for number in range(first, last + 1)]


def _is_not_placed(row: ForeignRow) -> bool:
    return (
        row["do_not_place"].casefold() not in _NO
        or row["fitted"].casefold() in _NOT_FITTED
        or _NOT_PLACED.search(row["value"]) is not None
    )


def _tool(table: ForeignTable) -> str:
    titles, names = " ".join(table.titles).casefold(), {name.casefold() for name in table.columns.values()}
    if "eeschema" in titles or "kicad" in titles:
        return "KiCad"
    if any("jlc" in name or "lcsc" in name for name in names):
        return "JLCPCB"
    if names & {"manufacturer part number 1", "line #"} or {"comment", "designator"} <= names:
        return "Altium"
    if names & {"reference", "references", "reference(s)", "designation"}:
        return "KiCad"
    return "unknown"


def _lines(lines: list[int]) -> str:
    shown = ", ".join(map(str, lines[:10])) + (f" and {len(lines) - 10} more" if len(lines) > 10 else "")
    return f"Line {shown}" if len(lines) == 1 else f"Lines {shown}"
