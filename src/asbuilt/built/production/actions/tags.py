"""RFID tags: the EPC on a unit's tag is one more name of the unit (SGTIN-96, GS1 EPC Tag Data Standard).

    tag_unit(actor, unit="SN00042")                                   # written by us: from GTIN and serial number
    tag_unit(actor, unit="WO-9#3", epc="3074257BF7194E4000001A85")    # read from the tag that is on it

A tag names one unit. Its GTIN is that of the product, where the product's mark rule names one.
"""

from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.rights import MARK_READ
from asbuilt.built.production import events
from asbuilt.built.production.intake.names import NamesIntake
from asbuilt.built.production.orders import Orders, one_unit, serial_of
from asbuilt.designed.catalog.rules import mark_rule
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.kernel.gs1 import Sgtin, read_tag
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.facts import fact_row
from asbuilt.ledger.one_row import checked_rows, state_rows
from asbuilt.ledger.recording import AlreadyRecorded, digest, recording
from asbuilt.storage import reading

KIND = "EPC"


@dataclass(frozen=True)
class Tagged:
    """A tagged unit: its place (ORDER#n), the 24 hex digits on the tag, what they say as URI, the entry."""

    unit: str
    epc: str
    uri: str
    entry: int


def tag_unit(actor: Actor, *, unit: str, epc: str | None = None, request_key: str | None = None) -> Tagged:
    """The unit is found by this tag too. Without `epc` it is made of the product's GTIN and the unit's serial number.

    Refused where another unit has the tag, it names another product, or the serial number does not fit a tag.
    """
    actor.require(MARK_READ)
    content = digest(b"tag", unit.encode(), (epc or "").upper().encode())
    try:
        with recording(actor, events.UNIT_TAGGED, request_key=request_key, content=content) as entry:
            number = one_unit(entry.tenant, unit)
            order = Orders(entry.tenant).of_unit(number)
            place = f"{order.code}#{order.place_of(number)}"
            tag = _read(entry.tenant, order.product, epc) if epc else _made(entry.tenant, order.product, number, place)
            _refuse_taken(entry.tenant, tag, number)
            row = {"unit": place, "kind": KIND, "value": tag.tag(), "from_at": format_instant(clock.now())}
            state_rows(entry, NamesIntake, checked_rows("names", [row]))
            entry.notes = {"unit": place}
            done = Tagged(place, tag.tag(), tag.uri, entry.number)
    except AlreadyRecorded as known:
        values = fact_row(actor.tenant, known.number, events.NAME.name, 0).values
        order = Orders(actor.tenant).of_unit(values[0])
        place = f"{order.code}#{order.place_of(values[0])}"
        return Tagged(place, values[2], read_tag(values[2]).uri, known.number)
    sequencing.after_commit(actor.tenant)
    return done


def _read(tenant: int, product: int, epc: str) -> Sgtin:
    try:
        tag = read_tag(epc)
    except ValueError as refusal:
        facts = {"field": "epc", "value": epc[:40]}
        remedy = "Read the tag again; other kinds of tags are recorded as names."
        raise Invalid("production.epc_wrong", f"{epc[:40]} is no tag of a unit: {refusal}.", facts, remedy) from None
    gtin = mark_rule(tenant, product).gtin
    if gtin and gtin != tag.gtin:
        facts = {"gtin": tag.gtin, "expected": gtin}
        remedy = "Look whether the tag belongs to this unit."
        raise Refused(
            "production.epc_of_other_product", f"The tag names GTIN {tag.gtin}, the unit is {gtin}.", facts, remedy
        )
    return tag


def _made(tenant: int, product: int, unit: int, place: str) -> Sgtin:
    rule, serial = mark_rule(tenant, product), serial_of(tenant, unit)
    if not rule.gtin or rule.company_digits is None:
        remedy = "Set GTIN and digits of its company prefix on the product's page."
        raise Refused("production.epc_without_gtin", f"{place} has no GTIN for a tag.", {"unit": place}, remedy)
    if serial is None:
        remedy = "Name the order's units first."
        raise Refused("production.unit_unnamed", f"{place} has no serial number, so no tag.", {"unit": place}, remedy)
    tag = Sgtin(rule.gtin, serial, rule.company_digits)
    try:
        tag.tag()
    except ValueError as refusal:
        remedy = "Give the EPC of the tag that is on it, or number units in digits without leading zeros."
        facts = {"unit": place, "serial": serial}
        raise Refused("production.epc_unfit", f"No tag holds {serial}: {refusal}.", facts, remedy) from None
    return tag


def _refuse_taken(tenant: int, tag: Sgtin, unit: int) -> None:
    sql = (
        "SELECT n.unit FROM production_unit_name n JOIN production_floor_name f ON f.tenant = n.tenant AND f.number = n.kind "
        "WHERE n.tenant = %s AND n.value = %s AND f.name = %s AND n.until_entry IS NULL"
    )
    for (held,) in reading.fetch(sql, (tenant, tag.tag(), KIND)):
        order = Orders(tenant).of_unit(held)
        place = f"{order.code}#{order.place_of(held)}" if order else str(held)
        said = f"{place} has this tag already." if held == unit else f"The tag {tag.tag()} belongs to {place}."
        remedy = "Nothing is left to do." if held == unit else "Withdraw the other unit's name, or take another tag."
        raise Refused("production.epc_taken", said, {"epc": tag.tag(), "unit": place}, remedy)
