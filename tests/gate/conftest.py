"""What the tests of the gate share."""

import pytest
from elsewhere import another_home  # noqa: F401
from line_and_box import factory
from production.conftest import correct, withdraw  # noqa: F401
from supply.conftest import person, stranger  # noqa: F401


@pytest.fixture
def floor(load):
    """The factory, loaded."""
    load(factory())


@pytest.fixture
def go(actor):
    """go("P1", "PRINT", "top") lets it go through the step."""
    from asbuilt.answers.gate.actions import StepDone, pass_step

    def through(code, step, side="", key=None, by=None, **said):
        return pass_step(by or actor, code=code, done=StepDone(step, side, **said), request_key=key)

    return through


@pytest.fixture
def stopped(actor):
    """stopped("B1", "SMT", "top") -> the codes of what stops it, without the room."""
    from asbuilt.answers.gate.verdicts import verdicts

    def codes(code, step="", side=""):
        return [stop.code.removeprefix("gate.") for one in verdicts(actor, code, step, side) for stop in one.stops]

    return codes


@pytest.fixture
def ask(actor):
    """ask(question) -> the names of the units."""
    from asbuilt.questions.genealogy.answering import answers

    return lambda question: [row["serial"] for row in answers.ask(actor, question, serials=True).as_dict()["serials"]]
