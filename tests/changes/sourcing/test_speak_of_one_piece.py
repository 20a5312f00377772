"""The story: of a piece of a maker, or of a date code, each term was asked of any piece of the unit, so that a resistor made a module "changed".

G1 to G4 carry the module's old reel, G5 to G7 the new one, of G8 nobody recorded it (sourcing_floor); all carry one reel of resistors at R1.
"""

import pytest
import sourcing_floor


def loaded(load, **of_package) -> None:
    tables = sourcing_floor.tables()
    for row in tables["lots"]:
        row.update(of_package.get(row["package"].replace("-", "_"), {}))
    load(tables)


@pytest.fixture
def named(actor):
    """named(units) -> their serial numbers."""
    from asbuilt.questions.genealogy.answering.serials import names_of
    from asbuilt.questions.genealogy.evaluating.view import View

    return lambda units: sorted(names_of(View(actor), units).values())


def test_a_young_resistor_beside_an_old_module_is_no_changed_module(load, actor):
    from asbuilt.designed.changes.sourcing.actions import amend_notice, take_smart_pcn
    from asbuilt.questions.genealogy.seen.sourcing import notice_seen

    loaded(load, R_1={"date_code": "2650"})
    house = sourcing_floor.people(actor.tenant)
    code = take_smart_pcn(house["eva"], content=sourcing_floor.pcn(), name="PCN-17.pcn")
    amend_notice(house["eva"], notice=code, identification={"date_code_from": "2640"}, why="confirmed by phone")
    changed = notice_seen(actor, code)["used"]["units"]["changed"]["affected"]
    assert changed == {"certain": 3, "possible": 0, "unrecorded": 1}  # G5 to G7; G8
    amend_notice(house["eva"], notice=code, identification={"lots": ["L45", "LR"]}, why="by lots")  # LR: the resistors'
    changed = notice_seen(actor, code)["used"]["units"]["changed"]["affected"]
    assert changed == {"certain": 3, "possible": 0, "unrecorded": 1}


def test_two_makers_of_one_number_are_told_apart_whoever_made_the_rest_of_the_board(load, actor, named):
    from asbuilt.designed.changes.controlling.eco import PART, Change
    from asbuilt.questions.genealogy.answering.changes_built import graded_with
    from asbuilt.questions.genealogy.evaluating.view import View

    loaded(load, W_NEW={"manufacturer": "Other"}, R_1={"manufacturer": "Radio"})  # the resistors are Radio's too
    change = Change("CH-1", PART, "gateway", ("WIFI",), "Radio/W-1", "Other/W-1", "")
    assert named(graded_with(View(actor), change, change.old).certain) == ["G1", "G2", "G3", "G4"]
    assert named(graded_with(View(actor), change, change.new).certain) == ["G5", "G6", "G7"]
