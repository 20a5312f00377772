"""What an order demands of a permit: its images, in the demanded versions, for each revision that is permitted.

    refuse_undemanded(tenant, draft, product, at)      Refused, naming the demanded version, where the permit has another

An image of a role for which a version is demanded has that version. A role that units are programmed with must be in the
permit: a unit would pass without it. A role that comes programmed in a part may be left out, but not permitted in another
version. A role for which nothing is demanded takes what the matrix has; one of another product is no matter of this permit.
"""

from asbuilt.built.programming.demands import Demand, demands_of
from asbuilt.built.programming.drafts import PermitDraft
from asbuilt.designed.changes.controlling.eco import FIRMWARE
from asbuilt.kernel.errors import Refused
from asbuilt.storage import reading


def refuse_undemanded(
    tenant: int, draft: PermitDraft, product: str, at: int, bounded: frozenset[tuple[str, str, str]] = frozenset()
) -> None:
    """Refused where a permit of this product differs from what its order or revisions demand at that instant (µs). `bounded`: (firmware, role, version)
    that hold for the order by the boundary of an ECO, whatever is demanded in general."""
    _refuse_bom(tenant, draft)
    for revision in draft.revisions:
        demands = demands_of(tenant, draft.order, product, revision, at)
        for demand in demands:
            if demand.of_product == product:
                _refuse(draft, demand, revision, bounded)


def _refuse(draft: PermitDraft, demand: Demand, revision: str, bounded: frozenset[tuple[str, str, str]]) -> None:
    asked = [image for image in draft.images if image.role == demand.role]
    facts = {
        "order": draft.order, "revision": revision, "role": demand.role, "demanded": demand.version, "by": demand.by,
        "permitted": sorted({image.version for image in asked}),
    }  # fmt: skip
    for image in asked:
        if demand.version not in ("", image.version) and (FIRMWARE, image.role, image.version) not in bounded:
            raise Refused(
                "programming.permit_other_version",
                f"{demand.by} demands {demand.name}, the permit has {demand.role} {image.version}.",
                facts,
                f"Permit {demand.role} {demand.version}, or have another version demanded.",
            )
    if not asked and not demand.part:
        raise Refused(
            "programming.permit_image_missing",
            f"{demand.by} demands {demand.name}, the permit has no {demand.role} image.",
            facts,
            f"Permit {demand.role} {demand.version} too.",
        )


def _refuse_bom(tenant: int, draft: PermitDraft) -> None:
    """Refused where a BOM version is named that the order does not build."""
    if not draft.bom_version:
        return
    sql = (
        "SELECT DISTINCT v.version FROM production_order o JOIN production_block b ON b.tenant = o.tenant "
        "AND b.work_order = o.number JOIN catalog_bom v ON v.tenant = b.tenant AND v.number = b.bom WHERE o.tenant = %s "
        "AND o.code = %s AND o.until_entry IS NULL AND b.until_entry IS NULL"
    )
    built = sorted(version for (version,) in reading.fetch(sql, (tenant, draft.order)))
    if draft.bom_version not in built:
        raise Refused(
            "programming.permit_order_bom",
            f"Order {draft.order} builds BOM version {', '.join(built)}, the permit names {draft.bom_version}.",
            {"bom_version": draft.bom_version, "order": built},
            "Name the BOM version that the order builds, or none.",
        )
