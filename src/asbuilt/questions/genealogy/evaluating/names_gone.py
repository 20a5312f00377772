"""A question that was recorded once, where a name in it was withdrawn since: what the other names say of it still counts.

    units_still_meant(view, parse("lot:L1,L2"), None, units_of)     -> the units of L2, where nothing bears the name L1 any more

A person who asks is told that a name is unknown. A hold or a field action goes on: nobody reads an error at the gate, and one reel that never
was must not let go of what the other reels hold. A name that nothing has means no unit.
"""

from collections.abc import Callable
from dataclasses import replace

from pyroaring import BitMap

from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.spans import UnitSet
from asbuilt.questions.genealogy.evaluating.borne import borne
from asbuilt.questions.genealogy.evaluating.naming import position
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words.language import (
    And,
    Bracket,
    Comparison,
    Contains,
    Ever,
    Inside,
    Not,
    Nothing,
    Or,
    Pass,
    Release,
    Term,
    Value,
    Window,
)
from asbuilt.storage import reading

Asking = Callable[[View, object, BitMap | None], UnitSet]
"""What answers a parsed question within some units (None: all)."""


def units_still_meant(view: View, question, within: BitMap | None, asking: Asking) -> tuple[UnitSet, bool]:
    """The units, and whether every name is known. As `asking` where one is, else two or more times its statements."""
    try:
        return asking(view, question, within), True
    except NotFound:
        known = without_unknown(view, question, asking)
    try:
        return asking(view, known, within), False
    except NotFound:  # a name that only its place in the question makes unknown
        return UnitSet.none(), False


def without_unknown(view: View, node, asking: Asking):
    """The question without the names that nothing has: Nothing in the place of a term that has no other."""
    match node:
        case Term() if node.values:
            kept = (_kept(view, node, value, asking) for value in node.values)
            values = tuple(value for value in kept if value is not None)
            return replace(node, values=values) if values else Nothing()
        case And():
            parts = tuple(without_unknown(view, part, asking) for part in node.parts)
            return Nothing() if Nothing() in parts else replace(node, parts=parts)
        case Or():
            parts = [without_unknown(view, part, asking) for part in node.parts]
            left = tuple(part for part in parts if part != Nothing())
            return replace(node, parts=left) if len(left) > 1 else left[0] if left else Nothing()
        case Bracket() | Ever() | Inside() | Contains():
            part = without_unknown(view, node.part, asking)
            return part if part == Nothing() else replace(node, part=part)
        case Not():
            return replace(node, part=without_unknown(view, node.part, asking))
    return node


def _kept(view: View, term: Term, value, asking: Asking):
    """The value without the steps that nobody goes through any more; None where nothing of it is known."""
    if isinstance(value, Pass) and len(value.steps) > 1:
        each = (replace(value, steps=(step,)) for step in value.steps)
        steps = tuple(one.steps[0] for one in each if is_known(view, term, one, asking))
        return replace(value, steps=steps) if steps else None
    return value if is_known(view, term, value, asking) else None


def is_known(view: View, term: Term, value, asking: Asking) -> bool:
    """Whether something that stands bears the name, or all names, in this value of a term. Raises what else the term raises."""
    if isinstance(value, Comparison | Window) or (isinstance(value, Release) and not isinstance(value.match, Value)):
        return True  # what matches nothing is an answer
    if term.name == "datecode" and isinstance(value, Value):
        stands = borne(view, "supply_lot")
        sql = f"SELECT 1 FROM supply_lot t WHERE t.tenant = %s AND t.date_code = %s{stands} LIMIT 1"
        return reading.fetch_one(sql, (view.tenant, value.text)) is not None
    try:
        if term.name == "at":
            position(view, value.text)
        else:
            asking(view, replace(term, values=(value,)), BitMap())
    except NotFound:
        return False
    return True
