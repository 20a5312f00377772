"""The baseline of a product that was on the market before this record: of each matter what the record holds, from when, and what people found of the time
before, in which document. What nobody found is `unknown` in those words; nothing is made up between the two.
"""

from django.utils.translation import gettext as _

from asbuilt.access.actor import Actor
from asbuilt.access.rights import FILING_READ
from asbuilt.answers.compliance.filing.file_rules import rules_on
from asbuilt.answers.compliance.filing.parts import Asking, day_of, number
from asbuilt.answers.compliance.filing.stating import no_party, product_of
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.storage import reading

_OF_PRODUCT = (
    "JOIN catalog_revision r ON r.tenant = t.tenant AND r.number = t.revision WHERE t.tenant = %s AND r.product = %s"
)
# matter -> (how many, since when it happened or was recorded); each over the product's number, its code or its units
_COUNTED = {
    "revisions": ("SELECT count(*), NULL FROM catalog_revision WHERE tenant = %s AND product = %s", "number"),
    "boms": (f"SELECT count(*), NULL FROM catalog_bom t {_OF_PRODUCT}", "number"),
    "firmware": ("SELECT count(*), min(released_at) FROM firmware_release WHERE tenant = %s AND product = %s AND until_entry IS NULL", "number"),
    "units": ("SELECT sum(b.until_unit - b.first_unit), min(o.opened_at) FROM production_block b JOIN production_order o ON o.tenant = b.tenant AND o.number = b.work_order AND o.until_entry IS NULL WHERE b.tenant = %s AND b.product = %s AND b.until_entry IS NULL", "number"),
    "sboms": ("SELECT count(*), min(happened_at) FROM components_sbom WHERE tenant = %s AND product = %s AND until_entry IS NULL", "number"),
    "vulnerabilities": ("SELECT count(*), min(decided_at) FROM vulnerability_decision WHERE tenant = %s AND product = %s AND until_entry IS NULL", "code"),
    "materials": ("SELECT count(*), NULL FROM production_material_run WHERE tenant = %s AND first_unit >= %s AND first_unit < %s", "span"),
    "processes": ("SELECT count(*), min(started_at) FROM production_process_run WHERE tenant = %s AND until_entry IS NULL AND first_unit >= %s AND first_unit < %s", "span"),
    "tests": ("SELECT count(*), NULL FROM quality_outcome_run WHERE tenant = %s AND standing = 1 AND until_entry IS NULL AND first_unit >= %s AND first_unit < %s", "span"),
    "shipments": ("SELECT count(DISTINCT l.shipment), min(l.shipped_at) FROM production_block b JOIN shipping_line l ON l.tenant = b.tenant AND l.first_unit >= b.first_unit AND l.first_unit < b.until_unit AND l.until_entry IS NULL WHERE b.tenant = %s AND b.product = %s AND b.until_entry IS NULL", "number"),
}  # fmt: skip


def baseline_told(actor: Actor, product: str) -> dict:
    """Each matter: how much the record holds and from when, what was said of the time before, and what is not known."""
    no_party(actor, product)
    actor.require(FILING_READ)
    with reading.snapshot():
        now = clock.now()
        asking = Asking(actor.tenant, product_of(actor.tenant, product), now, rules_on(format_instant(now)[:10]))
        first = _first_recorded(asking)
        matters = [_matter(asking, one.key, one.name) for one in asking.rules.matters]
        gaps = [f"{one['name']}: {one['gap']}" for one in matters if one["gap"]]
        return {"product": product, "record_begins": day_of(first), "rule_set": asking.rules.rule_set, "matters": matters, "gaps": gaps}  # fmt: skip


def _first_recorded(asking: Asking) -> int | None:
    """When the record of this product begins: its first bill of material."""
    sql = (
        "SELECT min(e.recorded_at) FROM catalog_bom m JOIN catalog_revision r ON r.tenant = m.tenant AND r.number = m.revision "
        "JOIN catalog_bom_line l ON l.tenant = m.tenant AND l.bom = m.number JOIN ledger_entry e ON e.tenant = l.tenant AND e.number = l.entry "
        "WHERE m.tenant = %s AND r.product = %s"
    )
    return reading.fetch_one(sql, (asking.tenant, asking.number))[0]


def _matter(asking: Asking, key: str, name: str) -> dict:
    count, since = _counted(asking, key)
    said = asking.baseline.get(key)
    known = said.said["known"] if said else ""
    gap = ""
    if said is None:
        gap = _("nobody said what is known of the time before this record")
    elif known != "known":
        gap = _("not known, or only in part: %(why)s") % {"why": said.why}
    return {
        "matter": key, "name": name, "recorded": number(count), "recorded_from": day_of(since), "known": known or "unknown",
        "said_from": day_of(said.at) if said else "", "document": said.said.get("file", "") if said else "",
        "sha256": said.said.get("sha256", "") if said else "", "why": said.why if said else "",
        "said_at": format_instant(said.happened_at) if said else None, "gap": gap,
    }  # fmt: skip


def _counted(asking: Asking, key: str) -> tuple[int, int | None]:
    if key not in _COUNTED:
        return 0, None
    sql, over = _COUNTED[key]
    if over != "span":
        what = asking.product if over == "code" else asking.number
        count, since = reading.fetch_one(sql, (asking.tenant, what))
        return int(count or 0), since
    rows = [reading.fetch_one(sql, (asking.tenant, first, until)) for first, until, *_rest in asking.blocks]
    times = [since for _count, since in rows if since is not None]
    return sum(int(count or 0) for count, _since in rows), min(times, default=None)
