"""A hold by question, asked of one unit or of an order as the gate asks it, holds exactly the units that the same question answers over the whole record.

The holds come with a table that names no unit, so that nothing but the question can hold one.
"""

import os

from brute_force import to_text
from factories import factories_with_questions, row, write_folder
from hypothesis import Phase, given, settings
from pyroaring import BitMap

from asbuilt.access.actor import local_system
from asbuilt.access.queries import tenant_of_slug
from asbuilt.answers.register.holds import check_question
from asbuilt.built.exchange.actions import import_folder
from asbuilt.kernel.errors import AsbuiltError, NotFound
from asbuilt.questions.genealogy.answering.answers import ask
from asbuilt.questions.genealogy.answering.lookup import view_of
from asbuilt.questions.genealogy.evaluating.evaluate import units_of
from asbuilt.questions.genealogy.evaluating.holds import holding
from asbuilt.questions.genealogy.seen.held import holds_on_units
from asbuilt.storage import reading

# what the random questions say rarely, of any of those factories
ALWAYS = (
    "reworked",
    "-reworked",
    "in:stock or in:shipped",
    "test:pass or -reworked",
    "in:returned",
    "-in:returned",
    "operator:045",
)


def holdable(text: str) -> bool:
    """Whether a hold takes the question."""
    try:
        check_question(text)
    except AsbuiltError:
        return False
    return True


def answered(actor, text: str, silent: bool) -> BitMap:
    """What the question gives over the whole record; nothing where a name in it is known no more."""
    try:
        found = ask(actor, text).affected
    except NotFound:
        return BitMap()
    return found.unrecorded if silent else found.possible


@settings(phases=(Phase.explicit, Phase.generate), max_examples=int(os.environ.get("ASBUILT_EXAMPLES", "12")))
@given(drawn=factories_with_questions(most=12))
def test_the_gate_holds_what_the_question_answers(fresh_home, drawn):
    tables, trees = drawn
    texts = [text for text in dict.fromkeys([*map(to_text, trees), *ALWAYS]) if holdable(text)]
    held = [(f"Q-{n}{end}", text, silent) for n, text in enumerate(texts) for end, silent in (("", False), ("S", True))]
    tables = {name: rows for name, rows in tables.items() if name != "holds"}
    tables["holds"] = [
        row("holds", hold=code, action="place", kind="question", question=text, silent="true" if silent else "", reason="look", decided_at="2027-06-01T00:00:00Z")
        for code, text, silent in held
    ]  # fmt: skip
    with fresh_home() as folder:
        write_folder(tables, folder)
        actor = local_system(tenant_of_slug("main").number)
        import_folder(actor, folder)
        ends = reading.fetch("SELECT first_unit, until_unit FROM production_block WHERE tenant = %s", (actor.tenant,))
        units = [unit for first, until in ends for unit in range(first, until)]
        found: dict[str, BitMap] = {code: BitMap() for code, *_ in held}
        for unit in units:
            for hold in holds_on_units(view_of(actor), BitMap([unit])):
                found[hold.code].add(unit)
        # all of them together, as the gate asks of an order
        together = {hold.code: there for hold, there in holding(view_of(actor), BitMap(units), units_of)}
        for code, text, silent in held:
            whole = answered(actor, text, silent)
            assert found[code] == whole, f"{code} {text}"
            assert together.get(code, BitMap()) == whole, f"{code} {text}"
