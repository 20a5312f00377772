"""Places: what the SBOMs are of through which a component comes in. A firmware release, a hardware revision, or a purchased part with or without
its lot; a draft has no release yet.

    places_at(view, {12})                    the places of these SBOMs
    places_over(view, {3}, {7})              those of the current SBOMs of these releases and hardware revisions, and of any part
"""

from collections.abc import Sequence
from typing import NamedTuple

from asbuilt.designed.components.bindings import Binding
from asbuilt.designed.components.queries import OF_IMAGE
from asbuilt.designed.firmware.queries import revisions_in
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading


class Place(NamedTuple):
    """What an SBOM is of, in words and by number: at most one of `release`, `revision` and `part`. Of a release `recorded` is the entry that
    it was recorded by, `made_for` the hardware revisions that it names, if any."""

    binding: Binding
    release: int | None
    revision: int | None
    part: int | None
    lot: str
    recorded: int
    made_for: frozenset[str]


Places = dict[int, list[Place]]
"""SBOM -> its places."""

_PLACES = (
    "SELECT s.number, p.code, s.role, s.version, rp.code, r.code, pa.code, s.lot, fr.number, s.revision, s.part, fr.revisions, fr.entry FROM {sboms} "
    "LEFT JOIN catalog_product p ON p.tenant = s.tenant AND p.number = s.product "
    "LEFT JOIN catalog_revision r ON r.tenant = s.tenant AND r.number = s.revision "
    "LEFT JOIN catalog_product rp ON rp.tenant = r.tenant AND rp.number = r.product "
    "LEFT JOIN catalog_part pa ON pa.tenant = s.tenant AND pa.number = s.part "
    "LEFT JOIN firmware_release fr ON fr.tenant = s.tenant AND fr.product = s.product AND fr.role = s.role AND fr.version = s.version "
    f"AND {OF_IMAGE.format(release='fr')}"
)


def places_at(view: View, sboms: set[int]) -> Places:
    """The places of these SBOMs. One statement where there is one."""
    if not sboms:
        return {}
    where = f" WHERE s.tenant = %s AND {reading.any_of('s.number')}"
    return _read(view, "components_sbom s", where, (view.tenant, reading.list_param(sorted(sboms))))


def places_over(view: View, releases: set[int], revisions: set[int]) -> Places:
    """The places of the current SBOMs of these releases and hardware revisions, and of any part. One statement.

    A unit asks about few of them, and the findings there are of many: their components are looked up first."""
    newest = f"s.number = (SELECT max(n.number) FROM components_sbom n WHERE n.tenant = s.tenant{view.seen('n')} AND "
    stands = f"{view.seen('s')} AND {newest}"
    sboms = (
        "(SELECT s.* FROM firmware_release fr JOIN components_sbom s ON s.tenant = fr.tenant AND s.product = fr.product "
        f"AND s.role = fr.role AND s.version = fr.version AND {OF_IMAGE.format(release='fr')} WHERE fr.tenant = %s "
        f"AND {reading.any_of('fr.number')}{view.seen('fr')}{stands}n.product = s.product AND n.role = s.role "
        "AND n.version = s.version) UNION ALL SELECT s.* FROM components_sbom s WHERE s.tenant = %s "
        f"AND {reading.any_of('s.revision')}{stands}n.revision = s.revision) UNION ALL SELECT s.* FROM components_sbom s "
        f"WHERE s.tenant = %s AND s.part > 0{stands}n.part = s.part AND n.lot = s.lot)) AS s"
    )
    of_releases, of_revisions = (reading.list_param(sorted(one)) for one in (releases, revisions))
    return _read(view, sboms, "", (view.tenant, of_releases, view.tenant, of_revisions, view.tenant))


def _read(view: View, sboms: str, where: str, params: Sequence) -> Places:
    sql = f"{_PLACES.format(sboms=sboms)}{view.seen('fr')}{where} ORDER BY s.number, fr.number"
    found: Places = {}
    for row in dict.fromkeys(reading.fetch(sql, params)):
        (
            sbom,
            product,
            role,
            version,
            of_revision,
            revision_code,
            part_code,
            lot,
            release,
            revision,
            part,
            made_for,
            entry,
        ) = row
        binding = Binding(product or of_revision or "", role, version, revision_code or "", part_code or "", lot)
        place = Place(binding, release, revision, part, lot, entry or 0, revisions_in(made_for or ""))
        found.setdefault(sbom, []).append(place)
    return found
