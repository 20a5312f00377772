"""Two BOM versions compared by meaning, with the firmware of their configurations, and the questions whose answers are the units built by each.

    compared(actor, product="AB-100", old=Named("A", "3"), new=Named("A", "4"))   -> dict, as page, API and command line show it

A side may name a configuration; then its releases count, else what the hardware revision demands. A party's person compares versions of
products that are its own, or of which it sees units built by both. What was built stands nowhere here: it is asked by `units`.
"""

from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.rights import RECORD_READ
from asbuilt.built.programming.configurations import configurations_known
from asbuilt.built.programming.demands import DemandRow, configuration_rows, demand_rows
from asbuilt.designed.changes.comparing.bom_difference import Difference, MakersChanged, PartChange, difference
from asbuilt.designed.changes.comparing.versions import Version, sides
from asbuilt.designed.firmware.queries import APP
from asbuilt.designed.parties.product_roles import manufacturer_of
from asbuilt.kernel.errors import NotFound
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.answering.sight import Sight
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading


@dataclass(frozen=True)
class Named:
    """A side as it is asked for: hardware revision, BOM version, and a configuration or none."""

    revision: str
    bom_version: str
    configuration: str = ""


def compared(actor: Actor, *, product: str, old: Named, new: Named) -> dict:
    """What differs. NotFound: no such product, revision, version or configuration, or none that the reader sees. About 16 statements."""
    actor.require(RECORD_READ)
    with reading.snapshot():
        first, second = sides(actor.tenant, product, (old.revision, old.bom_version), (new.revision, new.bom_version))
        _refuse_unseen(actor, first, second)
        found = difference(first.side, second.side)
        firmware = _firmware(_releases(actor.tenant, product, old), _releases(actor.tenant, product, new))
    return {
        "product": product, "old": _side(first, old), "new": _side(second, new),
        "same": found.same and not firmware, **_told(found), "firmware": firmware,
    }  # fmt: skip


def versions_to_compare(actor: Actor, product: str) -> list[dict]:
    """(revision, BOM version) of a product that stand, the newest first, for who chooses. One statement; empty for a party's person."""
    actor.require(RECORD_READ)
    sql = (
        "SELECT r.code, b.version FROM catalog_product p JOIN catalog_revision r ON r.tenant = p.tenant AND r.product = p.number "
        "JOIN catalog_bom b ON b.tenant = r.tenant AND b.revision = r.number WHERE p.tenant = %s AND p.code = %s "
        "AND EXISTS (SELECT 1 FROM catalog_bom_line l WHERE l.tenant = b.tenant AND l.bom = b.number AND l.until_entry IS NULL) "
        "ORDER BY b.number DESC LIMIT 500"
    )
    rows = reading.fetch(sql, (actor.tenant, product)) if actor.party is None else []
    return [{"revision": revision, "bom_version": version} for revision, version in rows]


def _refuse_unseen(actor: Actor, first: Version, second: Version) -> None:
    if actor.party is None or manufacturer_of(actor.tenant, first.product, clock.now()) == actor.party:
        return
    boms = Sight(View(actor)).boms()
    if boms is not None and not {first.number.bom, second.number.bom} <= boms:
        said = f"There is no product {first.product[:80]}."
        facts = {"field": "product", "value": first.product[:80]}
        raise NotFound("changes.bom_unknown", said, facts, "Look at the list of your orders.")


def _side(version: Version, named: Named) -> dict:
    return {
        "revision": version.revision, "bom_version": version.bom_version, "configuration": named.configuration,
        "lines": len(version.side.lines), "pieces": sum(line.quantity for line in version.side.lines),
        "makers_as_of_entry": version.makers_at, "units": version.question,
    }  # fmt: skip


def _told(found: Difference) -> dict:
    return {
        "added": [_part(one) for one in found.added],
        "removed": [_part(one) for one in found.removed],
        "quantities": [_part(one) for one in found.quantities],
        "replaced": [
            {"old_part": one.old_part, "new_part": one.new_part, "refdes": list(one.positions)} for one in found.replaced
        ],
        "swapped": [
            {
                "part": one.part, "refdes": list(one.positions), "other_part": one.other_part,
                "other_refdes": list(one.other_positions),
            }
            for one in found.swapped
        ],
        "moved": [
            {"part": one.part, "old_refdes": list(one.old_positions), "new_refdes": list(one.new_positions)}
            for one in found.moved
        ],
        "makers": [_makers(one) for one in found.makers],
    }  # fmt: skip


def _part(one: PartChange) -> dict:
    return {
        "part": one.part, "old_quantity": one.old_quantity, "new_quantity": one.new_quantity,
        "refdes_gained": list(one.gained), "refdes_lost": list(one.lost),
    }  # fmt: skip


def _makers(one: MakersChanged) -> dict:
    said = {"gone": one.gone, "new": one.new, "kept": one.kept}
    listed = {key: [{"maker": maker, "mpn": mpn} for maker, mpn in pairs] for key, pairs in said.items()}
    return {"part": one.part, "substituted": one.substituted, **listed}


def _releases(tenant: int, product: str, named: Named) -> dict[tuple[str, str], str]:
    """(product of the image, role) -> version that the side demands now. Two statements at most."""
    rows = _last(demand_rows(tenant, product=product, revision=named.revision), product)
    if not named.configuration:
        return rows
    own = configuration_rows(tenant, product, named.revision, named.configuration)
    if not own:
        known = configurations_known(tenant, product, named.revision)
        said = f"{product} {named.revision} has no configuration {named.configuration[:80]}."
        facts = {"field": "configuration", "value": named.configuration[:80]}
        raise NotFound("changes.configuration_unknown", said, facts, f"It has {', '.join(known[:20]) or 'none'}.")
    return {**rows, **_last(own, product)}


def _last(rows: list[DemandRow], product: str) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for row in rows:  # the newest first
        if row.version and row.happened_at <= clock.now():
            found.setdefault((row.of_product or product, row.role or APP), row.version)
    return found


def _firmware(old: dict[tuple[str, str], str], new: dict[tuple[str, str], str]) -> list[dict]:
    return [
        {"product": key[0], "role": key[1], "old_version": old.get(key), "new_version": new.get(key)}
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    ]
