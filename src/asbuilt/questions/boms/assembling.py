"""An as-built BOM as one SBOM document: what it is of, its sections, their parts, their firmware, what is in the images.

    as_built_bom(actor, "unit", "10842")    ->  AsBuiltBom: the document, counts, gaps

Hardware is of kind `device`. How sure the record is stands in the property `asbuilt:certainty` (certain, possible, unrecorded): a
component of several candidates states only what all of them share and names each in `asbuilt:candidate`; beside `asbuilt:candidate`
`unknown` something else may stand there. Lot and own part number use CycloneDX's `cdx:device` names. Spans of units are written as
the question language takes them: `WO-7#1..WO-7#4990`.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from pyroaring import BitMap

from asbuilt import __version__
from asbuilt.access.actor import Actor
from asbuilt.built.production.orders import Orders
from asbuilt.designed.catalog.positions import natural_key
from asbuilt.designed.catalog.queries import part_codes
from asbuilt.designed.parties.product_roles import manufacturer_of, own_party
from asbuilt.designed.parties.queries import names_of as parties_named
from asbuilt.formats.sbom.model import SbomComponent, SbomDocument
from asbuilt.formats.sbom.quality import Evaluation, evaluate, profile_named
from asbuilt.kernel.spans import CERTAIN, POSSIBLE, UNRECORDED, spans_of
from asbuilt.ledger import clock, sequencing
from asbuilt.questions.boms.asked import UNIT, Asked, Section, asked_for
from asbuilt.questions.boms.firmware import FirmwareUse, firmware_of
from asbuilt.questions.boms.gaps import BomGap, merged
from asbuilt.questions.boms.parts import PartUse, packages_in, parts_of, too_large
from asbuilt.questions.boms.redaction import PUBLIC, Redaction
from asbuilt.questions.boms.shown import CANDIDATES_TOLD_MAX, Told, candidate, image_hashes, shared, with_sbom
from asbuilt.questions.boms.software import Software, software_of
from asbuilt.questions.genealogy.seen.placed_parts import short
from asbuilt.storage import reading

COMPONENTS_MAX = 50_000
SPANS_TOLD_MAX = 100
SUBJECT = "subject"
TOOL = f"Asbuilt {__version__}"


@dataclass
class AsBuiltBom:
    """An as-built BOM. `pieces` counts the pieces of hardware on all its units by how sure; `asked` is what it is of."""

    asked: Asked = field(repr=False)
    document: SbomDocument
    units: int
    parts: int
    images: int
    software: int
    pieces: dict[str, int]
    gaps: list[BomGap]
    gaps_more: int
    size: int
    note: str = field(repr=False)
    origin: str
    packages: frozenset[int] = field(repr=False)
    sbom_entries: frozenset[int] = field(repr=False)
    quality: Evaluation | None = None

    def as_dict(self, say: Callable[[str], str] = str) -> dict:
        """For programs: what it is of, counts, gaps in words, and how far the profile is met."""
        return {
            "kind": self.asked.kind, "code": self.asked.code, "reader": self.asked.reader, "identity": self.document.identity,
            "version": int(self.document.document_version), "units": self.units, "parts": self.parts, "images": self.images,
            "software": self.software, "pieces": self.pieces,
            "gaps": [{"kind": gap.kind, "at": gap.at, "units": gap.units, "text": gap.text(say)} for gap in self.gaps],
            "gaps_more": self.gaps_more, "log": {"origin": self.origin, "size": self.size},
            "quality": self.quality.as_dict() if self.quality else None,
        }  # fmt: skip


def as_built_bom(actor: Actor, kind: str, code: str, reader: str = "", profile: str = "") -> AsBuiltBom:
    """The as-built BOM of the unit, order or shipment with this code, as the reader (house, customer, public) may see it.

    `profile` has it held against a profile of SBOM quality too. NotFound, Invalid, NotAllowed as `asked_for`; Invalid where it has
    more components than one document holds.
    """
    if profile:
        profile_named(profile)
    with reading.snapshot():
        asked = asked_for(actor, kind, code, reader)
        origin, size, _root, note = sequencing.head(actor.tenant)
        bom = _Assembly(asked, origin, size, note).build()
    bom.quality = evaluate(bom.document, profile) if profile else None
    return bom


class _Assembly:
    """One BOM on its way."""

    def __init__(self, asked: Asked, origin: str, size: int, note: str):
        self.asked, self.view = asked, asked.view
        self.origin, self.size, self.note = origin, size, note
        self.now = clock.now()
        self.orders = Orders(self.view.tenant, self.view.entry)
        self.components: list[SbomComponent] = []
        self.depends: dict[str, list[str]] = {}
        self.complete: dict[str, str] = {}
        self.gaps: list[BomGap] = []
        self.pieces = dict.fromkeys((CERTAIN, POSSIBLE, UNRECORDED), 0)
        self.carriers: dict[tuple[str, int], set[str]] = {}

    def build(self) -> AsBuiltBom:
        """Everything, in the order of the file."""
        uses = parts_of(self.view, self.asked.units)
        self.known = packages_in(self.view, uses)
        self.redaction = Redaction(self.view, self.asked.reader, self.asked.owners)
        self.redaction.look_at(self.known)
        self.parts = part_codes(self.view.tenant, {use.part for use in uses})
        images = firmware_of(self.view, self.asked.units, self.known)
        programs = software_of(self.view, images) if self.asked.software else {}
        self.ref_of = self._section_refs()
        for section in self.asked.sections:
            self._section(section)
            self._hardware(section, uses)
            self._firmware(section, images, programs)
        hardware = sum(one.ref.startswith("part:") for one in self.components)
        listed = sum(len(one.components) for one in programs.values())
        if self.asked.hidden:
            self.gaps.append(BomGap("inside_not_shown", "", self.asked.hidden))
        gaps, more = merged(self.gaps)
        document = self._document(gaps)
        return AsBuiltBom(
            self.asked, document, len(self.asked.outer), hardware, len({one.release for one in images}), listed, self.pieces,
            gaps, more, self.size, self.note, self.origin, frozenset(self.known), frozenset(one.sbom.entry for one in programs.values()),
        )  # fmt: skip

    def _add(self, one: SbomComponent) -> None:
        self.components.append(one)
        if len(self.components) > COMPONENTS_MAX:
            raise too_large(COMPONENTS_MAX)

    # ---- what it is of

    def _section_refs(self) -> dict[str, str]:
        """The unit that is asked for is the subject itself."""
        first = self.asked.sections[0].ref if self.asked.kind == UNIT else ""
        return {one.ref: SUBJECT if one.ref == first else one.ref for one in self.asked.sections}

    def _document(self, gaps: list[BomGap]) -> SbomDocument:
        asked = self.asked
        party = asked.view.actor.party
        named = f"{self.origin}/bom/{asked.kind}/{asked.code}/{asked.reader}/{party or ''}"
        own = own_party(self.view.tenant, self.now)
        author = parties_named(self.view.tenant, [own]).get(own, "") if own is not None else ""
        subject = self.subject if asked.kind == UNIT else self._of_many()
        told = tuple(("asbuilt:gap", gap.text()) for gap in gaps)
        subject = replace(subject, properties=(*subject.properties, *told))
        return SbomDocument(
            "cyclonedx", "1.6", "json", f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, named)}",
            # the size of the log: whoever makes it again after something changed gets a later version of the same BOM
            document_version=str(max(self.size, 1)),
            created_at=datetime.fromtimestamp(self.now / 1_000_000, UTC).replace(microsecond=0),
            authors=(author or self.origin,), tools=(TOOL,), lifecycle="post-build", subject=subject,
            components=tuple(self.components), dependencies=tuple((ref, tuple(to)) for ref, to in self.depends.items()),
            completeness=tuple(self.complete.items()),
        )  # fmt: skip

    def _of_many(self) -> SbomComponent:
        asked = self.asked
        told = [("asbuilt:of", asked.kind), ("cdx:device:quantity", str(len(asked.outer))), *self._log()]
        self.depends[SUBJECT] = [self.ref_of[one.ref] for one in asked.sections if not one.inside]
        products = sorted({one.product for one in asked.sections if one.units & asked.outer})
        return SbomComponent(
            SUBJECT, kind="device", name=asked.code, description=", ".join(products), properties=tuple(told)
        )

    def _log(self) -> list[tuple[str, str]]:
        return [
            ("asbuilt:reader", self.asked.reader),
            ("asbuilt:log", self.origin),
            ("asbuilt:log_size", str(self.size)),
        ]

    def _section(self, section: Section) -> None:
        ref = self.ref_of[section.ref]
        party = manufacturer_of(self.view.tenant, section.product, self.now)
        maker = parties_named(self.view.tenant, [party]).get(party, "") if party is not None else ""
        told = [("asbuilt:bom_version", section.bom_version)]
        if section.serial:
            told += self._unit_said(section)
        else:
            told += [("cdx:device:quantity", str(len(section.units))), *self._spans(section.units)]
        component = SbomComponent(
            ref, self._parent(section), "device", name=section.product, version=section.revision, maker=maker,
            properties=tuple(pair for pair in told if pair[1]),
        )  # fmt: skip
        if ref == SUBJECT:
            said = [("asbuilt:of", self.asked.kind), *self._log()]
            self.subject = replace(component, properties=(*component.properties, *said))
        else:
            self._add(component)
        for outer in section.inside:
            if outer in self.ref_of:
                self.depends.setdefault(self.ref_of[outer], []).append(ref)

    def _parent(self, section: Section) -> str:
        """Of a unit the one that it is inside of; sections of many stand side by side, for one may be inside several."""
        if self.ref_of[section.ref] == SUBJECT:
            return ""
        return self.ref_of.get(section.inside[0], SUBJECT) if section.serial and section.inside else SUBJECT

    def _unit_said(self, section: Section) -> list[tuple[str, str]]:
        who = self.asked.who
        if self.asked.reader == PUBLIC:
            return [("cdx:device:serialNumber", section.serial)]
        unit = section.units.min()
        order = self.orders.of_unit(unit)
        place = f"{order.code}#{order.place_of(unit)}" if order else ""
        named = section.serial != place
        told = [("cdx:device:serialNumber", section.serial if named else ""), ("asbuilt:unit", place)]
        if who is not None and who.unit == unit:
            told += [("asbuilt:order", who.order), ("asbuilt:batch", who.batch), ("asbuilt:panel", who.panel)]
            told.append(("asbuilt:position", who.position if who.panel else ""))
            told += [
                (f"asbuilt:name:{name.kind}", name.value) for name in who.names if name.now and name.kind != "serial"
            ]
        return told

    def _spans(self, units: BitMap) -> list[tuple[str, str]]:
        """The units as `order:` takes them; the first hundred spans, then how many more. The public is told no orders."""
        if self.asked.reader == PUBLIC:
            return []
        told, more = [], 0
        for first, until in spans_of(units):
            low = first
            while low < until:
                order = self.orders.of_unit(low)
                high = min(until, next(end for start, end in order.blocks if start <= low < end))
                if len(told) < SPANS_TOLD_MAX:
                    place = order.place_of(low)
                    ends = f"{order.code}#{place}", f"{order.code}#{place + high - low - 1}"
                    told.append(("asbuilt:units", "..".join(dict.fromkeys(ends))))
                else:
                    more += 1
                low = high
        return told + ([("asbuilt:units_more", str(more))] if more else [])

    # ---- hardware

    def _hardware(self, section: Section, uses: Iterable[PartUse]) -> None:
        ref = self.ref_of[section.ref]
        whole = True
        for number, (told, packages) in enumerate(self._grouped(section, uses), 1):
            part = f"part:{section.ref}:{number}"
            self._add(self._part(told, part, ref, alone=bool(section.serial)))
            self.depends.setdefault(ref, []).append(part)
            self.complete[part] = "unknown"
            for package in packages:
                self.carriers.setdefault((section.ref, package), set()).add(part)
            self.pieces[told.grade] += told.pieces * len(told.units)
            whole = whole and told.grade == CERTAIN and not told.hidden
            self.gaps += self._gaps_of(told)
        self.complete[ref] = "complete" if whole and not self.asked.hidden else "incomplete"

    def _grouped(self, section: Section, uses: Iterable[PartUse]) -> Iterator[tuple[Told, set[int]]]:
        """The uses of a section as the reader sees them, positions together that hold the same on the same units."""
        by_units: dict[tuple, tuple[BitMap, set[int]]] = {}
        for use in uses:
            mine = use.units & section.units
            if use.bom != section.bom or not mine:
                continue
            shown = tuple(sorted({self.redaction.shown(self.known[one]) for one in use.packages}))
            key = (use.line, use.part, use.positions, use.pieces, shown, use.other)
            units, packages = by_units.setdefault(key, (BitMap(), set()))
            by_units[key] = (units | mine, packages | use.packages)
        by_positions: dict[tuple, tuple[list[str], int, BitMap, set[int]]] = {}
        for (line, part, positions, pieces, shown, other), (units, packages) in by_units.items():
            key = (line, part, shown, other, units.serialize())
            held, count, _, carried = by_positions.setdefault(key, ([], 0, units, set()))
            by_positions[key] = ([*held, *positions], count + pieces, units, carried | packages)
        for (line, part, shown, other, _), (positions, pieces, units, packages) in by_positions.items():
            ordered = tuple(sorted(positions, key=natural_key))
            yield Told(section.ref, line, part, ordered, pieces, shown, other, units), packages

    def _part(self, told: Told, ref: str, parent: str, *, alone: bool) -> SbomComponent:
        own = "" if self.asked.reader == PUBLIC else self.parts.get(told.part, "")
        common = shared(told)
        more = [("mpn", common.mpn), ("sku", own), ("lot", common.lot_code)]
        properties = [
            ("asbuilt:certainty", told.grade), ("cdx:device:quantity", str(told.pieces)),
            ("cdx:device:location", " ".join(told.positions)), ("asbuilt:date_code", common.date_code),
            ("asbuilt:package", common.package), ("asbuilt:line", told.line),
        ]  # fmt: skip
        if told.hidden:
            properties.append(("asbuilt:not_shown", "another party's material"))
        if told.grade == POSSIBLE:
            seen = told.shown[:CANDIDATES_TOLD_MAX]
            properties += [("asbuilt:candidate", candidate(one)) for one in seen if not one.hidden]
            if len(told.shown) > len(seen):
                properties.append(("asbuilt:candidates_more", str(len(told.shown) - len(seen))))
            if told.other:
                properties.append(("asbuilt:candidate", "unknown"))
        if not alone:
            properties += [("asbuilt:units_count", str(len(told.units))), *self._spans(told.units)]
        return SbomComponent(
            ref, parent, "device", name=common.mpn or own or f"at {short(told.positions)}", maker=common.maker,
            supplier=common.supplier, more_identifiers=tuple(pair for pair in more if pair[1]),
            properties=tuple(pair for pair in properties if pair[1]),
        )  # fmt: skip

    def _gaps_of(self, told: Told) -> Iterator[BomGap]:
        at, units = self._at(told), len(told.units)
        if told.hidden:
            yield BomGap("not_shown", at, units)
        if told.grade == UNRECORDED:
            yield BomGap("no_record", at, units)
        elif told.other:
            yield BomGap("or_unknown", at, units)
        elif told.grade == POSSIBLE:
            yield BomGap("one_of", at, units)
        lots_told = self.asked.reader != PUBLIC
        if lots_told and any(not one.hidden and not (one.lot_code and one.date_code) for one in told.shown):
            yield BomGap("no_lot", at, units)

    def _at(self, told: Told) -> str:
        """The positions; with the product where several are told."""
        product = next(one.product for one in self.asked.sections if one.ref == told.section)
        return f"{product} {short(told.positions)}" if len(self.asked.sections) > 1 else short(told.positions)

    # ---- firmware and what is in it

    def _firmware(self, section: Section, images: list[FirmwareUse], programs: dict[int, Software]) -> None:
        without = BitMap(section.units)
        for number, use in enumerate(images, 1):
            mine = use.units & section.units
            if not mine:
                continue
            without -= mine
            self._image(f"image:{section.ref}:{number}", section, use, mine, programs)
            if use.grade == POSSIBLE:
                self.gaps.append(BomGap("perhaps_firmware", f"{use.product} {use.role} {use.version}", len(mine)))
        has_firmware = (
            "SELECT 1 FROM firmware_release t JOIN catalog_product c ON c.tenant = t.tenant AND c.number = t.product "
        )
        sql = f"{has_firmware} WHERE t.tenant = %s AND c.code = %s{self.view.seen('t')} LIMIT 1"
        if without and reading.fetch_one(sql, (self.view.tenant, section.product)):
            self.gaps.append(BomGap("no_firmware", section.product, len(without)))
            self.complete[self.ref_of[section.ref]] = "incomplete"

    def _image(self, ref: str, section: Section, use: FirmwareUse, mine: BitMap, programs: dict[int, Software]) -> None:
        properties = [("asbuilt:image_role", use.role), ("asbuilt:certainty", use.grade)]
        if not section.serial:
            properties += [("asbuilt:units_count", str(len(mine))), *self._spans(mine)]
        named = f"{use.product} {use.role}"
        above = self.ref_of[section.ref]
        inside = programs.get(use.release)
        image = SbomComponent(
            ref, above, "firmware", name=named, version=use.version, hashes=image_hashes(use), properties=tuple(properties),
        )  # fmt: skip
        self._add(with_sbom(image, inside) if inside else image)
        parts = sorted({part for one in use.carriers for part in self.carriers.get((section.ref, one), ())})
        for carrier in parts or (above,):
            self.depends.setdefault(carrier, []).append(ref)
        if inside is None:
            self.complete[ref] = "unknown"
            kind = "no_sbom" if self.asked.software else "sbom_not_shown"
            self.gaps.append(BomGap(kind, f"{named} {use.version}", 0))
            return
        self.complete[ref] = inside.completeness or "unknown"
        self.depends[ref] = list(inside.top)
        if not inside.told:
            inside.told = True
            for one in inside.components:
                self._add(replace(one, parent=one.parent or ref))
            for start, to in inside.dependencies:
                self.depends[start] = list(to)
            self.complete.update(inside.said)
