"""In a drill no machine and no station is answered: what was acknowledged here would be missing in the record."""

import pytest
from django.test import Client

JSON = "application/json"


@pytest.fixture
def exercise(cast):
    """The home is a drill's for the time of a test."""
    from asbuilt.ledger import clock
    from asbuilt.storage import drills
    from asbuilt.storage.databases import home

    drills.mark(home(), "exercise", clock.now())
    yield cast
    (home() / drills.MARKER).unlink()
    drills._drill.cache_clear()


def test_a_drill_acknowledges_no_message_of_a_machine(exercise):
    answer = exercise.program("machine").post("/api/v1/messages", "{}", JSON)
    assert (answer.status_code, answer.json()["code"]) == (409, "storage.drill_takes_nothing")
    assert exercise.program("eva").get("/api/v1/machines").json()["machines"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    (
        ("post", "/api/v1/stations/enrol"), ("post", "/api/v1/stations/L1/records"), ("get", "/api/v1/stations/L1/folder"),
        ("get", "/api/v1/stations/L1/folder/bulletin.json"), ("post", "/api/v1/stations/L1/end-certificates"),
    ),
)  # fmt: skip
def test_a_drill_gives_a_station_nothing_and_takes_nothing_of_it(exercise, method, path):
    said = {"data": '{"code": "c", "public": "p", "transfer": "t"}', "content_type": JSON} if method == "post" else {}
    answer = getattr(Client(), method)(path, **said)
    assert (answer.status_code, answer.json()["code"]) == (409, "storage.drill_takes_nothing")
