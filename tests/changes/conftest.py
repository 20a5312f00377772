"""What the tests of changes share: the house where boards change, its people, a person of each manufacturer."""

import change_floor
import pytest
from supply.conftest import stranger  # noqa: F401


@pytest.fixture
def people(actor):
    """people("eva", "engineer") -> an actor with these roles; people("hal", "party_reader", party="HAL") of a party."""
    from asbuilt.access.actions import accept_link, first_link, invite

    first = accept_link(first_link(), name="Ada Lis", login="ada", password="nine reels of solder")

    def somebody(name: str, *roles: str, party: str | None = None):
        from asbuilt.designed.parties.queries import numbers_by_name

        said = {"party": numbers_by_name(actor.tenant)[party]} if party else {}
        _, secret = invite(first, name=name, roles=list(roles), code=f"badge-{name}", **said)
        return accept_link(secret, name=name, login=name, password="nine reels of solder")

    somebody.administrator = first
    return somebody


@pytest.fixture
def person(people):
    """person("administrator") -> an actor with these roles."""
    return lambda *roles: people(roles[0], *roles)


@pytest.fixture
def house(load, actor):
    """The factory, loaded."""
    load(change_floor.tables())
    return actor


@pytest.fixture
def ask_names(actor):
    """ask_names(question) -> the names of the units."""
    from asbuilt.questions.genealogy.answering import answers

    return lambda question: [row["serial"] for row in answers.ask(actor, question, serials=True).as_dict()["serials"]]


@pytest.fixture
def go(actor):
    """go("B1", "PRINT", "top") lets it go through the step."""
    from asbuilt.answers.gate.actions import StepDone, pass_step

    return lambda code, step, side="", key=None, **said: pass_step(
        actor, code=code, done=StepDone(step, side, **said), request_key=key
    )


@pytest.fixture
def stops(actor):
    """stops("B1", "SMT", "top") -> the codes of what stops it, without the room."""
    from asbuilt.answers.gate.verdicts import verdicts

    def codes(code, step="", side=""):
        return [stop.code.removeprefix("gate.") for one in verdicts(actor, code, step, side) for stop in one.stops]

    return codes
