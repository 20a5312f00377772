"""What a material term asks for: from codes to packages, packages that may match, and the parts that admit it."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from asbuilt.kernel.errors import Invalid
from asbuilt.questions.genealogy.evaluating.beside import RUN_COLUMNS
from asbuilt.questions.genealogy.evaluating.borne import borne, not_gone
from asbuilt.questions.genealogy.evaluating.material import Material
from asbuilt.questions.genealogy.evaluating.naming import either, numbers, unknown
from asbuilt.questions.genealogy.evaluating.through_feeders import Through, fed_by, places_named
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words.language import Comparison, Range, Term, Value
from asbuilt.questions.genealogy.words.terms import gettext_noop as _
from asbuilt.storage import reading

PACKAGE_TERMS = frozenset({"lot", "package", "part", "maker", "supplier", "datecode"})
MATERIAL_TERMS = PACKAGE_TERMS | {"feeder"}
"""`feeder:` speaks of what was placed as the others do, but of its run: a package may come through several."""
LOTS_SAID_MAX = 5
PACKAGES_SAID_MAX = 12


def material_of(view: View, term: Term) -> Material:
    """The material one term asks for."""
    return {
        "lot": _lot, "package": _package, "part": _part, "maker": _maker, "supplier": _supplier, "datecode": _datecode,
        "feeder": _feeder,
    }[term.name](view, term.values)  # fmt: skip


def materials_of(view: View, terms: Sequence[Term]) -> list[Material]:
    """The material that each of these terms asks for, of the same package; of a few units, what of it lies on them."""
    if view.few is not None:
        return asked_of_few(view, terms)
    found: list[Material] = []
    # date codes and suppliers name much, the others little: they are looked up among what the others leave
    for term in sorted(terms, key=lambda one: one.name in _AMONG):
        if found and term.name in _AMONG:
            among = frozenset.intersection(*(one.match | one.unknown for one in found))
            found.append(_AMONG[term.name](view, term.values, among))
        else:
            found.append(material_of(view, term))
    return found


def asked_of_few(view: View, terms: Sequence[Term]) -> list[Material]:
    """What each term asks for of the packages on a few units; which parts admit it only where something of the units is not known."""
    pairs = [_ON_FEW[term.name](view, term.values) for term in terms]
    through = [Through((places_named(view, term.values),)) if term.name == "feeder" else None for term in terms]
    if view.few.material.whole and not any(unknown for _, unknown in pairs) and not any(through):
        return [Material(match, frozenset(), frozenset()) for match, _ in pairs]
    return [
        Material(*pair, _ADMITTING[term.name](view, term.values) if term.name in _ADMITTING else None, through=by)
        for term, pair, by in zip(terms, pairs, through, strict=True)
    ]


Pair = tuple[frozenset[int], frozenset[int]]  # packages that match, packages that may


def _packages_with(view: View, attribute: str, values: Iterable) -> frozenset[int]:
    """Packages on the few units whose field holds one of the values."""
    there = view.few.material.packages_by(attribute)
    return frozenset().union(*(there.get(value, ()) for value in values))


def _lots_on_few(view: View, values) -> Pair:
    return _packages_with(view, "lot", _lot_numbers(view, values)), view.few.material.packages_of_lots_without(
        "lot_code"
    )


def _packages_on_few(view: View, values) -> Pair:
    wanted = {n for value in values for n in numbers(view, "package", value.text, "supply_package", ("code",))}
    return view.few.material.touching & wanted, frozenset()


def _parts_on_few(view: View, values) -> Pair:
    own, written, approved = _parts_named(view, values)
    there = view.few.material.packages.items()
    match = frozenset(number for number, one in there if one.part in own or one.mpn in written)
    unknown = (number for number, one in there if not one.mpn and one.of_part in approved) if written else ()
    return match, frozenset(unknown)


def _makers_on_few(view: View, values) -> Pair:
    makers, there = _makers_named(view, values), view.few.material.packages.items()
    match = frozenset(number for number, one in there if one.maker in makers)
    return match, frozenset(number for number, one in there if not one.maker)


def _suppliers_on_few(view: View, values) -> Pair:
    parties = {n for v in values for n in numbers(view, "supplier", v.text, "parties_party", ("code", "name"))}
    return _packages_with(view, "supplier", parties), _packages_with(view, "supplier", (None,))


def _datecodes_on_few(view: View, values) -> Pair:
    codes = view.few.material.packages_by("date_code")
    wanted = [code for code in codes if code and any(_in_order(code, value) for value in values)]
    return _packages_with(view, "date_code", wanted), view.few.material.packages_of_lots_without("date_code")


def _fed_on_few(view: View, values) -> Pair:
    """Packages of which a run on the units fits or does not say."""
    asked = Through((places_named(view, values),))
    return frozenset(row[4] for row in view.few.material.runs if asked.fits(*row[8:10]) is not False), frozenset()


_ON_FEW = {
    "lot": _lots_on_few, "package": _packages_on_few, "part": _parts_on_few, "maker": _makers_on_few,
    "supplier": _suppliers_on_few, "datecode": _datecodes_on_few, "feeder": _fed_on_few,
}  # fmt: skip


def _parts_of_lots(view: View, values) -> frozenset[int]:
    sql = "SELECT DISTINCT l.part FROM supply_lot l WHERE l.tenant = %s AND " + reading.any_of("l.number")
    rows = reading.fetch(sql, (view.tenant, reading.list_param(_lot_numbers(view, values))))
    return frozenset(part for (part,) in rows)


def _parts_of_packages(view: View, values) -> frozenset[int]:
    return _parts_of(
        view, {n for value in values for n in numbers(view, "package", value.text, "supply_package", ("code",))}
    )


def _parts_admitting(view: View, values) -> frozenset[int]:
    own, _, approved = _parts_named(view, values)
    return own | approved


def _parts_by_makers(view: View, values) -> frozenset[int]:
    """Approved for the maker, or come from it: of those that positions of the few units admit."""
    makers = reading.list_param(_makers_named(view, values))
    sql = (
        f"SELECT DISTINCT p.part FROM supply_package p WHERE p.tenant = %s AND {reading.any_of('p.part')}{view.seen('p')} AND p.lot IN "
        f"(SELECT l.number FROM supply_lot l WHERE l.tenant = %s AND {reading.any_of('l.maker', 'text')})"
    )
    come = reading.fetch(sql, (view.tenant, reading.list_param(sorted(view.few.material.parts)), view.tenant, makers))
    return _approved_for(view, makers) | {part for (part,) in come}


_ADMITTING = {
    "lot": _parts_of_lots, "package": _parts_of_packages, "part": _parts_admitting, "maker": _parts_by_makers,
    "feeder": lambda view, values: fed_by(view, values).parts,
}  # fmt: skip


def same_package(parts: Iterable[Material], at: frozenset[str] | None, ever: bool) -> Material:
    """Several terms that speak of the same package: it matches all, or may match all and is known to fail none."""
    parts = list(parts)
    match = frozenset.intersection(*(part.match for part in parts))
    may = frozenset.intersection(*(part.match | part.unknown for part in parts))
    admits = None
    for part in parts:
        if part.admits is not None:
            admits = part.admits if admits is None else admits & part.admits
    rows = parts[0].rows if len(parts) == 1 else None  # what several terms name is less than each
    return Material(match, may - match, admits, at, ever, _through(parts), rows)


def _through(parts: list[Material]) -> Through | None:
    """The feeders that the run must have come through, with what the other terms say of its package."""
    wanted = tuple(places for part in parts if part.through for places in part.through.wanted)
    if not wanted:
        return None
    others = [part for part in parts if not part.through]
    if not others:
        return Through(wanted)
    match = frozenset.intersection(*(part.match for part in others))
    return Through(wanted, (match, frozenset.intersection(*(part.match | part.unknown for part in others)) - match))


def _packages(view: View, where: str, params: Iterable, among: frozenset[int] | None = None) -> frozenset[int]:
    """Packages by a condition on themselves (`p`); only of those `among` where given."""
    if among is not None:
        where, params = f"{reading.any_of('p.number')} AND {where}", (reading.list_param(among), *params)
    sql = f"SELECT p.number FROM supply_package p WHERE p.tenant = %s AND {where}"
    return frozenset(row[0] for row in reading.fetch(sql + view.seen("p"), (view.tenant, *params)))


def _packages_by_lot(view: View, where: str, params: Iterable, among: frozenset[int] | None = None) -> frozenset[int]:
    """Packages by a condition on their lots (`l`): lots first, never all packages; or those `among` first where given."""
    if among is not None:
        there = f"l.tenant = p.tenant AND l.number = p.lot AND {where}"
        sql = f"SELECT p.number FROM supply_package p {reading.each('l', 'supply_lot', there)} WHERE p.tenant = %s AND "
        listed = reading.list_param(among)
        placed = (*params, view.tenant, listed)
        return frozenset(n for (n,) in reading.fetch(sql + reading.any_of("p.number") + view.seen("p"), placed))
    package = reading.each("p", "supply_package", "p.tenant = l.tenant AND p.lot = l.number")
    sql = f"SELECT p.number FROM supply_lot l {package} WHERE l.tenant = %s AND {where}"
    return frozenset(row[0] for row in reading.fetch(sql + view.seen("p"), (view.tenant, *params)))


def _parts_of(view: View, packages: Iterable[int]) -> frozenset[int]:
    sql = "SELECT DISTINCT p.part FROM supply_package p WHERE p.tenant = %s AND " + reading.any_of("p.number")
    return frozenset(row[0] for row in reading.fetch(sql, (view.tenant, reading.list_param(packages))))


def _lot(view: View, values) -> Material:
    """Packages of lots so called, with their runs. One statement where the codes are written as they are recorded."""
    codes = list(dict.fromkeys(value.text for value in values))
    rows = _of_codes(view, codes)
    lots: dict[str, set[int]] = {}
    match, silent, parts, runs = set(), set(), set(), []
    for row in rows:
        code, lot, part, package = row[:4]
        if code is None:
            silent.add(package)
        else:
            lots.setdefault(code, set()).add(lot)
            parts.add(part)
            match.add(package)
        if row[4] is not None:
            runs.append(row[4:])
    if len(lots) != len(codes) or "" in codes:  # nothing is called so (then), or blind to case
        return of_lots(view, _lot_numbers(view, values))
    for value in values:
        _say_which(view, value.text, sorted(lots[value.text]))
    return Material(frozenset(match - {None}), frozenset(silent), frozenset(parts), rows=runs)


def _of_codes(view: View, codes: list[str]) -> list[tuple]:
    """(lot code, lot, part, package, what RUN_COLUMNS say of a run) of lots so called; the first three None for packages of no known lot."""
    if view.at_once is not None and codes == [view.at_once.code]:
        return view.at_once.lots
    sql = _runs_of_codes(reading.vendor(), view.seen("p"), view.seen("r"))
    return reading.fetch(sql, (view.tenant, reading.list_param(codes), view.tenant))


@lru_cache(64)
def _runs_of_codes(vendor: str, packages_seen: str, runs_seen: str) -> str:
    run = f"LEFT JOIN production_material_run r ON r.tenant = p.tenant AND r.package = p.number{runs_seen}"
    package = f"supply_package p ON p.tenant = l.tenant AND p.lot = l.number{packages_seen}"
    return (
        f"SELECT l.lot_code, l.number, l.part, p.number, {RUN_COLUMNS} FROM supply_lot l JOIN {package} {run} "
        f"WHERE l.tenant = %s AND {reading.any_of('l.lot_code', 'text')} UNION ALL SELECT NULL, NULL, NULL, p.number, {RUN_COLUMNS} "
        f"FROM supply_lot l JOIN {package} {run} WHERE l.tenant = %s AND l.lot_code = ''"
    )


def _lot_numbers(view: View, values) -> list[int]:
    lots: list[int] = []
    for value in values:
        found = numbers(view, "lot", value.text, "supply_lot", ("lot_code",)) if value.text else []
        if not found:
            raise unknown("lot", value.text, ())
        found = _those_meant(view, found)
        if view.few is None:  # a hold reads no notes
            _say_which(view, value.text, found)
        lots += found
    return lots


def _those_meant(view: View, lots: list[int]) -> list[int]:
    """Of lots of one code, those of which a package stands, or else all. One statement, none for one lot."""
    if len(lots) < 2:
        return lots
    sql = (
        "SELECT DISTINCT p.lot FROM supply_package p WHERE p.tenant = %s AND "
        + reading.any_of("p.lot")
        + view.seen("p")
    )
    return sorted(lot for (lot,) in reading.fetch(sql, (view.tenant, reading.list_param(lots)))) or lots


def of_lots(view: View, lots: list[int]) -> Material:
    """Packages of these lots, by number, and those of which nobody said the lot. One statement."""
    # a withdrawn package leaves its lot without one; the lot is known all the same
    sql = (
        f"SELECT l.part, p.number FROM supply_lot l LEFT JOIN supply_package p ON p.tenant = l.tenant AND p.lot = l.number"
        f"{view.seen('p')} WHERE l.tenant = %s AND "
    )
    rows = reading.fetch(
        f"{sql}{reading.any_of('l.number')} UNION ALL SELECT NULL, number FROM ({sql}l.lot_code = '') n",
        (view.tenant, reading.list_param(lots), view.tenant),
    )
    match, unknown_packages, parts = set(), set(), set()
    for part, number in rows:
        if part is not None:
            parts.add(part)
        if number is not None:
            (unknown_packages if part is None else match).add(number)
    return Material(frozenset(match), frozenset(unknown_packages), frozenset(parts))


def _say_which(view: View, code: str, lots: list[int]) -> None:
    if len(lots) < 2 or view.visible is not None:
        return
    sql = (
        "SELECT l.maker, l.mpn, l.date_code, c.code, l.number FROM supply_lot l JOIN catalog_part c ON c.tenant = l.tenant AND "
        "c.number = l.part WHERE l.tenant = %s AND " + reading.any_of("l.number") + " ORDER BY l.number"
    )
    rows = reading.fetch(sql, (view.tenant, reading.list_param(lots)))[:LOTS_SAID_MAX]
    said = "; ".join(
        view.say(_("{maker} {mpn}, date code {date}")).format(
            maker=row[0] or view.say(_("maker not known")), mpn=row[1], date=row[2] or view.say(_("not known"))
        )
        for row in rows
    )
    forms = either(view, (_narrower(view, code, row[0], row[4]) for row in rows))
    note = view.say(_("Lot {lot} names {count} lots: {said}. Answered for all. Narrower: {forms}."))
    view.notes.append(note.format(lot=code, count=view.number(len(lots)), said=said, forms=forms))


def _narrower(view: View, code: str, maker: str, lot: int) -> str:
    """The form that means this lot alone: its packages. `lot:` beside `maker:` would not do, since each term may hold
    of another package on the unit; only beside an `at:` both speak of the same one."""
    sql = "SELECT p.code FROM supply_package p WHERE p.tenant = %s AND p.lot = %s" + view.seen("p")
    packages = [
        row[0] for row in reading.fetch(f"{sql} ORDER BY p.code LIMIT {PACKAGES_SAID_MAX + 1}", (view.tenant, lot))
    ]
    if 0 < len(packages) <= PACKAGES_SAID_MAX:
        return "package:" + ",".join(map(_quoted, packages))
    return f"(lot:{_quoted(code)} maker:{_quoted(maker)} at:…)" if maker else f"(lot:{_quoted(code)} at:…)"


def _quoted(text: str) -> str:
    if not any(letter in text for letter in ' ,()"') and ".." not in text:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _package(view: View, values) -> Material:
    match = frozenset(n for value in values for n in numbers(view, "package", value.text, "supply_package", ("code",)))
    return Material(match, frozenset(), _parts_of(view, match))


def _part(view: View, values) -> Material:
    own, written, approved = _parts_named(view, values)
    match = _packages(view, reading.any_of("p.part"), [reading.list_param(own)]) if own else frozenset()
    unknown_packages: frozenset[int] = frozenset()
    if written:
        match |= _packages_by_lot(view, reading.any_of("l.mpn", "text"), [reading.list_param(sorted(written))])
        where = reading.any_of("l.part") + " AND l.mpn = ''"
        unknown_packages = _packages_by_lot(view, where, [reading.list_param(approved)])
    return Material(match, unknown_packages, own | approved)


def _parts_named(view: View, values) -> tuple[frozenset[int], frozenset[str], frozenset[int]]:
    """(parts by own number, MPNs as they are written, parts approved for those or come as them)."""
    own: set[int] = set()
    written: set[str] = set()
    approved: set[int] = set()
    for value in values:
        if found := _part_numbers(view, value.text):
            own |= set(found)
            continue
        mpn, parts = _mpn_as_written(view, value.text)
        written.add(mpn)
        approved |= parts
    return frozenset(own), frozenset(written), frozenset(approved)


def _part_numbers(view: View, code: str) -> list[int]:
    if ("catalog_part", code) in view.names:
        return view.names["catalog_part", code]
    for condition in ("code = %s", "lower(code) = lower(%s)"):
        sql = f"SELECT t.number FROM catalog_part t WHERE t.tenant = %s AND {condition}{borne(view, 'catalog_part')}"
        rows = reading.fetch(sql, (view.tenant, code))
        if len(rows) == 1:
            return [rows[0][0]]
    return []


def _mpn_as_written(view: View, mpn: str) -> tuple[str, frozenset[int]]:
    """The MPN as it is written in the record, and the parts it is approved for or has come as."""
    for condition in ("= %s", "= lower(%s)"):
        column = "t.mpn" if condition == "= %s" else "lower(t.mpn)"
        sql = f"SELECT DISTINCT t.mpn, t.part FROM {{}} t WHERE t.tenant = %s AND {column} {condition}"
        approved = reading.fetch(sql.format("catalog_manufacturer_part") + view.seen("t"), (view.tenant, mpn))
        come = reading.fetch(sql.format("supply_lot") + borne(view, "supply_lot"), (view.tenant, mpn))
        if (approved or come) and mpn:
            parts = {part for _, part in approved}
            return (approved or come)[0][0], frozenset(
                parts | _came_as(view, mpn, condition, {part for _, part in come} - parts)
            )
    raise unknown("part", mpn, _known_parts(view))


def _came_as(view: View, mpn: str, condition: str, parts: Iterable[int]) -> set[int]:
    """Those of the parts of which a package under this MPN stands: a lot that was corrected leaves none. A statement each."""
    column = "l.mpn" if condition == "= %s" else "lower(l.mpn)"
    there = "p.tenant = l.tenant AND p.lot = l.number" + view.seen("p")
    sql = (
        f"SELECT 1 FROM supply_lot l WHERE l.tenant = %s AND l.part = %s AND {column} {condition} AND EXISTS "
        f"(SELECT 1 FROM supply_package p WHERE {there}) LIMIT 1"
    )
    return {part for part in parts if reading.fetch_one(sql, (view.tenant, part, mpn)) is not None}


def _known_parts(view: View) -> list[str]:
    if view.visible is not None:
        return []
    sql = "SELECT DISTINCT t.{} FROM {} t WHERE t.tenant = %s{} LIMIT 2000"
    codes = reading.fetch(sql.format("code", "catalog_part", borne(view, "catalog_part")), (view.tenant,))
    mpns = reading.fetch(sql.format("mpn", "supply_lot", borne(view, "supply_lot")), (view.tenant,))
    return [row[0] for row in codes + mpns]


def _makers_named(view: View, values) -> set[str]:
    makers: set[str] = set()
    for value in values:
        found = set()
        for condition in ("t.maker = %s", "lower(t.maker) = lower(%s)"):
            for table, stands in (
                ("supply_lot", borne(view, "supply_lot")),
                ("catalog_manufacturer_part", not_gone(view, "t")),
            ):
                sql = f"SELECT DISTINCT t.maker FROM {table} t WHERE t.tenant = %s AND {condition}{stands}"
                found |= {row[0] for row in reading.fetch(sql, (view.tenant, value.text)) if row[0]}
            if found:
                break
        makers |= found
        if not found:
            sql = f"SELECT DISTINCT t.maker FROM supply_lot t WHERE t.tenant = %s{borne(view, 'supply_lot')}"
            known = reading.fetch(sql, (view.tenant,))
            raise unknown("maker", value.text, [row[0] for row in known] if view.visible is None else ())
    return makers


def _approved_for(view: View, makers) -> frozenset[int]:
    sql = "SELECT DISTINCT t.part FROM catalog_manufacturer_part t WHERE t.tenant = %s AND " + reading.any_of(
        "t.maker", "text"
    )
    return frozenset(row[0] for row in reading.fetch(sql + view.seen("t"), (view.tenant, makers)))


def _maker(view: View, values) -> Material:
    makers = reading.list_param(_makers_named(view, values))
    match = _packages_by_lot(view, reading.any_of("l.maker", "text"), [makers])
    admits = _approved_for(view, makers) | _parts_of(view, match)
    return Material(match, _packages_by_lot(view, "l.maker = ''", ()), admits)


def _supplier(view: View, values, among: frozenset[int] | None = None) -> Material:
    parties = {n for v in values for n in numbers(view, "supplier", v.text, "parties_party", ("code", "name"))}
    match = _packages(view, reading.any_of("p.supplier"), [reading.list_param(parties)], among)
    return Material(match, _packages(view, "p.supplier IS NULL", (), among), None)


def _datecode(view: View, values, among: frozenset[int] | None = None) -> Material:
    rows = reading.fetch("SELECT DISTINCT date_code FROM supply_lot WHERE tenant = %s", (view.tenant,))
    codes = [row[0] for row in rows if row[0]]
    wanted: set[str] = set()
    for value in values:
        found = {code for code in codes if _in_order(code, value)}
        wanted |= found
    match = _packages_by_lot(view, reading.any_of("l.date_code", "text"), [reading.list_param(wanted)], among)
    return Material(match, _packages_by_lot(view, "l.date_code = ''", (), among), None)


def _feeder(view: View, values) -> Material:
    fed = fed_by(view, values)
    return Material(fed.packages, frozenset(), fed.parts, through=Through((fed.places,)))


_AMONG = {"supplier": _supplier, "datecode": _datecode}
"""What is looked up among the packages that other terms of the same package leave."""


def _in_order(code: str, match) -> bool:
    """Date codes of one form (the same number of digits) have an order; others only equal or differ."""
    if isinstance(match, Value):
        return code == match.text
    if isinstance(match, Comparison):
        if not _comparable(code, match.value):
            return False
        return {"<": code < match.value.text, "<=": code <= match.value.text, ">": code > match.value.text,
                ">=": code >= match.value.text}[match.sign]  # fmt: skip
    if isinstance(match, Range):
        low, high = match.low, match.high
        return (low is None or (_comparable(code, low) and code >= low.text)) and (
            high is None or (_comparable(code, high) and code <= high.text)
        )
    raise Invalid("question.value", "A date code, a range or a comparison is expected.")


def _comparable(code: str, value: Value) -> bool:
    return code.isdigit() and value.text.isdigit() and len(code) == len(value.text)
