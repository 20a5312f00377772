"""Compliance in a real browser: axe finds nothing, nothing overflows at 1280 and 390 pixels; a product is judged by keys alone."""

# ruff: noqa: F811

import compliance_floor
import pytest
from test_look_at_the_pages import PASSWORD, chromium, faults, served, signed_in  # noqa: F401

PLACES = [
    "/compliance/", "/compliance/OWN-1/", "/compliance/OWN-1/assessment/", "/compliance/OWN-1/revision/1/", "/compliance/OWN-1/support/",
    "/compliance-retention/?year=2027",
]  # fmt: skip


@pytest.fixture
def said(load, actor):
    """A house in which something was said of OWN-1: an assessment with a threat, a revision, a support period, two units placed."""
    from asbuilt.answers.compliance.assessing import actions as assessing
    from asbuilt.answers.compliance.assessing.revising import draft_revision
    from asbuilt.answers.compliance.judging.actions import judge_role
    from asbuilt.answers.compliance.keeping.actions import set_support

    load(compliance_floor.tables())
    compliance_floor.planned(actor)
    judge_role(actor, product="OWN-1", party="OW", facts=["makes", "own_name"])
    assessing.say_context(actor, product="OWN-1", purpose="switches pumps", expected_years=8)
    assessing.say_asset(actor, product="OWN-1", words="update key")
    given = {"assets": ["AS-1"], "likelihood": "medium", "impact": "high"}
    assessing.say_threat(actor, product="OWN-1", words="key read out at the debug port", **given)
    assessing.say_requirement(actor, product="OWN-1", requirement="I.2.j", applies="yes", how="fuses")
    assessing.say_requirement(actor, product="OWN-1", requirement="I.2.m", applies="no", why="keeps nothing")
    draft_revision(actor, product="OWN-1", why="first")
    set_support(actor, product="OWN-1", start_on="2027-12-11", end_on="2033-01-31", why="pumps")
    return actor


@pytest.fixture
def carl(served, chromium, home, said):
    """A page of somebody of compliance."""
    from asbuilt.access.actions import accept_link, first_link, invite

    first = accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
    _, link = invite(first, name="Carl Beck", roles=["compliance"])
    accept_link(link, name="Carl Beck", login="carl", password=PASSWORD)
    context, page = signed_in(chromium, served, "carl")
    yield page
    context.close()


def test_pages_are_whole_and_a_product_is_judged_by_keys_alone(carl):
    found = []
    for width in (1280, 390):
        carl.set_viewport_size({"width": width, "height": 800})
        for place in PLACES:
            carl.goto(place)
            found += faults(carl)
            wide = carl.evaluate("document.documentElement.scrollWidth")
            found += [f"{place} at {width}: {wide}"] if wide > width else []
    assert found == []
    carl.set_viewport_size({"width": 1280, "height": 800})
    carl.goto("/compliance/OWN-1/")
    carl.focus("#j-d")
    for field, letter in (("j-d", "y"), ("j-c", "d"), ("j-m", "y")):
        carl.focus(f"#{field}")
        carl.keyboard.press(letter)
    carl.focus('input[name="functions"][value="siem"]')
    carl.keyboard.press("Space")
    carl.focus("#j-w")
    carl.keyboard.type("collects logs")
    carl.keyboard.press("Tab")
    carl.keyboard.press("Enter")
    carl.wait_for_selector("text=important, class I")
    assert "not available yet" in carl.inner_text("main")


def test_emss_stand_side_by_side_with_nothing_cut_off(carl, said, load):
    """Three columns were cut off at 1280 pixels and one was all of it on a phone; reports stood under what they call themselves, so that none could be told."""
    from asbuilt.answers.compliance.filing.ems_actions import ems_report, take_report
    from asbuilt.storage.databases import keys

    report, (own,) = ems_report(said), keys().glob("*/public.keys")
    names = {"EMS2": "Elektronikfertigung Nord", "EMS3": "Boards and More Manufacturing Services"}
    load(
        {"parties": [{"party": code, "name": name, "roles": "ems", "country": "DE"} for code, name in names.items()]},
        "e",
    )
    for code in names:
        take_report(said, party=code, content=report, keys=own.read_bytes())
    carl.goto("/ems/")
    box = carl.locator("[aria-labelledby=h-emc] .wide")
    for width in (1280, 390):
        carl.set_viewport_size({"width": width, "height": 800})
        assert box.evaluate("one => one.scrollWidth - one.clientWidth") <= 0, width
        assert faults(carl) == []
    row = box.locator("tr", has_text="serial number of their own")
    labels = row.locator("td").evaluate_all("all => all.map(one => getComputedStyle(one, '::before').content)")
    assert labels == [
        '"Ostwerk OW"',
        '"Elektronikfertigung Nord EMS2"',
        '"Boards and More Manufacturing Services EMS3"',
    ]
    carl.set_viewport_size({"width": 1280, "height": 800})
    assert [names[code] + f" {code}" in box.locator("thead").inner_text() for code in names] == [True, True]
    # a question is read in one or two lines, not syllable by syllable
    assert row.locator("th").evaluate("one => one.clientWidth") > 250
