"""The terms `cve:` and `component:`: which units are exposed to a vulnerability, which run firmware with a component.

`cve:X`: certain where a finding says affected and the unit certainly is behind it; possible where the finding is unsure, or the unit only
possibly behind it; unrecorded where the unit runs a release of which nobody recorded the components. What a standing decision says is not
affected, or fixed, is not exposed. `component:N`: the same without findings; a version that cannot be compared makes it possible.
"""

from collections.abc import Iterable
from itertools import islice

from pyroaring import BitMap

from asbuilt.access.actor import Actor, local_system
from asbuilt.designed.vulnerability.deciding.decisions import Decision
from asbuilt.designed.vulnerability.deciding.premise import canonicals
from asbuilt.designed.vulnerability.deciding.sentences import Sentence
from asbuilt.designed.vulnerability.feeds.queries import has_record
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.spans import UnitSet
from asbuilt.questions.exposure.decided import after_it, left_of, open_groups, spoken_of
from asbuilt.questions.exposure.reach import reached, silent
from asbuilt.questions.exposure.said import of_the_house
from asbuilt.questions.exposure.ways import component_names, ways_of_component, ways_of_vulnerability
from asbuilt.questions.genealogy.answering.answers import ask
from asbuilt.questions.genealogy.answering.narrowing import written
from asbuilt.questions.genealogy.evaluating.naming import unknown
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words import language
from asbuilt.questions.genealogy.words.language import (
    And,
    Bracket,
    Component,
    Contains,
    Ever,
    Inside,
    Not,
    Or,
    Term,
    Value,
)
from asbuilt.storage import reading

NEAR_MAX = 2_000
COMPLETED_MAX = 200
_LOOPS = frozenset({"cve", "held"})


def exposed_to(view: View, values: Iterable[Value], ever: bool, within: BitMap | None) -> UnitSet:
    """Units exposed to any of these vulnerabilities."""
    result = UnitSet.none()
    for value in values:
        for name in all_known_as(view, value.text):
            result |= exposed(view, name, ever, within)
    return result


def exposed(view: View, vulnerability: str, ever: bool = False, within: BitMap | None = None) -> UnitSet:
    """Units exposed to the vulnerability of this canonical name."""
    ways = ways_of_vulnerability(view, vulnerability)
    groups = open_groups(view, vulnerability, ways)
    return left_of(view, groups, ever, within) | silent(view, ever, within, spoken_of(view, vulnerability))


def known_as(view: View, text: str) -> str:
    """The canonical name of a vulnerability, of several the first; NotFound with the nearest where no feed speaks of it."""
    return all_known_as(view, text)[0]


def all_known_as(view: View, text: str) -> list[str]:
    """The canonical names of all vulnerabilities that are called so and of which the reader may know; NotFound as above."""
    found = [name for name in canonicals(view.tenant, text, view.entry) if not of_the_house(view, name)]
    if not found:
        sql = (
            "SELECT v.name FROM vulnerability_vulnerability v WHERE v.tenant = %s AND v.name >= %s "
            f"AND {has_record('v', view.entry)} ORDER BY v.name LIMIT %s"
        )
        head = text.strip().upper()[:8]
        near = [name for (name,) in reading.fetch(sql, (view.tenant, head, NEAR_MAX))] if view.visible is None else []
        raise unknown("vulnerability", text, near)
    return found


def with_component(view: View, asked: Component, ever: bool, within: BitMap | None) -> UnitSet:
    """Units that run firmware, are built to a revision or carry a part with this component."""
    ways = ways_of_component(view, asked)
    if ways is None:
        near = component_names(view, "", NEAR_MAX) if view.visible is None else []
        raise unknown("component", asked.name.text, near)
    if view.visible is not None and not reached(view, ways, True):
        raise unknown("component", asked.name.text, ())  # that others' software lists it is no answer for this reader
    return reached(view, ways, ever, within) | silent(view, ever, within)


def check_question_of_decision(question: str) -> None:
    """Invalid for a mistake, and for a question that would ask for its own answer."""
    tree = language.parse(question)
    for term in _terms(tree):
        if term.name in _LOOPS:
            said = f"A decision names its units; {term.name} would ask for what it decides."
            raise Invalid("question.asks_itself", said, {"position": term.position}, f"Ask without {term.name}.")


def release_after(tenant: int, decision: Decision) -> Sentence:
    """That a release came after a decision about hardware or units, through which what it would close is open."""
    view = View(local_system(tenant))
    return after_it(view, decision, ways_of_vulnerability(view, decision.vulnerability))


def units_meant(actor: Actor, question: str, product: str, most: int) -> tuple[int, list[str]]:
    """How many units of a product the question of a decision certainly means for this reader, and the first of their names."""
    found = ask(actor, f"({question}) {written('product', product)}", serials=True)
    sure = (row["serial"] for row in found.serials() if row["certainty"] == "certain")
    return len(found.affected.certain), list(islice(sure, most))


def _terms(node) -> Iterable[Term]:
    if isinstance(node, Term):
        yield node
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from _terms(part)
    elif isinstance(node, Not | Bracket | Ever | Inside | Contains):
        yield from _terms(node.part)


def vulnerabilities_beginning(view: View, sight, prefix: str) -> list[tuple[str, str]]:
    """Names to complete with what they are called; a party reader is told none."""
    if not sight.whole:
        return []
    sql = (
        "SELECT v.name, (SELECT max(a.title) FROM vulnerability_advisory a WHERE a.tenant = v.tenant AND a.vulnerability = v.number) "
        "FROM vulnerability_vulnerability v WHERE v.tenant = %s AND v.name >= %s "
        f"AND {has_record('v', view.entry)} ORDER BY v.name LIMIT %s"
    )
    rows = reading.fetch(sql, (view.tenant, prefix.upper(), COMPLETED_MAX))
    return [(name, title or "") for name, title in rows if name.casefold().startswith(prefix.casefold())]


def components_beginning(view: View, sight, prefix: str) -> list[tuple[str, str]]:
    """Names of components to complete; a party reader is told none."""
    return [(name, "") for name in component_names(view, prefix, COMPLETED_MAX)] if sight.whole else []
