"""Gaps in words: what keeps how many units at which level, `R12 on 40 units of WO-7: reel change not resolved: PK-1 or PK-2`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.questions.genealogy.seen.placed_parts import short
from asbuilt.questions.genealogy.words.terms import gettext_noop as _

NAMES_SAID_MAX = 4
KINDS = {
    "nothing_on_order": _("no package is recorded on the order"),
    "silent": _("no package is recorded"),
    "unnamed": _("replaced, and what went in is not named"),
    "alone": _("only possible: {names}; what else may stand there is not known"),
    "several": _("reel change not resolved: {names}"),
    "no_lot": _("lot code not recorded of {names}"),
    "no_receipt": _("receipt not recorded of {names}"),
    "no_route": _("no routing was in force, so that a missing step cannot be told"),
    "no_step": _("no step is recorded"),
    "step_missing": _("not recorded"),
    "no_tool": _("machine and program not named, nor who did it by hand"),
    "no_reading": _("not measured: {names}"),
    "no_raw": _("the machine's own record is not kept"),
}
ON_UNITS, ON_ONE, ON_ORDER, ON_ORDER_ONE = (
    _("{at} on {units} units of {order}: {what}"), _("{at} on 1 unit of {order}: {what}"), _("{units} units of {order}: {what}"),
    _("1 unit of {order}: {what}"),
)  # fmt: skip
OR, MORE = _("or"), _("and {count} more")


@dataclass
class Gap:
    """What keeps `units` at most at level `allows`: kind, where (positions, or a step's name; empty: everywhere), names it speaks of."""

    letter: str
    kind: str
    allows: int
    order: str
    at: tuple[str, ...]
    units: BitMap
    names: tuple[str, ...] = ()
    short: bool = False

    @property
    def key(self) -> tuple:
        """Gaps with the same key differ in positions only."""
        return (self.letter, self.kind, self.allows, self.order, self.names, bytes(self.units.serialize()))

    @property
    def where(self) -> str:
        """Positions in short, or the step."""
        return short(self.at) if self.letter == "M" else ", ".join(self.at)

    def text(self, say: Callable[[str], str], number: Callable[[int], str], *, of_unit: bool = False) -> str:
        """The gap as a sentence; `of_unit` leaves out how many units of which order."""
        what = say(KINDS[self.kind]).format(names=self._named(say, number))
        if of_unit:
            return f"{self.where}: {what}" if self.at else what
        one = len(self.units) == 1
        form = (ON_ONE if one else ON_UNITS) if self.at else (ON_ORDER_ONE if one else ON_ORDER)
        return say(form).format(at=self.where, units=number(len(self.units)), order=self.order, what=what)

    def _named(self, say, number) -> str:
        shown = self.names[:NAMES_SAID_MAX]
        joint = f" {say(OR)} " if self.kind == "several" else ", "
        text = joint.join(shown)
        left = len(self.names) - len(shown)
        return f"{text} {say(MORE).format(count=number(left))}" if left else text


def merged(gaps: Iterable[Gap]) -> list[Gap]:
    """Gaps that differ in positions only as one; the lowest level first, then the most units."""
    found: dict[tuple, Gap] = {}
    for gap in gaps:
        if not gap.units:
            continue
        same = found.setdefault(gap.key, gap)
        if same is not gap:
            same.at += gap.at
    return sorted(found.values(), key=lambda gap: (gap.letter, gap.allows, -len(gap.units), gap.order, gap.at))
