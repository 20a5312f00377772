"""A vulnerability that was decided about under one name and goes by another now: the decision follows the records, both ways, and where it does
not, the page and the command say why."""

import pytest
from vulnerable_factory import osv

GHSA, CVE, OTHER = "GHSA-aaaa-bbbb-cccc", "CVE-2026-5555", "CVE-2026-6666"
TAKEN = {f"S000{n}" for n in range(4)}
"""The boards that run release 1.0.0."""


@pytest.fixture
def github(security):
    """github(CVE, …) -> the feed's record, naming these CVE ids from that day on."""
    days = iter(range(1, 28))

    def says(*cves, fixed="2.2.0"):
        day = f"2026-04-{next(days):02}T00:00:00Z"
        security.feed(
            osv(GHSA, "lwip", fixed, modified=day, **({"aliases": list(cves)} if cves else {})), name="github"
        )

    return says


@pytest.fixture
def why(actor):
    """why(name) -> {decision: (why it lapsed, under which name it was made)}, as the page shows it."""
    from asbuilt.questions.exposure.exposure import exposure

    return lambda name: {one.code: (one.lapsed, one.made_for) for one in exposure(actor, name).decisions}


def open_at_gate(actor):
    from asbuilt.designed.vulnerability.deciding.findings_in import open_in_release

    return {one.vulnerability for one in open_in_release(actor.tenant, "board", "", "1.0.0")} & {GHSA, CVE, OTHER}


def test_a_decision_follows_when_the_record_gains_a_cve_id_and_when_it_loses_it_again(
    security, github, decide, asked, actor, why
):
    """It was open again under the new name, and nothing said so."""
    from asbuilt.designed.vulnerability.deciding.vex_export import vex_of_product
    from asbuilt.questions.exposure.inbox import inbox

    github()
    code = decide(vulnerability=GHSA, version="1.0.0").code
    assert not TAKEN & set(asked(f"cve:{GHSA}"))
    github(CVE)
    assert not TAKEN & set(asked(f"cve:{CVE}"))
    assert why(CVE) == why(GHSA) == {code: ("", GHSA)}
    assert CVE not in open_at_gate(actor)
    exported = vex_of_product(actor, "board", "openvex")[2].decode()
    assert f'"{CVE}"' in exported and '"not_affected"' in exported and f'"name":"{GHSA}"' not in exported
    (row,) = [one for one in inbox(actor).listed if one.vulnerability == CVE]  # of release 1.1.0
    assert row.units == 4 and not row.lapsed
    github()
    assert not TAKEN & set(asked(f"cve:{GHSA}")) and why(GHSA) == {code: ("", "")}


def test_decided_under_the_cve_id_it_stays_with_that_when_the_record_names_it_no_more(
    security, github, decide, asked, why, actor
):
    """What was said of a CVE is not said of a flaw that turned out to be another one."""
    from asbuilt.ledger import clock
    from asbuilt.questions.exposure.changes import changes_between

    github(CVE)
    code = decide(vulnerability=GHSA, version="1.0.0").code
    assert why(CVE) == {code: ("", "")} and not TAKEN & set(asked(f"cve:{CVE}"))
    since = clock.now()
    github()
    assert set(asked(f"cve:{GHSA}")) >= TAKEN and GHSA in open_at_gate(actor)
    said = f"it was made for {CVE}, and no record says any more that both are one"
    assert why(GHSA) == {code: (said, CVE)}
    lapsed = [one for one in changes_between(actor, since, clock.now() + 1) if one.kind == "lapsed"]
    assert [(one.vulnerability, one.words) for one in lapsed] == [(GHSA, f"board 1.0.0: {code} lapsed, {said}")]
    since = clock.now()
    github(CVE)
    assert not [one for one in changes_between(actor, since, clock.now() + 1) if one.kind == "lapsed"]
    assert not TAKEN & set(asked(f"cve:{CVE}")) and why(CVE) == {code: ("", "")}


def test_a_name_that_stands_for_several_takes_its_decision_to_none(security, github, decide, asked, why, actor):
    """GitHub's advisory was one flaw when somebody looked at it, and is two now: which of them was looked at nobody knows."""
    github()
    code = decide(vulnerability=GHSA, version="1.0.0").code
    github(CVE, OTHER)
    for name in (CVE, OTHER):
        assert set(asked(f"cve:{name}")) >= TAKEN and name in open_at_gate(actor)
        assert why(name)[code] == (f"it was made for {GHSA}, which stands for several vulnerabilities now", GHSA)
    later = decide(vulnerability=OTHER, version="1.0.0").code
    assert not TAKEN & set(asked(f"cve:{OTHER}")) and set(asked(f"cve:{CVE}")) >= TAKEN
    assert why(OTHER)[later] == ("", "")


def test_what_the_premise_says_goes_before_the_name(security, github, decide, asked, why, actor):
    """The record gains a name and other versions at once."""
    github()
    code = decide(vulnerability=GHSA, version="1.0.0").code
    github(CVE, fixed="2.3.0")
    assert set(asked(f"cve:{CVE}")) >= TAKEN
    assert why(CVE)[code][0] == f"github says something else in {GHSA}: versions, status or references"
