"""What a case keeps telling: which answer a report rested on, which duties a later finding starts, and what is open when somebody would close it."""

from case_floor import AT
from cast import cast, cast_home  # noqa: F401
from reporting_floor import AEV, report

FILLED = {"prerequisites": None}


def opened(actor, kind: str = "aev", product: str = "OWN-1") -> str:
    from asbuilt.answers.cases.handling.actions import opening, saying

    code = opening.open_case(actor, kind=kind, title="Overflow")
    saying.add_product(actor, case=code, product=product)
    return code


def aware(actor, code: str, **which) -> None:
    from asbuilt.answers.cases.handling.actions import saying

    saying.state_moment(actor, case=code, moment="aware_at", at=AT, why="seen", **which)


def approved(actor, code: str, **which) -> str:
    from asbuilt.answers.cases.reporting.actions.writing import approve, fill

    found = report(actor, code, **which)
    texts = {
        one["field"]: (one["choices"] or ["2026-11-20 08:00 UTC" if one["kind"] == "instant" else "PL"])[0]
        for one in found["fields"]
        if one["gap"]
    }
    if texts:
        fill(actor, case=code, texts=texts, why="by hand", **which)
    sha256 = report(actor, code, **which)["sha256"]
    return approve(actor, case=code, sha256=sha256, **which)


def test_a_report_names_the_answer_that_it_was_drafted_from_also_where_a_newer_one_was_frozen_before_it_was_submitted(
    house,
):
    from asbuilt.answers.cases.handling.actions import deciding
    from asbuilt.answers.cases.handling.affected import affected
    from asbuilt.answers.cases.reporting.actions.submitting import submit_report
    from asbuilt.ledger import clock

    code = opened(house)
    aware(house, code)
    first = deciding.freeze(house, case=code, question="product:OWN-1", why="early warning")
    approved(house, code, **AEV)
    second = deciding.freeze(house, case=code, question="order:WO-1,WO-2", why="wider", supersedes=first)
    submit_report(house, case=code, at=clock.now(), reference="SRP-1", **AEV)
    frozen = {one["answer"]: one["reports"] for one in affected(house, code)["frozen"]}
    assert frozen == {first: ["early_warning"], second: []}
