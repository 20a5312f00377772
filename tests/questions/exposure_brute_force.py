"""Exposure counted the slow way: every unit, every release, straight from tables; written from section 6 of the design.

A factory's tables get two more, which are no exchange tables: `sboms` ({"product", "role", "version", "components": {name: version}}) and
`flaws` ({"name", "component", "before"}: versions below `before` are affected; one that is no number cannot be compared), and `said`
({"flaw", "product", "role", "version", "status", "later"}), the last of one flaw and release counting. A row of `said` with a
`tree` speaks of the units that this question means instead.

    component: runs firmware with it   cve: runs firmware that a flaw is in, unless it was said not to be affected, or to be fixed
    a unit that a standing not affected or fixed certainly means is out, now and for `ever`, but for what nobody recorded: a release without an
    SBOM stays unrecorded, since nobody looked at what is in it
    certain by the record that counts, possible where the version cannot be compared, unrecorded where the release has no SBOM
"""

import json
import re

from brute_force import CERTAIN, NO, POSSIBLE, UNRECORDED, Factory, highest, lowest

NUMBERED = re.compile(r"\d+(\.\d+)*")
CLOSED = ("not_affected", "fixed")


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
            return self.reached(unit, lambda components: self.has(components, *rest), None, ever)
        if kind == "cve":
            flaw = next(row for row in self.tables["flaws"] if row["name"] == rest[0])
            return self.reached(
                unit, lambda components: self.has(components, flaw["component"], flaw["before"]), flaw["name"], ever
            )
        return super().grade(tree, unit, ever)

    def has(self, components, name, before=None):
        """How surely these components hold one of this name, below a version where one is given."""
        if name not in components:
            return NO
        return CERTAIN if before is None else below(components[name], before)

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
            said = [
                one["status"]
                for one in self.tables["said"]
                if "tree" not in one
                and (one["flaw"], one["product"], one["role"] or "app", one["version"]) == (flaw, *key)
            ]
            if said and said[-1] in CLOSED:
                continue
            by_grade.get(UNRECORDED if sbom is None else how_sure(sbom["components"]), set()).add(key)
        out = self.said_of(unit, flaw)
        grades = []
        for grade, keys in by_grade.items():
            if out and grade != UNRECORDED:
                continue
            runs = self.runs_any_of(unit, keys, ever)
            grades.append(NO if runs not in (CERTAIN, POSSIBLE) else lowest([runs, grade]))
        return highest(grades)

    def said_of(self, unit, flaw):
        """Whether a decision about units says that this one does not have the flaw; the last of one question counts."""
        last = {}
        for one in self.tables["said"]:
            if "tree" in one and one["flaw"] == flaw:
                last[json.dumps(one["tree"])] = one
        return any(
            one["status"] in CLOSED and super(Exposed, self).grade(tuples(one["tree"]), unit) == CERTAIN
            for one in last.values()
        )

    def runs_any_of(self, unit, keys, ever):
        """The highest over the roles: as `runs_one_of`, of all these releases of a role."""

        def wanted(other):
            return (other["product"], other.get("role") or "app", other["version"]) in keys

        return highest([self.runs_one_of(unit, role, wanted, ever) for role in sorted({role for _, role, _ in keys})])
