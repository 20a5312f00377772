"""Terms about firmware: which units run a release by their last successful record, or came with it inside a package.

A package came with a release because it was programmed so, or because its maker's modules of that lot are said to come with it;
where the lot or date code of such a package is not known, the units that carry it possibly run it.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.built.production.standing import EVER, MAYBE, NOW, RUN_BREADTH_MAX
from asbuilt.built.programming.modules import packages_in_modules
from asbuilt.built.programming.running import Pass, may_be_last
from asbuilt.designed.firmware.queries import APP, ranks_of, stated_then
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.spans import UnitSet, opened, united
from asbuilt.kernel.versions import semver_key
from asbuilt.questions.genealogy.evaluating.history import BLOCKS_FEW
from asbuilt.questions.genealogy.evaluating.last_in_doubt import certainly_run
from asbuilt.questions.genealogy.evaluating.material import Material, carrying
from asbuilt.questions.genealogy.evaluating.naming import either, unknown
from asbuilt.questions.genealogy.evaluating.tool_only import on_a_tools_word
from asbuilt.questions.genealogy.evaluating.view import View, covers
from asbuilt.questions.genealogy.words.language import Comparison, Release, Value
from asbuilt.questions.genealogy.words.terms import gettext_noop as _
from asbuilt.storage import reading

EVER_STANDS, NOW_STANDS = f"t.standing = {EVER}", f"t.standing IN ({NOW}, {MAYBE})"
FROM_THE_MAKER = -(2**62)  # before every record: whoever programmed a module or its unit did so after the maker


def running(view: View, values, products: list[int] | None, ever: bool, within: BitMap | None = None) -> UnitSet:
    """Units that run any of these releases, of `within` at least; `products` are those that the question's bracket names, for comparisons."""
    found: list[int] = []
    for value in values:
        found += _releases(view, value, products)
    return units_of_releases(view, found, ever, within)


def with_image(view: View, values, ever: bool, within: BitMap | None = None) -> UnitSet:
    """Units that run the image with this SHA-256 (64 hex digits, or the first 8 and more)."""
    found: list[int] = []
    for value in values:
        text = value.text.lower()
        rows = _rows(view, "")
        fits = [row[0] for row in rows if bytes(row[4]).hex().startswith(text)] if len(text) >= 8 else []
        if not fits:
            raise unknown("image", value.text, ())
        found += fits
    return units_of_releases(view, found, ever, within)


def runs_over(view: View, units: BitMap, ever: bool = False) -> set[tuple]:
    """(release, first, until, units) of what is loaded for sure or maybe (or ever was) where it reaches these units. One statement."""
    if not units:
        return set()
    reaches = view.reaches(units)
    # a verdict asks it of much the same units again and again
    if not ever and covers(view.loaded_read[0], reaches):
        return {row for row in view.loaded_read[1] if units.range_cardinality(row[1], row[2])}
    # a run may begin before the units, but never by more than its greatest breadth
    over = (
        f"t.tenant = %s AND t.first_unit > s.first_unit - {RUN_BREADTH_MAX} AND t.first_unit < s.until_unit "
        f"AND t.until_unit > s.first_unit AND {EVER_STANDS if ever else NOW_STANDS}" + view.seen("t")
    )
    sql = (
        f"SELECT t.release, t.first_unit, t.until_unit, t.units FROM {reading.spans_table('s')} "
        f"{reading.each('t', 'programming_firmware_run', over)}"
    )
    spans = reading.integer_rows((low, until) for _, low, until in reaches)
    rows = set(reading.fetch(sql, (*spans, view.tenant)))
    if not ever:
        view.loaded_read = (reaches, rows)
    return {row for row in rows if units.range_cardinality(row[1], row[2])}


def _runs_over(view: View, within: BitMap, ever: bool) -> set[tuple]:
    if view.few is None or ever:
        return runs_over(view, within, ever)
    if view.few.loaded is None:
        view.few.loaded = runs_over(view, view.few.units)
    return view.few.loaded


def units_of_releases(view: View, releases: list[int], ever: bool, within: BitMap | None = None) -> UnitSet:
    """Units that run (or ever ran) one of these releases, possibly where only a tool's word says so; of `within` at least.

    Statements: three, one more where a tool's word counts, two where nobody knows what was last, and those of `carrying` for programmed
    packages and modules.
    """
    loaded = _loaded(view, releases, ever, within)
    units = united(loaded.values())
    weak = on_a_tools_word(view, units, releases, ever)
    if not ever:
        weak |= units - certainly_run(view, loaded, releases)
    result = UnitSet(units - weak, units, units) if weak else UnitSet.sure(units)
    by_role = _programmed_packages(view, releases, ever)
    modules = _modules(view, releases, ever)
    for role in sorted({*by_role, *modules}):
        sure, maybe = modules.get(role, (set(), set()))
        programmed = dict.fromkeys(sure, _FROM_THE_MAKER) | by_role.get(role, {})
        result |= _inside_packages(view, programmed, role, ever, within)
        if maybe:
            both = _inside_packages(view, dict.fromkeys(maybe, _FROM_THE_MAKER) | programmed, role, ever, within)
            result |= UnitSet.nested(BitMap(), both.possible, both.unrecorded)
    return result.within(view.visible) if view.visible is not None else result


def _loaded(view: View, releases: list[int], ever: bool, within: BitMap | None) -> dict[int, BitMap]:
    """Release -> units that run it or may (or ever did). One statement, none where it is known of these units."""
    if within is not None and len(view.blocks_over(within)) <= BLOCKS_FEW:
        return _opened(_runs_over(view, within, ever), releases)
    sql = (
        "SELECT t.release, t.first_unit, t.until_unit, t.units FROM programming_firmware_run t WHERE t.tenant = %s AND "
        f"{EVER_STANDS if ever else NOW_STANDS} AND " + reading.any_of("t.release")
    )
    rows = reading.fetch(sql + view.seen("t"), (view.tenant, reading.list_param(releases)))
    return _opened(rows, releases)


def _opened(rows: Iterable[tuple], releases: list[int]) -> dict[int, BitMap]:
    found: dict[int, list[BitMap]] = defaultdict(list)
    for release, first, until, units in rows:
        if release in releases:
            found[release].append(opened(first, until, units))
    return {release: united(held) for release, held in found.items()}


@dataclass(frozen=True)
class _Programmed:
    """When a package's devices got a release; `laid_at` as of a unit's record."""

    at: int
    laid_at: int | None = None


_FROM_THE_MAKER = _Programmed(FROM_THE_MAKER)


def _programmed_packages(view: View, releases: list[int], ever: bool) -> dict[str, dict[int, _Programmed]]:
    """Role -> package -> when its devices got one of these releases; without `ever`, only where that was the last one."""
    sql = (
        "SELECT t.package, f.role, t.happened_at, t.entry, t.release, t.laid_at FROM programming_package t "
        "JOIN firmware_release f ON f.tenant = t.tenant AND f.number = t.release "
        "WHERE t.tenant = %s AND t.result = 0 AND t.package IN (SELECT p.package FROM programming_package p "
        "WHERE p.tenant = %s AND " + reading.any_of("p.release") + ")" + view.seen("t")
    )
    passes: dict[tuple[str, int], list[Pass]] = defaultdict(list)
    if view.recorded.package_programmed:
        for package, role, at, entry, release, laid in reading.fetch(
            sql, (view.tenant, view.tenant, reading.list_param(releases))
        ):
            passes[role or APP, package].append(Pass(at, entry, 0, (release,), laid))
    found: dict[str, dict[int, _Programmed]] = defaultdict(dict)
    for (role, package), said in passes.items():
        mine = [one for one in (said if ever else [may_be_last(said)[-1]]) if one.key[0] in releases]
        if mine:
            found[role][package] = _Programmed(max(mine).at, max(mine).laid_at)
    return found


def _modules(view: View, releases: list[int], ever: bool) -> dict[str, tuple[set[int], set[int]]]:
    """Role -> (packages whose maker's modules came with one of these releases, those that may have). Without `ever` those that
    were programmed since are left out."""
    found = packages_in_modules(view.tenant, releases, view.entry) if view.recorded.module_firmware else {}
    if ever or not found:
        return found
    sql = (
        "SELECT DISTINCT t.package, f.role FROM programming_package t JOIN firmware_release f ON f.tenant = t.tenant "
        "AND f.number = t.release WHERE t.tenant = %s AND t.result = 0 AND "
        + reading.any_of("t.package")
        + view.seen("t")
    )
    packages = reading.list_param(sorted({package for sides in found.values() for side in sides for package in side}))
    since = {(package, role or APP) for package, role in reading.fetch(sql, (view.tenant, packages))}
    return {
        role: tuple({package for package in side if (package, role) not in since} for side in sides)
        for role, sides in found.items()
    }


def _inside_packages(
    view: View, programmed: dict[int, _Programmed], role: str, ever: bool, within: BitMap | None
) -> UnitSet:
    """Units that carry such packages, but for those whose own record of the role came later.

    All packages are asked for at once: where every candidate of a splice came with it, the unit certainly runs it.
    """
    if not programmed:
        return UnitSet.sure(BitMap())
    carried = carrying(view, Material(frozenset(programmed), frozenset(), frozenset(), None, ever), within)
    if ever or not carried:
        return carried
    moments = sorted({one.at for one in programmed.values()})
    recorded = _last_records(view, carried, role, programmed.values())
    result = carried.without(BitMap(recorded))
    # units that share how many of the moments their own record overtook are asked together, for the later packages
    between: dict[int, BitMap] = {}
    for unit, at in recorded.items():
        if at < moments[-1]:
            between.setdefault(bisect_right(moments, at), BitMap()).add(unit)
    for place, units in between.items():
        later = frozenset(package for package, one in programmed.items() if one.at >= moments[place])
        result |= carrying(view, Material(later, frozenset(), frozenset(), None, ever)).within(units)
    return result


def _last_records(view: View, carried: UnitSet, role: str, programmed: Iterable[_Programmed]) -> dict[int, int]:
    """Unit -> its own last successful record of the role, for those that have one since. A record whose time does not lie ahead comes
    after every package that was recorded before it, whatever time the package's row tells."""
    low, high = carried.unrecorded.min(), carried.unrecorded.max() + 1
    since = min(one.at if one.laid_at is None else one.laid_at for one in programmed)
    sql = (
        "SELECT r.unit, max(CASE WHEN r.laid_at IS NULL THEN r.happened_at END), max(CASE WHEN r.laid_at IS NOT NULL THEN r.happened_at "
        "END) FROM programming_record r JOIN firmware_release f ON f.tenant = r.tenant "
        "AND f.number = r.release WHERE r.tenant = %s AND r.unit >= %s AND r.unit < %s AND r.result = 0 "
        "AND r.happened_at >= %s AND f.role IN (%s, %s)"
    ) + view.seen("r")
    roles = (role, "" if role == APP else role)
    rows = reading.fetch(sql + " GROUP BY r.unit", (view.tenant, low, high, since, *roles))
    laid = [one for one in programmed if one.laid_at is not None]
    earliest, found = min(one.at for one in programmed), {}
    for unit, plain, ahead in rows:
        if laid and plain is not None:
            plain = max([plain, *(one.at for one in laid if one.laid_at <= plain)])
        last = max(at for at in (plain, ahead) if at is not None)
        if last >= earliest:
            found[unit] = last
    return found


def _rows(view: View, where: str, params=()) -> list[tuple]:
    said, of = (
        "t.number, t.product, t.role, t.version, t.sha256, t.released_at",
        "FROM firmware_release t WHERE t.tenant = %s",
    )
    if view.entry is None:
        return reading.fetch(f"SELECT {said} {of}{where}{view.seen('t')}", (view.tenant, *params))
    sql = f"SELECT {said}, t.until_entry, t.entry, t.row {of} AND t.entry <= %s{where}"
    return stated_then(reading.fetch(sql, (view.tenant, view.entry, *params)), view.entry)


def _rows_seen(view: View) -> list[tuple]:
    """Releases of products of which the reader may see a unit."""
    rows = _rows(view, "") if view.few is None else view.few.releases
    if view.visible is None:
        return rows
    products = {block.product for block in view.blocks_over(view.visible)}
    return [row for row in rows if row[1] in products]


def _releases(view: View, asked: Release, products: list[int] | None) -> list[int]:
    role = asked.role or APP
    rows = [row for row in _rows_seen(view) if (row[2] or APP).lower() == role.lower()]
    if not rows and asked.role:
        raise unknown("image role", asked.role, {row[2] for row in _rows_seen(view)})
    if isinstance(asked.match, Value):
        return _exactly(view, asked.match, rows, role)
    ends = (
        [asked.match.value]
        if isinstance(asked.match, Comparison)
        else [e for e in (asked.match.low, asked.match.high) if e]
    )
    mine = _product_of_comparison(view, ends, rows, products)
    found = []
    for product in mine:
        of_product = [row for row in rows if row[1] == product]
        places = ranks_of(sorted((row[0], row[3], row[5]) for row in of_product))
        found += [row[0] for row in of_product if _fits(row, asked.match, of_product, places)]
    return found


def _exactly(view: View, value: Value, rows: list[tuple], role: str) -> list[int]:
    found = [row for row in rows if row[3] == value.text] or [
        row for row in rows if row[3].lower() == value.text.lower()
    ]
    if not found:
        known = sorted({row[3] for row in rows}) if view.visible is None else ()
        raise unknown("firmware", value.text if role == APP else f"{role}/{value.text}", known)
    products = {row[1] for row in found}
    if len(products) > 1 and view.visible is None:
        codes = dict(reading.fetch("SELECT number, code FROM catalog_product WHERE tenant = %s", (view.tenant,)))
        names = sorted(codes[product] for product in products)
        forms = either(view, (f"firmware:{value.text} product:{code}" for code in names))
        note = view.say(_("Firmware {version} is a release of {products}. Answered for all. Narrower: {forms}."))
        view.notes.append(note.format(version=value.text, products=", ".join(names), forms=forms))
    return [row[0] for row in found]


def _product_of_comparison(view: View, ends: list[Value], rows: list[tuple], products: list[int] | None) -> list[int]:
    if products is not None:
        return products
    wanted = {end.text for end in ends}
    having = sorted({row[1] for row in rows if row[3] in wanted})
    if len(having) > 1:
        codes = dict(reading.fetch("SELECT number, code FROM catalog_product WHERE tenant = %s", (view.tenant,)))
        names = ", ".join(codes[product] for product in having)
        message = f"Several products have firmware {ends[0].text}: {names}. Versions compare within one product."
        raise Invalid(
            "question.product_needed", message, {"position": ends[0].position}, f"Add product:{codes[having[0]]}."
        )
    if having:
        return having
    if any(semver_key(end.text) is None for end in ends):
        raise unknown("firmware", ends[0].text, sorted({row[3] for row in rows}))
    return sorted({row[1] for row in rows})


def _fits(row: tuple, match, of_product: list[tuple], places: dict[int, int]) -> bool:
    if isinstance(match, Comparison):
        order = _compare(row, match.value.text, of_product, places)
        return order is not None and {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[match.sign]
    low = _compare(row, match.low.text, of_product, places) if match.low else 1
    high = _compare(row, match.high.text, of_product, places) if match.high else -1
    return low is not None and high is not None and low >= 0 and high <= 0


def _compare(row: tuple, version: str, of_product: list[tuple], places: dict[int, int]) -> int | None:
    """Below, at or above the version in the release order; None where the two cannot be compared."""
    same = [other for other in of_product if other[3] == version]
    if same:
        mine, other = places.get(row[0]), places.get(same[0][0])
        return None if mine is None or other is None else (mine > other) - (mine < other)
    mine, other = semver_key(row[3]), semver_key(version)
    return None if mine is None or other is None else (mine > other) - (mine < other)
