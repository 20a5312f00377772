"""Goods-in, before anything is stored: what a label and a person say of a package, what is missing, what is asked back.

    seen = look_at(tenant, [Receipt(label=b"[)>...", supplier="DIGI", delivery="DN-1")])
    seen[0].missing      ("lot_code",)                       asked for, because the label lacks it
    seen[0].questions    (Question("pack_size", ...),)       shown for confirmation, never silently taken

- What a person adds wins over the label. A part is found by its own number, the customer's part on the label, or the MPN.
- A lot or date code that nobody knows is said so with `-`; then it is recorded as not known.
- Asked back are: an MPN that the catalogue has not approved, a quantity that is no usual pack size, a lot that differs from
  another lot of the delivery by one character, a field that the label reader doubts, and a label that was scanned before.
- A question is confirmed by its id, which holds the value: another value is asked back anew.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from asbuilt.built.supply.queries import delivery_lots, label_packages, pack_sizes
from asbuilt.designed.catalog.queries import approved, known_part_codes, part_codes, part_numbers, parts_by_code_or_mpn
from asbuilt.designed.parties.queries import numbers_by_name
from asbuilt.formats.labels.label import Label
from asbuilt.formats.labels.reading import decode_label, read_label
from asbuilt.formats.nearest import did_you_mean

NOT_KNOWN = "-"
FROM_LABEL = ("mpn", "manufacturer", "lot_code", "quantity")
ASKED_FOR = ("lot_code", "date_code", "quantity")
# preferred numbers in which makers pack: these times a power of ten
PACK_NUMBERS = frozenset({1, 15, 2, 25, 3, 35, 4, 45, 5, 6, 75, 8})


@dataclass(frozen=True)
class Receipt:
    """One package as it comes in. A text left empty was said by nobody; `-` says that it is not known."""

    label: bytes | None = None
    package: str = ""
    package_kind: str = "reel"
    part: str = ""
    mpn: str = ""
    manufacturer: str = ""
    supplier: str = ""
    lot_code: str = ""
    date_code: str = ""
    quantity: str = ""
    received_at: str = ""
    delivery: str = ""
    coc: str = ""
    owner: str = ""
    confirmed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Question:
    """What a person has to confirm: which rule asks, about which field and value, and beside what it looks wrong."""

    code: str
    field: str
    value: str
    beside: str = ""

    @property
    def id(self) -> str:
        """What `confirmed` names."""
        return f"{self.code}:{self.field}={self.value}"


@dataclass(frozen=True)
class Seen:
    """A package as it would be recorded: the label, the cells of its row, what is missing (with choices), what is asked."""

    label: Label | None
    sha256: str
    cells: dict[str, str]
    missing: dict[str, tuple[str, ...]] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()


def look_at(tenant: int, receipts: Sequence[Receipt]) -> list[Seen]:
    """What these packages would be recorded as. Raises Invalid `labels....` for a text that is no label. Stores nothing."""
    parties = numbers_by_name(tenant)
    scanned: dict[str, int] = {}
    lots: dict[tuple, set[str]] = {}
    found = []
    for receipt in receipts:
        seen = _look(tenant, receipt, parties, scanned, lots)
        found.append(seen)
        if seen.sha256:
            scanned[seen.sha256] = scanned.get(seen.sha256, 0) + 1
        lots.setdefault(_delivered(seen.cells), set()).add(seen.cells["lot_code"])
    return found


def _look(tenant: int, receipt: Receipt, parties: dict[str, int], scanned: dict, lots: dict) -> Seen:
    label: Label | None = None
    sha256 = ""
    if receipt.label is not None:
        label = read_label(decode_label(receipt.label))
        sha256 = hashlib.sha256(receipt.label).hexdigest()
    cells = _cells(receipt, label)
    missing: dict[str, tuple[str, ...]] = {}
    cells["part"], choices = _part(tenant, receipt, label, cells["mpn"])
    if choices is not None:
        missing["part"] = choices
    for name in ASKED_FOR:
        if not cells[name]:
            missing[name] = ()
        elif cells[name] == NOT_KNOWN:
            cells[name] = ""
    makers = _makers(tenant, cells["part"])
    if not cells["manufacturer"] and cells["mpn"]:
        of_mpn = {maker for mpn, maker in makers if mpn == cells["mpn"] and maker}
        cells["manufacturer"] = of_mpn.pop() if len(of_mpn) == 1 else ""
    for name in ("mpn", "manufacturer", "supplier", "delivery"):
        cells[name] = "" if cells[name] == NOT_KNOWN else cells[name]
    asked = [*_doubts(label, receipt, cells), *_unusual(tenant, cells, makers, parties, lots)]
    if sha256:
        before = label_packages(tenant, sha256)
        count = len(before) + scanned.get(sha256, 0)
        if count:
            asked.append(Question("label_known", "label", str(count), ", ".join(before[-3:])))
    return Seen(label, sha256, cells, missing, tuple(one for one in asked if one.id not in receipt.confirmed))


def _cells(receipt: Receipt, label: Label | None) -> dict[str, str]:
    said = {
        name: getattr(receipt, name).strip()
        for name in (
            "package", "package_kind", "part", "mpn", "manufacturer", "supplier", "lot_code", "date_code", "quantity",
            "received_at", "delivery", "coc", "owner",
        )
    }  # fmt: skip
    if label is None:
        return said
    for name in FROM_LABEL:
        value = getattr(label, name)
        said[name] = said[name] or ("" if value is None else str(value))
    if label.date_code is not None:
        said["date_code"] = said["date_code"] or label.date_code.raw
    return said


def _part(tenant: int, receipt: Receipt, label: Label | None, mpn: str) -> tuple[str, tuple[str, ...] | None]:
    """The part's number and None; or an empty text and the numbers that it may be."""
    named = [receipt.part.strip()] if receipt.part.strip() else [label.customer_part if label else None, mpn]
    for text in named:
        if not text or text == NOT_KNOWN:
            continue
        if part_numbers(tenant, [text]):
            return text, None
        matches = {match.part for match in parts_by_code_or_mpn(tenant, text)}
        standing = sorted(part_numbers(tenant, part_codes(tenant, matches).values()))
        if len(standing) == 1:
            return standing[0], None
        if standing:
            return "", tuple(standing)
    return "", ()


def nearest_parts(tenant: int, text: str) -> str:
    """ "Did you mean ...?" for a part that is not known, or an empty text."""
    return did_you_mean(text, known_part_codes(tenant)) if text else ""


def _makers(tenant: int, part: str) -> list[tuple[str, str]]:
    numbers = part_numbers(tenant, [part]) if part else {}
    return approved(tenant, numbers.values()).get(numbers.get(part), []) if numbers else []


def _doubts(label: Label | None, receipt: Receipt, cells: dict[str, str]):
    """Fields that the reader doubts and a person has not typed."""
    for warning in label.warnings if label else ():
        name = warning.field
        read = name in (*FROM_LABEL, "date_code") and getattr(label, name) is not None
        if read and not getattr(receipt, name).strip():
            yield Question("doubtful", name, cells[name], str(warning).partition(": ")[2])


def _unusual(tenant: int, cells: dict[str, str], makers, parties: dict[str, int], lots: dict):
    mpn, maker, part = cells["mpn"], cells["manufacturer"], cells["part"]
    if part and (mpn or maker) and not _approved(makers, mpn, maker):
        known = ", ".join(" of ".join(text for text in one if text) for one in makers[:3] if any(one))
        yield Question("mpn_unapproved", "mpn", mpn or maker, known)
    quantity = cells["quantity"]
    if quantity.isascii() and quantity.isdigit() and part and not _usual(int(quantity)):
        sizes = pack_sizes(tenant, part)
        if int(quantity) not in sizes:
            yield Question("pack_size", "quantity", quantity, ", ".join(map(str, sizes[:3])))
    lot = cells["lot_code"]
    if lot and cells["delivery"]:
        others = set(delivery_lots(tenant, part, parties.get(cells["supplier"]), cells["delivery"]))
        near = sorted(other for other in others | lots.get(_delivered(cells), set()) if one_apart(lot, other))
        if near and lot not in others:
            yield Question("lot_near", "lot_code", lot, near[0])


def _approved(makers, mpn: str, maker: str) -> bool:
    """What a label or an approval leaves empty fits anything, as in lots.csv."""
    return any(
        (not mpn or known in ("", mpn)) and (not maker or known_maker in ("", maker)) for known, known_maker in makers
    )


def _delivered(cells: dict[str, str]) -> tuple[str, str, str]:
    return cells["supplier"], cells["delivery"], cells["part"]


def _usual(quantity: int) -> bool:
    """Whether makers pack in this number: a preferred number times a power of ten, from 10 pieces on."""
    text = str(quantity).rstrip("0")
    return quantity >= 10 and int(text) in PACK_NUMBERS and len(text) < len(str(quantity))


def one_apart(first: str, second: str) -> bool:
    """Whether two codes differ by one character: changed, missing, added, or two neighbours swapped. Blind to case."""
    a, b = sorted((first.casefold(), second.casefold()), key=len)
    if a == b:
        return first != second
    if len(b) - len(a) > 1:
        return False
    at = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))
    if len(a) < len(b):
        return a[at:] == b[at + 1 :]
    return a[at + 1 :] == b[at + 1 :] or (a[at : at + 2] == b[at : at + 2][::-1] and a[at + 2 :] == b[at + 2 :])
