"""What else is touched: what failed units have in common that passed ones have less often.

    common_factors(actor, failed="test:FCT=fail", among="order:WO-7")   -> Factors

Each value that units may have in common (lot, package, supplier, date code, feeder, machine, program, operator, time, firmware, panel
position, station) parts them in four: failed and passed, with it and without. Fisher's exact test says how often chance alone would part
them so unevenly. Hundreds of values are looked at, so some stand out by chance: p is corrected by Holm's method over all of them. Holm, and
not Benjamini-Hochberg, because a false lead costs a stopped line, and because it asks nothing of how values depend on each other: here lot,
feeder and hour nearly always go together. Where the question speaks of tests or defects, the others are units that passed those plans: one that
is not tested yet is no passed one, and whatever the tested units have would stand out. Values that the very same units have cannot be told apart and are one line. Nothing here is a
cause: it says where to look.

Refused: a narrow view (machines and suppliers are the house's), no failed or no other units, too many units.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.queries import may_ask_by_operator
from asbuilt.access.rights import RECORD_READ
from asbuilt.kernel.capability import holm
from asbuilt.kernel.distributions import fisher_exact
from asbuilt.kernel.errors import Invalid, NotFound, Refused
from asbuilt.questions.genealogy.answering.factor_sources import KINDS, Key, sets
from asbuilt.questions.genealogy.evaluating.evaluate import units_of
from asbuilt.questions.genealogy.evaluating.looked_for import looked_for
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words import language
from asbuilt.storage import reading

UNITS_MAX = 2_000_000
SHOWN_MAX, ALIKE_SHOWN_MAX = 100, 12
LEVEL = 0.05
MORE, LESS, UNCLEAR = "more_often", "less_often", "no_difference"


@dataclass(frozen=True)
class Factor:
    """A value, or several that cannot be told apart, with the four counts, p by Fisher and corrected by Holm."""

    keys: tuple[Key, ...]
    keys_more: int
    failed_with: int
    failed_without: int
    passed_with: int
    passed_without: int
    p: float
    p_corrected: float

    @property
    def failed_share(self) -> float:
        """Of the failed units, how many have it."""
        return self.failed_with / (self.failed_with + self.failed_without)

    @property
    def passed_share(self) -> float:
        """Of the passed units, how many have it."""
        return self.passed_with / (self.passed_with + self.passed_without)

    @property
    def verdict(self) -> str:
        """Whether failed units have it more often or less often than chance allows, or no difference is shown."""
        if self.p_corrected > LEVEL:
            return UNCLEAR
        return MORE if self.failed_share > self.passed_share else LESS


@dataclass(frozen=True)
class Silent:
    """Of a kind the record says nothing for so many failed and passed units."""

    kind: str
    failed: int
    passed: int


@dataclass(frozen=True)
class Factors:
    """What was asked, how many units stand on either side, how many were left out as not certain or not tested, and the values, the clearest first.

    `tested` values (sets of units) were compared, `everywhere` had all of the units and say nothing; `more` are not shown.
    """

    failed_question: str
    among_question: str
    failed: int
    passed: int
    left_out: int
    untested: int
    kinds: tuple[str, ...]
    without_operators: bool
    factors: tuple[Factor, ...]
    tested: int
    everywhere: int
    more: int
    silent: tuple[Silent, ...]
    elapsed_ms: float


def common_factors(actor: Actor, *, failed: str, among: str = "", kinds: Iterable[str] = ()) -> Factors:
    """Compare the units that `failed` gives with the others of `among`; without it, of the orders that the failed ones are of.

    Invalid for a question with a mistake or a kind that is none, Refused without units on both sides.
    """
    actor.require(RECORD_READ)
    began = time.perf_counter()
    if actor.party is not None:
        raise NotFound(
            "question.factors_none", "There are no factors for you.", remedy="Ask the company that keeps this record."
        )
    wanted = _kinds(kinds)
    trees = language.parse(failed), language.parse(among) if among.strip() else None
    with reading.snapshot():
        view = View(actor)
        operators = may_ask_by_operator(actor)
        bad, good, left_out, untested = _sides(view, *trees)
        found = sets(view, bad | good, wanted if operators else wanted - {"operator"})
    factors, tested, everywhere = _compared(found, bad, good)
    shown = tuple(factors[:SHOWN_MAX])
    silent = tuple(_silent(found, bad, good, sorted(wanted, key=KINDS.index)))
    hidden = "operator" in wanted and not operators
    return Factors(
        failed, among, len(bad), len(good), left_out, untested, tuple(kind for kind in KINDS if kind in wanted), hidden, shown, tested,
        everywhere, len(factors) - len(shown), silent, round((time.perf_counter() - began) * 1000, 2),
    )  # fmt: skip


def _kinds(kinds: Iterable[str]) -> frozenset[str]:
    wanted = frozenset(kinds)
    strange = sorted(wanted - set(KINDS))
    if strange:
        said = f"{strange[0][:40]} is nothing that units are compared by."
        raise Invalid("question.factor_kind", said, {"kind": strange[0][:40]}, f"One of {', '.join(KINDS)}.")
    return wanted or frozenset(KINDS)


def _sides(view: View, failed, among) -> tuple[BitMap, BitMap, int, int]:
    """(failed, the others, how many are on no side since the record is not certain, how many since they are not tested)."""
    sure = units_of(view, failed)
    if among is None:
        whole = BitMap()
        for block in view.blocks_over(sure.certain):
            whole.add_range(block.first, block.until)
        whole = certain = whole & view.built(whole) if whole else whole
    else:
        asked = units_of(view, among)
        whole, certain = asked.unrecorded, asked.certain
    bad = sure.certain & certain
    good = certain - sure.unrecorded
    passed = looked_for(view, failed, BitMap(good), BitMap(bad))
    untested, good = len(good) - len(passed), passed
    if not bad or not good:
        side = "failed" if not bad else "other"
        raise Refused(
            "question.factors_one_side",
            f"There are no {side} units to compare.",
            {"failed": len(bad), "others": len(good), "untested": untested},
            "Ask for units that failed among more units than those.",
        )
    if len(bad) + len(good) > UNITS_MAX:
        raise Refused(
            "question.factors_too_many",
            f"These are more than {UNITS_MAX:,} units.",
            {"units": len(bad) + len(good), "units_max": UNITS_MAX},
            "Narrow the second question, such as to the orders or days in question.",
        )
    return BitMap(bad), BitMap(good), len(whole) - len(bad) - len(good) - untested, untested


def _compared(found: dict[Key, BitMap], bad: BitMap, good: BitMap) -> tuple[list[Factor], int, int]:
    """(the factors, clearest first; how many sets were compared; how many values all units have)."""
    alike: dict[bytes, tuple[BitMap, list[Key]]] = {}
    everywhere, total = 0, len(bad) + len(good)
    for key, units in found.items():
        if len(units) == total:
            everywhere += 1
            continue
        units.run_optimize()
        alike.setdefault(units.serialize(), (units, []))[1].append(key)
    counted = []
    for units, keys in alike.values():
        a = units.intersection_cardinality(bad)
        c = len(units) - a
        counted.append((a, len(bad) - a, c, len(good) - c, tuple(sorted(keys, key=_rank))))
    p_values = [fisher_exact(*row[:4]) for row in counted]
    factors = [
        Factor(keys[:ALIKE_SHOWN_MAX], max(0, len(keys) - ALIKE_SHOWN_MAX), *counts, p, corrected)
        for (*counts, keys), p, corrected in zip(counted, p_values, holm(p_values), strict=True)
    ]
    return sorted(factors, key=_clearest), len(factors), everywhere


def _rank(key: Key) -> tuple:
    return KINDS.index(key.kind), key.value, key.context


def _clearest(factor: Factor) -> tuple:
    """What stands out first; of those whose p is too small for a number, the one that parts the sides best."""
    away = factor.failed_share - factor.passed_share
    return factor.p_corrected, away <= 0, factor.p, -abs(away), _rank(factor.keys[0])


def _silent(found: dict[Key, BitMap], bad: BitMap, good: BitMap, kinds: Iterable[str]) -> Iterable[Silent]:
    """Of each kind, the units of which the record says nothing; kinds that no unit has are left out."""
    for kind in kinds:
        of_kind = [units for key, units in found.items() if key.kind == kind]
        if of_kind:
            told = BitMap.union(*of_kind)
            without = Silent(kind, len(bad - told), len(good - told))
            if without.failed or without.passed:
                yield without


def told(found: Factors) -> dict:
    """As JSON: what command line and API say of it."""
    return {
        "failed_question": found.failed_question, "among_question": found.among_question, "failed": found.failed, "others": found.passed,
        "left_out": found.left_out, "untested": found.untested, "kinds": list(found.kinds), "without_operators": found.without_operators, "tested": found.tested,
        "everywhere": found.everywhere, "more": found.more, "method": "Fisher exact, two-sided; p corrected by Holm over all sets compared",
        "silent": [{"kind": one.kind, "failed": one.failed, "others": one.passed} for one in found.silent],
        "factors": [
            {"values": [{"kind": key.kind, "value": key.value, "context": key.context, "question": key.term} for key in one.keys],
             "values_more": one.keys_more, "failed_with": one.failed_with, "failed_without": one.failed_without,
             "others_with": one.passed_with, "others_without": one.passed_without, "p": one.p, "p_corrected": one.p_corrected,
             "verdict": one.verdict}
            for one in found.factors
        ],
        "elapsed_ms": found.elapsed_ms,
    }  # fmt: skip
