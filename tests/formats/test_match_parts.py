"""Pieces of a part against lots, date codes and silicon revisions that an advisory names."""

import time

import pytest

from asbuilt.formats.advisory.records import Criterion
from asbuilt.formats.matching.masks import beginning, beginnings, fits, literal
from asbuilt.formats.matching.parts import Pieces, pieces_match
from asbuilt.formats.versions.matches import Match

NO, UNSURE, YES = Match.NO, Match.UNSURE, Match.YES


@pytest.mark.parametrize(
    "named, pieces, match",
    [
        ({}, Pieces(), YES),
        ({"serials": ("DB1*",)}, Pieces(lot="L1"), UNSURE),
        ({"serials": ("DB1*",), "lots": ("L2",)}, Pieces(lot="L1"), NO),
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
        ({"silicon_revisions": ("<3.1",)}, Pieces(silicon_revision="v3.0"), YES),
        ({"silicon_revisions": ("<3.1",)}, Pieces(silicon_revision="3.1"), NO),
        ({"silicon_revisions": ("<=3.1",)}, Pieces(silicon_revision="3.1"), YES),
        ({"silicon_revisions": (">B0",)}, Pieces(silicon_revision="B1"), YES),
        ({"silicon_revisions": (">=B1",)}, Pieces(silicon_revision="rev B0"), NO),
        ({"silicon_revisions": ("<3.1",)}, Pieces(silicon_revision="B0"), UNSURE),
        ({"silicon_revisions": ("A0..B1",)}, Pieces(silicon_revision="3.0"), UNSURE),
        ({"silicon_revisions": ("<3.1",)}, Pieces(silicon_revision="ECO2/a"), UNSURE),
        ({"lots": ("L1",), "date_codes": ("2301..2318",)}, Pieces(lot="L1", date_code="2330"), NO),
        ({"lots": ("L1",), "date_codes": ("2301..2318",)}, Pieces(lot="L1"), UNSURE),
        ({"lots": ("L1",), "date_codes": ("2301..2318",)}, Pieces(lot="L2"), NO),
    ],
)
def test_pieces(named, pieces, match):
    assert pieces_match(Criterion("part", "M/P", **named), pieces) is match


@pytest.mark.parametrize(
    ("mask", "means", "not_"),
    [
        ("ACME/WM-02C", "ACME/WM-02C", "ACME/WM-02CX"),
        ("ACME/WM-0?C", "ACME/WM-02C ACME/WM-0?C", "ACME/WM-0C ACME/WM-022C BCME/WM-02C"),
        ("ACME/WM-*", "ACME/WM- ACME/WM-02C", "ACME/WM ACME/XWM-1"),
        ("ACME/*-0?V*", "ACME/6RA-02V62 ACME/-0XV ACME/A-0-0BV", "ACME/6RA-0V ACME/602V"),
        ("ACME/**A", "ACME/A ACME/BA", "ACME/B"),
        (r"ACME/WM\*", "ACME/WM*", "ACME/WM ACME/WM1"),
        (r"ACME/A\\?", "ACME/A\\B", "ACME/A? ACME/A"),
        (r"ACME/A\B", r"ACME/A\B", "ACME/AB"),  # before anything else a backslash means itself
        ("ACME/?", "ACME/X", "ACME/ ACME/XY"),
    ],
)
def test_model_numbers_with_wildcards(mask, means, not_):
    assert [fits(mask, key) for key in means.split()] == [True] * len(means.split())
    assert [fits(mask, key) for key in not_.split()] == [False] * len(not_.split())
    for key in means.split():  # what it is looked up by
        assert beginning(mask) in beginnings(key)


def test_what_has_no_wildcard_means_itself_and_makers_may_hold_a_slash():
    assert (literal(r"WHAT\?"), literal("A?"), literal("A*"), literal(r"A\\")) == ("WHAT?", None, None, "A\\")
    assert beginning("A/B/C-1?/X") == "A/B/" and beginnings("A/B/C-1/X") == ["A/", "A/B/", "A/B/C-1/"]


def test_a_mask_written_to_cost_time_does_not():
    began = time.perf_counter()
    assert not fits("A/" + "*A" * 60 + "*B", "A/" + "A" * 4_000)
    assert time.perf_counter() - began < 2
