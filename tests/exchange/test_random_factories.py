"""Random factories, random withdrawals: the tables stay what the facts say, and the export carries all of it.

The factories are those that the questions are checked with (tests/questions/factories.py).
"""

import random
import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).parents[1] / "questions"))

import factories

QUESTIONS = (
    "product:board-a", "reworked", "in:scrapped", "in:shipped", "test:failed", "lot:L1", 'lot:"C 1"', "ever:(lot:L1)", "maker:Acme",
    "datecode:2325..2401", "passed:REFLOW", "customer:cx", "owner:own", "part:R1", "placed:2027-01-01..",
)  # fmt: skip


def answers(actor) -> list:
    from asbuilt.kernel.errors import AsbuiltError
    from asbuilt.questions.genealogy.answering.answers import ask

    found = []
    for question in QUESTIONS:
        try:
            answer = ask(actor, question)
            found.append((question, answer.affected.counts(), answer.finished.counts(), answer.serials()))
        except AsbuiltError as refusal:
            # a step whose every run was withdrawn is still known by name; an export knows it no more: both give no unit
            none = dict.fromkeys(("certain", "possible", "unrecorded"), 0)
            found.append(
                (question, none, none, []) if refusal.code == "question.unknown_name" else (question, refusal.code)
            )
    return found


def agrees(actor) -> None:
    from asbuilt.built.exchange.rebuilding import rebuild_holes, rebuild_plans, rebuild_units
    from asbuilt.storage import reading

    with reading.snapshot():
        found = [one for check in (rebuild_plans, rebuild_units, rebuild_holes) for one in check(actor.tenant)]
    assert not found, found[:3]


def withdraw_some(actor, rnd: random.Random) -> None:
    """One call with one to five facts, some in part; refused where something rests on them."""
    from asbuilt.built.exchange.fact_cells import TABLE_OF_SHAPE
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.kernel.errors import Invalid, Refused
    from asbuilt.ledger.facts import all_facts, fact_id

    # a lot or part is still asked for by name once all its packages or rows were withdrawn; an export knows it no more
    shapes = TABLE_OF_SHAPE.keys() - {"supply.package/1", "catalog.part/1"}
    facts = [fact for shape in sorted(shapes) for fact in all_facts(actor.tenant, shape)]
    rows = []
    for fact in rnd.sample(facts, min(len(facts), rnd.choice([1, 1, 2, 5]))):
        span: tuple = (None, None)
        if len(fact.units) == 1 and rnd.random() < 0.6:
            first = rnd.randrange(*fact.units[0])
            span = (first, rnd.randrange(first, fact.units[0][1]) + 1)
        name = fact_id(actor.tenant, fact.entry, fact.shape, fact.row)
        rows.append(Withdraw(name, "drawn by chance", "045", rnd.randrange(10**15), *span))
    try:
        withdraw_facts(actor, rows)
    except (Refused, Invalid):
        return


@settings(max_examples=10, print_blob=True)
@given(tables=factories.factories(), seed=st.integers(0, 2**32))
def test_withdraw_and_export(another_home, tmp_path_factory, tables, seed):
    from asbuilt.access.actor import local_system
    from asbuilt.access.queries import tenant_of_slug
    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.built.exchange.exporting import export_folder
    from asbuilt.formats.tables import TABLES

    folder, rnd = tmp_path_factory.mktemp("factory"), random.Random(seed)
    factories.write_folder(tables, folder)
    another_home()
    actor = local_system(tenant_of_slug("main").number)
    import_folder(actor, folder)
    agrees(actor)
    for _ in range(5):
        withdraw_some(actor, rnd)
        agrees(actor)
    export_folder(actor, folder / "first")
    before = answers(actor)
    another_home()
    import_folder(actor, folder / "first")
    agrees(actor)
    export_folder(actor, folder / "second")
    for name in TABLES:
        assert (folder / "first" / f"{name}.csv").read_bytes() == (folder / "second" / f"{name}.csv").read_bytes(), name
    assert answers(actor) == before
