"""What the catalog and the release register show: software versions, matrix, bills of material, documents, changes."""

import json
from collections.abc import Iterator

from django.utils.translation import gettext as _

from asbuilt.answers.compliance.filing.parts import Asking, Document, Part, Table, day_of, named, number, source
from asbuilt.answers.compliance.spoken import spoken
from asbuilt.designed.catalog.queries import bom_lines, part_codes
from asbuilt.designed.catalog.test_plans import plans_of_products
from asbuilt.designed.firmware.register import IMPORTED, registered
from asbuilt.storage import reading

REGISTER, CATALOG = "firmware", "catalog"


def releases_of(asking: Asking) -> list[dict]:
    """Every release of the product, read once for a file."""
    return asking.once("releases", _releases)


def _releases(asking: Asking) -> list[dict]:
    """Every release of the product, loaded or in the register: role, version, hash, since when, security, revisions, state, change log."""
    known = {one.key[1:]: one for one in registered(asking.tenant, asking.product)}
    sql = (
        "SELECT role, version, sha256, released_at, security_relevant, revisions FROM firmware_release "
        "WHERE tenant = %s AND product = %s AND until_entry IS NULL ORDER BY role, released_at, version"
    )
    found = []
    for role, version, sha256, released_at, security, revisions in reading.fetch(sql, (asking.tenant, asking.number)):
        one = known.pop((role, version), None)
        log = json.loads(one.cells[8]) if one and one.cells[8] else []
        found.append(
            {
                "role": role, "version": version, "sha256": bytes(sha256).hex() if sha256 else "", "released_at": released_at,
                "security": bool(security), "revisions": revisions, "state": one.state if one else IMPORTED, "log": log,
            }
        )  # fmt: skip
    for (role, version), one in known.items():  # drafts that nobody released
        found.append(
            {
                "role": role, "version": version, "sha256": one.cells[3], "released_at": None, "security": one.cells[7] == "true",
                "revisions": one.cells[6], "state": one.state, "log": json.loads(one.cells[8] or "[]"),
            }
        )  # fmt: skip
    return found


@source("AVII.1.b")
def software_versions(asking: Asking) -> Part:
    """Releases with hash, date, security flag and hardware; what has no signature, no hash, or nothing at all."""
    found = releases_of(asking)
    rows = [
        (
            one["role"], one["version"], spoken(one["state"]), day_of(one["released_at"]), _("yes") if one["security"] else _("no"),
            one["revisions"].replace(";", " "), one["sha256"],
        )
        for one in found
    ]  # fmt: skip
    columns = (_("role"), _("version"), _("state"), _("released"), _("touches security"), _("for hardware"), "SHA-256")
    gaps = []
    if not found:
        gaps.append(_("No firmware release of this product is recorded."))
    unsigned = [f"{one['role']} {one['version']}" for one in found if one["state"] == IMPORTED]
    if unsigned:
        gaps.append(_("Taken over without signatures: %(names)s.") % {"names": named(unsigned)})
    without = [f"{one['role']} {one['version']}" for one in found if not one["sha256"]]
    if without:
        gaps.append(_("Without the hash of the image: %(names)s.") % {"names": named(without)})
    running = dict(asking.count("firmware"))
    bare = running.get(None, 0)
    if found and bare:
        gaps.append(_("%(n)s of %(of)s units have no programming record.") % {"n": number(bare), "of": number(len(asking.units))})  # fmt: skip
    tables = [Table(_("Firmware releases"), columns, len(rows), lambda: rows)]
    if running:
        now = [(name or _("none"), number(count)) for name, count in running.items()]
        tables.append(Table(_("What units run now"), (_("release"), _("units")), len(now), lambda: now))
    return Part(REGISTER, (), tuple(tables) if found else (), (), tuple(gaps))


def boms_of(asking: Asking) -> list[tuple[int, str, str, int]]:
    """The bills of material, read once for a file."""
    return asking.once("boms", _boms)


def _boms(asking: Asking) -> list[tuple[int, str, str, int]]:
    """(number, revision, version, lines) of each bill of material of the product. One statement."""
    sql = (
        "SELECT m.number, r.code, m.version, count(*) FROM catalog_bom m JOIN catalog_revision r ON r.tenant = m.tenant AND r.number = m.revision "
        "JOIN catalog_bom_line l ON l.tenant = m.tenant AND l.bom = m.number AND l.until_entry IS NULL "
        "WHERE m.tenant = %s AND r.product = %s GROUP BY m.number, r.code, m.version ORDER BY r.code, m.number"
    )
    return reading.fetch(sql, (asking.tenant, asking.number))


@source("AVII.2.a")
def bills_of_material(asking: Asking) -> Part:
    """Every BOM version line by line."""
    found = boms_of(asking)
    total = sum(lines for *_, lines in found)

    def rows() -> Iterator[tuple]:
        for bom, revision, version, _lines in found:
            lines = bom_lines(asking.tenant, bom)
            parts = part_codes(asking.tenant, {line.part for line in lines})
            for line in lines:
                places = " ".join(asking.view.groups.positions(line.group))
                yield revision, version, line.line, parts[line.part], str(line.quantity), places

    columns = (_("revision"), _("BOM version"), _("line"), _("part"), _("pieces"), _("positions"))
    words = (_("%(n)s BOM versions of %(revisions)s hardware revisions.") % {"n": number(len(found)), "revisions": number(len({row[1] for row in found}))},) if found else ()  # fmt: skip
    gaps = () if found else (_("No bill of material stands."),)
    return Part(CATALOG, words, (Table(_("Bills of material"), columns, total, rows),) if found else (), (), gaps)


@source("AVII.1.c")
def placements(asking: Asking) -> Part:
    """Where components sit on the board: the board map of each revision."""
    sql = (
        "SELECT r.code, p.placement, count(*) FROM catalog_placement p JOIN catalog_revision r ON r.tenant = p.tenant AND r.number = p.revision "
        "WHERE p.tenant = %s AND r.product = %s AND p.until_entry IS NULL GROUP BY r.code, p.placement ORDER BY r.code, p.placement"
    )
    rows = [(revision, name, number(count)) for revision, name, count in reading.fetch(sql, (asking.tenant, asking.number))]  # fmt: skip
    mapped = {row[0] for row in rows}
    missing = [code for code in asking.revisions.values() if code not in mapped]
    gaps = (_("No placement of components is recorded for: %(names)s.") % {"names": named(missing)},) if missing else ()
    columns = (_("revision"), _("placement"), _("components"))
    tables = (Table(_("Placement of components"), columns, len(rows), lambda: rows),) if rows else ()
    return Part(CATALOG, (), tables, (), gaps)


@source("configuration")
def configurations(asking: Asking) -> Part:
    """What was planned together, and how many units have it so."""
    boms = {bom: (revision, version) for bom, revision, version, _lines in boms_of(asking)}
    built: dict[tuple, list[int]] = {}
    for first, until, order, _revision, bom in asking.blocks:
        key = boms.get(bom, ("", ""))
        held = built.setdefault(key, [0, 0, 0])
        held[0] += until - first
        held[2] += 1 if held[1] != order else 0
        held[1] = order
    rows = [(*key, number(held[2]), number(held[0])) for key, held in sorted(built.items())]
    columns = (_("revision"), _("BOM version"), _("orders"), _("units planned"))
    sql = (
        "SELECT revision, configuration, role, of_product, version FROM programming_configuration WHERE tenant = %s AND product = %s "
        "AND until_entry IS NULL ORDER BY revision, configuration, role"
    )
    said = [(*row[:3], " ".join(part for part in row[3:] if part)) for row in reading.fetch(sql, (asking.tenant, asking.product))]  # fmt: skip
    tables = [Table(_("What was built, by revision and BOM version"), columns, len(rows), lambda: rows)] if rows else []
    if said:
        names = (_("revision"), _("configuration"), _("role"), _("release"))
        tables.append(Table(_("Configurations"), names, len(said), lambda: said))
    gaps = []
    if not rows:
        gaps.append(_("No unit of this product is recorded."))
    if not said:
        gaps.append(_("No configuration names which firmware belongs to which hardware."))
    return Part(CATALOG, (), tuple(tables), (), tuple(gaps))


@source("changes")
def change_log(asking: Asking) -> Part:
    """What changed, version by version, and whether it touches security: releases, bills of material, test plans, routings."""
    rows = []
    for one in releases_of(asking):
        at = day_of(one["released_at"])
        touches = _("yes") if one["security"] else _("no")
        name = f"{one['role']} {one['version']}"
        rows.append((at, _("firmware"), name, touches, " / ".join(one["log"]) or _("not said")))
    for plan, versions in plans_of_products(asking.tenant, [asking.product]).items():
        for one in versions:
            what = " / ".join(json.loads(one.changes)) if one.changes.startswith("[") else one.changes
            rows.append((day_of(one.happened_at), _("test plan"), f"{plan} {one.version}", _("not said"), what))
    sql = (
        "SELECT r.code, m.version, min(e.recorded_at) FROM catalog_bom m JOIN catalog_revision r ON r.tenant = m.tenant AND r.number = m.revision "
        "JOIN catalog_bom_line l ON l.tenant = m.tenant AND l.bom = m.number AND l.until_entry IS NULL "
        "JOIN ledger_entry e ON e.tenant = l.tenant AND e.number = l.entry WHERE m.tenant = %s AND r.product = %s GROUP BY r.code, m.version"
    )
    for revision, version, at in reading.fetch(sql, (asking.tenant, asking.number)):
        rows.append((day_of(at), _("bill of material"), f"{revision} {version}", _("not said"), _("recorded")))
    sql = (
        "SELECT DISTINCT r.code, s.routing, s.from_at FROM catalog_routing_step s JOIN catalog_revision r ON r.tenant = s.tenant "
        "AND r.number = s.hardware_revision WHERE s.tenant = %s AND r.product = %s AND s.until_entry IS NULL"
    )
    for revision, routing, at in reading.fetch(sql, (asking.tenant, asking.number)):
        rows.append((day_of(at), _("routing"), f"{revision} {routing}", _("not said"), _("in force from then on")))
    rows.sort(key=lambda row: (row[0], row[1], row[2]))
    silent = [row[2] for row in rows if row[3] == _("not said")]
    gaps = []
    if not rows:
        gaps.append(_("No change is recorded."))
    if silent:
        gaps.append(_("Of %(n)s changes nobody said whether they touch security: %(names)s.") % {"n": number(len(silent)), "names": named(silent)})  # fmt: skip
    columns = (_("day"), _("of what"), _("version"), _("touches security"), _("what changed"))
    tables = (Table(_("Changes"), columns, len(rows), lambda: rows),) if rows else ()
    return Part(CATALOG, (), tables, (), tuple(gaps))


@source("AVII.2.c")
def documents_of_routings(asking: Asking) -> Part:
    """Specification of production: every routing with its steps, limits and documents."""
    sql = (
        "SELECT r.code, s.routing, s.from_at, s.place_in_route, s.step, s.side, s.place, s.limits, s.instruction, s.criteria, s.procedure, "
        "s.qualifications FROM catalog_routing_step s JOIN catalog_revision r ON r.tenant = s.tenant AND r.number = s.hardware_revision "
        "WHERE s.tenant = %s AND r.product = %s AND s.until_entry IS NULL ORDER BY r.code, s.from_at, s.place_in_route"
    )
    found = reading.fetch(sql, (asking.tenant, asking.number))
    rows = [
        (row[0], row[1], day_of(row[2]), str(row[3]), " ".join(filter(None, row[4:6])), row[6], row[7], " ".join(filter(None, row[8:11])), row[11])
        for row in found
    ]  # fmt: skip
    columns = (
        _("revision"), _("routing"), _("in force from"), _("place"), _("step"), _("machine or station"), _("limits"), _("documents"),
        _("qualifications"),
    )  # fmt: skip
    wanted = sorted({name for row in found for name in row[8:11] if name})
    documents, gaps = _documents(asking, wanted), []
    lacking = [code for code in asking.revisions.values() if code not in {row[0] for row in found}]
    if lacking:
        gaps.append(_("No routing for: %(names)s.") % {"names": named(lacking)})
    unknown = [name for name in wanted if name not in {one.what for one in documents}]
    if unknown:
        gaps.append(_("Named in a routing and not on file: %(names)s.") % {"names": named(unknown)})
    tables = (Table(_("Routings"), columns, len(rows), lambda: rows),) if rows else ()
    return Part(CATALOG, (), tables, tuple(documents), tuple(gaps))


def _documents(asking: Asking, wanted: list[str]) -> list[Document]:
    sql = "SELECT code, revision, title, file, sha256 FROM catalog_document WHERE tenant = %s AND until_entry IS NULL AND code || '@' || revision IN (" + ", ".join(["%s"] * len(wanted)) + ") ORDER BY code, revision"  # fmt: skip
    found = reading.fetch(sql, (asking.tenant, *wanted)) if wanted else ()
    return [
        Document(f"{file or title}", bytes(sha256).hex() if sha256 else "", f"{code}@{revision}")
        for code, revision, title, file, sha256 in found
    ]


@source("AVII.2.c")
def machine_programs(asking: Asking) -> Part:
    """What machines place on each revision, and how stations program units."""
    sql = (
        "SELECT r.code, f.machine, f.program, f.side, count(*) FROM catalog_program_feeder f JOIN catalog_revision r ON r.tenant = f.tenant "
        "AND r.number = f.revision WHERE f.tenant = %s AND r.product = %s AND f.until_entry IS NULL "
        "GROUP BY r.code, f.machine, f.program, f.side ORDER BY r.code, f.machine, f.program"
    )
    rows = [(*row[:4], number(row[4])) for row in reading.fetch(sql, (asking.tenant, asking.number))]
    columns = (_("revision"), _("machine"), _("program"), _("side"), _("feeders"))
    return Part(CATALOG, (), (Table(_("Machine programs"), columns, len(rows), lambda: rows),) if rows else ())
