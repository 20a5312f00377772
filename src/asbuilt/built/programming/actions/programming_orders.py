"""Have a reel or tray programmed before it is placed: order it, say that it was done, read samples back, close the order.

    open_order(actor, package="PK-17", product="PSU-48", version="2.3.1", read_backs=3)          -> Acted(order PG-12, …)
    order_done(actor, order="PG-12", quantity=500, machine="GANG-1")
    read_back(actor, order="PG-12", sha256="…", machine="GANG-1")          # one sample; a wrong one stops the package
    close_order(actor, order="PG-12")

Closed as passed, the package is programmed: a row of programming.csv, by a station of ours or by the supplier. A sample that is
not the image that was ordered puts the package into quarantine in the same entry, and the order can only be closed as failed.
Refused: an image that is not released or was withdrawn, a package that is mounted, rejected or in hand already, another count of
pieces than the package holds, a supplier's order without its certificate, closing before all samples are read back.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import PACKAGE_PROGRAM, PROGRAMMING_ORDER
from asbuilt.built.production.mounts import place_of_package
from asbuilt.built.programming import events
from asbuilt.built.programming.intake import ProgrammingIntake
from asbuilt.built.programming.preprogrammed_intakes import INTAKES
from asbuilt.built.programming.programming_orders import (
    CLOSED,
    DONE,
    OPENED,
    ProgrammingOrderSeen,
    free_order_code,
    open_orders_of,
    programming_order,
)
from asbuilt.built.supply.actions.stating import INTAKES as OF_PACKAGES
from asbuilt.built.supply.actions.stating import moment, refuse_without_reason, state
from asbuilt.built.supply.files import paper_cells
from asbuilt.built.supply.queries import PackageFinder, origins, package_scanned
from asbuilt.built.supply.standing import QUARANTINE, REJECTED, standing_of
from asbuilt.designed.firmware.queries import APP, withdrawn_releases
from asbuilt.kernel.errors import Invalid, NotFound, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger.recording import Entry
from asbuilt.storage import reading

PASS, FAIL, ABORTED = "pass", "fail", "aborted"
_TABLES = {**INTAKES, "programming": ProgrammingIntake, "statuses": OF_PACKAGES["statuses"]}
Rows = dict[str, list[dict[str, str]]]


@dataclass(frozen=True)
class Acted:
    """The programming order as it stands now, the entry, warnings."""

    order: ProgrammingOrderSeen
    entry: int
    warnings: tuple[str, ...] = ()

    def as_dict(self) -> dict:
        """As the API and `--format json` write it."""
        return {**self.order.as_dict(), "entry": self.entry, "warnings": list(self.warnings)}


def open_order(
    actor: Actor,
    *,
    package: str,
    product: str,
    version: str,
    role: str = "",
    quantity: int | None = None,
    read_backs: int = 1,
    supplier: str = "",
    code: str = "",
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Acted:
    """The package is to be programmed: by us, or by `supplier`. Without a quantity all of its pieces, without a code the next."""
    actor.require(PROGRAMMING_ORDER)
    if read_backs < (0 if supplier else 1):
        said = "At least one sample is read back where we program ourselves."
        raise Invalid("programming.read_backs_few", said, {"field": "read_backs"}, "Ask for 1 sample or more.")

    def rows(entry: Entry) -> Rows:
        found = package_scanned(entry.tenant, package) or package
        pieces = _refuse_package(entry.tenant, found, quantity)
        _refuse_withdrawn(entry.tenant, product, role, version)
        cells = {
            "programming_order": code or free_order_code(entry.tenant), "package": found, "product": product, "role": role,
            "version": version, "quantity": str(pieces), "read_backs": str(read_backs),
            "by": "supplier" if supplier else "own", "supplier": supplier,
        }  # fmt: skip
        return {"programming_orders": [_signed(actor, cells, happened_at)]}

    said = (package, product, version, role, quantity, read_backs, supplier, code, happened_at)
    return _acted(actor, events.ORDER_OPENED, said, rows, request_key)


def order_done(
    actor: Actor,
    *,
    order: str,
    quantity: int,
    machine: str = "",
    content: bytes | None = None,
    name: str = "certificate",
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Acted:
    """`quantity` pieces were programmed at the machine; of a supplier, with its certificate. Refused: done or closed before."""
    actor.require(PACKAGE_PROGRAM)
    file, files = paper_cells(content, name)

    def rows(entry: Entry) -> Rows:
        one = programming_order(entry.tenant, order)
        _refuse_state(one, OPENED)
        if one.by == "supplier" and content is None:
            said = f"{one.supplier} programs for {one.code}; its certificate is the evidence."
            raise Refused(
                "programming.certificate_missing", said, {"programming_order": one.code}, "Add the certificate."
            )
        if one.by == "own" and not machine.strip():
            said = "At which machine it was programmed is not said."
            raise Invalid("programming.machine_missing", said, {"field": "machine"}, "Scan the machine.")
        if not 1 <= quantity <= one.quantity:
            said = f"{one.code} is for {one.quantity:,} pieces, {quantity:,} cannot be programmed."
            raise Invalid("programming.count_wrong", said, {"field": "quantity", "value": quantity}, "Count again.")
        cells = {
            "programming_order": one.code,
            "state": DONE,
            "quantity": str(quantity),
            "machine": machine.strip(),
            **file,
        }
        return {"programming_order_states": [_signed(actor, cells, happened_at)]}

    said = (order, quantity, machine, file["sha256"], happened_at)
    return _acted(actor, events.ORDER_DONE, said, rows, request_key, files)


def read_back(
    actor: Actor,
    *,
    order: str,
    sha256: str,
    machine: str = "",
    sample: int | None = None,
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Acted:
    """A sample was read back; without a number it is the next one. Not the image that was ordered: the package is stopped."""
    actor.require(PACKAGE_PROGRAM)

    def rows(entry: Entry) -> Rows:
        one = programming_order(entry.tenant, order)
        _refuse_state(one, DONE)
        number = max((seen.sample for seen in one.read_backs), default=0) + 1 if sample is None else sample
        if not 1 <= number <= one.quantity:
            said = f"{one.code} is for {one.quantity:,} pieces; there is no sample {number:,}."
            raise Invalid("programming.sample_unknown", said, {"field": "sample", "value": number}, "Count again.")
        digest = sha256.strip().lower()
        cells = {"programming_order": one.code, "sample": str(number), "sha256": digest, "machine": machine.strip()}
        found: Rows = {"read_backs": [_signed(actor, cells, happened_at)]}
        if digest != one.image:
            why = f"{one.code}: sample {number} holds {digest[:8]}, not {one.name} {one.image[:8]}"
            found |= _quarantine(actor, entry.tenant, one.package, why, happened_at)
        return found

    said = (order, sha256, machine, sample, happened_at)
    return _acted(actor, events.READ_BACK_TAKEN, said, rows, request_key)


def close_order(
    actor: Actor,
    *,
    order: str,
    result: str = PASS,
    reason: str = "",
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Acted:
    """The package is programmed (pass), is not as it should be (fail: quarantine), or was never touched (aborted). The last two
    say why."""
    actor.require(PROGRAMMING_ORDER)
    if result != PASS:
        refuse_without_reason(reason)

    def rows(entry: Entry) -> Rows:
        one = programming_order(entry.tenant, order)
        _refuse_state(one, *((OPENED,) if result == ABORTED else (DONE,)))
        if result == PASS:
            _refuse_unread(one)
            _refuse_withdrawn(entry.tenant, one.product, one.role, one.version)
        cells = {"programming_order": one.code, "state": CLOSED, "result": result, "reason": reason}
        found: Rows = {"programming_order_states": [_signed(actor, cells, happened_at)]}
        if result != ABORTED:
            found["programming"] = [_programmed(actor, one, result)]
        if result == FAIL:
            found |= _quarantine(actor, entry.tenant, one.package, f"{one.code}: {reason}", happened_at)
        return found

    said = (order, result, reason, happened_at)
    return _acted(actor, events.ORDER_CLOSED, said, rows, request_key)


def _programmed(actor: Actor, one: ProgrammingOrderSeen, result: str) -> dict[str, str]:
    source = "supplier" if one.by == "supplier" else "station"
    return {
        "serial": "", "product": one.product, "version": one.version, "sha256": one.image, "uid": "",
        "station": one.done.machine, "operator": badge(actor), "result": result,
        "happened_at": format_instant(one.done.happened_at), "role": one.role, "package": one.package, "source": source,
    }  # fmt: skip


# ---- what is refused


def _refuse_package(tenant: int, code: str, quantity: int | None) -> int:
    """How many pieces are programmed: all that the package holds."""
    finder = PackageFinder(tenant)
    found = finder.find([code]).get(code)
    if found is None:
        facts = {"package": code[:200]}
        raise NotFound("supply.package_unknown", f"There is no package {code[:80]}.", facts, finder.explain(code))
    facts = {"package": code}
    if running := open_orders_of(tenant, [code]).get(code):
        said = f"Package {code} is being programmed by {running}."
        raise Refused(
            "programming.package_in_hand", said, {**facts, "programming_order": running}, "Close that order first."
        )
    if standing_of(tenant, code).status == REJECTED:
        raise Refused("programming.package_rejected", f"Package {code} is rejected.", facts, "Take another package.")
    if there := place_of_package(tenant, code):
        said = f"Package {code} is mounted at feeder {there.feeder} of {there.machine}."
        raise Refused("production.package_mounted", said, facts, "Take it off there first.")
    holds = origins(tenant, [found.number])[found.number].quantity
    if quantity is None and holds is None:
        said = f"How many pieces package {code} holds is not known."
        raise Invalid("programming.count_missing", said, {"field": "quantity"}, "Say how many are programmed.")
    if quantity is not None and holds is not None and quantity != holds:
        said = f"Package {code} holds {holds:,} pieces, not {quantity:,}; a package is programmed whole."
        raise Refused("programming.package_in_part", said, facts, "Split the package first, or count again.")
    return holds if quantity is None else quantity


def _refuse_withdrawn(tenant: int, product: str, role: str, version: str) -> None:
    if (product, role or APP, version) in withdrawn_releases(tenant):
        named = f"{product} {role or APP} {version}"
        said, facts = f"{named} was withdrawn.", {"product": product, "role": role or APP, "version": version}
        raise Refused("programming.image_withdrawn", said, facts, "Order another version.")


def _refuse_state(one: ProgrammingOrderSeen, *wanted: str) -> None:
    if one.state in wanted:
        return
    code, facts = one.code, {"programming_order": one.code, "state": one.state}
    if one.state == OPENED:
        raise Refused(
            "programming.order_opened", f"{code} is not done yet.", facts, "Say first that it was programmed."
        )
    if one.state == DONE:
        remedy = "Read back its samples, then close it."
        raise Refused("programming.order_done", f"{code} is done already.", facts, remedy)
    remedy = "Open a new programming order for the package."
    raise Refused("programming.order_closed", f"{code} is closed already.", facts, remedy)


def _refuse_unread(one: ProgrammingOrderSeen) -> None:
    facts = {"programming_order": one.code, "asked": one.asked, "done": len(one.read_backs)}
    if one.wrong:
        numbers = ", ".join(str(seen.sample) for seen in one.wrong[:5])
        said = f"Sample {numbers} of {one.code} is not {one.name}."
        raise Refused("programming.read_back_differs", said, facts, "Close it as failed, and open a new one.")
    if one.left:
        said = f"{len(one.read_backs)} of {one.asked} samples of {one.code} are read back."
        raise Refused("programming.read_backs_missing", said, facts, "Read back the others first.")


# ---- the record


def _quarantine(actor: Actor, tenant: int, package: str, reason: str, happened_at: int | None) -> Rows:
    if standing_of(tenant, package).status in (QUARANTINE, REJECTED):
        return {}
    cells = {"package": package, "status": QUARANTINE, "reason": reason}
    return {"statuses": [_signed(actor, cells, happened_at)]}


def _signed(actor: Actor, cells: Mapping[str, str], happened_at: int | None) -> dict[str, str]:
    return {**cells, "operator": badge(actor), "happened_at": moment(happened_at)}


def _acted(
    actor: Actor,
    type: str,
    said: Sequence,
    rows: Callable[[Entry], Rows],
    request_key: str | None,
    files: Sequence[tuple[str, bytes]] = (),
) -> Acted:
    stated = state(actor, type, list(said), rows, files=files, intakes=_TABLES, request_key=request_key)
    return Acted(programming_order(actor.tenant, _code(actor.tenant, stated.entry)), stated.entry, stated.warnings)


def _code(tenant: int, entry: int) -> str:
    sql = " UNION ALL ".join(
        f"SELECT programming_order FROM {table} WHERE tenant = %s AND entry = %s"
        for table in ("programming_package_order", "programming_package_order_state", "programming_read_back")
    )
    return reading.fetch_one(sql, (tenant, entry) * 3)[0]
