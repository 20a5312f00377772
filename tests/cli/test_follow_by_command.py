"""`asbuilt exposure`: what it prints for people."""

import re

import pytest
from vulnerable_factory import osv, secured

pytestmark = pytest.mark.once


def test_each_table_has_all_three_numbers(actor, load, tmp_path, asbuilt):
    """A part of which nobody knows whether its pieces are meant: the tables of ways and of countries said 0 and 0, as if it were on no unit."""
    from asbuilt.designed.vulnerability.feeds.noting import note
    from asbuilt.designed.vulnerability.matching.evaluating import catch_up

    secured(actor, load, tmp_path / "security")
    noted = note(
        actor,
        record={"title": "Radio leaks", "affected": [{"maker": "Acme", "mpn": "AX-1", "silicon_revisions": ["<3"]}]},
    )
    catch_up(actor)
    said = asbuilt("exposure", noted.vulnerability)
    assert said.code == 0, said.err
    lines = [re.split(r" {2,}", line.strip()) for line in said.out.splitlines()]
    (way,) = [line for line in lines if line[0] == "ACME/AX-1"]
    assert way[3:7] == ["open", "0", "0", "8"]
    assert ["country", "certain", "possible", "unrecorded"] in lines
    assert {line[0]: line[1:] for line in lines if line[0] in ("DE", "US")} == {
        "DE": ["0", "0", "2"],
        "US": ["0", "0", "1"],
    }


def test_what_was_decided_under_another_name_is_told_and_why_it_lapsed(actor, load, tmp_path, asbuilt):
    """The table of ways said `not_affected` of a decision that closed nothing."""
    from asbuilt.designed.vulnerability.deciding.decisions import Scope
    from asbuilt.designed.vulnerability.deciding.stating import decide

    name, cve, later = "GHSA-aaaa-bbbb-cccc", "CVE-2026-5555", "2026-04-01T00:00:00Z"
    security = secured(actor, load, tmp_path / "security")
    security.feed(osv(name, "lwip", "2.2.0"), name="github")
    scope, why = Scope(product="board", version="1.0.0"), "vulnerable_code_not_in_execute_path"
    decide(actor, vulnerability=name, scope=scope, status="not_affected", justification=why)
    security.feed(osv(name, "lwip", "2.2.0", modified=later, aliases=[cve]), name="github")
    said = asbuilt("exposure", cve)
    assert re.search(rf"^VEX-1 +{name} +board 1\.0\.0 +not_affected +yes *$", said.out, re.MULTILINE), said.out
    security.exploited(cve)
    lapsed = "kev says that it is exploited"
    assert re.search(
        rf"^VEX-1 +{name} +board 1\.0\.0 +not_affected +no +{lapsed}$", asbuilt("exposure", cve).out, re.MULTILINE
    )
    assert f"VEX-1: {lapsed}" in asbuilt("vuln", "open").out
