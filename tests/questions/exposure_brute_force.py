"""Exposure counted the slow way: every unit, every release, straight from tables; written from section 6 of the design.

A factory's tables get more, which are no exchange tables: `sboms` ({"product", "role", "version", "components": {name: version}}),
`part_sboms` ({"part", "lot", "components"}, lot empty: of every lot), `revision_sboms` ({"product", "revision", "components"}) and
`flaws` ({"name", "component", "before"}: versions below `before` are affected; one that is no number cannot be compared), and `said`
({"flaw", "product", "role", "version", "status", "later"}), in the order in which it was said. A row of `said` with a
`tree` speaks of the units that this question means instead, one with a `part` of a part by any of its names. A flaw of a part is
{"name", "maker", "mpn", "lots": [code, …], "weeks": [[first, last], …]}: pieces of these lots (none: of every lot) and of these weeks.

    component: runs firmware with it   cve: runs firmware that a flaw is in, unless it was said not to be affected, or to be fixed
    which decision counts (docs/work/finding-to-units.md): of a unit and a way in the latest that speaks of both. Of a release or a part it speaks
    of what comes in there, of units of everything on them; of one scope the last. Not affected and fixed close for units that are certainly
    meant, affected and under investigation open again for all that may be meant, now and for `ever`; what was said of units by name is taken
    back by what is said of units by name only. A release without an SBOM stays
    unrecorded whatever is said of units, since nobody looked at what is in it: a decision about the release alone answers for it
    certain by the record that counts, possible where the version cannot be compared, unrecorded where the release has no SBOM
    a component of a purchased part's SBOM: carries that part, of that lot where the SBOM names one; certain, possible, unrecorded as of `lot:`
    a component of a hardware revision's SBOM: is built to that revision; what is only planned carries nothing yet
    a flaw of a part: carries such pieces, by the rules of `lot:` and `datecode:` (section 6): certain where every candidate of a position is
    one, possible where some is, unrecorded where the lot or date code that it asks for is not known, or nothing is recorded at a position
    that admits the part

Why a decision about units does not answer for a release without an SBOM, and does for a piece of unknown lot. Silence is a third thing, and a
gap is reported, never filled (section 2, 4). Whoever decided about units looked at what the flaw came in through then: at components, and at
the part, of which the lot is a detail that he answers for. At a release that nobody wrote an SBOM of he could look at nothing; a component
that its SBOM brings in later is one that was not looked at, and the decision does not hold for it (issue 7, 6: it lapses when its premise
changes). Only a decision that names the release itself answers for its silence.
"""

import json
import re

from brute_force import CERTAIN, NO, POSSIBLE, UNRECORDED, Factory, highest, lowest

NUMBERED = re.compile(r"\d+(\.\d+)*")
CLOSED = ("not_affected", "fixed")
BY_NAME = ("unit", "order_range")


def numbers(version):
    """Its numbers, or None where it is none."""
    return tuple(map(int, version.split("."))) if NUMBERED.fullmatch(version) else None


def tuples(tree):
    """A question that was JSON, as the common brute force takes it."""
    return tuple(tuples(part) if isinstance(part, list) else part for part in tree)


def below(version, bound):
    """Whether a version lies below another: certain, no, or possible where that cannot be told."""
    mine = numbers(version)
    if mine is None:
        return POSSIBLE
    return CERTAIN if mine < numbers(bound) else NO


class Exposed(Factory):
    """The factory with components and flaws."""

    def grade(self, tree, unit, ever=False):
        """As the factory, and the two terms."""
        kind, *rest = tree
        if kind == "component":
            return self.anywhere(unit, lambda components: self.has(components, *rest), None, ever)
        if kind == "cve":
            flaw = next(row for row in self.tables["flaws"] if row["name"] == rest[0])
            if "mpn" in flaw:
                silent = self.reached(unit, lambda components: NO, flaw["name"], ever)
                closed = self.closed(unit, flaw["name"], lambda row: "part" in row)
                return silent if closed else highest([silent, self.carries_pieces(flaw, unit, ever)])
            return self.anywhere(
                unit, lambda components: self.has(components, flaw["component"], flaw["before"]), flaw["name"], ever
            )
        return super().grade(tree, unit, ever)

    def has(self, components, name, before=None):
        """How surely these components hold one of this name, below a version where one is given."""
        if name not in components:
            return NO
        return CERTAIN if before is None else below(components[name], before)

    def anywhere(self, unit, how_sure, flaw, ever):
        """The highest over its firmware, the parts on it and its hardware revision."""
        grades = [self.reached(unit, how_sure, flaw, ever)]
        for sbom in self.tables["part_sboms"]:
            if not self.closed(unit, flaw, lambda row, sbom=sbom: row.get("part") == sbom["part"]):
                carried = self.carries_part(sbom["part"], sbom["lot"], unit, ever)
                grades.append(lowest([how_sure(sbom["components"]), carried]))
        order = self.orders[unit[0]]
        if not self.closed(unit, flaw, lambda row: False):
            for sbom in self.tables["revision_sboms"]:
                mine = (sbom["product"], sbom["revision"]) == (order["product"], order["revision"])
                grades.append(how_sure(sbom["components"]) if mine and self.own_state(unit) != "planned" else NO)
        return highest(grades)

    def carries_part(self, part, lot, unit, ever):
        """The grade of carrying packages of a part, of one lot code where one is given, at any position."""

        def fit(row, parts):
            if row is None:
                return UNRECORDED if part in parts else NO
            if row["part"] != part:
                return NO
            if not lot or row["lot_code"] == lot:
                return CERTAIN
            return NO if row["lot_code"] else UNRECORDED

        grades = []
        for position, parts in self.positions(unit).items():
            history = self.history(unit, position)
            for packages in history if ever else history[-1:]:
                fitting = [
                    fit(row, parts) for package in packages for row in (self.lots[package] if package else [None])
                ]
                if all(one == CERTAIN for one in fitting):
                    grades.append(CERTAIN)
                elif CERTAIN in fitting:
                    grades.append(POSSIBLE)
                elif UNRECORDED in fitting and self.own_state(unit) != "planned":
                    grades.append(UNRECORDED)
        return highest(grades)

    def reached(self, unit, how_sure, flaw, ever):
        """The highest of three: it runs one of the releases that surely have it, one that may have it, one without an SBOM.

        Releases of a role count together: a position that holds one of two packages is sure where both came with one of them.
        """
        by_grade = {CERTAIN: set(), POSSIBLE: set(), UNRECORDED: set()}
        for row in self.tables["firmware"]:
            key = (row["product"], row["role"] or "app", row["version"])
            sbom = next(
                (one for one in self.tables["sboms"] if (one["product"], one["role"] or "app", one["version"]) == key),
                None,
            )
            grade = UNRECORDED if sbom is None else how_sure(sbom["components"])
            if grade == UNRECORDED:  # nobody looked at what is in it, so what was said of units is not about it
                last = [row["status"] for row in self.tables["said"] if row["flaw"] == flaw and self.is_of(row, key)][
                    -1:
                ]
                shut = bool(last) and last[0] in CLOSED
            else:
                shut = self.closed(unit, flaw, lambda row, key=key: self.is_of(row, key))
            if not shut:
                by_grade.get(grade, set()).add(key)
        grades = []
        for grade, keys in by_grade.items():
            runs = self.runs_any_of(unit, keys, ever)
            grades.append(NO if runs not in (CERTAIN, POSSIBLE) else lowest([runs, grade]))
        return highest(grades)

    def carries_pieces(self, flaw, unit, ever):
        """The grade of carrying pieces that the flaw speaks of, at any position."""
        grades = []
        for position, parts in self.positions(unit).items():
            history = self.history(unit, position)
            for packages in history if ever else history[-1:]:
                lots = [lot for package in packages for lot in (self.lots[package] if package else [None])]
                fitting = [self.is_piece(flaw, lot, parts) for lot in lots]
                if all(fit == CERTAIN for fit in fitting):
                    grades.append(CERTAIN)
                elif CERTAIN in fitting:
                    grades.append(POSSIBLE)
                elif UNRECORDED in fitting and self.own_state(unit) != "planned":
                    grades.append(UNRECORDED)
        return highest(grades)

    def is_piece(self, flaw, lot, parts):
        """Whether a candidate (a row of lots.csv, or None for nothing recorded) is one; unrecorded where that cannot be told."""
        named = (flaw["maker"], flaw["mpn"])
        if lot is None:  # may the position hold the part at all?
            of = {row["part"] for table in ("parts", "lots") for row in self.tables[table] if (row["manufacturer"], row["mpn"]) == named}  # fmt: skip
            return UNRECORDED if of & parts else NO
        if (lot["manufacturer"], lot["mpn"]) != named:
            return NO
        grades = [CERTAIN]
        if flaw["lots"]:
            grades.append((CERTAIN if lot["lot_code"] in flaw["lots"] else NO) if lot["lot_code"] else UNRECORDED)
        if flaw["weeks"]:
            week = lot["date_code"]
            inside = any((low or week) <= week <= (high or week) for low, high in flaw["weeks"])
            grades.append((CERTAIN if inside else NO) if week else UNRECORDED)
        return lowest(grades)

    def is_of(self, row, key):
        """Whether a decision is about this very release."""
        return "version" in row and (row["product"], row["role"] or "app", row["version"]) == key

    def closed(self, unit, flaw, of_place):
        """Whether what was said last of this unit and of what comes in at a place is that the flaw is not there; `of_place` tells which
        decisions are about the place itself."""
        last = {}
        for row in self.tables["said"]:
            if row["flaw"] == flaw and ("tree" in row or of_place(row)):
                scope = json.dumps(row["tree"]) if "tree" in row else "the place"
                last.pop(scope, None)  # it counts from when it was said last
                last[scope] = row
        shut = named = False
        for row in last.values():
            by_name = "tree" in row and row["tree"][0] in BY_NAME
            means = super().grade(tuples(row["tree"]), unit) if "tree" in row else CERTAIN
            if row["status"] in CLOSED and means == CERTAIN:
                shut, named = True, named or by_name
            elif row["status"] not in CLOSED and means != NO and (by_name or not named):
                shut = named = False
        return shut

    def runs_any_of(self, unit, keys, ever):
        """The highest over the roles: as `runs_one_of`, of all these releases of a role."""

        def wanted(other):
            return (other["product"], other.get("role") or "app", other["version"]) in keys

        return highest([self.runs_one_of(unit, role, wanted, ever) for role in sorted({role for _, role, _ in keys})])
