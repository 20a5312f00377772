"""Every answer on random small factories is the one that the brute force gives, which is written from the design alone."""

import os

from alone import reader_of, same_customers
from brute_force import answer, roll_up, to_text
from factories import factories_with_questions, write_folder
from hypothesis import Phase, given, settings

from asbuilt.access.actor import local_system
from asbuilt.access.queries import tenant_of_slug
from asbuilt.built.exchange.actions import import_folder
from asbuilt.built.production.orders import Orders
from asbuilt.designed.parties.queries import names
from asbuilt.questions.genealogy.answering.answers import ask

# a factory shrinks for minutes; the seed that Hypothesis prints brings the same one back


def grades_of(found, actor, grades):
    """Our grade of each unit that the brute force speaks of."""
    orders = Orders(actor.tenant)
    return {key: found.affected.grade(orders.by_code(key[0]).unit_at(key[1])) for key in grades}


@settings(phases=(Phase.explicit, Phase.generate), max_examples=int(os.environ.get("ASBUILT_EXAMPLES", "25")))
@given(drawn=factories_with_questions(most=10))
def test_questions_are_answered_as_the_page_says(fresh_home, drawn):
    tables, trees = drawn
    with fresh_home() as folder:
        write_folder(tables, folder)
        actor = local_system(tenant_of_slug("main").number)
        import_folder(actor, folder)
        parties = sorted(names(actor.tenant))
        for code in sorted({row["lot_code"] for row in tables.get("lots", ()) if row["lot_code"]}):
            same_customers(actor, f'lot:"{code}"')
        for code in sorted({row["lot_code"] for row in tables.get("lots", ()) if row["lot_code"]}):
            same_customers(actor, f'lot:"{code}"')
        for place, tree in enumerate(trees):
            assert same_customers(actor, to_text(tree))
            same_customers(reader_of(actor, parties[place % len(parties)]), to_text(tree))
            grades = answer(tables, tree)
            found = ask(actor, to_text(tree))
            assert grades_of(found, actor, grades) == grades, to_text(tree)
            expected = roll_up(tables, grades)
            said = found.as_dict()
            assert said["affected"] == expected["affected"], to_text(tree)
            assert said["finished"] == expected["finished"], to_text(tree)
            for key, rows in expected["by"].items():
                assert sorted(map(str, said["by"][key])) == sorted(map(str, rows)), (key, to_text(tree))
