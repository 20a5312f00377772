"""What a material term asks for: from codes to packages, packages that may match, and the parts that admit it."""

from collections.abc import Iterable, Sequence

from asbuilt.kernel.errors import Invalid
from asbuilt.questions.genealogy.language import Comparison, Range, Term, Value
from asbuilt.questions.genealogy.material import Material
from asbuilt.questions.genealogy.naming import either, numbers, unknown
from asbuilt.questions.genealogy.terms import gettext_noop as _
from asbuilt.questions.genealogy.view import View
from asbuilt.storage import reading

MATERIAL_TERMS = frozenset({"lot", "package", "part", "maker", "supplier", "datecode"})
LOTS_SAID_MAX = 5
PACKAGES_SAID_MAX = 12


def material_of(view: View, term: Term) -> Material:
    """The material one term asks for."""
    return {
        "lot": _lot, "package": _package, "part": _part, "maker": _maker, "supplier": _supplier, "datecode": _datecode,
    }[term.name](view, term.values)  # fmt: skip


def materials_of(view: View, terms: Sequence[Term]) -> list[Material]:
    """The material that each of these terms asks for; of a few units of which all is known, what of it lies on them."""
    if view.few is not None and view.few.whole:
        found = [_ON_FEW[term.name](view, term.values) if term.name in _ON_FEW else None for term in terms]
        # one that is asked as of all units brings its unknown packages, and then counts which parts the others admit
        if None not in found:
            return [Material(match, frozenset(), frozenset()) for match in found]
    return [material_of(view, term) for term in terms]


def _lots_on_few(view: View, values) -> frozenset[int] | None:
    on = view.few.packages
    if not all(value.text for value in values) or not all(package.lot_code for package in on.values()):
        return None
    lots = {n for value in values for n in numbers(view, "lot", value.text, "supply_lot", ("lot_code",))}
    return frozenset(number for number, package in on.items() if package.lot in lots)


def _packages_on_few(view: View, values) -> frozenset[int]:
    wanted = {n for value in values for n in numbers(view, "package", value.text, "supply_package", ("code",))}
    return view.few.touching & wanted


def _parts_on_few(view: View, values) -> frozenset[int] | None:
    found = [_part_numbers(view, value.text) for value in values]
    if not all(found):  # the number of a maker
        return None
    parts = {number for numbers in found for number in numbers}
    return frozenset(number for number, package in view.few.packages.items() if package.part in parts)


def _suppliers_on_few(view: View, values) -> frozenset[int] | None:
    on = view.few.packages
    if any(package.supplier is None for package in on.values()):
        return None
    parties = {n for v in values for n in numbers(view, "supplier", v.text, "parties_party", ("code", "name"))}
    return frozenset(number for number, package in on.items() if package.supplier in parties)


def _datecodes_on_few(view: View, values) -> frozenset[int] | None:
    on = view.few.packages
    if not all(package.date_code for package in on.values()):
        return None
    return frozenset(
        number for number, package in on.items() if any(_in_order(package.date_code, value) for value in values)
    )


# None where the record does not say it of each package: then the question is asked as of all units
_ON_FEW = {
    "lot": _lots_on_few, "package": _packages_on_few, "part": _parts_on_few, "supplier": _suppliers_on_few, "datecode": _datecodes_on_few,
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
    return Material(match, may - match, admits, at, ever)


def _packages(view: View, where: str, params: Iterable) -> frozenset[int]:
    """Packages by a condition on themselves (`p`)."""
    sql = f"SELECT p.number FROM supply_package p WHERE p.tenant = %s AND {where}"
    return frozenset(row[0] for row in reading.fetch(sql + view.seen("p"), (view.tenant, *params)))


def _packages_by_lot(view: View, where: str, params: Iterable) -> frozenset[int]:
    """Packages by a condition on their lots (`l`): lots first, never all packages."""
    package = reading.each("p", "supply_package", "p.tenant = l.tenant AND p.lot = l.number")
    sql = f"SELECT p.number FROM supply_lot l {package} WHERE l.tenant = %s AND {where}"
    return frozenset(row[0] for row in reading.fetch(sql + view.seen("p"), (view.tenant, *params)))


def _parts_of(view: View, packages: Iterable[int]) -> frozenset[int]:
    sql = "SELECT DISTINCT p.part FROM supply_package p WHERE p.tenant = %s AND " + reading.any_of("p.number")
    return frozenset(row[0] for row in reading.fetch(sql, (view.tenant, reading.list_param(packages))))


def _lot(view: View, values) -> Material:
    lots: list[int] = []
    for value in values:
        found = numbers(view, "lot", value.text, "supply_lot", ("lot_code",)) if value.text else []
        if not found:
            raise unknown("lot", value.text, ())
        _say_which(view, value.text, found)
        lots += found
    return of_lots(view, lots)


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
    match = frozenset(number for part, number in rows if part is not None and number is not None)
    unknown_packages = frozenset(number for part, number in rows if part is None and number is not None)
    return Material(match, unknown_packages, frozenset(part for part, _ in rows if part is not None))


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
    match: set[int] = set()
    unknown_packages: set[int] = set()
    admits: set[int] = set()
    for value in values:
        found = _part_numbers(view, value.text)
        if found:
            match |= _packages(view, reading.any_of("p.part"), [reading.list_param(found)])
            admits |= set(found)
            continue
        written, parts = _mpn_as_written(view, value.text)
        match |= _packages_by_lot(view, "l.mpn = %s", [written])
        admits |= parts
        unknown_packages |= _packages_by_lot(
            view, reading.any_of("l.part") + " AND l.mpn = ''", [reading.list_param(parts)]
        )
    return Material(frozenset(match), frozenset(unknown_packages), frozenset(admits))


def _part_numbers(view: View, code: str) -> list[int]:
    if ("catalog_part", code) in view.names:
        return view.names["catalog_part", code]
    for condition in ("code = %s", "lower(code) = lower(%s)"):
        rows = reading.fetch(f"SELECT number FROM catalog_part WHERE tenant = %s AND {condition}", (view.tenant, code))
        if len(rows) == 1:
            return [rows[0][0]]
    return []


def _mpn_as_written(view: View, mpn: str) -> tuple[str, frozenset[int]]:
    """The MPN as it is written in the record, and the parts it is approved for or has come as."""
    for condition in ("= %s", "= lower(%s)"):
        column = "t.mpn" if condition == "= %s" else "lower(t.mpn)"
        rows = []
        for table in ("catalog_manufacturer_part", "supply_lot"):
            seen = view.seen("t") if table == "catalog_manufacturer_part" else ""
            sql = f"SELECT DISTINCT t.mpn, t.part FROM {table} t WHERE t.tenant = %s AND {column} {condition}{seen}"
            rows += reading.fetch(sql, (view.tenant, mpn))
        if rows and mpn:
            return rows[0][0], frozenset(row[1] for row in rows)
    raise unknown("part", mpn, _known_parts(view))


def _known_parts(view: View) -> list[str]:
    if view.visible is not None:
        return []
    codes = reading.fetch("SELECT code FROM catalog_part WHERE tenant = %s LIMIT 2000", (view.tenant,))
    mpns = reading.fetch("SELECT DISTINCT mpn FROM supply_lot WHERE tenant = %s LIMIT 2000", (view.tenant,))
    return [row[0] for row in codes + mpns]


def _maker(view: View, values) -> Material:
    makers: set[str] = set()
    for value in values:
        found = set()
        for condition in ("t.maker = %s", "lower(t.maker) = lower(%s)"):
            for table in ("supply_lot", "catalog_manufacturer_part"):
                sql = f"SELECT DISTINCT t.maker FROM {table} t WHERE t.tenant = %s AND {condition}"
                found |= {row[0] for row in reading.fetch(sql, (view.tenant, value.text)) if row[0]}
            if found:
                break
        makers |= found
        if not found:
            known = reading.fetch("SELECT DISTINCT maker FROM supply_lot WHERE tenant = %s", (view.tenant,))
            raise unknown("maker", value.text, [row[0] for row in known] if view.visible is None else ())
    match = _packages_by_lot(view, reading.any_of("l.maker", "text"), [reading.list_param(makers)])
    sql = "SELECT DISTINCT t.part FROM catalog_manufacturer_part t WHERE t.tenant = %s AND " + reading.any_of(
        "t.maker", "text"
    )
    approved = {row[0] for row in reading.fetch(sql + view.seen("t"), (view.tenant, reading.list_param(makers)))}
    admits = frozenset(approved) | _parts_of(view, match)
    return Material(match, _packages_by_lot(view, "l.maker = ''", ()), admits)


def _supplier(view: View, values) -> Material:
    parties = {n for v in values for n in numbers(view, "supplier", v.text, "parties_party", ("code", "name"))}
    match = _packages(view, reading.any_of("p.supplier"), [reading.list_param(parties)])
    return Material(match, _packages(view, "p.supplier IS NULL", ()), None)


def _datecode(view: View, values) -> Material:
    rows = reading.fetch("SELECT DISTINCT date_code FROM supply_lot WHERE tenant = %s", (view.tenant,))
    codes = [row[0] for row in rows if row[0]]
    wanted: set[str] = set()
    for value in values:
        found = {code for code in codes if _in_order(code, value)}
        wanted |= found
    match = _packages_by_lot(view, reading.any_of("l.date_code", "text"), [reading.list_param(wanted)])
    return Material(match, _packages_by_lot(view, "l.date_code = ''", ()), None)


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
