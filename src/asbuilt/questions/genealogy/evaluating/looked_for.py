"""Units in which somebody looked for what a question asks of tests and defects: who is not tested yet is no passed one.

    looked_for(view, question, units, found)   -> those of `units` in which it was looked for; `found` are units that have it

`test:FCT=fail` was looked for where the last FCT passed. `defect:BRIDGE` where the last run of a plan that ever found one ended as pass or fail.
`test:failed` where one of the plans that the found units failed passed. Of several such terms each was. A question that does not speak of tests
was looked for in all.
"""

from pyroaring import BitMap

from asbuilt.questions.genealogy.evaluating.defects_found import plans_that_found
from asbuilt.questions.genealogy.evaluating.evaluate import units_of
from asbuilt.questions.genealogy.evaluating.history import plans_failed
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words.language import And, Bracket, Ever, Or, Outcome, Term, Value

PASS, FAIL = "pass", "fail"


def looked_for(view: View, question, units: BitMap, found: BitMap) -> BitMap:
    """A few statements for each term of the question that speaks of tests."""
    for term in _of_tests(question):
        if not units:
            break
        for ended in _carried_out(view, term, found):
            units = BitMap(units_of(view, Term("test", ended), units).certain & units)
    return units


def _carried_out(view: View, term: Term, found: BitMap) -> list[tuple[Outcome, ...]]:
    """How a test has to have ended, one of each tuple."""
    if term.name == "defect":
        plans = [Value(plan) for plan in plans_that_found(view, term.values)]
        return [tuple(Outcome(plan, how) for plan in plans for how in (PASS, FAIL))] if plans else []
    named = [one.plan for one in term.values if one.plan is not None]
    bare = tuple(Outcome(Value(plan), PASS) for plan in plans_failed(view, found)) if not named else ()
    return [(Outcome(plan, PASS),) for plan in named] + ([bare] if bare else [])


def _of_tests(node) -> list[Term]:
    """The terms that say how tests of the units themselves ended, or what they found; what passed is none of them."""
    if isinstance(node, And | Or):
        return [term for part in node.parts for term in _of_tests(part)]
    if isinstance(node, Bracket | Ever):
        return _of_tests(node.part)
    if not isinstance(node, Term) or node.name not in ("test", "defect"):
        return []
    return [] if any(isinstance(one, Outcome) and one.outcome == PASS for one in node.values) else [node]
