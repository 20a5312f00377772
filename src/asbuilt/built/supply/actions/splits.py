"""Split a package: pieces of it go into another one, which is of the same lot and takes status, clocks and images with it.

    split_package(actor, package="PK-004417", quantity=500)      -> Split(package="PK-004502", entry=…)

What machines tell with MaterialsSplit; here a person at the store says it. The new package gets the next own code where none is given.
"""

from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import PACKAGE_HANDLE
from asbuilt.built.supply import events
from asbuilt.built.supply.actions.stating import INTAKES, facts_of, state
from asbuilt.built.supply.intake import LotsIntake
from asbuilt.built.supply.kept_intakes import PIECES_MAX
from asbuilt.built.supply.queries import PackageFinder, code_scanned, free_code
from asbuilt.built.supply.split_further import SPLIT_FURTHER
from asbuilt.built.supply.splitting import split_off, split_rows
from asbuilt.formats.tables import TABLES
from asbuilt.kernel.errors import Conflict, Invalid, Refused
from asbuilt.ledger import clock
from asbuilt.ledger.recording import Entry
from asbuilt.storage import reading


@dataclass(frozen=True)
class Split:
    """What was recorded: the code of the new package, the entry, the ids of its facts."""

    package: str
    entry: int
    facts: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def split_package(
    actor: Actor,
    *,
    package: str,
    quantity: int,
    new: str = "",
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Split:
    """So many pieces of the package are in a package of their own from now on. NotFound: no such package.

    Invalid: a number that is none. Refused: more than the package came with, less what was split off before. Conflict: a package of
    the new code is recorded.
    """
    actor.require(PACKAGE_HANDLE)
    if not 1 <= quantity <= PIECES_MAX:
        said, facts = f"{quantity:,} pieces are no part of a package.", {"field": "quantity", "value": quantity}
        raise Invalid("supply.split_pieces", said, facts, "Count again.")
    new = new.strip()
    asked = {"package": package, "quantity": quantity, "new": new, "happened_at": happened_at}

    intakes = {**INTAKES, "lots": LotsIntake}

    def rows(entry: Entry):
        _refuse_taken(entry.tenant, new)
        code, source = new or free_code(entry.tenant), code_scanned(entry.tenant, package)
        at = clock.now() if happened_at is None else happened_at
        found = split_rows(entry.tenant, source=source, new=code, quantity=str(quantity), at=at, operator=badge(actor))
        _refuse_more(entry.tenant, source, quantity)
        for further in SPLIT_FURTHER.values():
            intake, more = further(entry.tenant, source, code, at)
            intakes[intake.table], found[intake.table] = intake, more
        return {
            table: [dict(zip(TABLES[table].columns, row, strict=True)) for row in told] for table, told in found.items()
        }

    done = state(actor, events.SPLIT, asked, rows, intakes=intakes, request_key=request_key)
    sql = "SELECT code FROM supply_package WHERE tenant = %s AND entry = %s"
    facts = facts_of(actor.tenant, done.entry)
    return Split(reading.fetch_one(sql, (actor.tenant, done.entry))[0], done.entry, facts, done.warnings)


def _refuse_taken(tenant: int, new: str) -> None:
    if new and PackageFinder(tenant).find([new]):
        facts = {"field": "new", "package": new[:200], "value": new[:200]}
        raise Conflict("supply.split_taken", f"There is a package {new[:80]} already.", facts, "Give another code.")


def _refuse_more(tenant: int, package: str, quantity: int) -> None:
    sql = "SELECT quantity FROM supply_package WHERE tenant = %s AND code = %s AND until_entry IS NULL"
    came = reading.fetch_one(sql, (tenant, package))[0]
    left = None if came is None else came - split_off(tenant, [package]).get(package, 0)
    if left is not None and quantity > left:
        said = f"Package {package} holds {left:,} pieces at most; {quantity:,} cannot leave it."
        facts = {"field": "quantity", "package": package, "left": left, "value": quantity}
        raise Refused("supply.split_too_many", said, facts, "Count again, or correct the quantity of the package.")
