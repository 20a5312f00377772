"""Pieces of a part against lots, date codes and silicon revisions that an advisory names."""

import pytest

from asbuilt.formats.advisory.records import Criterion
from asbuilt.formats.matching.parts import Pieces, pieces_match
from asbuilt.formats.versions.matches import Match

NO, UNSURE, YES = Match.NO, Match.UNSURE, Match.YES


@pytest.mark.parametrize(
    "named, pieces, match",
    [
        ({}, Pieces(), YES),
        ({"lots": ("2ekq7", "Z9")}, Pieces(lot="2EKQ7"), YES),
        ({"lots": ("2EKQ7",)}, Pieces(lot="2EKQ8"), NO),
        ({"lots": ("2EKQ7",)}, Pieces(), UNSURE),
        ({"date_codes": ("2301..2318",)}, Pieces(date_code="2318"), YES),
        ({"date_codes": ("2301..2318",)}, Pieces(date_code="202319"), NO),
        ({"date_codes": ("2301..2318",)}, Pieces(date_code="2252"), NO),
        ({"date_codes": ("..2318",)}, Pieces(date_code="1904"), YES),
        ({"date_codes": ("2318..",)}, Pieces(date_code="2317"), NO),
        ({"date_codes": ("2301..2318",)}, Pieces(date_code="K7"), UNSURE),
        ({"date_codes": ("2301..2318",)}, Pieces(date_code="2399"), UNSURE),  # no year has a week 99
        ({"silicon_revisions": ("A0..B1",)}, Pieces(silicon_revision="A3"), YES),
        ({"silicon_revisions": ("A0..B1",)}, Pieces(silicon_revision="rev B2"), NO),
        ({"silicon_revisions": ("..3.0",)}, Pieces(silicon_revision="v3.1"), NO),
        ({"silicon_revisions": ("..3.0",)}, Pieces(silicon_revision="1"), YES),
        ({"lots": ("L1",), "date_codes": ("2301..2318",)}, Pieces(lot="L1", date_code="2330"), NO),
        ({"lots": ("L1",), "date_codes": ("2301..2318",)}, Pieces(lot="L1"), UNSURE),
        ({"lots": ("L1",), "date_codes": ("2301..2318",)}, Pieces(lot="L2"), NO),
    ],
)
def test_pieces(named, pieces, match):
    assert pieces_match(Criterion("part", "M/P", **named), pieces) is match
