"""The questionnaire's page in a record that was just begun: it says what to do first, and refuses nothing."""

import pytest

pytestmark = pytest.mark.once


def test_a_house_that_nobody_named_is_told_how_to_name_itself(signed_in, load):
    compliance = signed_in("compliance")
    page = compliance.get("/ems/")
    assert page.status_code == 200
    text = page.content.decode()
    assert (
        "Nobody said which party keeps this record." in text
        and "product_roles.csv" in text
        and 'href="/import/"' in text
    )
    load({"parties": [{"party": "OW", "name": "Own Works"}],
          "product_roles": [{"party": "OW", "product": "", "role": "own", "operator": "", "happened_at": "2026-01-01T00:00:00Z"}]})  # fmt: skip
    assert "Own Works" in compliance.get("/ems/").content.decode()
