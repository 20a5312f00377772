"""A step at a machine with a program: what is mounted is placed, and what is wrong with the setup stops it."""

import pytest
from mounted_line import setup  # noqa: F401


@pytest.fixture
def mounted(setup):  # noqa: F811
    setup.mount("1", "R-1")
    setup.mount("2", "C-1")
    return setup


@pytest.fixture
def stopped():
    """stopped(go, "B1") -> the codes of all that stops it."""
    from asbuilt.kernel.errors import Refused

    def of(go, code, **said):
        with pytest.raises(Refused) as caught:
            go(code, **said)
        assert caught.value.remedy
        return [stop["code"] for stop in caught.value.facts["stops"]], caught.value

    return of


def sure(*names):
    return dict.fromkeys(names, "certain")


@pytest.fixture
def certain(actor):
    from asbuilt.questions.genealogy.answering import answers

    return lambda question: {
        row["serial"]: row["certainty"] for row in answers.ask(actor, question, serials=True).as_dict()["serials"]
    }


def test_a_step_places_what_is_mounted(mounted, certain):
    mounted.go("B1")
    assert certain("(lot:LR1 at:R2)") == sure("B1") and certain("(lot:LC1 at:C1)") == sure("B1")
    assert certain("passed:SMT(program=TOP-1)@2020-01-01..") == sure("B1")


def test_an_empty_feeder_stops_and_is_named(setup, stopped, certain, actor):  # noqa: F811
    setup.mount("1", "R-1")
    codes, error = stopped(setup.go, "B1")
    assert codes == ["production.feeder_empty"]
    assert (error.facts["machine"], error.facts["feeder"], error.facts["refdes"]) == ("M1", "2", ["C1"])
    assert certain("lot:LR1") == {}


def test_what_went_wrong_since_it_was_mounted_stops(mounted, stopped, actor, certain):
    from asbuilt.built.supply.actions.statuses import quarantine_packages, release_packages

    mounted.go("B1")
    quarantine_packages(actor, packages=["R-1"], reason="cracks seen")
    codes, error = stopped(mounted.go, "B2")
    assert codes == ["production.package_not_released"] and "cracks seen" in error.message
    release_packages(actor, packages=["R-1"], reason="scratches only")
    mounted.go("B2")
    assert certain("lot:LR1") == sure("B1", "B2")


def test_a_customers_package_stops_at_another_order(setup, stopped):  # noqa: F811
    setup.mount("1", "R-6", order="WA")
    setup.mount("2", "C-1", order="WA")
    setup.go("P1")
    assert stopped(setup.go, "B1")[0] == ["production.package_of_another"]


def test_a_feeder_that_the_bom_version_does_not_use_may_be_empty(setup, certain):  # noqa: F811
    setup.mount("1", "R-1", order="WB")
    setup.go("WB#1")
    assert certain("lot:LR1") == sure("WB#1")


def test_which_side_must_be_clear(mounted, stopped):
    from asbuilt.kernel.errors import Refused

    with pytest.raises(Refused) as caught:
        mounted.go("B1", side="")
    assert caught.value.code == "catalog.program_side_open"
    with pytest.raises(Refused) as caught:
        mounted.go("B1", program="NO-SUCH")
    assert caught.value.code == "catalog.program_unknown"


def test_failed_steps_and_other_machines_place_nothing(mounted, certain):
    mounted.go("B1", result="failed")
    mounted.go("B2", machine="M9")
    mounted.go("B3", machine="")
    silent = dict.fromkeys(("B2", "B3"), "unrecorded")
    assert certain("lot:LR1") == {"B1": "unrecorded"} | silent
    mounted.go("B1")
    assert certain("lot:LR1") == sure("B1") | silent


def test_the_same_pass_again_says_nothing_new_and_another_package_replaces(mounted, certain):
    mounted.go("B1")
    mounted.go("B1")
    assert certain("lot:LR1") == sure("B1")
    mounted.off("1")
    mounted.mount("1", "R-2")
    mounted.go("B1")
    assert (certain("lot:LR1"), certain("lot:LR2"), certain("ever:(lot:LR1)")) == ({}, sure("B1"), sure("B1"))


def test_the_program_recorded_last_is_in_force(mounted, load, stopped, certain):
    from mounted_line import feeder

    load(
        {
            "programs": [
                feeder("top", "TOP-2", "1", "R1 R2"),
                feeder("top", "TOP-2", "3", "R3"),
                feeder("top", "TOP-2", "2", "C1"),
            ]
        },
        "later",
    )
    assert stopped(mounted.go, "B1")[0] == ["production.feeder_empty"]
    mounted.go("B1", program="TOP-1")
    mounted.mount("3", "R-2")
    mounted.go("B2")
    assert certain("(lot:LR1 at:R3)") == sure("B1") and certain("(lot:LR2 at:R3)") == sure("B2")


def test_a_thousand_pieces_are_few_runs(load, actor, setup, sql_rows):  # noqa: F811
    setup.mount("1", "R-1")
    setup.mount("2", "C-1")
    for n in range(1, 21):
        setup.go(f"B{n}")
    assert sql_rows("SELECT count(*) FROM production_material_run") == [(2,)]


@pytest.fixture
def sql_rows():
    from asbuilt.storage import reading

    return lambda statement: reading.fetch(statement, ())
