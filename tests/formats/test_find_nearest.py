"""Nearest names are those a hand could have meant, found with limited work."""

import time

import pytest

from asbuilt.formats.nearest import did_you_mean, nearest

COLUMNS = ["order", "serial", "panel", "position", "state"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("serail", "serial"), ("Serial", "serial"), ("seral", "serial"), ("serrial", "serial"), ("pos", "position")]
    + [("serial_number", "serial"), ("stat", "state"), ("oder", "order")],
)
def test_slips_of_the_hand_are_seen_through(typed, meant):
    assert nearest(typed, COLUMNS)[0] == meant


@pytest.mark.parametrize("typed", ["", "xyz", "colour", "q"])
def test_nothing_far_fetched(typed):
    assert nearest(typed, COLUMNS) == []
    assert did_you_mean(typed, COLUMNS) == ""


def test_nearest_first_then_alphabetical():
    assert nearest("LOT-12", ["LOT-1234", "LOT-13", "LOT-11", "LOT-12"]) == ["LOT-12", "LOT-11", "LOT-13"]


def test_a_sentence():
    assert did_you_mean("LOT-1", ["LOT-2", "LOT-3"]) == "Did you mean LOT-2 or LOT-3?"


def test_work_is_limited():
    many = (f"LOT-{at:08d}" for at in range(10_000_000))
    begun = time.process_time()
    nearest("LOT-00000x12" * 1000, many)
    nearest("LOT-0000x123", many)
    assert time.process_time() - begun < 3
    assert next(many) == "LOT-00010000"
