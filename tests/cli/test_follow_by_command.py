"""`asbuilt exposure`: what it prints for people."""

import re

import pytest
from vulnerable_factory import secured

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
