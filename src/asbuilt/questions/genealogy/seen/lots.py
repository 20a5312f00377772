"""One lot: who made it, its packages and where each was used, which units carry it, who has them.

A bare lot code may name several lots; then they are listed and the reader chooses (by the lot's ULID). A package leads to its
lot. A party reader sees a lot where a package of it is on a unit of his; suppliers, deliveries and stock stay with the company.
"""

from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.built.supply.queries import LotRow, lots, lots_by_code, packages_by_code, statuses_now
from asbuilt.built.supply.silicon import SiliconRow, silicon_of_lot
from asbuilt.designed.catalog.queries import part_codes
from asbuilt.designed.parties.queries import names as party_names
from asbuilt.kernel.spans import unpack
from asbuilt.ledger.facts import fact_row
from asbuilt.questions.genealogy.answering.answers import Answer, ask
from asbuilt.questions.genealogy.answering.lookup import view_of
from asbuilt.questions.genealogy.answering.narrowing import written
from asbuilt.questions.genealogy.answering.sight import Sight
from asbuilt.questions.genealogy.answering.sources import PACKAGE, Source, sources_of
from asbuilt.questions.genealogy.evaluating.naming import suggestions, unknown
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.seen.finding import lot_words, ulids_of, visible_lots
from asbuilt.questions.genealogy.seen.held import HoldSeen, holds_on_lot
from asbuilt.storage import reading

ULID_CHARACTERS = 26
PACKAGES_MAX = 500


@dataclass(frozen=True)
class PackageSeen:
    """A package: as received, its status, how many units its runs cover (certain, possible), its fact."""

    code: str
    kind: str
    status: str
    supplier: str
    owner: str
    quantity: int | None
    received_at: int | None
    delivery: str
    coc: str
    certain: int
    possible: int
    asked: bool
    source: Source | None


@dataclass(frozen=True)
class LotChoice:
    """A lot among several of the same code."""

    ulid: str
    code: str
    words: str


@dataclass
class LotPage:
    """A lot, or where `lot` is None the lots that the code names. `question` asks for its units."""

    code: str
    choices: list[LotChoice]
    lot: LotRow | None = None
    part: str = ""
    packages: list[PackageSeen] = field(default_factory=list)
    packages_more: int = 0
    question: str = ""
    answer: Answer | None = None
    holds: list[HoldSeen] = field(default_factory=list)
    silicon: tuple[SiliconRow, ...] = ()


def lot_page(actor: Actor, code: str, **words) -> LotPage:
    """The lot with this code or ULID. About 29 statements. NotFound where the reader sees no such lot."""
    return _page(actor, code, lambda view, sight: visible_lots(view, sight, lots_named(view, code)), words)


def package_page(actor: Actor, code: str, **words) -> LotPage:
    """The lot of the package with this code, that package marked. NotFound where the reader sees no such package."""

    def chosen(view: View, sight: Sight) -> list[LotRow]:
        allowed = sight.packages()
        rows = [row for row in packages_by_code(view.tenant, code) if allowed is None or row.number in allowed]
        if not rows:
            raise unknown("package", code, suggestions(view, "supply_package", ("code",)))
        return list(lots(view.tenant, [rows[0].lot]).values())

    return _page(actor, code, chosen, words)


def _page(actor: Actor, code: str, chosen, words: dict) -> LotPage:
    with reading.snapshot():
        view = view_of(actor)
        sight = Sight(view)
        found = chosen(view, sight)
        if not found:
            raise unknown("lot", code, suggestions(view, "supply_lot", ("lot_code",)))
        ulids = ulids_of(view, found)
        choices = [LotChoice(ulids[row.number], row.lot_code, lot_words(row)) for row in found]
        if len(found) > 1:
            return LotPage(code, choices)
        lot = found[0]
        packages, more = _packages(view, sight, lot, code)
        question = _question(view, lot, packages)
        answer = ask(actor, question, **words) if question else None
        part = part_codes(view.tenant, [lot.part]).get(lot.part, "")
        holds = holds_on_lot(view, lot.number)
        silicon = silicon_of_lot(view.tenant, lot.number, [one.code for one in packages]) if sight.whole else ()
        return LotPage(code, choices, lot, part, packages, more, question, answer, holds, silicon)


def lots_named(view: View, code: str) -> list[LotRow]:
    """The lot with this ULID, or the lots with this code. One to three statements."""
    if len(code) == ULID_CHARACTERS:
        row = reading.fetch_one("SELECT number FROM supply_lot WHERE tenant = %s AND ulid = %s", (view.tenant, code))
        if row:
            return list(lots(view.tenant, [row[0]]).values())
    return lots_by_code(view.tenant, code)


def _question(view: View, lot: LotRow, packages: list[PackageSeen]) -> str:
    """The question that means this lot alone: its code where no other lot has it, else its packages."""
    if lot.lot_code and len(lots_by_code(view.tenant, lot.lot_code)) == 1:
        return written("lot", lot.lot_code)
    return (
        ",".join([written("package", packages[0].code), *(_value(one.code) for one in packages[1:])])
        if packages
        else ""
    )


def _value(code: str) -> str:
    return written("package", code).removeprefix("package:")


def _packages(view: View, sight: Sight, lot: LotRow, asked: str) -> tuple[list[PackageSeen], int]:
    sql = (
        "SELECT p.number, p.code, p.kind, p.status, p.supplier, p.owner, p.quantity, p.received_at, p.delivery, p.coc, p.entry, "
        'p."row" FROM supply_package p WHERE p.tenant = %s AND p.lot = %s'
        + view.seen("p")
        + " ORDER BY p.received_at, p.code"
    )
    allowed = sight.packages()
    rows = [row for row in reading.fetch(sql, (view.tenant, lot.number)) if allowed is None or row[0] in allowed]
    shown = rows[:PACKAGES_MAX]
    used = _used(view, [row[0] for row in shown])
    names = party_names(view.tenant, view.entry)
    now = statuses_now(view.tenant, [row[1] for row in shown])
    facts = [fact_row(view.tenant, row[10], PACKAGE, row[11]) for row in shown] if sight.whole else []
    sources = sources_of(view, facts) or [None] * len(shown)
    seen = []
    for row, source in zip(shown, sources, strict=True):
        number, code, kind, status, supplier, owner, quantity, received_at, delivery, coc = row[:10]
        certain, possible = used.get(number, (BitMap(), BitMap()))
        own = (
            (names.get(supplier, ""), quantity, received_at, delivery, coc) if sight.whole else ("", None, None, "", "")
        )
        seen.append(
            PackageSeen(
                code,
                kind,
                now.get(code, status),
                own[0],
                names.get(owner, ""),
                *own[1:],
                len(certain),
                len(possible - certain),
                code.casefold() == asked.casefold(),
                source,
            )  # fmt: skip
        )
    return seen, len(rows) - len(shown)


def _used(view: View, packages: list[int]) -> dict[int, tuple[BitMap, BitMap]]:
    """Package -> units that its runs cover, certain and possible; what was replaced later still counts. One statement."""
    sql = "SELECT r.package, r.certain, r.first_unit, r.until_unit, r.units FROM production_material_run r WHERE r.tenant = %s AND "
    found: dict[int, tuple[BitMap, BitMap]] = {}
    wanted = reading.list_param(packages)
    for package, certain, *run in reading.fetch(
        sql + reading.any_of("r.package") + view.seen("r"), (view.tenant, wanted)
    ):
        found.setdefault(package, (BitMap(), BitMap()))[0 if certain else 1].update(view.limit(unpack(*run)))
    return found
