"""Holds by question at the feeder, by hand, in rework and at the step: what a question says of a package that is to go onto units.

The line of `mounted_line`: R-1, R-2, R-3 are resistors of lots LR1, LR2, LR3 (R-3 of the MPN ALT-RES), date code 2601, by Acme.
"""

import pytest
from mounted_line import lot, setup  # noqa: F401


@pytest.fixture
def hold(actor):
    """hold("lot:LR1") -> "H-1"."""
    from asbuilt.answers.register import holds

    def placed(question, **said):
        return holds.hold(actor, question=question, reason="cracks", **said)

    return placed


@pytest.mark.parametrize(
    "question",
    [
        "lot:LR1",
        "package:R-1,R-9",
        "part:RES",
        "part:M-RES",
        "maker:Acme",
        "datecode:2550..2601",
        "lot:LR1 or reworked",
        "(lot:LR1 datecode:<2602) order:WO",
        "ever:(lot:LR1)",
        "part:RES -lot:LR2",
        "lot:LR1 product:board",
    ],
)
def test_a_package_that_the_question_means_whatever_the_unit_is(setup, load, hold, refused, question):  # noqa: F811
    from asbuilt.kernel.errors import Refused

    load({"lots": [lot("R-9", "RES", "LR9")]}, "nine")
    code = hold(question)
    error = refused(Refused, "gate.package_in_question", setup.mount, "1", "R-1")
    assert "cracks" in error.message and error.facts["hold"] == code and code in error.remedy


@pytest.mark.parametrize(
    "question",
    [
        "lot:LR2",  # another lot
        "lot:LR1 order:WA",  # of another order
        "lot:LR1 order:WO#1..WO#5",  # of some units
        "lot:LR1 passed:SMT@2026-01-01..2026-01-02",  # of units that went through a window
        "lot:LR1 -lot:LR1",
        "datecode:<2601",
        "order:WO",  # of no package
        "-lot:LR2",
        "(lot:LR1 at:R2)",  # the unit tells
        "lot:LR1 datecode:2550",
    ],
)
def test_what_only_the_unit_can_tell_is_no_matter_of_the_package(setup, load, hold, question):  # noqa: F811
    load({"processes": [{"order": "WO", "step": "SMT", "machine": "", "program": "", "first_serial": "B1", "last_serial": "B1", "started_at": "2026-03-01T09:00:00Z",
                         "finished_at": "2026-03-01T09:01:00Z", "operator": "", "result": "completed", "readings": ""}]}, "smt")  # fmt: skip
    hold(question)
    assert setup.mount("1", "R-1").package == "R-1"


def test_a_lifted_hold_and_a_splice(setup, hold, actor, refused):  # noqa: F811
    from asbuilt.answers.register.holds import lift
    from asbuilt.kernel.errors import Refused

    setup.mount("1", "R-1")
    code = hold("lot:LR2")
    refused(Refused, "gate.package_in_question", setup.splice, "1", "R-2")
    lift(actor, code=code, reason="X-rayed")
    assert setup.splice("1", "R-2").package == "R-2"


def test_a_date_code_that_nobody_knows_counts_where_silence_is_held(setup, load, hold, refused):  # noqa: F811
    from asbuilt.kernel.errors import Refused

    load({"lots": [lot("R-8", "RES", "LR8", date_code="")]}, "eight")
    hold("datecode:2550")
    assert setup.mount("1", "R-8").package == "R-8"
    setup.off("1")
    hold("datecode:2551", silent=True)
    refused(Refused, "gate.package_in_question", setup.mount, "1", "R-8")


def test_a_hold_placed_while_the_package_is_mounted_stops_the_next_step(setup, hold, refused, sql):  # noqa: F811
    from asbuilt.kernel.errors import Refused

    setup.mount("1", "R-1")
    setup.mount("2", "C-1")
    setup.go("B1")
    hold("lot:LC1")
    refused(Refused, "gate.package_in_question", setup.go, "B2")
    setup.off("2")
    setup.mount("2", "C-2")
    assert setup.go("B2").units == 1


def test_every_reason_stands_in_one_refusal(setup, hold, refused):  # noqa: F811
    from asbuilt.kernel.errors import Refused

    hold("lot:LR5")
    error = refused(Refused, "production.package_not_released", setup.mount, "1", "R-5")
    assert [stop["code"] for stop in error.facts["stops"]] == [
        "production.package_not_released",
        "gate.package_in_question",
    ]


def test_the_same_request_is_answered_as_before_whatever_is_held_since(setup, hold):  # noqa: F811
    first = setup.mount("1", "R-1", request_key="k1")
    hold("lot:LR1")
    assert setup.mount("1", "R-1", request_key="k1").entry == first.entry


def test_by_hand_and_in_rework(setup, hold, actor, refused):  # noqa: F811
    from asbuilt.answers.gate.placing import place_by_hand
    from asbuilt.answers.gate.reworking import replace_part
    from asbuilt.kernel.errors import Refused

    hold("lot:LX1")
    hold("lot:LR2")
    refused(Refused, "gate.package_in_question", lambda: place_by_hand(actor, first="B1", refdes=["X1"], package="X-1"))
    refused(
        Refused,
        "gate.package_in_question",
        lambda: replace_part(actor, code="B1", refdes="R1", installed="R-2", reason="open"),
    )


def test_a_lot_and_a_package_held_outright(setup, actor, refused, sql):  # noqa: F811
    from asbuilt.answers.register.holds import hold
    from asbuilt.kernel.errors import Refused

    hold(actor, lot="LR1", reason="cracks")
    refused(Refused, "production.lot_held", setup.mount, "1", "R-1")
    assert sql("SELECT count(*) FROM production_mount") == [(0,)]
