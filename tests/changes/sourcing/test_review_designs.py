"""Design reviews: points of a dated list answered, findings on the board with actions and test steps, evidence by requirement, a report."""

import json

import pytest

from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound, Refused


@pytest.fixture
def review(house):
    from asbuilt.designed.changes.qualifying.actions.reviewing import open_review

    said = {"product": "gateway", "revision": "A", "title": "before the pilot", "request_key": "r"}
    assert open_review(house["eva"], **said) == open_review(house["eva"], **said) == "DR-1"
    return "DR-1"


def answer(actor, point, verdict="ok", **more):
    from asbuilt.designed.changes.qualifying.actions.reviewing import answer_point

    return answer_point(actor, **{"review": "DR-1", "point": point, "verdict": verdict, "words_said": "seen"} | more)


FINDING = {
    "verdict": "finding",
    "action": "cover them",
    "owner": "045",
    "due_on": "2027-01-15",
    "refdes": ["U1", "R1"],
    "plan": "SEC",
    "step": "v",
}


def test_a_finding_becomes_an_action_a_test_step_evidence_and_a_page_of_the_report(review, house, actor):
    from asbuilt.answers.gate.review_pdf import review_pdf
    from asbuilt.designed.changes.qualifying.actions.reviewing import close_review
    from asbuilt.questions.genealogy.seen.qualifying import review_seen, reviews_seen

    points = [one["point"] for one in review_seen(actor, review)["points"]]
    security = [point for point in points if point.startswith("sec.")]
    assert {"sec.secure_element", "sec.test_points", "sec.debug", "sec.self_test", "sec.boundary_scan"} <= set(security)
    answer(house["eva"], "sec.test_points", **FINDING)
    for point in points:
        if point != "sec.test_points":
            answer(house["eva"], point, "not_applicable" if point == "sec.secure_element" else "ok")
    answer(house["eva"], "own.shield", annex=["I.2.d"], refdes=["U1"], content=b"%PDF-1.4", name="shield.pdf")
    seen = review_seen(actor, review)
    assert (seen["findings"], seen["to_do"], seen["unanswered"]) == (1, ["sec.test_points"], [])
    evidence = {one["annex"]: one["points"] for one in seen["evidence"]}
    assert {"point": "sec.test_points", "verdict": "finding", "plan": "SEC", "step": "v"} in evidence["I.2.j"]
    assert "own.shield" in {one["point"] for one in evidence["I.2.d"]} and "sec.secure_element" not in str(evidence)
    with pytest.raises(Refused) as left:
        close_review(house["ada"], review=review, why="w")
    assert left.value.code == "changes.review_open"
    answer(house["eva"], "sec.test_points", **FINDING | {"state_now": "done"})
    with pytest.raises(NotAllowed):
        close_review(house["eva"], review=review, why="w")
    with pytest.raises(Refused) as nobody:
        close_review(actor, review=review, why="w")
    assert nobody.value.code == "changes.no_person"
    close_review(house["ada"], review=review, why="ready")
    assert reviews_seen(actor)[0]["state"] == "closed"
    with pytest.raises(Refused) as closed:
        answer(house["eva"], "sec.debug")
    assert closed.value.code == "changes.review_closed"
    page = review_pdf(review_seen(actor, review), "de")
    assert page.startswith(b"%PDF-") and len(page) > 10_000
    seen = review_seen(actor, review)
    said = json.dumps(seen, ensure_ascii=False).replace("gateway", "\u56fd\u5de8")  # letters that no font of ours has
    assert review_pdf(json.loads(said)).startswith(b"%PDF-")


def test_what_fits_no_point_no_place_and_no_step_is_refused(review, house, actor):
    from asbuilt.designed.changes.qualifying.actions.reviewing import close_review, open_review
    from asbuilt.questions.genealogy.seen.qualifying import review_seen

    eva = house["eva"]
    for more, refusal, code in (
        ({"point": "sec.magic"}, NotFound, "point_unknown"), ({"point": "own."}, NotFound, "point_unknown"), ({"verdict": "good"}, Invalid, "word_unknown"),
        ({"refdes": ["U9"]}, NotFound, "place_unknown"), ({"plan": "NONE"}, NotFound, "plan_unknown"), ({"step": "none"}, NotFound, "step_unknown"),
        ({"action": ""}, Invalid, "words_missing"), ({"owner": ""}, Invalid, "words_missing"), ({"due_on": "soon"}, Invalid, "date"),
        ({"annex": ["I.9"]}, Invalid, "word_unknown"), ({"state_now": "x"}, Invalid, "word_unknown"), ({"review": "DR-2"}, NotFound, "unknown"),
        ({"refdes": [f"R{n}" for n in range(201)]}, Invalid, "places_many"),
    ):  # fmt: skip
        with pytest.raises(refusal) as refused:
            answer(eva, **{"point": "sec.debug", **FINDING, **more})
        assert refused.value.code == f"changes.{code}", more
    for product, revision in (("gateway", "Z"), ("no", "A")):
        with pytest.raises(NotFound) as refused:
            open_review(eva, product=product, revision=revision, title="t")
        assert refused.value.code == "changes.revision_unknown"
    for call in (
        lambda: answer(house["opal"], "sec.debug"),
        lambda: open_review(house["olga"], product="gateway", revision="A", title="t"),
    ):
        with pytest.raises(NotAllowed):
            call()
    for call in (
        lambda: review_seen(house["brand"], review),
        lambda: close_review(house["brand"], review=review, why="w"),
    ):
        with pytest.raises(NotFound):
            call()


def test_on_paper_an_action_stands_in_its_language_beside_the_key_that_the_evidence_names_and_names_stay_on_the_board(
    review, house, actor
):
    """The German page said *open*; evidence named keys that no point showed; the name of the rightmost place lay over the frame."""
    from asbuilt.answers.gate.review_pdf import page_of
    from asbuilt.designed.catalog.placements import placed
    from asbuilt.questions.genealogy.seen.qualifying import review_seen

    answer(house["eva"], "sec.test_points", **FINDING | {"due_on": "", "action": "cover them"})
    page = page_of(review_seen(actor, review), "de", placed(actor.tenant, "gateway", "A"))
    (point,) = (one for group in page["groups"] for one in group["points"])
    assert f"Maßnahme: cover them ({FINDING['owner']}, –, offen)" in point["lines"]
    assert point["key"] == "sec.test_points" and ["I.2.j", "sec.test_points (Befund)"] in page["evidence"]
    (board,) = page["boards"]
    assert {one["refdes"]: one["left"] for one in board["parts"]} == {"R1": False, "U1": True}  # R1 at 10 mm, U1 at 20
