"""The error tree: status, exit code, problem+json, terminal text."""

import json
import pickle

import pytest

from asbuilt.kernel import errors


@pytest.mark.parametrize(
    ("kind", "status", "exit_code", "parent"),
    [
        (errors.Invalid, 422, 2, errors.AsbuiltError),
        (errors.NotFound, 404, 3, errors.AsbuiltError),
        (errors.Refused, 409, 4, errors.AsbuiltError),
        (errors.Conflict, 409, 4, errors.Refused),
        (errors.Sealed, 409, 4, errors.Refused),
        (errors.NotAllowed, 403, 5, errors.AsbuiltError),
        (errors.NotSignedIn, 401, 5, errors.AsbuiltError),
        (errors.Unavailable, 503, 6, errors.AsbuiltError),
        (errors.Tampered, 500, 7, errors.AsbuiltError),
    ],
)
def test_status_and_exit_code_of_each_class(kind, status, exit_code, parent):
    error = kind("room.reason", "Unit 7 is on hold.", {"unit": 7}, "Release the hold.")
    assert (error.http_status, error.exit_code, isinstance(error, parent)) == (status, exit_code, True)
    problem = error.as_problem("/requests/1")
    assert problem["type"] == "https://asbuilt.example/errors/room.reason"
    assert (problem["status"], problem["detail"], problem["code"]) == (status, "Unit 7 is on hold.", "room.reason")
    assert (problem["facts"], problem["remedy"], problem["instance"]) == (
        {"unit": 7},
        "Release the hold.",
        "/requests/1",
    )
    assert problem["errors"] == [] and problem["title"] and json.dumps(problem)
    assert "instance" not in error.as_problem()
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.as_problem()) == (kind, error.as_problem())
    assert str(error) == "Unit 7 is on hold."
    assert error.as_text() == "Unit 7 is on hold. [room.reason]\nRelease the hold."


def test_invalid_names_its_rows_and_counts_all():
    row = errors.RowError("production.serial_repeated", "units.csv", 3, "serial", "S" * 200, "given twice", "Keep one.")
    assert len(row.value) == 80
    error = errors.Invalid("production.units_refused", "Nothing was loaded.", rows=[row], total=5)
    problem = error.as_problem()
    assert (problem["total"], len(problem["errors"]), problem["errors"][0]["line"]) == (5, 1, 3)
    text = error.as_text()
    assert "units.csv line 3, serial: given twice" in text and "and 4 more" in text
    assert pickle.loads(pickle.dumps(error)).as_problem() == problem
    with pytest.raises(ValueError):
        errors.Invalid("a.b", "x", rows=[row], total=0)


def test_a_foreign_cell_cannot_steer_the_terminal():
    row = errors.RowError("a.b", "x\n.csv", None, None, "\x1b[2J\u202e\n", "is wrong")
    text = errors.Invalid("a.b", "No.", rows=[row]).as_text()
    assert "\x1b" not in text and "\u202e" not in text and text.count("\n") == 1


def test_unavailable_says_when():
    error = errors.Unavailable("storage.busy", "Another change is being written.", retry_after_seconds=2)
    assert (error.retry_after_seconds, error.as_problem()["retry_after_seconds"]) == (2, 2)


@pytest.mark.parametrize("code", ["", "reason", "Room.reason", "room.", "room reason", "room.reason\n"])
def test_a_code_is_room_and_reason(code):
    with pytest.raises(ValueError):
        errors.Refused(code, "x")
