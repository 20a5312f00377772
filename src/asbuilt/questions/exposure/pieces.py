"""Pieces of a part on the board that an advisory speaks of by maker and part number: which packages they came in, over the whole record or among
what is on a few units.

    of_part(view, "ACME/AX-1")       -> OfPart: packages that are of it or may be, the parts of ours that it comes as
    on_few(view, keys)               -> the same of those that may be on the view's few units, with the packages on these alone
    meant(view, of_part, narrowings) -> packages that a record means, those that it may mean, and those of which two things are said
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from asbuilt.built.supply.silicon import silicon_said
from asbuilt.designed.catalog.queries import part_codes
from asbuilt.formats.advisory.names import part_key
from asbuilt.formats.matching.parts import Narrowing, Pieces, pieces_match
from asbuilt.formats.versions.matches import Match, any_of
from asbuilt.questions.genealogy.evaluating.view import FewMaterial, View
from asbuilt.storage import reading

Found = tuple[frozenset[int], frozenset[int], frozenset[int]]
"""Packages that are meant, packages that may be, parts that admit them."""


@dataclass(frozen=True)
class OfPart:
    """What may be a part MAKER/MPN: (package, maker, mpn, lot code, date code) of packages, maker or part number empty where nobody knows;
    `admits` are the parts of ours that they come as or that it is approved for, `codes` these in words: a position of these without a package is not
    without the part."""

    packages: list[tuple[int, str, str, str, str]]
    admits: frozenset[int]
    codes: tuple[str, ...]


def of_part(view: View, key: str) -> OfPart:
    """Over the whole record. Three statements."""
    approved = _approved(view, [key])[key]
    sql = (
        "SELECT p.number, l.maker, l.mpn, l.lot_code, l.date_code, p.part FROM supply_lot l JOIN supply_package p ON p.tenant = l.tenant "
        f"AND p.lot = l.number WHERE l.tenant = %s AND ({reading.any_of('upper(l.mpn)', 'text')} OR (l.mpn = '' AND {reading.any_of('l.part')}))"
        f"{view.seen('p')}"
    )
    rows = reading.fetch(sql, (view.tenant, reading.list_param(_mpns([key])), reading.list_param(sorted(approved))))
    rows = [row for row in rows if _may_be(key, *row[1:3])]
    admits = frozenset(approved | {row[5] for row in rows})
    return OfPart([row[:5] for row in rows], admits, tuple(sorted(part_codes(view.tenant, admits).values())))


def on_few(view: View, keys: Iterable[str]) -> dict[str, OfPart]:
    """Those of these parts that may be on the few units, each with the packages on them. No statement beside what is read of the units where none
    may be, three where some may."""
    on = view.few.material
    exact, loose = _packages_on(on, keys)
    there = {key: [*exact[key], *(row for row in loose if _may_be(key, *row[1:3]))] for key in exact}
    candidates = [key for key, rows in there.items() if rows or not on.whole]
    if not candidates:
        return {}
    approved, comes_as = reading.at_once(lambda: _approved(view, candidates), lambda: _comes_as(view, candidates))
    found: dict[str, tuple[list[tuple], frozenset[int]]] = {}
    for key in candidates:
        # of a package whose part number nobody wrote, only its part says that it may be of it
        part_of = {row[0]: on.packages[row[0]].part for row in there[key]}
        rows = [row for row in there[key] if row[2] or part_of[row[0]] in approved[key]]
        admits = frozenset(approved[key] | comes_as[key] | {part_of[row[0]] for row in rows})
        if rows or not admits.isdisjoint(on.parts):
            found[key] = (rows, admits)
    codes = part_codes(view.tenant, {part for _, admits in found.values() for part in admits})
    return {key: OfPart(*of, tuple(sorted(codes[part] for part in of[1]))) for key, of in found.items()}


def _packages_on(on: FewMaterial, keys: Iterable[str]) -> tuple[dict[str, list[tuple]], list[tuple]]:
    """Each of these MAKER/MPN -> the packages of it on the units; beside them those of which maker or part number is not known."""
    exact: dict[str, list[tuple]] = {key: [] for key in keys}
    loose: list[tuple] = []
    for number, one in on.packages.items():
        rows = exact.get(part_key(one.maker, one.mpn)) if one.maker and one.mpn else loose
        if rows is not None:  # advisories speak of few of a unit's hundred parts
            rows.append((number, one.maker, one.mpn, one.lot_code, one.date_code))
    return exact, loose


def meant(view: View, of: OfPart, named: Sequence[Narrowing]) -> tuple[Found, frozenset[int]]:
    """Packages that are meant, those that may be (maker, part number, lot or date code not known), and the parts that admit them; beside them
    those of which one says a silicon revision that is meant and another one that is not. One statement where revisions are named."""
    match, maybe, either = set(), set(), set()
    asked = any(one.silicon_revisions for one in named)
    silicon = (
        silicon_said(view.tenant, (row[0] for row in of.packages), view.seen("t")) if asked and of.packages else {}
    )
    for package, maker, mpn, lot, date_code in of.packages:
        pieces = [Pieces(lot, date_code, revision) for revision in silicon.get(package, ("",))]
        found = {any_of(pieces_match(one, each) for one in named) if named else Match.YES for each in pieces}
        said = found.pop() if len(found) == 1 else None
        if not maker or not mpn:
            said = Match.UNSURE if said is None else min(said, Match.UNSURE)
        {Match.YES: match, Match.UNSURE: maybe, None: either}.get(said, set()).add(package)
    return (frozenset(match), frozenset(maybe), of.admits), frozenset(either)


def _mpns(keys: Iterable[str]) -> list[str]:
    """What may be the part numbers of these: a maker, and a part number, may hold a slash."""
    return sorted({key[at + 1 :] for key in keys for at, sign in enumerate(key) if sign == "/"})


def _approved(view: View, keys: Sequence[str]) -> dict[str, set[int]]:
    """The parts of ours that these are approved for. One statement."""
    sql = (
        "SELECT DISTINCT t.part, t.maker, t.mpn FROM catalog_manufacturer_part t WHERE t.tenant = %s AND "
        + reading.any_of("upper(t.mpn)", "text")
        + view.seen("t")
    )
    return _by_key(keys, reading.fetch(sql, (view.tenant, reading.list_param(_mpns(keys)))))


def _comes_as(view: View, keys: Sequence[str]) -> dict[str, set[int]]:
    """The parts of ours that lots of these came as; lots of which the maker is not known may be of any. One statement."""
    sql = f"SELECT DISTINCT l.part, l.maker, l.mpn FROM supply_lot l WHERE l.tenant = %s AND {reading.any_of('upper(l.mpn)', 'text')}"
    rows = reading.fetch(sql, (view.tenant, reading.list_param(_mpns(keys))))
    found = _by_key(keys, [row for row in rows if row[1]])
    for part, maker, mpn in rows:
        for key in keys if not maker else ():
            if _may_be(key, maker, mpn):
                found[key].add(part)
    return found


def _by_key(keys: Iterable[str], rows: Iterable[tuple[int, str, str]]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {key: set() for key in keys}
    for part, maker, mpn in rows:
        if (key := part_key(maker, mpn)) in found:
            found[key].add(part)
    return found


def _may_be(key: str, maker: str, mpn: str) -> bool:
    """Whether pieces of this maker and part number, either of which may be unknown, are of the part MAKER/MPN."""
    if maker and mpn:
        return part_key(maker, mpn) == key
    return key.endswith(part_key("", mpn)) if mpn else key.startswith(part_key(maker, "X")[:-1]) if maker else True
