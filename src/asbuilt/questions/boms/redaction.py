"""What of the parts a reader is shown.

| reader | sees |
|---|---|
| house | everything: own part number, package, supplier, lot, date code |
| customer | part number, maker, MPN, lot, date code; no supplier and no package |
| public | maker and MPN; no part number, no order |

Material that another party owns is not shown to a customer or the public, only that there is some. A party reader is a customer at most.
Two packages are one and the same to a reader who is shown the same of both: a splice of two reels of one lot is certain of the lot.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.built.supply.queries import PackageRow
from asbuilt.kernel.errors import Invalid, NotAllowed
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

HOUSE, CUSTOMER, PUBLIC = "house", "customer", "public"
READERS = (HOUSE, CUSTOMER, PUBLIC)


@dataclass(frozen=True, order=True)
class Shown:
    """What is shown of a package. Empty where it is not known or not for this reader; `hidden` where it is another party's."""

    maker: str = ""
    mpn: str = ""
    lot_code: str = ""
    date_code: str = ""
    supplier: str = ""
    package: str = ""
    hidden: bool = False


def reader_for(actor: Actor, asked: str) -> str:
    """Who the document is for: as asked, else the house for its own people and the customer for a party's.

    Invalid for a word that names no reader, NotAllowed where a party reader asks for what only the house sees.
    """
    if asked and asked not in READERS:
        said = f"There is no reader {asked[:40]}."
        raise Invalid("question.bom_reader", said, {"reader": asked[:40]}, f"Readers: {', '.join(READERS)}.")
    if actor.party is None:
        return asked or HOUSE
    if asked == HOUSE:
        raise NotAllowed(
            "question.bom_of_the_house", "What only the house sees is not for you.", remedy="Ask for customer."
        )
    return asked or CUSTOMER


class Redaction:
    """Shows packages to one reader. `owners` are the parties whose own material he may see."""

    def __init__(self, view: View, reader: str, owners: Iterable[int | None]):
        self.view, self.reader = view, reader
        self.owners = {owner for owner in owners if owner is not None}
        self._suppliers: dict[int, str] = {}

    def look_at(self, numbers: Iterable[int]) -> None:
        """Have the suppliers of these packages at hand, where they may be told. One statement."""
        if self.reader != HOUSE:
            return
        sql = (
            "SELECT p.number, s.name FROM supply_package p JOIN parties_party s ON s.tenant = p.tenant AND s.number = p.supplier "
            "WHERE p.tenant = %s AND " + reading.any_of("p.number")
        )
        self._suppliers.update(reading.fetch(sql, (self.view.tenant, reading.list_param(sorted(numbers)))))

    def shown(self, row: PackageRow) -> Shown:
        """What this reader sees of a package."""
        if self.reader == HOUSE:
            supplier = self._suppliers.get(row.number, "")
            return Shown(row.maker, row.mpn, row.lot_code, row.date_code, supplier, row.code)
        if row.owner is not None and row.owner not in self.owners:
            return Shown(hidden=True)
        if self.reader == CUSTOMER:
            return Shown(row.maker, row.mpn, row.lot_code, row.date_code)
        return Shown(row.maker, row.mpn)
